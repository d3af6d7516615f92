"""What one may change of a training while it runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vrae_core.errors import TrainingError
from vrae_core.piano_roll import FloatArray


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

    def now(self) -> Steered:
        """What it says at this moment."""
        return Steered(self.learning_rate, self.kl_weight, self.window_weights)

    def go_back_to(self, steered: Steered) -> None:
        """Say again what was said before."""
        self.learning_rate, self.kl_weight, self.window_weights = steered
