"""A few windows and what the snapshot that is shown makes of them."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.audio.phrase import Phrase
from explorer.panels.playing.roll_view import RollView
from explorer.qt.controls import Button
from explorer.qt.labels import ElidedLabel, Label
from explorer.session.playing.loan import PlayerLoan
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import phrase_of
from explorer.session.songs.library import Library
from explorer.session.training.living_map import LivingMap, Probe, Shot
from explorer.session.training.sample import PROBES
from vrae_core.corpus.bars import begins
from vrae_core.corpus.sampling import NO_PROGRAMS
from vrae_core.music.piece_time import PieceTime
from vrae_core.music.score import Score
from vrae_core.piano_roll import BoolArray, FloatArray


class ProbeRow(QWidget):
    """Cards side by side; a click on a dot of the living map puts its window on the next of them."""

    def __init__(self, living: LivingMap, playback: Playback, loan: PlayerLoan, library: Library) -> None:
        super().__init__()
        self._living, self._playback, self._loan, self._library = living, playback, loan, library
        self._probes: tuple[Probe, ...] = ()
        self.cards = [ProbeCard(number + 1) for number in range(PROBES)]
        heading = Label("Probe windows: the song, and the song as the snapshot plays it", "small")
        heading.setToolTip("Click a dot of the living map to put its window here")
        row = QHBoxLayout()
        row.setSpacing(18)
        for number, card in enumerate(self.cards):
            row.addWidget(card, 1)
            card.heard.connect(lambda side, number=number: self.hear(number, Side(side)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(heading)
        layout.addLayout(row)
        living.sampled.connect(self.hide)
        living.probed.connect(self._show)
        library.atlas_changed.connect(self._show_again)
        loan.changed.connect(self._show_heard)
        loan.moved.connect(self._show_position)
        self.hide()

    def hear(self, number: int, side: Side) -> None:
        """Hear a probe as its song has it or as the model makes it; if it sounds, silence."""
        if self._loan.key == _Playing(number, side):
            self._loan.give_back()
        elif number < len(self._probes):
            self._loan.play(_Playing(number, side), self._phrase(self._probes[number], side))

    def _phrase(self, probe: Probe, side: Side) -> Phrase:
        sample = self._living.sample
        assert sample is not None
        corpus = sample.corpus
        time = PieceTime(corpus.grid.played_per_beat, corpus.tempos()[[probe.place]].astype(np.float32))
        programs = corpus.programs[int(corpus.song_of[probe.place])] if corpus.programs else NO_PROGRAMS
        return phrase_of(self._score(probe, side), time, self._playback.piece_settings().sound_of(programs))

    def _score(self, probe: Probe, side: Side) -> Score:
        sample = self._living.sample
        assert sample is not None
        settings = self._playback.piece_settings()
        settings = replace(settings, pitches=sample.corpus.pitches, threshold=probe.threshold, temperature=0.0)
        return settings.score_of_song(probe.original) if side is Side.SONG else settings.score(probe.probabilities)

    def _show(self, shot: Shot) -> None:
        sample = self._living.sample
        assert sample is not None
        corpus, self._probes = sample.corpus, shot.probes
        for number, card in enumerate(self.cards):
            card.setVisible(number < len(shot.probes))
        for number, (card, probe) in enumerate(zip(self.cards, shot.probes, strict=False), start=1):
            title = f"{number}  {corpus.names[corpus.song_of[probe.place]]} · {begins(corpus, probe.place)}"
            colour = self._library.song_colours.of(corpus.names)[corpus.song_of[probe.place]]
            card.show_probe(title, colour, probe.original, probe.probabilities, probe.threshold, probe.f1)
        self.show()

    def _show_again(self) -> None:
        """Songs have other colours."""
        if self._probes and self._living.shot is not None:
            self._show(self._living.shot)

    def _show_heard(self) -> None:
        heard = self._loan.key
        for number, card in enumerate(self.cards):
            card.show_heard(heard.side if isinstance(heard, _Playing) and heard.number == number else None)

    def _show_position(self, steps: float) -> None:
        heard = self._loan.key
        if isinstance(heard, _Playing):
            self.cards[heard.number].set_position(heard.side, steps)


ROOM = 3  # pitches shown above and below the window's own


class _Playing(NamedTuple):
    """Which roll of which probe is heard."""

    number: int
    side: Side


class Side(StrEnum):
    """Which of the two."""

    SONG = "song"
    MODEL = "model"


class ProbeCard(QWidget):
    """Click a roll, or the button below it, to hear it; again to stop."""

    heard = Signal(str)  # a Side

    def __init__(self, number: int) -> None:
        super().__init__()
        self.title, self.f1 = ElidedLabel("", ""), Label("", "small")
        self.rolls = {side: _SmallRoll() for side in Side}
        self.buttons = {
            Side.SONG: Button("Song", f"Hear the notes of the song in window {number}", "play", look="plain"),
            Side.MODEL: Button("Model", f"Hear window {number} as the snapshot plays it", "play", look="plain"),
        }
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.f1)
        pair = QGridLayout()
        pair.setSpacing(4)
        for column, side in enumerate(Side):
            roll, button = self.rolls[side], self.buttons[side]
            roll.setToolTip(button.toolTip())
            roll.setAccessibleName(f"Piano roll of window {number}, {side}")
            roll.pressed.connect(lambda side=side: self.heard.emit(side))
            button.clicked.connect(lambda _checked, side=side: self.heard.emit(side))
            button.setAccessibleName(button.toolTip())
            pair.addWidget(roll, 0, column)
            pair.addWidget(button, 1, column)
        pair.setRowStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addLayout(pair, 1)

    def show_probe(
        self, title: str, colour: str, original: BoolArray, probabilities: FloatArray, threshold: float, f1: float
    ) -> None:
        """Show a window's notes and the model's, (T, P) each, at the pitches that the window uses."""
        used = np.flatnonzero(original.any(axis=0))
        low, high = (int(used[0]), int(used[-1])) if len(used) else (0, original.shape[1] - 1)
        shown = slice(max(0, low - ROOM), high + ROOM + 1)
        self.title.setText(title)
        self.f1.setText(f"{f1:.0%} right")
        self.f1.setToolTip(f"Frame F1 {f1:.2f}: 1 when every cell of the notes is right and none is added")
        notes, found = original[:, shown], probabilities[:, shown]
        self.rolls[Side.SONG].show_music(notes.astype(np.float32), notes, colour)
        self.rolls[Side.MODEL].show_music(found, found >= threshold, colour)

    def show_heard(self, side: Side | None) -> None:
        """Show which of the two sounds."""
        for each, button in self.buttons.items():
            button.show_icon("stop" if each is side else "play")
            if each is not side:
                self.rolls[each].set_position(None)

    def set_position(self, side: Side, steps: float) -> None:
        """Put the play-head of the one that sounds."""
        self.rolls[side].set_position(steps)


class _SmallRoll(RollView):
    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(60, 34)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(110, 58)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
