"""What the steps of a phrase are: those of the map, on whose rows the phrase is looked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.audio.phrase import TEMPO
from explorer.session.songs.atlas import Atlas
from vrae_core.clock import bars_in_words
from vrae_core.corpus.bars import usual_meter
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.corpus.windows import subset
from vrae_core.midi.beats import Bars, Meter, Times
from vrae_core.midi.export import FASTEST_TEMPO, SLOWEST_TEMPO
from vrae_core.tasks.query import LONGEST, PhraseNote

SECONDS = 2.5  # that there is room for, or more where bars are whole
_LOOKED_AT = 1_000  # windows that say which tempo and meter are usual


@dataclass(frozen=True)
class PhraseGrid:
    """A phrase's steps, and how fast they are played: with the tempo and the meter that are usual on the map."""

    grid: Grid = PAPER_GRID
    tempo: float = TEMPO
    meter: tuple[int, int] = (4, 4)

    @classmethod
    def of(cls, atlas: Atlas) -> PhraseGrid:
        """That of a map."""
        if not atlas.corpus.grid.steps_per_beat:
            return cls()
        some = subset(atlas.corpus, _LOOKED_AT)
        tempo = float(np.clip(np.median(some.tempos()), SLOWEST_TEMPO, FASTEST_TEMPO))
        return cls(atlas.corpus.grid, round(tempo, 1), usual_meter(some))

    @property
    def per_beat(self) -> int:
        """Steps of a quarter note."""
        return self.grid.played_per_beat

    def tempo_at(self, tempo: float | None) -> float:
        """Beats a minute where somebody set a tempo, or nobody did; it leaves steps of 50 ms as they are."""
        return tempo if tempo is not None and self.grid.steps_per_beat else self.tempo

    def per_second(self, tempo: float | None = None) -> float:
        """Steps of a second."""
        return self.per_beat * self.tempo_at(tempo) / 60

    def steps_for(self, notes: Iterable[PhraseNote] = ()) -> int:
        """How many steps there are to write a phrase in, which hold what is there: whole bars where there are bars."""
        least = max((note.step + note.length for note in notes), default=0)
        wanted = max(least, round(SECONDS * self.per_second()))
        if not self.grid.steps_per_beat:
            return wanted
        bar = min(Meter(0.0, *self.meter).beats_a_bar * self.per_beat, LONGEST)
        return math.ceil(math.ceil(wanted / bar) * bar)

    def lines(self, steps: int) -> tuple[Times, Times]:
        """The steps, below so many, at which bars begin, and beats; of steps of 50 ms nobody knows the bars."""
        if not self.grid.steps_per_beat:
            return np.zeros(0), np.arange(0, steps, self.per_beat, dtype=np.float64)
        bars, beats = Bars((Meter(0.0, *self.meter),)).between(0, steps / self.per_beat)
        return bars * self.per_beat, beats * self.per_beat

    def in_words(self, tempo: float | None) -> str:
        """How long a phrase may be: "2 bars at 150 bpm", or "2.5 s"."""
        if not self.grid.steps_per_beat:
            return f"{SECONDS:g} s"
        return f"{bars_in_words(self.steps_for() / self.per_beat, self.meter)} at {self.tempo_at(tempo):.0f} bpm"

    def moved(self, notes: Sequence[PhraseNote], before: PhraseGrid) -> list[PhraseNote]:
        """A phrase that was put on another map's grid.

        Where both count beats it keeps its beats, however fast the songs are; else it keeps its seconds, as one that
        is played on a keyboard would.
        """
        both_count_beats = self.grid.steps_per_beat and before.grid.steps_per_beat
        ratio = self.per_beat / before.per_beat if both_count_beats else self.per_second() / before.per_second()
        moved: dict[tuple[int, int], PhraseNote] = {}  # on coarser steps two notes of a pitch may become one
        for note in notes:
            step, end = round(note.step * ratio), round((note.step + note.length) * ratio)
            moved[step, note.pitch] = PhraseNote(step, note.pitch, max(1, end - step))
        return list(moved.values())
