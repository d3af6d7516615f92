"""Lines on the map, below its dots: song threads and the outlines of posteriors; and the head that runs along one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette

from explorer.widgets.map_layers import Points
from vrae_core.piano_roll import BoolArray

HEAD_PIXELS = 9.0


class Curve(NamedTuple):
    """A line through map points, (n, 2), broken after those that are not ``joined``, (n,); None joins all."""

    points: Points
    colour: QColor
    width: float
    joined: BoolArray | None = None


class Curves:
    """A number of lines at one height among the layers; the items are kept and used again."""

    def __init__(self, box: pg.ViewBox, height: float) -> None:
        self._box, self._height = box, height
        self._items: list[pg.PlotCurveItem] = []

    def show(self, curves: Sequence[Curve]) -> None:
        """Show these lines and no others."""
        while len(self._items) < len(curves):
            item = pg.PlotCurveItem(antialias=True)
            item.setZValue(self._height)
            self._box.addItem(item, ignoreBounds=True)
            self._items.append(item)
        for item, curve in zip(self._items, curves, strict=False):
            x, y = curve.points.T
            joined = "all" if curve.joined is None else curve.joined.astype(np.int32)
            item.setData(x, y, pen=pg.mkPen(curve.colour, width=curve.width), connect=joined)
        for number, item in enumerate(self._items):
            item.setVisible(number < len(curves))

    @property
    def shown(self) -> list[Points]:
        """The points of the lines that are shown."""
        return [np.stack(item.getData(), axis=1) for item in self._items if item.isVisible()]


class Marks:
    """Small marks at map points, of one size and look: the head on a thread, samples of a posterior."""

    def __init__(self, box: pg.ViewBox, height: float) -> None:
        self._item = pg.ScatterPlotItem(pxMode=True)
        self._item.setZValue(height)
        box.addItem(self._item, ignoreBounds=True)
        self.points: Points = np.zeros((0, 2), np.float32)

    def show_head(self, point: Points | None, colour: str, palette: QPalette) -> None:
        """A disc in a song's colour with an edge that parts it from the dots, or nothing."""
        edge = pg.mkPen(palette.color(QPalette.ColorRole.Text), width=1.6)
        self._show(np.zeros((0, 2), np.float32) if point is None else point[None], HEAD_PIXELS, QColor(colour), edge)

    def show_samples(self, points: Points, colours: Sequence[str]) -> None:
        """Rings in the colour of each one's song."""
        pens = [pg.mkPen(colour, width=1.1) for colour in colours]
        self._show(points, 5.0, None, pens)

    def _show(self, points: Points, size: float, fill: QColor | None, pen: object) -> None:
        self.points = points
        filling = None if fill is None else pg.mkBrush(fill)
        self._item.setData(pos=points, size=size, brush=filling, pen=pen)


def see_through(colour: QColor | str, opacity: float) -> QColor:
    """A colour of some opacity, 0–1."""
    made = QColor(colour)
    made.setAlphaF(opacity)
    return made
