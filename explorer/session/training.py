"""A training run: started, paused, stopped, and watched while one goes on listening."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.background import Worker
from vrae_core.corpus import Corpus
from vrae_core.midi_file import Song
from vrae_core.recipes import Recipe
from vrae_core.run_folder import Row, RunFolder, RunSettings, Snapshot, SongEntry, default_runs_folder
from vrae_core.steering import Steering
from vrae_core.trained_model import TrainedModel


class Figures(NamedTuple):
    """One point of the curves; nats per window per step, at KL weight 1."""

    minutes: float
    lower_bound: float
    reconstruction: float
    kl: float


class Training(QObject):
    """At most one run at a time; its history and newest model stay until the next."""

    changed = Signal()  # started, paused, went on, ended
    stepped = Signal(object)  # vrae_core.training.TrainingStep
    row_added = Signal(object)  # Row
    snapshot_added = Signal(object)  # Snapshot
    noted = Signal(str)  # what a person should know about the run
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Figures] = []
        self.names: tuple[str, ...] = ()  # the songs it learns
        self.model: TrainedModel | None = None  # the newest
        self.recipe_name = ""
        self.run: RunFolder | None = None
        self.rows: list[Row] = []
        self.snapshots: list[Snapshot] = []
        self.corpus: Corpus | None = None
        self.steering = Steering()
        self.attached = False  # whether another process trains the run
        self._worker: Worker | None = None

    @property
    def running(self) -> bool:
        """Whether a run goes on, or is paused."""
        return self._worker is not None

    @property
    def paused(self) -> bool:
        """Whether the run is held."""
        return self._worker is not None and self._worker.paused

    def start(self, songs: Sequence[Song], recipe_name: str, recipe: Recipe, minutes: float) -> None:
        """Train a new model on songs for some minutes."""
        if self._worker is not None or not songs:
            return
        self.history, self.rows, self.snapshots, self.model, self.corpus = [], [], [], None, None
        self.run, self.steering = None, Steering()
        self.recipe_name = recipe_name
        self._worker = Worker(_run(songs, recipe_name, recipe, minutes, self.steering))
        self._worker.progressed.connect(self._progressed)
        self._worker.returned.connect(self._returned)
        self._worker.failed.connect(self.failed)
        self._worker.finished.connect(self._finished)
        self._worker.start()
        self.changed.emit()

    def toggle_pause(self) -> None:
        """Hold the run, or let it go on."""
        if self._worker is not None:
            if self._worker.paused:
                self._worker.resume()
            else:
                self._worker.pause()
            self.changed.emit()

    def stop(self) -> None:
        """End the run; the newest model stays."""
        if self._worker is not None:
            self._worker.cancel()

    def _progressed(self, progress: Any) -> None:
        if isinstance(progress, tuple) and isinstance(progress[0], RunFolder):
            self.run, self.corpus = progress
            self.names = self.corpus.names
            self.changed.emit()
            return
        if isinstance(progress, Row):
            self.rows.append(progress)
            self.row_added.emit(progress)
            return
        if isinstance(progress, Snapshot):
            self.snapshots.append(progress)
            self.snapshot_added.emit(progress)
            return
        self.history.append(Figures(progress.seconds / 60, progress.lower_bound, progress.reconstruction, progress.kl))
        if progress.model is not None:
            self._take(progress.model)
        self.stepped.emit(progress)
        if progress.note:
            self.noted.emit(progress.note)

    def _returned(self, model: TrainedModel) -> None:
        self._take(model)

    def _take(self, model: TrainedModel) -> None:
        self.model = model

    def _finished(self) -> None:
        self._worker = None
        self.changed.emit()


def _run(
    songs: Sequence[Song], recipe_name: str, recipe: Recipe, minutes: float, steering: Steering
) -> Generator[Any, None, TrainedModel]:
    """Yields the run's folder with its corpus, then steps, rows and snapshots."""
    from vrae_core.training_runs import corpus_of, train_in  # noqa: PLC0415 - imports torch: here it stalls nobody

    entries = tuple(SongEntry(song.name) for song in songs)
    settings = RunSettings(recipe_name, recipe_name, recipe, entries, minutes=minutes)
    corpus = corpus_of(settings, songs)
    run = RunFolder.create(default_runs_folder(), settings)
    yield run, corpus
    steps = train_in(run, corpus, steering=steering)
    rows = snapshots = 0
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        except GeneratorExit:
            steps.close()
            raise
        for row in run.rows()[rows:]:
            rows += 1
            yield row
        for snapshot in run.snapshots()[snapshots:]:
            snapshots += 1
            yield snapshot
        yield step
