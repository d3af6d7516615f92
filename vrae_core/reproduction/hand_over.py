"""How the music of one end of a path gives way to the other, and windows that a model has not seen a step of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vrae_core.corpus.windows import Corpus, held_out
from vrae_core.errors import CorpusError
from vrae_core.piano_roll import BoolArray
from vrae_core.reproduction import music
from vrae_core.reproduction.music import Float64Array


def split(corpus: Corpus) -> tuple[Corpus, Corpus]:
    """The windows to learn from, and every tenth window, held out: no step is in both.

    Raises: CorpusError if there are too few windows to hold any out, or they overlap so much that none is left.
    """
    others, unseen = held_out(corpus)
    if not len(unseen):
        raise CorpusError("the songs give fewer than ten windows, too few to hold any out")
    left = apart_from(unseen, others)
    if not len(left):
        raise CorpusError("the windows overlap so much that every one shares steps with one held out")
    return left, unseen


def apart_from(unseen: Corpus, corpus: Corpus) -> Corpus:
    """Those windows of a corpus of the same songs that share no step with any of the unseen."""
    nearest = np.abs(corpus.offsets[:, None] - unseen.offsets).min(axis=1)
    return corpus.take(np.flatnonzero(nearest >= corpus.window))


_ROUNDING = 1e-9


@dataclass(frozen=True)
class HandOver:
    """The hand-over along paths; every array has one row a path."""

    f1_with_start: Float64Array  # (paths, points)
    f1_with_end: Float64Array  # (paths, points)
    both: Float64Array  # (paths, points) see `elements_of_both`
    spearman: Float64Array  # (paths,) of F1 with the end less F1 with the start, against the place on the path
    monotone: Float64Array  # (paths,) share of the steps at which that difference does not fall
    largest_step: Float64Array  # (paths,) of it, as a share of its whole rise; 1 / (points − 1) is perfectly even


def hand_over(paths: BoolArray) -> HandOver:
    """Measure paths of rolls (paths, points, T, P) against their own two ends.

    A path whose music never changes hands nothing over: its Spearman coefficient is 0, its largest step 1.
    """
    with_start, with_end = music.f1_each(paths, paths[:, :1]), music.f1_each(paths, paths[:, -1:])
    balance = with_end - with_start
    steps = np.diff(balance, axis=1)
    rise = balance[:, -1] - balance[:, 0]
    return HandOver(
        with_start,
        with_end,
        np.stack([elements_of_both(path, path[0], path[-1]) for path in paths]),
        _spearman(balance),
        monotone=(steps >= -_ROUNDING).mean(axis=1),
        largest_step=np.divide(steps.max(axis=1), rise, out=np.ones(len(paths)), where=rise > _ROUNDING),
    )


def elements_of_both(rolls: BoolArray, start: BoolArray, end: BoolArray) -> Float64Array:
    """How much rolls (n, T, P) have of both ends (T, P): the least share found of either's own cells.

    An end's own cells are those that the other has not, so that each end by itself has 0.
    """
    shares = [(rolls & own).sum(axis=(1, 2)) / max(1, int(own.sum())) for own in (start & ~end, end & ~start)]
    return np.asarray(np.minimum(*shares))


def _spearman(curves: Float64Array) -> Float64Array:
    """Rank correlation of each row (n, points) with its place; 0 for a constant row."""
    from scipy.stats import rankdata  # noqa: PLC0415 - 0.5 s to import

    ranks = rankdata(np.round(curves, 9), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    place = np.arange(curves.shape[1]) - (curves.shape[1] - 1) / 2
    lengths = np.sqrt((ranks**2).sum(axis=1) * (place**2).sum())
    return np.asarray(np.divide(ranks @ place, lengths, out=np.zeros(len(curves)), where=lengths > 0))
