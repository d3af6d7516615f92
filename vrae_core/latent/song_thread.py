"""The line through one song's windows in their order, and the place on it of any step of the song."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Corpus
from vrae_core.piano_roll import FloatArray, IntArray


def song_windows(corpus: Corpus, song: int) -> slice:
    """The windows of a song, which follow one another."""
    first, end = np.searchsorted(corpus.song_of, [song, song + 1]).tolist()
    return slice(first, end)


def places_along(corpus: Corpus, points: FloatArray, song: int, steps: npt.ArrayLike) -> FloatArray:
    """Where on the map (N, 2) a song is at some of its steps (n,), between those windows that begin around it: (n, 2).

    Past the beginning of its last window it stays there.
    """
    mine, at = song_windows(corpus, song), np.asarray(steps, np.float64)
    starts = corpus.start_of[mine]
    return np.stack([np.interp(at, starts, column) for column in points[mine].T], axis=-1).astype(np.float32)


def windows_in_turn(corpus: Corpus, window: int, most_steps: int) -> IntArray:
    """The windows that give a song from one of its windows on, each where the one before it ends, or a little earlier.

    Together they have no more than ``most_steps`` steps, but there is always the first one.
    """
    end = song_windows(corpus, int(corpus.song_of[window])).stop
    last = int(corpus.start_of[window]) + most_steps - corpus.window  # where the last may begin
    turn = [window]
    while True:
        goes_on = int(corpus.start_of[turn[-1]]) + corpus.window
        begun = np.searchsorted(corpus.start_of[turn[-1] : end], min(goes_on, last), "right")
        following = turn[-1] + int(begun) - 1
        if following <= turn[-1]:
            return np.array(turn)
        turn.append(following)
