"""What a training will come to: its updates and epochs, how long it takes, and what to expect of it in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vrae_core.presets import Plan

# Updates: how the recipes with Muon, and the others, have gone on the eight bundled songs (docs/experiments.md).
_STAGES_FAST, _STAGES_SLOW = (150, 500, 2500), (3_000, 20_000, 100_000)
_EPOCHS_BY_HEART = 200
_EXPECTED = (
    "Expect little: the model will hardly have begun.",
    "Expect songs that begin to lie apart, and blurred music.",
    "Expect songs that lie apart, and their music in rough strokes.",
    "Expect music close to the songs.",
    "Expect these songs almost by heart.",
)


@dataclass(frozen=True)
class Forecast:
    """Figures of a run that has not begun."""

    learnt: int  # windows
    held_out: int
    updates_per_epoch: int
    seconds_per_update: float
    updates: int
    epochs: float
    minutes: float
    expected: str

    @property
    def seconds_per_epoch(self) -> float:
        return self.updates_per_epoch * self.seconds_per_update


def held_out_of(windows: int, share: float) -> int:
    """How many of so many windows are held out."""
    return math.floor(windows * share)


def forecast(plan: Plan, windows: int, seconds_per_update: float) -> Forecast:
    """What a plan comes to on so many windows (at least one) at a speed that was measured."""
    held_out = held_out_of(windows, plan.held_out)
    learnt = windows - held_out
    training = plan.recipe.training
    per_epoch = learnt // min(training.batch, learnt)
    by_clock = int((plan.minutes or 0) * 60 / seconds_per_update)
    updates = training.epochs * per_epoch if plan.minutes is None else by_clock
    epochs = updates / per_epoch
    stages = _STAGES_SLOW if training.muon_learning_rate is None else _STAGES_FAST
    stage = sum(updates >= least for least in stages)
    if stage == len(stages) and epochs >= _EPOCHS_BY_HEART:
        stage += 1
    minutes = updates * seconds_per_update / 60
    return Forecast(learnt, held_out, per_epoch, seconds_per_update, updates, epochs, minutes, _EXPECTED[stage])
