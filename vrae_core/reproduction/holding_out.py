"""Windows that a model has not seen a step of."""

from __future__ import annotations

import numpy as np

from vrae_core.corpus import Corpus, held_out
from vrae_core.errors import CorpusError


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
