"""When the steps of a piece are: at its own tempo, which may change from step to step, or at one that somebody set."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vrae_core.midi.beats import DEFAULT_TEMPO, Meter, Tempo, TempoMap, Times
from vrae_core.midi.export import FASTEST_TEMPO, SLOWEST_TEMPO
from vrae_core.piano_roll import FloatArray

if TYPE_CHECKING:
    from vrae_core.model.trained import TrainedModel

TICKS_PER_BEAT = 480  # of what is written: a whole number of them makes a step of any grid
_AS_ONE = 0.05  # beats a minute: tempos that are nearer to each other are one


@dataclass(frozen=True, eq=False)
class PieceTime:
    """steps_per_beat: of a quarter note.  tempos: (steps,) beats a minute.  meter: 3 and 8 for 3/8."""

    steps_per_beat: int
    tempos: FloatArray
    meter: tuple[int, int] = (4, 4)

    def at(self, tempo: float | None) -> PieceTime:
        """The same at a tempo that somebody set, if somebody did."""
        return self if tempo is None else replace(self, tempos=np.full(len(self.tempos), tempo, np.float32))

    def lasting(self, steps: int) -> PieceTime:
        """The same for more steps, or fewer: it goes on as it ends."""
        missing = max(0, steps - len(self.tempos))
        return replace(self, tempos=np.pad(self.tempos, (0, missing), "edge")[:steps])

    def tempo_at(self, step: int) -> float:
        """Beats a minute of a step; it goes on as it ends."""
        return float(self.tempos[min(step, len(self.tempos) - 1)])

    @property
    def tempo_map(self) -> TempoMap:
        """What a sequencer is told: a tempo where it changes."""
        tempos = np.round(self.tempos.astype(np.float64), 3)
        found = [Tempo(0.0, float(tempos[0]) if len(tempos) else DEFAULT_TEMPO)]
        for step, tempo in enumerate(tempos.tolist()):
            if abs(tempo - found[-1].beats_per_minute) > _AS_ONE:
                found.append(Tempo(step / self.steps_per_beat, tempo))
        return TempoMap(tuple(found), TICKS_PER_BEAT)

    @property
    def meters(self) -> tuple[Meter, ...]:
        """What a sequencer is told of its bars."""
        return (Meter(0.0, *self.meter),)

    @property
    def step_seconds(self) -> float:
        """How long a step lasts on average."""
        return float((60 / self.steps_per_beat / self.tempos.astype(np.float64)).mean())

    @property
    def seconds(self) -> Times:
        """When each step begins, and at last when the piece ends: (steps + 1,)."""
        return self.tempo_map.seconds_at(np.arange(len(self.tempos) + 1) / self.steps_per_beat)


def usual_time(model: TrainedModel) -> PieceTime:
    """The tempo and the meter of most of the songs that a model learnt, if its file says; else 120 in 4/4."""
    tempo, meter = DEFAULT_TEMPO, (4, 4)
    if found := re.fullmatch(r"([1-9]\d?)/(1|2|4|8|16|32)", model.about.get("meter", "")):
        meter = int(found[1]), int(found[2])
    with suppress(ValueError):
        said = float(model.about.get("tempo", ""))
        tempo = said if SLOWEST_TEMPO <= said <= FASTEST_TEMPO else tempo
    return PieceTime(model.config.grid.played_per_beat, np.full(1, tempo, np.float32), meter)
