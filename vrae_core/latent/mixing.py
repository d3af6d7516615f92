"""The way between two latent points through mixtures of their music, instead of the straight line in z.

Half-way on the straight line (paper, section 3.3) a decoder that knows its songs by heart plays a thin crossing of two
fades.  Here the music of both ends is mixed, one part or pitch after another handed over from the one to the other, and
the mixture is encoded: the point that it is given is the model's own idea of music that has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vrae_core.columns import Part, parts_of
from vrae_core.piano_roll import BoolArray, FloatArray

if TYPE_CHECKING:
    from vrae_core.model.trained import TrainedModel

_IN_TURN = (Part.ALL, Part.BASS, Part.DRUMS, Part.CHORDS, Part.MELODY)  # who hands over first


def mixtures(start: BoolArray, end: BoolArray, shares: npt.ArrayLike, columns: Sequence[int]) -> BoolArray:
    """Music on the way from one window to another: of each, (T, P), the columns that it still has, or has already.

    Columns are handed over from the bass upwards and end with the melody, in such steps that at a share of ½ half of
    all that sounds is the one's and half the other's.  shares: (n,) from 0, the start, to 1.  Returns: (n, T, P).
    """
    turn = np.argsort([_IN_TURN.index(Part(part)) for part in parts_of(columns).tolist()], kind="stable")
    cells = (start | end).sum(axis=0)[turn]
    before = (np.cumsum(cells) - cells / 2) / max(1, int(cells.sum()))  # of a column's own middle
    handed = np.empty((len(np.asarray(shares)), len(turn)), bool)
    handed[:, turn] = before < np.asarray(shares, np.float64)[:, None]
    return np.where(handed[:, None, :], end, start)


def way(model: TrainedModel, z0: FloatArray, z1: FloatArray, shares: npt.ArrayLike) -> FloatArray:
    """Latent points some shares (n,) of the way between two, (J,) each, through mixtures of what they play: (n, J).

    The ends are the points themselves.
    """
    at = np.asarray(shares, np.float64)
    start, end = model.decode(np.stack([z0, z1])) >= model.threshold
    zs = model.encode(mixtures(start, end, at, model.pitches)).mu
    zs[at <= 0], zs[at >= 1] = z0, z1
    return zs
