"""What one may change of a training while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from vrae_core.piano_roll import FloatArray


@dataclass
class Steering:
    """Set in one thread, read in the training's at every update; each attribute is replaced as a whole.

    The factors multiply what the recipe's schedules give.
    """

    learning_rate: float = 1.0
    kl_weight: float = 1.0
    window_weights: FloatArray | None = None  # (N,) how often each comes; 0: never; None: alike
