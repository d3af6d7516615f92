"""Musical time: a song's tempo map goes between ticks, beats and seconds, and its meters count the bars.

A beat is a quarter note, and the song begins at beat 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]

MOST_CHANGES = 20_000  # of tempo or time signature; a file with more has no bars that anybody could count
DEFAULT_TEMPO = 120.0  # beats a minute, until a tempo says otherwise
SHORTEST = 1 / 8  # quarter notes of a bar or a beat that is drawn
ALMOST = 1e-3  # of a bar: what is so near to a bar line is on it


class Tempo(NamedTuple):
    """From a beat on, so many beats a minute."""

    beat: float
    beats_per_minute: float


@dataclass(frozen=True)
class TempoMap:
    """When beats are, through all changes of tempo.  tempos: in the order of beats, the first at 0."""

    tempos: tuple[Tempo, ...] = (Tempo(0.0, DEFAULT_TEMPO),)
    ticks_per_beat: float = 480  # of the file

    @classmethod
    def of_ticks(cls, tempos: Iterable[tuple[int, float]], ticks_per_beat: float) -> Self:
        """tempos: (tick, beats a minute) in any order; of several at one tick the last counts."""
        at = {0: DEFAULT_TEMPO, **dict(sorted(tempos, key=lambda tempo: tempo[0]))}
        return cls(tuple(Tempo(tick / ticks_per_beat, tempo) for tick, tempo in at.items()), ticks_per_beat)

    @classmethod
    def of_seconds(cls, tempos: Sequence[tuple[float, float]], ticks_per_beat: float = 480) -> Self:
        """tempos: (seconds, beats a minute) in order, the first at 0."""
        beat, found = 0.0, [Tempo(0.0, tempos[0][1])]
        for (before, tempo), (seconds, following) in pairwise(tempos):
            beat += (seconds - before) * tempo / 60
            found.append(Tempo(beat, following))
        return cls(tuple(found), ticks_per_beat)

    def seconds_at(self, beats: npt.ArrayLike) -> Times:
        """When beats are, however late."""
        asked = np.asarray(beats, np.float64)
        firsts, starts, lasting = self._segments
        segment = np.searchsorted(firsts, asked, side="right") - 1
        seconds: Times = starts[segment] + (asked - firsts[segment]) * lasting[segment]
        return seconds

    def seconds_at_ticks(self, ticks: npt.ArrayLike) -> Times:
        """When ticks of the file are."""
        return self.seconds_at(np.asarray(ticks) / self.ticks_per_beat)

    def beats_at(self, seconds: npt.ArrayLike) -> Times:
        """Which beats times are at."""
        asked = np.asarray(seconds, np.float64)
        firsts, starts, lasting = self._segments
        segment = np.searchsorted(starts, asked, side="right") - 1
        beats: Times = firsts[segment] + (asked - starts[segment]) / lasting[segment]
        return beats

    def ticks_at(self, seconds: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The ticks nearest to times."""
        ticks: npt.NDArray[np.int64] = np.rint(self.beats_at(seconds) * self.ticks_per_beat).astype(np.int64)
        return ticks

    def main_tempo(self, end: float) -> float:
        """The beats a minute in force for the longest time before ``end`` (seconds)."""
        _, starts, _ = self._segments
        lasting = np.diff(np.append(np.minimum(starts, end), end))
        tempos, which = np.unique([tempo.beats_per_minute for tempo in self.tempos], return_inverse=True)
        return float(tempos[np.argmax(np.bincount(which, lasting))])

    def excerpt(self, start: float, end: float) -> TempoMap:
        """The same from one time on, which is its beat 0, to another (seconds)."""
        first, last = self.beats_at([start, end]).tolist()
        before = [tempo for tempo in self.tempos if tempo.beat <= first]
        inside = [tempo for tempo in self.tempos if first < tempo.beat < last]
        tempos = [Tempo(0.0, before[-1].beats_per_minute), *(Tempo(t.beat - first, t.beats_per_minute) for t in inside)]
        return TempoMap(tuple(tempos), self.ticks_per_beat)

    @cached_property
    def _segments(self) -> tuple[Times, Times, Times]:
        """For every tempo: its first beat, when that is, and the seconds a beat lasts."""
        firsts, tempos = np.array(self.tempos, np.float64).T
        lasting = 60 / tempos
        starts = np.concatenate(([0.0], np.cumsum(np.diff(firsts) * lasting[:-1])))
        return firsts, starts, lasting


