"""Beats and bars of a song: where a time lies among them, and when one is, through all changes of tempo and meter."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]


class BeatsFrom(NamedTuple):
    """From a time on, in seconds, quarter notes are counted from ``beat`` at an even pace, in beats a second."""

    seconds: float
    beat: float
    pace: float


BeatCount = tuple[BeatsFrom, ...]  # in the order of time, from 0


def count_beats(
    tempo_ticks: npt.NDArray[np.int64],
    ticks_per_beat: float,
    seconds_at: Callable[[npt.NDArray[np.int64]], Times],
) -> BeatCount:
    """Count the beats of a song.

    tempo_ticks: where the tempo changes, ascending from 0.  seconds_at: when ticks are.
    Empty if the tempo changes more often than anybody counts.
    """
    if len(tempo_ticks) > MOST_CHANGES:
        return ()
    starts = seconds_at(tempo_ticks)
    paces = 1 / (ticks_per_beat * (seconds_at(tempo_ticks + 1) - starts))
    return tuple(map(BeatsFrom, starts.tolist(), (tempo_ticks / ticks_per_beat).tolist(), paces.tolist()))


def beats_at(beats: BeatCount, seconds: Times) -> Times:
    """Which beats times are at, the song's beginning being 0."""
    starts, counted, paces = np.array(beats).T
    part = np.searchsorted(starts, seconds, side="right") - 1
    at: Times = counted[part] + (seconds - starts[part]) * paces[part]
    return at


def seconds_at(beats: BeatCount, counted: Times) -> Times:
    """When beats are."""
    starts, firsts, paces = np.array(beats).T
    part = np.searchsorted(firsts, counted, side="right") - 1
    at: Times = starts[part] + (counted - firsts[part]) / paces[part]
    return at


MOST_CHANGES = 20_000  # of tempo or time signature; a file with more has no bars that anybody could count
BEATS_A_BAR = 4.0  # quarter notes, until a time signature says otherwise
ALMOST = 1e-3  # of a bar: what is so near to a bar line is on it


class BarsFrom(NamedTuple):
    """From a time on, in seconds, bars are counted from ``bar`` at an even pace, in bars a second."""

    seconds: float
    bar: float
    pace: float


BarCount = tuple[BarsFrom, ...]  # in the order of time


def bar_at(bars: BarCount, seconds: float) -> int | None:
    """The number of the bar at a time, the first being 1; None if nobody knows."""
    place = bisect.bisect_right(bars, seconds, key=lambda part: part.seconds) - 1
    if place < 0:
        return None
    part = bars[place]
    return 1 + math.floor(part.bar + (seconds - part.seconds) * part.pace + ALMOST)


def count_bars(
    signatures: Sequence[tuple[int, float]],
    tempo_ticks: npt.NDArray[np.int64],
    ticks_per_beat: float,
    seconds_at: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]],
) -> BarCount:
    """Count the bars of a song.

    signatures: (tick, quarter notes in a bar) in any order; of several at one tick the last counts, and each
    begins a bar.  tempo_ticks: where the tempo changes.  seconds_at: when ticks are.
    """
    beats_at = {0: BEATS_A_BAR, **dict(sorted(signatures, key=lambda signature: signature[0]))}
    ticks = np.union1d(np.array(list(beats_at), np.int64), tempo_ticks)
    if len(ticks) > MOST_CHANGES:
        return ()
    starts = seconds_at(ticks).tolist()
    lasting = (seconds_at(ticks + 1) - seconds_at(ticks)).tolist()  # seconds a tick
    parts: list[BarsFrom] = []
    bar, before, ticks_a_bar = 0.0, 0, BEATS_A_BAR * ticks_per_beat
    for tick, start, seconds in zip(ticks.tolist(), starts, lasting, strict=True):
        bar += (tick - before) / ticks_a_bar
        if tick in beats_at:
            bar, ticks_a_bar = float(math.ceil(bar - ALMOST)), beats_at[tick] * ticks_per_beat
        parts.append(BarsFrom(start, bar, 1 / (ticks_a_bar * seconds)))
        before = tick
    return tuple(parts)
