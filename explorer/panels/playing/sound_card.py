"""The card that opens from the transport: which instruments play, how loud notes are, and in which scale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QListView, QWidget

from explorer.qt.controls import DropDown, NumberBox
from explorer.qt.labels import Label
from vrae_core.corpus.voices import VOICES
from vrae_core.music.scales import SCALES
from vrae_core.music.score import LOUDEST, PLAIN_VELOCITY, SOFTEST
from vrae_core.music.sound import FAMILY_SIZE, INSTRUMENTS, PRESETS, Sound, Voice
from vrae_core.piano_roll import PITCH_CLASSES

GAP = 8  # pixels between the card and what it opens above
VOICE_TIPS = (
    "The highest notes",
    "What is neither the melody nor the bass",
    "The lowest notes",
)


class SoundCard(QFrame):
    """Shows a sound and lets one change it: each change gives the whole sound anew."""

    chosen = Signal(object)  # a Sound

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "popover")
        self._sound = Sound()
        self.preset = _drop_down("Preset", "Instruments that go together", [(name, name) for name in PRESETS])
        self.preset.setPlaceholderText("Custom sound")
        self.split = QCheckBox("Separate melody, chords and bass")
        self.split.setToolTip("Split by register, each with its own instrument and track; off: one plays all")
        self.voices = [_VoiceRow(name, tip) for name, tip in zip(VOICES, VOICE_TIPS, strict=True)]
        self.expressive = QCheckBox("More likely notes are louder")
        self.expressive.setToolTip(
            f"Velocity {SOFTEST} for a probability of 0, {LOUDEST} for 1.  Otherwise {PLAIN_VELOCITY} for all."
        )
        self.scale = _drop_down(
            "Scale",
            "Moves every note to the nearest of this scale; of two, the lower",
            [("Off", ""), *((name.capitalize(), name) for name in SCALES)],
        )
        self.tonic = _drop_down(
            "Tonic", "The first note of the scale", [(name, i) for i, name in enumerate(PITCH_CLASSES)]
        )
        self._lay_out()
        self.preset.activated.connect(self._take_preset)
        self.split.clicked.connect(lambda split: self._choose(split=split))
        for row in self.voices:
            row.instrument.activated.connect(self._take_voices)
            row.level.valueChanged.connect(self._take_voices)
        self.expressive.clicked.connect(lambda expressive: self._choose(expressive=expressive))
        self.scale.activated.connect(lambda: self._choose(scale=self.scale.currentData()))
        self.tonic.activated.connect(lambda: self._choose(tonic=self.tonic.currentData()))
        self.show_sound(self._sound)

    def show_sound(self, sound: Sound) -> None:
        """Show what is set."""
        self._sound = sound
        self.preset.setCurrentIndex(self.preset.findData(sound.preset) if sound.preset else -1)
        self.split.setChecked(sound.split)
        for number, (row, voice) in enumerate(zip(self.voices, sound.voices, strict=True)):
            row.show_voice(voice)
            row.set_enabled(sound.split or number == 0)
        self.voices[0].name.setText(VOICES[0] if sound.split else "All notes")
        self.expressive.setChecked(sound.expressive)
        self.scale.setCurrentIndex(self.scale.findData(sound.scale))
        self.tonic.setCurrentIndex(sound.tonic)
        self.tonic.setEnabled(bool(sound.scale))

    def open_above(self, opener: QWidget) -> None:
        """Open above a widget, within its window, with the keyboard in the first field."""
        self.adjustSize()
        window = opener.window()
        right = window.mapToGlobal(QPoint(window.width() - GAP, 0)).x()
        corner = opener.mapToGlobal(QPoint(0, -GAP - self.height()))
        self.move(min(corner.x(), right - self.width()), corner.y())
        self.show()
        self.preset.setFocus(Qt.FocusReason.PopupFocusReason)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(20, 18, 20, 20)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, 70)
        grid.addWidget(Label("Instruments", "caps"), 0, 0, 1, 3)
        grid.addWidget(Label("Preset"), 1, 0)
        grid.addWidget(self.preset, 1, 1, 1, 2)
        grid.addWidget(self.split, 2, 1, 1, 2)
        for line, row in enumerate(self.voices, 3):
            grid.addWidget(row.name, line, 0)
            grid.addWidget(row.instrument, line, 1)
            grid.addWidget(row.level, line, 2)
        grid.setRowMinimumHeight(6, 10)
        grid.addWidget(Label("Loudness", "caps"), 7, 0, 1, 3)
        grid.addWidget(self.expressive, 8, 0, 1, 3)
        grid.setRowMinimumHeight(9, 10)
        grid.addWidget(Label("Scale", "caps"), 10, 0, 1, 3)
        grid.addWidget(Label("Keep to"), 11, 0)
        grid.addWidget(self.scale, 11, 1)
        grid.addWidget(self.tonic, 11, 2)

    def _take_preset(self) -> None:
        split, voices = PRESETS[self.preset.currentData()]
        self._choose(split=split, voices=voices)

    def _take_voices(self) -> None:
        self._choose(voices=tuple(row.voice() for row in self.voices))

    def _choose(self, **changes: Any) -> None:
        self.chosen.emit(replace(self._sound, **changes))


class _VoiceRow:
    """The name, the instrument and the level of a voice."""

    def __init__(self, name: str, tip: str) -> None:
        self.name = Label(name)
        self.name.setToolTip(tip)
        self.instrument = _drop_down(f"Instrument of the {name.lower()}", "General MIDI instrument", [])
        self.instrument.setProperty("look", "long")
        self.instrument.setMaxVisibleItems(16)
        entries = self.instrument.view()
        assert isinstance(entries, QListView)
        entries.setSpacing(2)
        for program, instrument in enumerate(INSTRUMENTS):
            if program and program % FAMILY_SIZE == 0:
                self.instrument.insertSeparator(self.instrument.count())
            self.instrument.addItem(instrument, program)
        self.level = NumberBox(0, 100, 100, f"Level of the {name.lower()}")
        self.level.setSuffix(" %")
        self.level.setSingleStep(5)
        self.level.setToolTip("How loud it is compared to the others: scales its velocities")

    def show_voice(self, voice: Voice) -> None:
        """Show what is set."""
        self.instrument.setCurrentIndex(self.instrument.findData(voice.program))
        self.level.blockSignals(True)
        self.level.setValue(round(voice.level * 100))
        self.level.blockSignals(False)

    def voice(self) -> Voice:
        """What is chosen."""
        return Voice(self.instrument.currentData(), self.level.value() / 100)

    def set_enabled(self, enabled: bool) -> None:
        """Let it be changed, or not."""
        for part in (self.name, self.instrument, self.level):
            part.setEnabled(enabled)


def _drop_down(name: str, tip: str, items: list[tuple[str, object]]) -> DropDown:
    made = DropDown()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    for text, data in items:
        made.addItem(text, data)
    return made
