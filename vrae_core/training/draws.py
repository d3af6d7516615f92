"""Which windows a run learns, which it is measured on, and in what order those it learns come."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Windows
from vrae_core.errors import TrainingError
from vrae_core.piano_roll import FloatArray, IntArray

MOST_SHUFFLED = 1 << 17  # windows that are put in order all at once, which takes a millisecond or two
_LONGEST_STRETCH = 4  # window lengths, of overlapping windows that are held out in a row
_COUNTED = 4096  # windows looked at together

_Numbers = npt.NDArray[np.uint64]


def hold_out(corpus: Windows, share: float) -> tuple[IntArray, IntArray]:
    """The windows to learn and those to measure on, as indices; no step of the songs is in both.

    Held out is an even share of the windows, one at a time where they do not overlap.  Where they do, stretches are
    held out, so that few windows are lost: those that share a step with one held out are neither learnt nor measured.
    Raises: TrainingError if nothing would be left to learn or to measure on.
    """
    everything = np.arange(len(corpus))
    if share <= 0:
        return everything, everything[:0]
    steps = np.diff(corpus.offsets)
    apart = math.ceil(corpus.window / max(1, int(steps.min()))) if len(steps) else 1  # hops to a window without overlap
    stretch = 1 if apart == 1 else min(_LONGEST_STRETCH * apart, max(1, int(len(corpus) * share)))
    place = everything // stretch
    chosen = np.floor((place + 1) * share) > np.floor(place * share)
    if not chosen.any():
        raise TrainingError(f"{len(corpus)} windows are too few to hold {share:.0%} of them out")
    heard = np.zeros(
        corpus.offsets.max() + corpus.window + 1, np.int64
    )  # ends and beginnings of held-out windows, then their sum so far
    np.add.at(heard, corpus.offsets[chosen], 1)
    np.add.at(heard, corpus.offsets[chosen] + corpus.window, -1)
    covered = np.concatenate(([0], np.cumsum(np.cumsum(heard) > 0)))
    apart_from_them = covered[corpus.offsets + corpus.window] == covered[corpus.offsets]
    if not apart_from_them.any():
        raise TrainingError("the windows overlap so much that every one shares steps with one held out")
    return everything[apart_from_them], everything[chosen]


def pitch_share(corpus: Windows, windows: IntArray) -> FloatArray:
    """How often each pitch sounds in these windows, or of a great many in some, evenly spread: (P,)."""
    windows = windows[:: math.ceil(len(windows) / MOST_SHUFFLED)]
    cells = np.zeros(len(corpus.pitches), np.int64)
    for i in range(0, len(windows), _COUNTED):
        cells += corpus.windows(windows[i : i + _COUNTED]).sum(axis=(0, 1))
    return (cells / (len(windows) * corpus.window)).astype(np.float32)


def order_of(count: int, seed: tuple[int, ...], first: int, length: int) -> IntArray:
    """Some of the numbers below ``count`` in an order drawn by chance: those from place ``first`` on.

    Many are not shuffled but renumbered, place by place, by a Feistel cipher of four rounds on
    numbers of 2 b bits, which is a permutation; a number beyond ``count`` is enciphered again until it is below.
    (Black & Rogaway 2002, Ciphers with arbitrary finite domains.)
    """
    source = np.random.default_rng(seed)
    if count <= MOST_SHUFFLED:
        return source.permutation(count)[first : first + length]
    half = np.uint64((count - 1).bit_length() + 1) // np.uint64(2)
    keys = source.integers(1, 1 << 63, (4, 2), dtype=np.uint64) | np.uint64(1)
    places = np.arange(first, min(first + length, count), dtype=np.uint64)
    out = np.full(len(places), count, np.uint64)
    while (beyond := out >= count).any():
        places[beyond] = out[beyond] = _enciphered(places[beyond], half, keys)
    return out.astype(np.int64)


def _enciphered(numbers: _Numbers, half: np.uint64, keys: _Numbers) -> _Numbers:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for factor, added in keys:
        mixed = (right + added) * factor  # wraps around, as it is meant to
        mixed ^= mixed >> np.uint64(29)
        left, right = right, left ^ ((mixed * factor) >> np.uint64(32)) & mask
    return (left << half) | right


class WindowDraws:
    """The order of each epoch, which follows from the seed, the epoch and the weights alone: any can be resumed."""

    def __init__(self, learnt: IntArray, windows: int) -> None:
        """learnt: the indices of those that are learnt, of so many ``windows`` that there are."""
        self.learnt, self._windows = learnt, windows
        self._known: tuple[tuple[int, int], FloatArray | None, IntArray] | None = None

    def some(self, seed: int, epoch: int, weights: FloatArray | None, first: int, length: int) -> IntArray:
        """So many of an epoch's windows, from place ``first`` in its order on; raises what `order` does."""
        if weights is None and len(self.learnt) > MOST_SHUFFLED:
            return self.learnt[order_of(len(self.learnt), (seed, epoch), first, length)]
        return self.order(seed, epoch, weights)[first : first + length]

    def order(self, seed: int, epoch: int, weights: FloatArray | None) -> IntArray:
        """As many windows as are learnt, each as often as its weight asks, give or take one, and by chance in order.

        weights: (N,) of all windows.  Raises: TrainingError if they are not, or exclude every window that is learnt.
        """
        known = self._known
        if known is None or known[0] != (seed, epoch) or known[1] is not weights:
            known = self._known = ((seed, epoch), weights, self._drawn(seed, epoch, weights))
        return known[2]

    def check(self, weights: FloatArray) -> None:
        """Raises: TrainingError if they are not of all windows, or exclude every window that is learnt."""
        if weights.shape != (self._windows,):
            raise TrainingError(f"there are weights for {weights.size:,} windows, but the songs give {self._windows:,}")
        if not (np.isfinite(weights).all() and (weights >= 0).all()):
            raise TrainingError("the weight of a window must be 0 or more")
        if not weights[self.learnt].any():
            raise TrainingError("no window is left to learn: all of them are excluded")

    def _drawn(self, seed: int, epoch: int, weights: FloatArray | None) -> IntArray:
        source = np.random.default_rng((seed, epoch))
        if weights is None:
            return self.learnt[source.permutation(len(self.learnt))]
        self.check(weights)
        mine = weights[self.learnt].astype(np.float64)
        # systematic sampling: evenly spaced marks on a line on which every window takes up as much as it weighs
        ends = np.cumsum(mine) / mine.sum() * len(mine)
        marks = np.arange(len(mine)) + source.random()
        drawn = np.minimum(np.searchsorted(ends, marks, side="right"), np.flatnonzero(mine)[-1])
        return self.learnt[source.permutation(drawn)]
