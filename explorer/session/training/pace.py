"""How fast a plan would be learnt on this machine: measured when nothing else is to be done, and remembered."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.qt.jobs import Jobs
from vrae_core.errors import TrainingError
from vrae_core.model.recipes import ModelConfig
from vrae_core.progress import Progress
from vrae_core.training.forecast import Speed, measure
from vrae_core.training.settings import Plan

KEY = "measuring the training"
PITCHES_ALIKE = 8  # a few pitches more or less take no other time


class _Load(NamedTuple):
    """What the time of an update depends on."""

    model: ModelConfig
    batch: int
    with_muon: bool
    pitches: int
    threads: int


class TrainingPace(QObject):
    """Measures one plan at a time; a newer question stops the measuring for the one before."""

    changed = Signal()

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._measured: dict[_Load, Speed | str] = {}
        self._asked: _Load | None = None

    @property
    def measuring(self) -> bool:
        """Whether updates are being timed."""
        return self._jobs.is_running(KEY)

    def of(self, plan: Plan, pitches: int, windows: int) -> Speed | str | None:
        """What was measured for such a plan, or why it could not be; None: not yet."""
        return self._measured.get(_load(plan, pitches, windows))

    def measure(self, plan: Plan, pitches: int, windows: int) -> None:
        """Measure, if that has not been done for such a plan."""
        load = _load(plan, pitches, windows)
        if load in self._measured or (self.measuring and load == self._asked):
            return
        self._asked = load
        job = _measured(plan, load)
        self._jobs.start("Timing a few updates", job, lambda speed: self._take(load, speed), key=KEY)
        self.changed.emit()

    def stop(self) -> None:
        """Measure no more."""
        if self.measuring:
            self._jobs.cancel(KEY)
            self.changed.emit()

    def _take(self, load: _Load, speed: Speed | str) -> None:
        self._measured[load] = speed
        self.changed.emit()


def _load(plan: Plan, pitches: int, windows: int) -> _Load:
    recipe = plan.recipe
    alike = min(len(recipe.model.grid.columns), -(-pitches // PITCHES_ALIKE) * PITCHES_ALIKE)
    batch, with_muon = min(recipe.training.batch, windows), recipe.training.muon_learning_rate is not None
    return _Load(replace(recipe.model, hop=1), batch, with_muon, alike, plan.threads)


def _measured(plan: Plan, load: _Load) -> Generator[Progress, None, Speed | str]:
    """A sentence instead of an error: it belongs where the speed would stand."""
    try:
        return (yield from measure(plan.recipe, load.pitches, load.batch, load.threads))
    except TrainingError as error:
        return str(error)
