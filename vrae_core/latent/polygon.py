"""Which of many points lie inside a line drawn around them."""

from __future__ import annotations

import numpy as np

from vrae_core.piano_roll import BoolArray, FloatArray


def inside(points: FloatArray, corners: FloatArray) -> BoolArray:
    """(N,) whether each point, (N, 2), lies inside a polygon, (k, 2), whose last corner is joined to its first.

    Where the line crosses itself, what it goes around an even number of times is outside.  A ray to the right
    crosses the line oddly often from inside.  Points are sorted by height, so that each side of the polygon meets
    only those beside it: the time goes with how often the line passes a height, not with its k corners.
    """
    within = np.zeros(len(points), bool)
    if len(corners) < 3:
        return within
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero(
        (points[:, 0] >= low[0]) & (points[:, 0] <= high[0]) & (points[:, 1] >= low[1]) & (points[:, 1] <= high[1])
    )
    order = near[np.argsort(points[near, 1])]
    x, y = points[order].astype(np.float64).T
    crossed = np.zeros(len(order), bool)
    starts, ends = corners.astype(np.float64), np.roll(corners, -1, axis=0).astype(np.float64)
    first, last = np.searchsorted(y, np.sort(np.stack([starts[:, 1], ends[:, 1]]), axis=0))
    for (x0, y0), (x1, y1), i, j in zip(starts, ends, first, last, strict=True):
        if i < j:  # not level: it has points beside it
            crossed[i:j] ^= x[i:j] < x0 + (y[i:j] - y0) * (x1 - x0) / (y1 - y0)
    within[order] = crossed
    return within
