"""A row of the sound card: who plays, with which instrument and how loud, and whether they are heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QListView, QWidget

from explorer.qt.controls import Button, DropDown, NumberBox
from explorer.qt.labels import Label
from vrae_core.music.sound import FAMILY_SIZE, INSTRUMENTS, Voice

TOGGLE_WIDTH = 30  # pixels


class VoiceRow(QObject):
    """The parts of a row, which a grid lays out."""

    instrument_chosen = Signal()
    level_chosen = Signal()
    mute_chosen = Signal()
    solo_chosen = Signal()

    def __init__(self, name: str, tip: str, kits: Mapping[int, str] | None = None) -> None:
        """kits: what there is to choose from, of drums."""
        super().__init__()
        self._voice = Voice(0)
        self.name = Label(name)
        self.name.setToolTip(tip)
        self.instrument = _programs(kits)
        self.instrument.setAccessibleName(f"{'Kit' if kits else 'Instrument'} of the {name.lower()}")
        self.instrument.setToolTip("Drum kit of General MIDI" if kits else "General MIDI instrument")
        self.level = NumberBox(0, 100, 100, f"Level of the {name.lower()}")
        self.level.setSuffix(" %")
        self.level.setSingleStep(5)
        self.level.setToolTip("How loud it is compared to the others: scales its velocities")
        self.mute, self.solo = _toggle("M", f"Mute the {name.lower()}"), _toggle("S", f"Hear the {name.lower()} alone")
        self.instrument.activated.connect(self.instrument_chosen)
        self.level.valueChanged.connect(self.level_chosen)
        self.mute.clicked.connect(self.mute_chosen)
        self.solo.clicked.connect(self.solo_chosen)

    @property
    def parts(self) -> tuple[QWidget, ...]:
        """From left to right."""
        return self.name, self.instrument, self.level, self.mute, self.solo

    def show_voice(self, voice: Voice, is_heard: bool, is_alone: bool) -> None:
        """Show what is set, and whether it is heard, and nobody else."""
        self._voice = voice
        self.instrument.setPlaceholderText(f"Program {voice.program}")  # a kit that General MIDI does not name
        self.instrument.setCurrentIndex(self.instrument.findData(voice.program))
        self.level.blockSignals(True)
        self.level.setValue(round(voice.level * 100))
        self.level.blockSignals(False)
        self.mute.setChecked(not is_heard)
        self.solo.setChecked(is_alone)

    def voice(self) -> Voice:
        """What is chosen."""
        program = self.instrument.currentData()
        return Voice(self._voice.program if program is None else program, self.level.value() / 100)

    def levelled(self, voice: Voice) -> Voice:
        """Another voice as loud as this one."""
        return replace(voice, level=self.level.value() / 100)

    def set_enabled(self, enabled: bool) -> None:
        """Let it be changed, or not."""
        for part in (self.name, self.instrument, self.level):
            part.setEnabled(enabled)

    def set_visible(self, visible: bool) -> None:
        """Show all of it, or nothing."""
        for part in self.parts:
            part.setVisible(visible)

    def set_separate(self, separate: bool) -> None:
        """Whether it is one of several, and can be muted."""
        for toggle in (self.mute, self.solo):
            toggle.setVisible(separate)


def _toggle(letter: str, tip: str) -> Button:
    made = Button(letter, tip)
    made.setAccessibleName(tip)
    made.setProperty("look", "toggle")
    made.setCheckable(True)
    made.setFixedWidth(TOGGLE_WIDTH)
    return made


def _programs(kits: Mapping[int, str] | None) -> DropDown:
    made = DropDown()
    made.setProperty("look", "long")
    made.setMaxVisibleItems(16)
    entries = made.view()
    assert isinstance(entries, QListView)
    entries.setSpacing(2)
    for program, name in (kits or dict(enumerate(INSTRUMENTS))).items():
        if not kits and program and program % FAMILY_SIZE == 0:
            made.insertSeparator(made.count())
        made.addItem(name, program)
    return made
