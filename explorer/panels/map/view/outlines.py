"""Outlines that the hand draws on a map: a box, and a line around dots."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from explorer.panels.map.view.view import MapView
from vrae_core.piano_roll import FloatArray

SMALLEST = 5.0  # pixels; what is smaller is a click
STEP = 2.0  # pixels between two corners of a line


class Box:
    """Begun at one corner, drawn to the other.  Points are map points, (2,)."""

    def __init__(self, view: MapView) -> None:
        self._view = view
        self._corner: FloatArray | None = None

    def begin(self, point: FloatArray) -> None:
        """The button went down."""
        self._corner = point

    def draw_to(self, point: FloatArray) -> None:
        """The hand is here."""
        if self._corner is not None:
            low, size = np.minimum(self._corner, point), np.abs(point - self._corner)
            self._view.marks.set_band(QRectF(float(low[0]), float(low[1]), float(size[0]), float(size[1])))

    def end(self, point: FloatArray) -> tuple[FloatArray, FloatArray] | None:
        """Its lower and upper corner, or None for a click; it is drawn no more."""
        corner, self._corner = self._corner, None
        self._view.marks.set_band(None)
        if corner is None:
            return None
        low, high = np.minimum(corner, point), np.maximum(corner, point)
        return None if (high - low).max() < SMALLEST * self._view.map_per_pixel() else (low, high)


class Lasso:
    """A line around dots, whose end is joined to its beginning."""

    def __init__(self, view: MapView) -> None:
        self._view = view
        self._line: list[FloatArray] = []

    def begin(self, point: FloatArray) -> None:
        """The button went down."""
        self._line = [point]

    def draw_to(self, point: FloatArray) -> None:
        """The hand is here."""
        if self._line and np.abs(point - self._line[-1]).max() >= STEP * self._view.map_per_pixel():
            self._line.append(point)
            self._view.marks.set_lasso(np.array(self._line))

    def end(self, _point: FloatArray) -> FloatArray | None:
        """Its corners, (k, 2), or None for a click; it is drawn no more."""
        line, self._line = np.array(self._line).reshape(-1, 2), []
        self._view.marks.set_lasso(line[:0])
        if not len(line) or np.ptp(line, axis=0).max() < SMALLEST * self._view.map_per_pixel():
            return None
        return line
