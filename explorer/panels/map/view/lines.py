"""Lines on the map, below its dots: song threads and the outlines of posteriors; and the head that runs along one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPolygonF

from explorer.panels.map.view.painting import Points
from explorer.panels.map.view.plane import Layer, Plane, polygon
from vrae_core.latent.posterior_shape import outlines
from vrae_core.piano_roll import BoolArray, FloatArray

HEAD_PIXELS = 9.0
RING_PIXELS = 7
_NO_POINTS: Points = np.zeros((0, 2), np.float32)


class MapLine(NamedTuple):
    """A line through map points, (n, 2), broken after those that are not ``joined``, (n,); None joins all."""

    points: Points
    colour: QColor
    width: float
    joined: BoolArray | None = None


class MapLines(Layer):
    """A number of lines at one height among the layers."""

    def __init__(self, plane: Plane, height: float) -> None:
        super().__init__(plane, height)
        self._lines: Sequence[tuple[MapLine, QPainterPath]] = ()

    def show(self, curves: Sequence[MapLine]) -> None:
        """Show these lines and no others."""
        self._lines = [(curve, _path(curve)) for curve in curves]
        self.update()

    @property
    def shown(self) -> list[Points]:
        """The points of the lines that are shown."""
        return [curve.points for curve, _ in self._lines]

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve, path in self._lines:
            painter.setPen(_pen(curve.colour, curve.width))
            painter.drawPath(path)


def _path(curve: MapLine) -> QPainterPath:
    """A line; it leaves out the points without a place."""
    path, points = QPainterPath(), curve.points
    ends = np.zeros(0, np.int64) if curve.joined is None else np.flatnonzero(~curve.joined) + 1
    for piece in np.split(points, ends):
        path.addPolygon(polygon(piece[np.isfinite(piece).all(axis=1)]))
    return path


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)  # as wide at any scale
    return pen


class Head(Layer):
    """The disc that runs along a thread."""

    def __init__(self, plane: Plane, height: float) -> None:
        super().__init__(plane, height)
        self.points: Points = _NO_POINTS  # one or none
        self._fill, self._edge = QColor(), QColor()

    def show(self, point: Points | None, colour: str, palette: QPalette) -> None:
        """In a song's colour with an edge that parts it from the dots; None: nowhere."""
        self.points = _NO_POINTS if point is None else point[None]
        self._fill, self._edge = QColor(colour), palette.color(QPalette.ColorRole.Text)
        self.update()

    def paint(self, painter: QPainter) -> None:
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._edge, 1.6))
        painter.setBrush(self._fill)
        for point in polygon(self.points).toList():
            painter.drawEllipse(self.plane.to_pixels.map(point), HEAD_PIXELS / 2, HEAD_PIXELS / 2)


class Samples(Layer):
    """Rings at map points, each in the colour of its window."""

    def __init__(self, plane: Plane, height: float) -> None:
        super().__init__(plane, height)
        self.points: Points = _NO_POINTS
        self._places = QPolygonF()
        self._colours: Sequence[str] = ()

    def show(self, points: Points, colours: Sequence[str]) -> None:
        """Show these, (n, 2), and no others."""
        self.points, self._places, self._colours = points, polygon(points), colours
        self.update()

    def paint(self, painter: QPainter) -> None:
        painter.resetTransform()
        ratio = painter.device().devicePixelRatioF()
        rings = {colour: _ring(QColor(colour), ratio) for colour in set(self._colours)}
        centres = self.plane.to_pixels.map(self._places).translated(-RING_PIXELS / 2, -RING_PIXELS / 2)
        for corner, colour in zip(centres.toList(), self._colours, strict=True):
            painter.drawPixmap(corner, rings[colour])


def _ring(colour: QColor, ratio: float) -> QPixmap:
    """A picture of a ring: there are thousands, and a picture is drawn seven times as fast as an ellipse."""
    picture = QPixmap(QSize(RING_PIXELS, RING_PIXELS) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.1))
        painter.drawEllipse(QPointF(RING_PIXELS / 2, RING_PIXELS / 2), 2.5, 2.5)
    return picture


def see_through(colour: QColor | str, opacity: float) -> QColor:
    """A colour of some opacity, 0–1."""
    made = QColor(colour)
    made.setAlphaF(opacity)
    return made


LOOKS = ((1.0, 0.95, 1.5), (2.0, 0.5, 1.1))  # so many σ, opacity, pixels wide


class Ellipses:
    """Outlines by colour; in their place samples, where a map has no ellipses."""

    def __init__(self, plane: Plane) -> None:
        self._curves, self._samples = MapLines(plane, -4), Samples(plane, -3)

    def show(self, centres: Points, covariances: FloatArray, colours: list[str]) -> None:
        """Show the normal distributions around n centres, (n, 2) and (n, 2, 2)."""
        self._samples.show(_NO_POINTS, [])
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
        self._samples.show(points, colours)

    def clear(self) -> None:
        """Show none."""
        self.show_samples(_NO_POINTS, [])

    @property
    def lines(self) -> list[Points]:
        """The outlines that are shown: 1σ and 2σ of each colour."""
        return self._curves.shown

    @property
    def samples(self) -> Points:
        """The samples that are shown."""
        return self._samples.points
