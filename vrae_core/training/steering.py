"""What one may change of a training while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
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

    def is_as(self, other: Steered) -> bool:
        """Whether nothing was steered between the two."""
        return self[:2] == other[:2] and self.window_weights is other.window_weights


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
    learnt: IntArray | None = field(default=None, compare=False)  # which windows are learnt, for `weigh`; None: all

    def now(self) -> Steered:
        """What it says at this moment."""
        return Steered(self.learning_rate, self.kl_weight, self.window_weights)

    def heard(self, before: Steered | None, check: Callable[[FloatArray], None]) -> tuple[Steered, str]:
        """What it says at this moment; if ``check`` raises for the windows' weights, those before stay, and why.

        before: None if there was nothing before; then they are not checked.
        """
        now = self.now()
        if before is None or now.window_weights is None or now.window_weights is before.window_weights:
            return now, ""
        try:
            check(now.window_weights)
        except TrainingError as error:
            self.window_weights = before.window_weights
            return now._replace(window_weights=before.window_weights), f"windows come as often as before: {error}"
        return now, ""

    def weigh(self, windows: IntArray | BoolArray, factor: float, count: int) -> None:
        """Let some of a run's ``count`` windows come so many times as often; 0: no more.

        Raises: TrainingError if none that is learnt would be left.
        """
        before = self.window_weights
        weights = np.ones(count, np.float32) if before is None else before.copy()
        weights[windows] *= factor
        if not (weights if self.learnt is None else weights[self.learnt]).any():
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
