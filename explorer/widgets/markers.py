"""The eight markers of songs, as the legend paints them."""

from __future__ import annotations

from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QTransform

# circle, triangle, square, diamond, triangle down, plus, star, cross: by pyqtgraph's names, one pixel wide each
MARKERS = ("o", "t1", "s", "d", "t", "+", "star", "x")


def paint_marker(painter: QPainter, shape: int, middle: QPointF, side: float) -> None:
    """Paint a marker with the painter's pen and brush."""
    place = QTransform.fromTranslate(middle.x(), middle.y()).scale(side, side)
    painter.drawPath(place.map(Symbols[MARKERS[shape % len(MARKERS)]]))
