"""The beats of a song: which beat a time is at, and when a beat is, through all changes of its tempo."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.bars import MOST_CHANGES

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
