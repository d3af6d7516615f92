"""What the watching side asks of a session's trainer and training, filled by hand: rows, snapshots, a corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.changes import ChangeMark
from vrae_core.runs.folder import RunFolder, Snapshot
from vrae_core.runs.history import HistoryRow
from vrae_core.training.steering import Steering


class TrainingStandIn(QObject):
    """A run that goes on only when the test says so."""

    changed = Signal()
    stepped = Signal(object)
    row_added = Signal(object)
    snapshot_added = Signal(object)
    marked = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.run: RunFolder | None = None
        self.rows: list[HistoryRow] = []
        self.snapshots: list[Snapshot] = []
        self.marks: list[ChangeMark] = []
        self.corpus: Corpus | None = None
        self.model: TrainedModel | None = None
        self.steering = Steering()
        self.name = ""
        self.running = self.paused = self.attached = self.is_learning = False

    @property
    def steerable(self) -> bool:
        return not self.why_not_steered

    @property
    def why_not_steered(self) -> str:
        if self.attached:
            return "Another process trains it."
        return "" if self.running else "No training is running."

    def begin(self, songs: Sequence[Song], model: TrainedModel, name: str = "run") -> None:
        """Another run, on songs, of models like this one."""
        folder = self._folder / name
        folder.mkdir()
        self.run, self.rows, self.snapshots, self.steering = RunFolder(folder), [], [], Steering()
        config = model.config
        self.corpus = build_corpus(songs, config.window, config.hop, equal_share=False, pitches=model.pitches)
        self.running = True
        self.changed.emit()

    def go_on(self, **figures: float) -> None:
        """Add a row, one second and ten updates after the last."""
        n = len(self.rows) + 1
        usual = HistoryRow(float(n), n // 2, 10 * n, -9.0 + n, -8.0 + n, 1.0, 1e-3, 1.0, math.nan, 2, math.nan)
        self.rows.append(usual._replace(**figures))
        self.row_added.emit(self.rows[-1])

    def keep(self, model: TrainedModel) -> Snapshot:
        """Add a snapshot, ten updates after the last."""
        updates = 10 * (len(self.snapshots) + 1)
        assert self.run is not None
        self.snapshots.append(Snapshot(updates, self.run.keep_snapshot(model, updates)))
        self.model = model
        self.snapshot_added.emit(self.snapshots[-1])
        return self.snapshots[-1]
