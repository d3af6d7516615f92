"""Minibatches made richer than the songs: windows moved to other keys, and windows whose parts come from two songs.

What is drawn depends on the seed and the update alone, so that a run that is resumed goes on as if it had not stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vrae_core.columns import moved_columns, parts_of
from vrae_core.piano_roll import BoolArray, IntArray

DOWN, UP = -5, 6  # semitones: every key once


class Augmenting:
    """Changes the windows of a minibatch.

    other_keys: the share of windows that are moved to another key, drawn evenly.  hybrids: the share of windows of
    which some parts come from another of the minibatch; without parts, what lies below some pitch.
    """

    def __init__(self, columns: Sequence[int], other_keys: float, hybrids: float) -> None:
        self._other_keys, self._hybrids = other_keys, hybrids
        self._moves = {semitones: moved_columns(columns, semitones) for semitones in range(DOWN, UP + 1) if semitones}
        self._parts = parts_of(columns)

    def __call__(self, windows: BoolArray, seed: int, update: int) -> BoolArray:
        """Windows (n, T, P), some of them changed; those given stay as they are."""
        if not (self._other_keys or self._hybrids):
            return windows
        source = np.random.default_rng((seed, update))
        windows = windows.copy()
        for window in np.flatnonzero(source.random(len(windows)) < self._other_keys).tolist():
            windows[window] = self._moved(windows[window], int(source.choice(list(self._moves))))
        mixed = np.flatnonzero(source.random(len(windows)) < self._hybrids)
        others = windows[source.integers(0, len(windows), len(mixed))]
        for window, other in zip(mixed.tolist(), others, strict=True):
            columns = self._drawn_columns(source)
            windows[window][:, columns] = other[:, columns]
        return windows

    def _moved(self, window: BoolArray, semitones: int) -> BoolArray:
        places = self._moves[semitones]
        return np.asarray(window[:, np.maximum(places, 0)] & (places >= 0))

    def _drawn_columns(self, source: np.random.Generator) -> IntArray:
        """The columns of some parts, but neither of none nor of all; or the lower ones."""
        present = np.unique(self._parts)
        if len(present) == 1:
            return np.arange(source.integers(len(self._parts) // 4, 3 * len(self._parts) // 4 + 1))
        count = int(source.integers(1, len(present)))
        return np.flatnonzero(np.isin(self._parts, source.permutation(present)[:count]))
