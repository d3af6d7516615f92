"""The card that opens from the transport: which instruments play, how loud notes are, and in which scale."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QWidget

from explorer.panels.playing.voice_row import VoiceRow
from explorer.qt.controls import DropDown
from explorer.qt.labels import Label
from vrae_core.columns import BAND, TONAL
from vrae_core.corpus.voices import DRUMS, MELODY
from vrae_core.music.scales import SCALES
from vrae_core.music.score import LOUDEST, PLAIN_VELOCITY, SOFTEST
from vrae_core.music.sound import DRUM_KITS, PRESETS, Sound
from vrae_core.piano_roll import PITCH_CLASSES

GAP = 8  # pixels between the card and what it opens above
AS_SONGS = "As the songs"
REGISTER_TIPS = ("The highest notes", "What is neither the melody nor the bass", "The lowest notes")
FIRST_VOICE = 3  # the line of the grid


class SoundCard(QFrame):
    """Shows a sound and lets one change it: each change gives the whole sound anew."""

    chosen = Signal(object)  # a Sound

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "popover")
        self._sound, self._has_parts = Sound(), False
        self.preset = _drop_down("Preset", "Instruments that go together", [(name, name) for name in PRESETS])
        self.preset.setPlaceholderText("Custom sound")
        self.split = QCheckBox("Separate melody, chords and bass")
        self.split.setToolTip("Split by register, each with its own instrument and track; off: one plays all")
        self.voices = [VoiceRow(part.label, tip) for part, tip in zip(TONAL, REGISTER_TIPS, strict=True)]
        self.band = [*self.voices, VoiceRow(BAND[DRUMS].label, "The kit, on channel 10", DRUM_KITS)]
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
        for number, row in enumerate(self.band):
            row.instrument_chosen.connect(self._take_instruments)
            row.level_chosen.connect(self._take_levels)
            row.mute_chosen.connect(partial(self._mute, number))
            row.solo_chosen.connect(partial(self._solo, number))
        self.expressive.clicked.connect(lambda expressive: self._choose(expressive=expressive))
        self.scale.activated.connect(lambda: self._choose(scale=self.scale.currentData()))
        self.tonic.activated.connect(lambda: self._choose(tonic=self.tonic.currentData()))
        self.show_sound(self._sound)

    def show_sound(self, sound: Sound, heard: Sound | None = None) -> None:
        """Show what is set.

        heard: of music that has parts, the same with the instruments that play it; these may be the nearest song's.
        """
        if self._has_parts != (heard is not None) or not self.preset.count():
            self._offer_presets(heard is not None)
        self._sound, self._has_parts = sound, heard is not None
        self.preset.setCurrentIndex(self.preset.findData(name_of(sound, self._has_parts)))
        separate = sound.split or self._has_parts
        self.split.setChecked(sound.split)
        self.split.setVisible(not self._has_parts)
        self.band[DRUMS].set_visible(self._has_parts)
        for number, (row, voice) in enumerate(zip(self.band, (heard or sound).band, strict=True)):
            row.show_voice(voice, sound.playing[number], self._is_alone(number))
            row.set_enabled(separate or number == 0)
            row.set_separate(separate and (number != DRUMS or self._has_parts))
        self.voices[0].name.setText(BAND[MELODY].label if separate else "All notes")
        for row, tip in zip(self.voices, REGISTER_TIPS, strict=True):
            row.name.setToolTip("" if self._has_parts else tip)
        self.expressive.setChecked(sound.expressive)
        self.scale.setCurrentIndex(self.scale.findData(sound.scale))
        self.tonic.setCurrentIndex(sound.tonic)
        self.tonic.setEnabled(bool(sound.scale))

    def open_above(self, opener: QWidget) -> None:
        """Open above a widget, within its window and the screen, with the keyboard in the first field."""
        self.adjustSize()
        window = opener.window()
        right = window.mapToGlobal(QPoint(window.width() - GAP, 0)).x()
        corner = opener.mapToGlobal(QPoint(0, -GAP - self.height()))
        free = window.screen().availableGeometry()
        lowest = free.bottom() + 1 - self.height()  # the opener itself may be below the screen
        left = max(free.left(), min(corner.x(), right - self.width()))
        self.move(left, max(free.top(), min(corner.y(), lowest)))
        self.show()
        self.preset.setFocus(Qt.FocusReason.PopupFocusReason)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(20, 18, 20, 20)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, 70)
        grid.addWidget(Label("Instruments", "caps"), 0, 0, 1, 5)
        grid.addWidget(Label("Preset"), 1, 0)
        grid.addWidget(self.preset, 1, 1, 1, 4)
        grid.addWidget(self.split, 2, 1, 1, 4)
        below = FIRST_VOICE + len(self.band)
        for line, row in enumerate(self.band, FIRST_VOICE):
            for column, part in enumerate(row.parts):
                grid.addWidget(part, line, column)
        grid.setRowMinimumHeight(below, 10)
        grid.addWidget(Label("Loudness", "caps"), below + 1, 0, 1, 5)
        grid.addWidget(self.expressive, below + 2, 0, 1, 5)
        grid.setRowMinimumHeight(below + 3, 10)
        grid.addWidget(Label("Scale", "caps"), below + 4, 0, 1, 5)
        grid.addWidget(Label("Keep to"), below + 5, 0)
        grid.addWidget(self.scale, below + 5, 1)
        grid.addWidget(self.tonic, below + 5, 2, 1, 3)

    def _offer_presets(self, of_parts: bool) -> None:
        self.preset.clear()
        for name in (AS_SONGS, *PRESETS) if of_parts else PRESETS:
            self.preset.addItem(name, name)

    def _take_preset(self) -> None:
        name = self.preset.currentData()
        if name == AS_SONGS:
            self._choose(own=True)
        else:
            split, voices = PRESETS[name]
            self._choose(split=split, voices=voices, **self._not_own())

    def _take_instruments(self) -> None:
        *voices, drums = (row.voice() for row in self.band)
        self._choose(voices=tuple(voices), drums=drums, **self._not_own())

    def _take_levels(self) -> None:
        *voices, drums = (row.levelled(voice) for row, voice in zip(self.band, self._sound.band, strict=True))
        self._choose(voices=tuple(voices), drums=drums)

    def _not_own(self) -> dict[str, bool]:
        """What is chosen takes the place of the songs' own instruments, where these were to be heard."""
        return {"own": False} if self._has_parts else {}

    def _mute(self, number: int) -> None:
        playing = list(self._sound.playing)
        playing[number] = not playing[number]
        self._choose(playing=tuple(playing))

    def _solo(self, number: int) -> None:
        alone = self._is_alone(number)
        self._choose(playing=tuple(alone or other == number for other in range(len(self.band))))

    def _is_alone(self, number: int) -> bool:
        playing = self._sound.playing if self._has_parts else (*self._sound.playing[:DRUMS], False)
        return playing[number] and sum(playing) == 1

    def _choose(self, **changes: Any) -> None:
        self.chosen.emit(replace(self._sound, **changes))


def name_of(sound: Sound, has_parts: bool) -> str:
    """What to call the instruments of a sound: a preset's name, "" for one's own choice."""
    return AS_SONGS if has_parts and sound.own else sound.preset


def _drop_down(name: str, tip: str, items: list[tuple[str, object]]) -> DropDown:
    made = DropDown()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    for text, data in items:
        made.addItem(text, data)
    return made
