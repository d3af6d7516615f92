"""The run that this window trains, in a process of its own, and those that wait for it."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence

from PySide6.QtCore import QObject, Signal

from explorer.qt.background import Worker
from explorer.qt.messages import Messages
from explorer.session.training.queue import RunQueue
from explorer.session.training.worker import (
    Begun,
    begin_and_train,
    begin_from_base,
    begin_run,
    branch_off,
    train_again,
)
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import RunFolder, Snapshot, default_runs_folder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK


class Trainer(QObject):
    """Trains at most one run at a time; each of them lies in a folder."""

    changed = Signal()  # a run was begun, has its folder, ended
    starting = Signal(object)  # the RunFolder that is gone on with, or None: a new one
    begun = Signal(object)  # Begun
    stepped = Signal(object)  # what a TrainingStep holds, but for its model
    finished = Signal(object)  # the RunFolder, or None if it never had one: its process is gone
    ended = Signal(object)  # the same RunFolder, but for one that the closing window leaves

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._messages = messages
        self.runs_folder = default_runs_folder()
        self.threads = max(1, (os.cpu_count() or 1) // 2)
        self.run: RunFolder | None = None  # once it has its folder
        self.name = ""  # what it is called
        self.is_learning = False  # whether it learns songs for the map
        self.waiting = RunQueue()
        self._worker: Worker | None = None
        self._stopping = self._closing = False

    @property
    def running(self) -> bool:
        """Whether a run is trained, or held."""
        return self._worker is not None

    def start(self, settings: RunSettings, songs: Sequence[Song], from_base: bool = False) -> None:
        """Train a new run, if none goes on; from nothing, or from the base."""
        if self._worker is None:
            self.queue(settings, songs, from_base=from_base)

    def queue(
        self,
        settings: RunSettings,
        songs: Sequence[Song],
        start_from: TrainedModel | None = None,
        from_base: bool = False,
    ) -> None:
        """Train a new run once those before it have ended; at once if there are none."""
        if from_base:
            self._add(begin_from_base(self.runs_folder, settings, songs), settings)
        else:
            self._add(begin_run(self.runs_folder, settings, songs, start_from), settings)

    def branch(self, run: RunFolder, snapshot: Snapshot | None = None) -> None:
        """Begin a new run from a snapshot of another, the newest if none is named; it waits its turn."""
        self._add(branch_off(run, snapshot))

    def use_threads(self, threads: int) -> None:
        """Train on so many cores from the next run on."""
        self.threads = threads

    def resume(self, run: RunFolder) -> None:
        """Go on with a run where its checkpoint left it; it waits its turn."""
        if self._worker is not None:
            if self.run is None or run.path != self.run.path:
                self.waiting.add(run)
        else:
            self.waiting.remove(run)
            self._train(train_again(run, self.threads), run)

    def stop(self) -> None:
        """End the run; what it has learnt stays, and it can go on."""
        if self._worker is not None:
            self._stopping = True
            self._worker.cancel()

    def close(self) -> None:
        """The window closes: no run follows the one that ends."""
        self._closing = True

    def _add(self, beginning: Generator[object, None, Begun], settings: RunSettings | None = None) -> None:
        """settings: where they are known already, for until the run has its folder, which many songs make long."""
        if self._worker is None:
            self._train(begin_and_train(beginning, self.threads), settings=settings)
        else:
            worker = Worker(beginning)
            worker.progressed.connect(self._progressed)  # what it has to say
            worker.returned.connect(lambda begun: self.resume(begun.run))
            worker.failed.connect(self._tell_failure)
            worker.start()

    def _train(
        self, job: Generator[object, None, None], run: RunFolder | None = None, settings: RunSettings | None = None
    ) -> None:
        self.starting.emit(run)
        self.run, self._stopping = None, False
        self.name = "" if settings is None else settings.name
        self.is_learning = settings is not None and MARK in settings.extra
        self._worker = Worker(job)
        self._worker.progressed.connect(self._progressed)
        self._worker.returned.connect(self._ended_by_itself)
        self._worker.failed.connect(self._ended_by_itself)
        self._worker.failed.connect(self._tell_failure)
        self._worker.finished.connect(self._finished)
        self._worker.start()
        self.changed.emit()

    # --- what the worker says

    def _progressed(self, progress: object) -> None:
        if isinstance(progress, Begun):
            self.run, self.name = progress.run, progress.settings.name
            self.is_learning = MARK in progress.settings.extra
            self.waiting.now(progress.run)
            self.begun.emit(progress)
            self.changed.emit()
        elif isinstance(progress, str):
            self._messages.say(progress, "warning")
        elif progress is not None:
            self.stepped.emit(progress)

    def _tell_failure(self, sentence: str) -> None:
        self._messages.say(sentence, "error")

    def _ended_by_itself(self, _outcome: object) -> None:
        self._stopping = True

    def _finished(self) -> None:
        run, by_itself = self.run, self._stopping
        self._worker = self.run = None
        self.finished.emit(run)
        if run is not None and by_itself:
            self.ended.emit(run)
        if by_itself and not self._closing:  # else the run and those that wait are remembered as they are
            self.waiting.now(None)
            waiting = self.waiting.take()
            if waiting is not None:
                self.resume(waiting)
        self.changed.emit()