class Meter(NamedTuple):
    """A time signature, and the beat at which it begins a bar: 3 and 8 for 3/8."""

    beat: float
    numerator: int
    denominator: int

    @property
    def beats_a_bar(self) -> float:
        """Quarter notes in a bar."""
        return 4 * self.numerator / self.denominator


def meters_of_ticks(signatures: Iterable[tuple[int, int, int]], ticks_per_beat: float) -> tuple[Meter, ...]:
    """The meters of a song: 4/4 until a time signature says otherwise.

    signatures: (tick, numerator, denominator) in any order; of several at one tick the last counts.
    """
    at = {0: (4, 4), **{tick: (n, d) for tick, n, d in sorted(signatures, key=lambda signature: signature[0])}}
    return tuple(Meter(tick / ticks_per_beat, *signature) for tick, signature in at.items())


class Bars:
    """Counts bars.  meters: in the order of beats, the first at 0."""

    def __init__(self, meters: Sequence[Meter]) -> None:
        self._firsts = np.array([meter.beat for meter in meters])
        self._beats_a_bar = np.array([meter.beats_a_bar for meter in meters])
        self._beat_lasts = np.array([4 / meter.denominator for meter in meters])
        whole = np.ceil(np.diff(self._firsts) / self._beats_a_bar[:-1] - ALMOST)  # a new meter begins a bar anywhere
        self._before = np.concatenate(([0.0], np.cumsum(whole)))

    def at(self, beat: float) -> int:
        """The number of the bar that a beat is in, the first being 1."""
        return self.place(beat)[0]

    def place(self, beat: float) -> tuple[int, float]:
        """The bar that a quarter note is in, and the beat of its meter, to a hundredth; both count from 1."""
        meter = int(np.searchsorted(self._firsts, beat, side="right")) - 1
        counted = float((beat - self._firsts[meter]) / self._beats_a_bar[meter])
        whole = math.floor(counted + ALMOST)
        within = max(0.0, counted - whole) * float(self._beats_a_bar[meter] / self._beat_lasts[meter])
        return 1 + int(self._before[meter]) + whole, round(1 + within, 2)

    def between(self, first: float, last: float) -> tuple[Times, Times]:
        """The quarter notes, from one on and before another, at which bars begin, and beats of their meter.

        Bars and beats that are shorter than ``SHORTEST`` are as long as that.
        """
        bars, beats = (self._between(first, last, each, SHORTEST) for each in (self._beats_a_bar, self._beat_lasts))
        return bars, beats

    def lines(self, steps: int, steps_per_beat: int) -> npt.NDArray[np.int64]:
        """The steps below ``steps`` that are nearest to where bars begin, in order, each once; step 0 among them."""
        begins = self._between(0, steps / steps_per_beat, self._beats_a_bar, 1 / steps_per_beat)
        lines = np.unique(np.rint(np.append(begins, 0) * steps_per_beat).astype(np.int64))
        return lines[lines < max(steps, 1)]

    def _between(self, first: float, last: float, lengths: Times, shortest: float) -> Times:
        """Where bars or beats begin that are so long in each meter, but at least ``shortest``."""
        found = [np.zeros(0)]
        for begins, ends, length in zip(
            self._firsts, np.append(self._firsts[1:], np.inf), np.maximum(lengths, shortest), strict=True
        ):
            before = max(0, math.ceil((first - begins) / length - ALMOST))
            found.append(np.arange(begins + before * length, min(ends, last) - ALMOST * length, length))
        return np.concatenate(found)
