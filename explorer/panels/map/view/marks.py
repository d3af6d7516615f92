"""What lies over a map's dots: a path, the point that is heard, a word of warning, the box or line of a selection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPalette, QTransform

from explorer.panels.map.view.painting import Points, paint_band, paint_cursor, paint_lasso, paint_path
from explorer.panels.map.view.plane import polygon

_NO_POINTS = np.zeros((0, 2), np.float32)


class Marks:
    """Each has its ``set_``, which takes map points; ``changed`` is called when there is something new to paint."""

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self.path: Points = _NO_POINTS
        self.cursor: npt.NDArray[np.float32] | None = None
        self.warning = ""
        self.band: QRectF | None = None
        self.lasso: Points = _NO_POINTS
        self._line: Points = _NO_POINTS
        self._chosen: int | None = None
        self._chosen_part = slice(0)

    def set_path(self, points: Points, line: Points, chosen: int | None = None, chosen_part: slice = slice(0)) -> None:
        """Draw a path through map points, (k, 2), along a line, (m, 2), and mark a point and a part of the line."""
        self.path, self._line, self._chosen, self._chosen_part = points, line, chosen, chosen_part
        self._changed()

    def set_cursor(self, point: npt.NDArray[np.float32] | None) -> None:
        """Mark the map point that is heard."""
        if not np.array_equal(point, self.cursor):  # type: ignore[arg-type]  # None is equal to None
            self.cursor = point
            self._changed()

    def set_warning(self, words: str) -> None:
        """Say something of the map point that is heard, beside it; "" for nothing."""
        if words != self.warning:
            self.warning = words
            self._changed()

    def set_band(self, band: QRectF | None) -> None:
        """Draw a selection's rubber band."""
        self.band = band
        self._changed()

    def set_lasso(self, line: Points) -> None:
        """Draw a line around windows, (n, 2); none if it has no points."""
        self.lasso = line
        self._changed()

    def paint(self, painter: QPainter, to_pixels: QTransform, seen: QRectF, room: QRectF, palette: QPalette) -> None:
        """Paint all of it.  seen: the map's pixels; room: those of them over which nothing else lies."""
        if self.band is not None:
            paint_band(painter, to_pixels.mapRect(self.band), palette)
        if len(self.lasso):
            paint_lasso(painter, to_pixels.map(polygon(self.lasso)), palette)
        if len(self.path):
            points, line = ([to_pixels.map(QPointF(*p)) for p in places.tolist()] for places in (self.path, self._line))
            paint_path(painter, points, line, self._chosen, self._chosen_part, palette)
        if self.cursor is not None:
            at = to_pixels.map(QPointF(*self.cursor.tolist()))
            paint_cursor(painter, at, palette, self.warning if seen.contains(at) else "", room)
