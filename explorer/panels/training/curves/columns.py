"""Rows of figures as columns of numbers that grow, and what is drawn of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from vrae_core.piano_roll import IntArray
from vrae_core.runs.history import HistoryRow

Along = Literal["time", "updates"]
Numbers = npt.NDArray[np.float64]
MOST_DRAWN = 4000  # points of a curve: more than a screen has columns


class Columns:
    """The rows of a run, a column a figure; NaN where something was not measured."""

    def __init__(self, rows: Sequence[HistoryRow] = ()) -> None:
        self._cells = np.empty((len(HistoryRow._fields), 256))  # a figure's values side by side: read often, as a whole
        self._count = 0
        self.extend(rows)

    def __len__(self) -> int:
        return self._count

    def extend(self, rows: Sequence[HistoryRow]) -> None:
        """Add rows at the end."""
        if not rows:
            return
        end = self._count + len(rows)
        if end > self._cells.shape[1]:
            grown = np.empty((len(self._cells), max(end, 2 * self._cells.shape[1])))
            grown[:, : self._count] = self._cells[:, : self._count]
            self._cells = grown
        self._cells[:, self._count : end] = np.array(rows, float).T
        self._count = end

    def column(self, name: str) -> Numbers:
        """A figure in all rows: (n,)."""
        return self._cells[HistoryRow._fields.index(name), : self._count]

    def is_known(self, name: str) -> bool:
        """Whether a figure was ever measured."""
        return bool(np.isfinite(self.column(name)).any())

    def along(self, along: Along) -> Numbers:
        """Where the rows stand, (n,): minutes, or updates."""
        return self.column("seconds") / 60 if along == "time" else self.column("updates")

    def newest(self, name: str) -> float:
        """The last time that a figure was measured, or NaN."""
        return self.at(name, len(self) - 1)

    def at(self, name: str, row: int) -> float:
        """A figure as it was at a row: as last measured until then, or NaN."""
        known = np.flatnonzero(np.isfinite(self.column(name)[max(0, row - 1000) : row + 1]))
        return float(self.column(name)[max(0, row - 1000) + known[-1]]) if len(known) else math.nan

    def row_near(self, x: float, along: Along) -> int:
        """The row nearest to a place on the axis, or −1 if there are none."""
        return int(np.abs(self.along(along) - x).argmin()) if len(self) else -1

    def curve(
        self,
        name: str,
        along: Along,
        smoothing: int = 1,
        log_x: bool = False,
        log_y: bool = False,
        within: tuple[float, float] | None = None,
    ) -> tuple[Numbers, Numbers]:
        """What is drawn of a figure: where it was measured, each value the mean over the last ``smoothing`` rows.

        A logarithmic axis has no place for what is not positive.  within: the part of the axis that is seen; all.
        Of more than 4,000 values the lowest and the highest of each stretch are drawn.
        """
        rows = np.flatnonzero(np.isfinite(self.column(name)))
        x, y = self.along(along)[rows], self.column(name)[rows]
        if len(x) and (np.diff(x) < 0).any():  # a run that went back to an earlier checkpoint
            order = np.argsort(x, kind="stable")
            x, y = x[order], y[order]
        y = _smoothed(y, rows, smoothing)
        has_place = np.ones(len(x), bool) if within is None else (x >= within[0]) & (x <= within[1])
        if log_x:
            has_place &= x > 0
        if log_y:
            has_place &= y > 0
        return _thinned(x[has_place], y[has_place])


def _smoothed(y: Numbers, rows: IntArray, over: int) -> Numbers:
    """Each value, measured at some row, the mean of itself and those of up to ``over`` − 1 rows before it."""
    if over <= 1 or not len(y):
        return y
    middle = y.mean()  # sums of what is near 0 keep their digits
    sums = np.cumsum(np.concatenate([[0.0], y - middle]))
    end = np.arange(1, len(y) + 1)
    if rows[-1] - rows[0] == len(rows) - 1:  # none is missing
        start = np.maximum(end - over, 0)
    else:
        start = np.searchsorted(rows, rows - over, side="right")
    return np.asarray((sums[end] - sums[start]) / (end - start) + middle)


def _thinned(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """The same curve to the eye in no more than 4,001 points."""
    if len(x) <= MOST_DRAWN:
        return x, y
    starts = np.arange(0, len(x), -(-2 * len(x) // MOST_DRAWN))
    extremes = np.stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1)
    return np.append(np.repeat(x[starts], 2), x[-1]), np.append(extremes.ravel(), y[-1])
