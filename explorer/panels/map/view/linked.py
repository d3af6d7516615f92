"""A map beside another of the same windows: it shows where a window of the other lies, and how far it moved."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from explorer.panels.map.view.painting import Points
from explorer.panels.map.view.view import MapView

RING = 9.0  # pixels
_NOWHERE = np.zeros((0, 2), np.float32)


class LinkedMap(MapView):
    """A MapView with a ring around one dot, and lines from places to places."""

    def __init__(self, accessible_name: str) -> None:
        super().__init__()
        self.setAccessibleName(accessible_name)
        self._ringed_dot = -1
        self._begins, self._ends = _NOWHERE, _NOWHERE

    def ring(self, dot: int) -> None:
        """Draw a ring around a dot; −1: around none."""
        if dot != self._ringed_dot:
            self._ringed_dot = dot
            self.viewport().update()

    def show_moves(self, begins: Points = _NOWHERE, ends: Points = _NOWHERE) -> None:
        """Draw a line from each place to another, (n, 2) map points each."""
        self._begins, self._ends = begins, ends
        self.viewport().update()

    def follow(self, other: LinkedMap) -> None:
        """Show the part of the plane that another map shows."""
        self._untouched = other._untouched
        self.plane.setRange(other.plane.viewRect())

    def paint_over(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(self.palette().color(QPalette.ColorRole.Text))
        ink.setAlphaF(0.4)
        painter.setPen(QPen(ink, 1.0))
        painter.drawLines(
            [
                QLineF(self.to_pixels(begin), self.to_pixels(end))
                for begin, end in zip(self._begins, self._ends, strict=True)
            ]
        )
        super().paint_over(painter)
        if 0 <= self._ringed_dot < len(self.points):
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.to_pixels(self.points[self._ringed_dot]), RING, RING)
