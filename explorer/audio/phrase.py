"""What the player plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

STEPS_PER_BEAT, TEMPO = 8, 150.0  # so that a step lasts 50 ms
PITCHES = 128  # of MIDI
MOST_COLUMNS = 16 * PITCHES


class Strike(NamedTuple):
    """How a note begins: in which voice, and how loud (1–127)."""

    voice: int
    velocity: int


@dataclass(frozen=True, eq=False)
class Phrase:
    """Music to play.

    roll: (steps, P) bool; pitches: the P numbers of its columns, a MIDI pitch and 128 times whatever tells it from
    others of its pitch; velocities: (steps, P) or one for all, 1–127;
    voices: (steps, P) or one for all, which of the player's instruments plays, from a note's first step to its last.
    steps_per_beat, tempos: how long its steps last if nobody sets another tempo: beats a minute of each step, (steps,),
    or of all.  programs: the instruments that play the voices, where they are its own.  per_step: how many of its
    steps make one of those that a place in the music is counted in.
    Whoever makes a phrase gives its arrays away: they must not change afterwards.

    Raises: ValueError if these do not fit together, in the thread that makes it: the one that plays it must not fail.
    """

    roll: BoolArray
    pitches: tuple[int, ...]
    velocities: IntArray | int = 90
    voices: IntArray | int = 0
    steps_per_beat: int = STEPS_PER_BEAT
    tempos: FloatArray | float = TEMPO
    programs: Mapping[int, int] = field(default_factory=dict)
    per_step: int = 1

    def __post_init__(self) -> None:
        if self.roll.ndim != 2 or len(self.roll) == 0 or self.roll.shape[1] != len(self.pitches):
            raise ValueError(f"a phrase needs a roll of (steps, {len(self.pitches)}) cells, not {self.roll.shape}")
        for name, values, most in (("velocity", self.velocities, 127), ("voice", self.voices, 15)):
            cells = np.asarray(values)
            np.broadcast_to(cells, self.roll.shape)
            if cells.size and (cells.min() < 0 or cells.max() > most):
                raise ValueError(f"a note's {name} lies within 0–{most}, not {cells.min()}–{cells.max()}")
        tempos = np.broadcast_to(self.tempos, len(self.roll))
        if not (np.isfinite(tempos).all() and tempos.min() > 0 and self.steps_per_beat > 0 and self.per_step > 0):
            raise ValueError("a phrase's tempos are more than 0 beats a minute")
        if not all(0 <= pitch < MOST_COLUMNS for pitch in self.pitches):
            raise ValueError(f"columns are numbers below {MOST_COLUMNS}, not {self.pitches}")

    def __len__(self) -> int:
        return len(self.roll)

    def then_silence(self, steps: int) -> Phrase:
        """The same with silence behind it; only for a phrase whose velocities and voices are arrays."""
        before = (self.roll, self.velocities, self.voices)
        roll, velocities, voices = (np.pad(each, ((0, steps), (0, 0))) for each in before)
        tempos = self.tempos if np.ndim(self.tempos) == 0 else np.pad(self.tempos, (0, steps), "edge")
        return replace(self, roll=roll, velocities=velocities, voices=voices, tempos=tempos)

    def tempo_at(self, step: int) -> float:
        """The beats a minute of a step, if nobody sets another tempo."""
        tempos = np.asarray(self.tempos)
        return float(tempos if tempos.ndim == 0 else tempos[min(step, len(tempos) - 1)])

    def notes_at(self, step: int) -> dict[int, Strike]:
        """The columns that sound in a step, each with how it is struck should it begin there."""
        columns = np.flatnonzero(self.roll[step]).tolist()
        velocities, voices = (np.broadcast_to(each, self.roll.shape)[step] for each in (self.velocities, self.voices))
        return {self.pitches[c]: Strike(int(voices[c]), int(velocities[c])) for c in columns}
