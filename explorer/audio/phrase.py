"""What the player plays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from vrae_core.piano_roll import BoolArray, IntArray


class Strike(NamedTuple):
    """How a note begins: in which voice, and how loud (1–127)."""

    voice: int
    velocity: int


@dataclass(frozen=True, eq=False)
class Phrase:
    """Music to play.

    roll: (steps, P) bool; pitches: the P MIDI numbers of its columns; velocities: (steps, P) or one for all, 1–127;
    voices: (steps, P) or one for all, which of the player's instruments plays, from a note's first step to its last.
    Whoever makes a phrase gives its arrays away: they must not change afterwards.

    Raises: ValueError if these do not fit together, in the thread that makes it: the one that plays it must not fail.
    """

    roll: BoolArray
    pitches: tuple[int, ...]
    velocities: IntArray | int = 90
    voices: IntArray | int = 0

    def __post_init__(self) -> None:
        if self.roll.ndim != 2 or len(self.roll) == 0 or self.roll.shape[1] != len(self.pitches):
            raise ValueError(f"a phrase needs a roll of (steps, {len(self.pitches)}) cells, not {self.roll.shape}")
        for name, values, most in (("velocity", self.velocities, 127), ("voice", self.voices, 15)):
            cells = np.asarray(values)
            np.broadcast_to(cells, self.roll.shape)
            if cells.size and (cells.min() < 0 or cells.max() > most):
                raise ValueError(f"a note's {name} lies within 0–{most}, not {cells.min()}–{cells.max()}")
        if not all(0 <= pitch <= 127 for pitch in self.pitches):
            raise ValueError(f"pitches are MIDI numbers, 0–127, not {self.pitches}")

    def __len__(self) -> int:
        return len(self.roll)

    def then_silence(self, steps: int) -> Phrase:
        """The same with silence behind it; only for a phrase whose velocities and voices are arrays."""
        before = (self.roll, self.velocities, self.voices)
        roll, velocities, voices = (np.pad(each, ((0, steps), (0, 0))) for each in before)
        return replace(self, roll=roll, velocities=velocities, voices=voices)

    def notes_at(self, step: int) -> dict[int, Strike]:
        """The pitches that sound in a step, each with how it is struck should it begin there."""
        columns = np.flatnonzero(self.roll[step]).tolist()
        velocities, voices = (np.broadcast_to(each, self.roll.shape)[step] for each in (self.velocities, self.voices))
        return {self.pitches[c]: Strike(int(voices[c]), int(velocities[c])) for c in columns}
