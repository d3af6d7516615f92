"""Above the dots, while the model does not know the songs: a sentence that says so, and the way to a map that does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from explorer.qt.controls import Button
from explorer.qt.labels import Label, counted
from explorer.session.path.pieces import Pieces
from explorer.session.songs.library import Library
from explorer.session.training.learning import Learning
from explorer.session.training.training import Training
from vrae_core.clock import clock, seconds_left
from vrae_core.runs.folder import RunFolder

if TYPE_CHECKING:
    from vrae_core.training.step import TrainingStep


LONGEST_NAME = 24  # letters: the map is never narrower than this


class LearnBanner(QFrame):
    """Gone where every song is known, and once it is closed, until other songs are shown."""

    shown = Signal()  # or gone, or of another height

    def __init__(self, library: Library, learning: Learning, training: Training, pieces: Pieces) -> None:
        super().__init__()
        self._library, self._learning, self._training, self._pieces = library, learning, training, pieces
        self._closed: object = None  # the songs and the model for which it was closed
        self._left = math.nan
        self.setProperty("look", "message")
        self.words = Label()
        self.learn = Button(
            "Learn these songs", "Train a map of these songs; this one can be played meanwhile", look="main"
        )
        self.open = Button(
            "Open map", "Open the map that was learnt of these songs; undo brings this one back", look="main"
        )
        self.originals = Button("Hear the originals", "Play the songs that this model does not know, as they are")
        self.cancel = Button("Cancel", "Learn no more; the map stays as it is")
        close = Button(tip="Close this, until other songs are opened", drawing="close", look="plain")
        self.learn.clicked.connect(learning.learn)
        self.open.clicked.connect(self._open)
        self.originals.clicked.connect(self._hear_originals)
        self.cancel.clicked.connect(learning.cancel)
        close.clicked.connect(self._close)
        buttons, column, row = QHBoxLayout(), QVBoxLayout(), QHBoxLayout(self)
        for part in (self.learn, self.open, self.originals, self.cancel):
            buttons.addWidget(part)
        buttons.addStretch(1)
        column.addWidget(self.words)
        column.addLayout(buttons)
        row.addLayout(column, 1)
        row.addWidget(close)
        row.setContentsMargins(14, 8, 8, 8)
        self.hide()
        learning.changed.connect(self._show)
        training.stepped.connect(self._step)
        library.atlas_changed.connect(self._show)
        library.models_changed.connect(self._show)

    def _step(self, step: TrainingStep) -> None:
        self._left = seconds_left(step.seconds, step.done)
        if self._learning.running:
            self._show()

    def _show(self) -> None:
        learning, unknown = self._learning, self._learning.unknown
        going_on = learning.running
        if not going_on:
            self._left = math.nan
        wanted = bool(going_on or (unknown and not learning.is_told)) and self._closed != self._shown_songs()
        waiting = learning.map_of_these is not None
        self.learn.setVisible(not going_on and not waiting)
        self.open.setVisible(not going_on and waiting)
        self.originals.setVisible(not going_on)
        self.cancel.setVisible(going_on)
        if going_on:
            left = f": {clock(self._left, 0)} left" if math.isfinite(self._left) else ""
            self.words.setText(f"Learning {counted(learning.count, 'song')}{left}. Meanwhile the map can be played.")
        elif unknown:
            self.words.setText(f"{self._what_is_unknown()}{' A map that does is ready.' * waiting}")
            what = "on" if learning.goes_on else "it" if self._total == 1 else "these songs"
            self.learn.setText(f"Learn {what}{self._how_long()}")
        before = self.isVisible(), self.sizeHint()
        self.setVisible(wanted)
        if before != (wanted, self.sizeHint()):
            self.shown.emit()

    @property
    def _total(self) -> int:
        atlas = self._library.atlas
        return 0 if atlas is None else len(atlas.corpus.names)

    def _what_is_unknown(self) -> str:
        unknown, total = self._learning.unknown, self._total
        name = unknown[0] if len(unknown[0]) <= LONGEST_NAME else f"{unknown[0][: LONGEST_NAME - 1]}…"
        if total == 1:
            which = f"“{name}”"
        elif len(unknown) == total:
            which = "these songs"
        else:
            which = f"“{name}”" if len(unknown) == 1 else f"{len(unknown)} of the {total} songs"
        theirs = "its" if len(unknown) == 1 else "their"
        knows = "does not yet know" if self._learning.goes_on else "does not know"
        return f"This model {knows} {which}: it gets {self._learning.share:.0%} of {theirs} notes right."

    def _how_long(self) -> str:
        minutes = self._learning.minutes
        if minutes is None:
            return ""
        return f" (about {counted(max(1, round(minutes)), 'minute')})"

    def _shown_songs(self) -> tuple[object, ...]:
        return self._library.model, self._library.songs, self._learning.running

    def _close(self) -> None:
        self._closed = self._shown_songs()
        self._show()

    def _open(self) -> None:
        if (run := self._learning.map_of_these) is not None:
            self._learning.open(RunFolder(run.folder))

    def _hear_originals(self) -> None:
        song = self._learning.first_unknown
        if song is not None:
            self._pieces.play_whole_song(song)
