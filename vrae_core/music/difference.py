"""A window beside its reconstruction: what the model hits, misses and adds, and how to hear the difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vrae_core.model.evaluation import frame_f1
from vrae_core.piano_roll import BoolArray, IntArray

# With FluidSynth 13 dB apart: the right notes carry the tune, the others stand out of it.
SOFT, LOUD = 56, 120  # velocities, 1–127: what both have, and what only one of them has


@dataclass(frozen=True, eq=False)
class Difference:
    """Two rolls of the same shape, (steps, P): the song's own notes, and the model's."""

    original: BoolArray
    model: BoolArray

    def __post_init__(self) -> None:
        if self.original.shape != self.model.shape:
            raise ValueError(f"rolls of {self.original.shape} and {self.model.shape} cells cannot be compared")

    @property
    def hit(self) -> BoolArray:
        """Cells that sound in both."""
        return self.original & self.model

    @property
    def miss(self) -> BoolArray:
        """Cells of the song that the model leaves out."""
        return self.original & ~self.model

    @property
    def extra(self) -> BoolArray:
        """Cells that only the model has."""
        return self.model & ~self.original

    @property
    def f1(self) -> float:
        """Frame F1 of this window alone, as ``frame_f1`` has it, but 1 where both are silent: nothing is wrong."""
        return frame_f1(self.model, self.original) if self.original.any() or self.model.any() else 1.0

    def difference(self) -> tuple[BoolArray, IntArray]:
        """The difference as music: the cells of both, and their velocities, (steps, P) each.

        What both have is soft; misses and extras are loud.  Where a note goes over from the one to the other, as when
        the model holds it too long, it is struck again, after a gap of one step like any repeated note; of a single
        step none can be spared.
        """
        kind = self.hit * 1 + self.miss * 2 + self.extra * 3
        roll = kind > 0
        goes_over = roll[:-1] & roll[1:] & (kind[:-1] != kind[1:])
        had_a_step_before = np.zeros_like(goes_over)
        had_a_step_before[1:] = kind[1:-1] == kind[:-2]
        roll[:-1] &= ~(goes_over & had_a_step_before)
        return roll, np.where(kind == 1, SOFT, LOUD).astype(np.int64)
