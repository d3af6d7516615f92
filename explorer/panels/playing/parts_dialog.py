"""Which part each track of a song plays: as it is found, to be corrected by who hears better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.qt.controls import Button, DropDown, Scrolled
from explorer.qt.labels import ElidedLabel, Label, counted
from explorer.session.playing.preview import SongPreview
from vrae_core.columns import Part
from vrae_core.midi.parts import label_of, parts_of_tracks
from vrae_core.midi.song import Song
from vrae_core.music.sound import INSTRUMENTS

CHOICES = (Part.MELODY, Part.CHORDS, Part.BASS, Part.DRUMS, Part.ALL, None)


class PartsDialog(QDialog):
    """``parts`` is what is chosen, () if nothing was corrected; only to be used when the dialog was accepted."""

    def __init__(
        self, parent: QWidget, song: Song, chosen: Sequence[Part | None], preview: SongPreview, use: str
    ) -> None:
        """use: what the parts are used for, in words."""
        super().__init__(parent)
        self._song, self._preview = song, preview
        self._found = parts_of_tracks(song)
        self.choices: list[DropDown] = []
        self.hear: list[Button] = []
        self.setWindowTitle(f"Parts of {song.name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, min(600, parent.height() - 40))
        self._lay_out(use)
        given = chosen if len(chosen) == len(self._found) else self._found  # a session's may be of an older file
        for choice, found, part in zip(self.choices, self._found, given, strict=True):
            choice.setCurrentIndex(CHOICES.index(part))
            choice.setToolTip(f"Found: {label_of(found)}")
        preview.changed.connect(self._show_heard)
        self.finished.connect(lambda _result: preview.stop())

    @property
    def parts(self) -> tuple[Part | None, ...]:
        """What each track is to play; () if that is what was found."""
        chosen = tuple(CHOICES[choice.currentIndex()] for choice in self.choices)
        return () if chosen == self._found else chosen

    def _lay_out(self, for_what: str) -> None:
        words = Label(
            "Models of parts learn melody, chords, bass and drums apart. Others hear all but the drums.", "small"
        )
        words.setWordWrap(True)
        area = Scrolled(self._tracks(), "Tracks")
        use = Button("Use these parts", for_what, look="main")
        use.clicked.connect(self.accept)
        cancel = Button("Cancel", "Discard the changes")
        cancel.clicked.connect(self.reject)
        reset = Button("As found", "Let every track play the part that is found for it")
        reset.clicked.connect(self.reset)
        foot = QHBoxLayout()
        foot.addWidget(reset)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(26, 22, 26, 18)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addWidget(area, 1)
        layout.addLayout(foot)

    def _tracks(self) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 14, 0)
        grid.setHorizontalSpacing(14)
        grid.setColumnStretch(1, 1)
        notes = Counter(note.track for note in (*self._song.notes, *self._song.drums))
        for number in range(len(self._song.tracks)):
            for column, part in enumerate(self._row(number, notes[number])):
                grid.addWidget(part, number, column)
        grid.setRowStretch(len(self.choices), 1)
        return body

    def _row(self, number: int, notes: int) -> tuple[QWidget, ...]:
        """A track: to be heard, its name, its instrument, how many notes it has, and the part that it plays."""
        track = self._song.tracks[number]
        instrument = "Drums" if track.is_drums else INSTRUMENTS[track.program]
        name = track.name or instrument
        hear = Button("Hear", f"Hear {name} alone", look="plain")
        hear.clicked.connect(partial(self._preview.toggle_track, self._song, number))
        choice = DropDown()
        choice.setAccessibleName(f"Part of {name}, track {number + 1}")
        for part in CHOICES:
            choice.addItem(f"{label_of(part)}{' (found)' if part == self._found[number] else ''}")
        self.hear.append(hear)
        self.choices.append(choice)
        length = Label(counted(notes, "hit" if track.is_drums else "note"), "muted")
        return hear, ElidedLabel(track.name), Label(instrument, "muted"), length, choice

    def reset(self) -> None:
        """Choose what was found."""
        for choice, part in zip(self.choices, self._found, strict=True):
            choice.setCurrentIndex(CHOICES.index(part))

    def _show_heard(self) -> None:
        heard = self._preview.track
        for number, button in enumerate(self.hear):
            plays = heard is not None and heard.song is self._song and heard.number == number
            button.setText("Stop" if plays else "Hear")
