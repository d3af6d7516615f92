"""Lines on the map, below its dots: song threads and the outlines of posteriors; and the head that runs along one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette

from explorer.panels.map.view.painting import Points
from vrae_core.latent.posterior_shape import outlines
from vrae_core.piano_roll import BoolArray, FloatArray

HEAD_PIXELS = 9.0


class MapLine(NamedTuple):
    """A line through map points, (n, 2), broken after those that are not ``joined``, (n,); None joins all."""

    points: Points
    colour: QColor
    width: float
    joined: BoolArray | None = None


class MapLines:
    """A number of lines at one height among the layers; the items are kept and used again."""

    def __init__(self, box: pg.ViewBox, height: float) -> None:
        self._box, self._height = box, height
        self._items: list[pg.PlotCurveItem] = []

    def show(self, curves: Sequence[MapLine]) -> None:
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


LOOKS = ((1.0, 0.95, 1.5), (2.0, 0.5, 1.1))  # so many σ, opacity, pixels wide


class Ellipses:
    """Outlines by colour; in their place samples, where a map has no ellipses."""

    def __init__(self, box: pg.ViewBox) -> None:
        self._curves, self._samples = MapLines(box, -4), Marks(box, -3)

    def show(self, centres: Points, covariances: FloatArray, colours: list[str]) -> None:
        """Show the normal distributions around n centres, (n, 2) and (n, 2, 2)."""
        self._samples.show_samples(centres[:0], [])
        curves = []
        for colour in dict.fromkeys(colours):
            mine = np.array([each == colour for each in colours])
            for sigmas, opacity, width in LOOKS:
                lines = outlines(centres[mine], covariances[mine], sigmas)
                joined = np.ones(lines.shape[:2], bool)
                joined[:, -1] = False  # not on to the next one
                curves.append(MapLine(lines.reshape(-1, 2), see_through(colour, opacity), width, joined.reshape(-1)))
        self._curves.show(curves)

    def show_samples(self, points: Points, colours: list[str]) -> None:
        """Show samples, (n, 2), each in the colour of its window."""
        self._curves.show([])
        self._samples.show_samples(points, colours)

    def clear(self) -> None:
        """Show none."""
        self.show_samples(np.zeros((0, 2), np.float32), [])

    @property
    def lines(self) -> list[Points]:
        """The outlines that are shown: 1σ and 2σ of each colour."""
        return self._curves.shown

    @property
    def samples(self) -> Points:
        """The samples that are shown."""
        return self._samples.points
