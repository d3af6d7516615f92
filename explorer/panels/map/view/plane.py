"""The part of the map that is seen, and the layers that are painted there, one over the other."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPolygonF, QTransform

from vrae_core.piano_roll import FloatArray


class Plane(QObject):
    """A part of the map, as high as it is wide in the map's own measure, and where its points lie in pixels.

    Its methods are named as those of PyQtGraph's ViewBox, whose frames `measure.py` takes in turn with the map's.
    """

    changed = Signal()  # another part is seen
    outdated = Signal()  # what is painted is no longer right

    def __init__(self, parent: QObject, size: QSize) -> None:
        super().__init__(parent)
        self.size = size
        self._asked = self._seen = QRectF(0, 0, 1, 1)
        self._to_pixels = self._to_map = QTransform()
        self._layers: list[Layer] = []
        self._look()

    def resize(self, size: QSize) -> None:
        """Show the part that was asked for last on a view of another size."""
        self.size = size
        self._look()

    def setRange(self, area: QRectF, padding: float = 0.0) -> None:
        """Show a part of the map and beside it a margin, a share of it; and more where the view has another shape."""
        across, up = padding * area.width(), padding * area.height()
        self._asked = area.adjusted(-across, -up, across, up)
        self._look()

    def translateBy(self, x: float, y: float) -> None:
        """Show what lies beside, by a map vector."""
        self.setRange(self._asked.translated(x, y))

    def scaleBy(self, scale: tuple[float, float], center: QPointF | None = None) -> None:
        """Show a part so many times as wide and as high, with a map point where it is."""
        still = self._asked.center() if center is None else center
        corners = (self._asked.topLeft(), self._asked.bottomRight())
        (left, low), (right, high) = (
            (still.x() + scale[0] * (each.x() - still.x()), still.y() + scale[1] * (each.y() - still.y()))
            for each in corners
        )
        self.setRange(QRectF(left, low, right - left, high - low))

    def viewRect(self) -> QRectF:
        """What is seen, whose top is the lowest of the map."""
        return QRectF(self._seen)

    @property
    def to_pixels(self) -> QTransform:
        """From map points to pixels of the view."""
        return self._to_pixels

    @property
    def to_map(self) -> QTransform:
        """From pixels of the view to map points."""
        return self._to_map

    def add(self, layer: Layer) -> None:
        """Paint this over all those that are no higher."""
        self._layers.append(layer)
        self._layers.sort(key=lambda each: each.height)

    def paint(self, painter: QPainter) -> None:
        """Paint the layers."""
        for layer in self._layers:
            painter.save()
            painter.setTransform(self._to_pixels, combine=True)
            layer.paint(painter)
            painter.restore()

    def _look(self) -> None:
        before, middle = self._seen, self._asked.center()
        across, up = max(self.size.width(), 1), max(self.size.height(), 1)
        per_pixel = max(self._asked.width() / across, self._asked.height() / up)
        wide, high = per_pixel * across, per_pixel * up
        self._seen = QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)
        self._to_pixels = QTransform(
            1 / per_pixel, 0, 0, -1 / per_pixel, -self._seen.left() / per_pixel, self._seen.bottom() / per_pixel
        )
        self._to_map = self._to_pixels.inverted()[0]
        self.outdated.emit()
        if self._seen.getRect() != before.getRect():
            self.changed.emit()


class Layer(QObject):
    """Something that is painted on the map, over the layers that are lower."""

    def __init__(self, plane: Plane, height: float) -> None:
        super().__init__(plane)
        self.plane, self.height = plane, height
        plane.add(self)

    def update(self) -> None:
        """Have it painted anew."""
        self.plane.outdated.emit()

    def paint(self, painter: QPainter) -> None:
        """Paint it, in the map's measure."""
        raise NotImplementedError


def polygon(points: FloatArray) -> QPolygonF:
    """Points, (n, 2), as Qt has them."""
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])
