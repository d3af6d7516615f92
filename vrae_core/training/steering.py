"""What one may change of a training while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from vrae_core.errors import TrainingError
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray


class Change(NamedTuple):
    """Something that was done to a run: a line of changes.csv.  NaN: there is no such number."""

    seconds: float  # trained until then
    updates: int
    what: str  # "learning rate", "KL weight", "windows left out", "paused", "resumed", "begun from", …
    before: float = math.nan
    after: float = math.nan  # or how many, or for how many seconds
    about: str = ""  # the name of what it was begun from, or of what branched off


class Steered(NamedTuple):
    """What a run was steered to at one moment; a checkpoint keeps it."""

    learning_rate: float = 1.0
    kl_weight: float = 1.0
    window_weights: FloatArray | None = None

    def check(self) -> None:
        """Raises: TrainingError, in words, for factors that make no sense."""
        for name, factor in (("learning rate", self.learning_rate), ("KL weight", self.kl_weight)):
            if not (math.isfinite(factor) and factor >= 0):
                raise TrainingError(f"the factor of the {name} is {factor:g}; it must be 0 or more")


@dataclass
class Steering:
    """Set in one thread, read in the training's at every update; each attribute is replaced as a whole.

    The factors multiply what the recipe's schedules give.  It belongs to one run: a run that goes on from its
    checkpoint sets it to what it was steered to before.  Several processes that train as one cannot be steered.
    """

    learning_rate: float = 1.0
    kl_weight: float = 1.0
    window_weights: FloatArray | None = None  # (N,), of all windows: how often each comes; 0: never; None: all alike
    stop: Literal["", "best"] = ""  # "best": end now, and let the best state so far be the finished model
    applied: list[Change] = field(
        default_factory=list, compare=False
    )  # by the training; whoever writes it down takes it

    def now(self) -> Steered:
        """What it says at this moment."""
        return Steered(self.learning_rate, self.kl_weight, self.window_weights)

    def weigh(self, windows: IntArray | BoolArray, factor: float, count: int) -> None:
        """Let some of a run's ``count`` windows come so many times as often; 0: no more.

        Raises: TrainingError if none would be left.
        """
        before = self.window_weights
        weights = np.ones(count, np.float32) if before is None else before.copy()
        weights[windows] *= factor
        if not weights.any():
            raise TrainingError("no window would be left to learn from")
        self.window_weights = weights

    def go_back_to(self, steered: Steered) -> None:
        """Say again what was said before."""
        self.learning_rate, self.kl_weight, self.window_weights = steered


def windows_changed(before: FloatArray | None, after: FloatArray | None) -> Iterator[tuple[str, int]]:
    """What became of the windows, and of how many, when their weights changed; None: all weigh 1."""
    if before is after or (known := before if before is not None else after) is None:
        return
    old, new = (np.ones(len(known), np.float32) if weights is None else weights for weights in (before, after))
    if len(old) != len(new):
        return
    for what, which in (
        ("windows left out", (old > 0) & (new == 0)),
        ("windows taken back", (old == 0) & (new > 0)),
        ("windows more often", (old > 0) & (new > old)),
        ("windows less often", (new > 0) & (new < old)),
    ):
        if count := int(which.sum()):
            yield what, count
