"""What the map draws under and over its dots: a soft glow of the songs, the path, the point that is heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette, QPen, QPolygonF

from explorer.panels.map.view.plane import Layer, Plane

Points = npt.NDArray[np.float32]  # (n, 2)
PATH_RADIUS = 9.0


class Glow(Layer):
    """Where songs are dense the ground takes a little of their colour."""

    def __init__(self, plane: Plane) -> None:
        super().__init__(plane, -10)
        self._image = QImage()
        self._area = QRectF()

    def show_image(self, pixels: npt.NDArray[np.uint8] | None, area: tuple[float, float, float, float]) -> None:
        """Show an image, (h, w, 4) RGBA, over a part of the map; None shows nothing."""
        self._image, self._area = QImage(), QRectF(*area)
        if pixels is not None:
            high, wide, _ = pixels.shape
            self._image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def clear(self) -> None:
        """No glow."""
        self._image = QImage()
        self.update()

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._area, self._image)


def paint_path(
    painter: QPainter,
    points: Sequence[QPointF],
    line: Sequence[QPointF],
    chosen: int | None,
    chosen_part: slice,
    palette: QPalette,
) -> None:
    """A line through numbered points, in pixels; the chosen point is filled, the chosen part of the line coloured."""
    ink, ground = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base)
    accent = palette.color(QPalette.ColorRole.Accent)
    shadow = QColor(ground)
    shadow.setAlphaF(0.7)
    for pen, part in ((QPen(shadow, 5.0), line), (QPen(ink, 2.0), line), (QPen(accent, 3.0), line[chosen_part])):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(part))
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setBold(True)
    painter.setFont(font)
    for number, centre in enumerate(points):
        painter.setPen(QPen(ink, 2.0))
        painter.setBrush(accent if number == chosen else ground)
        painter.drawEllipse(centre, PATH_RADIUS, PATH_RADIUS)
        painter.setPen(ground if number == chosen else ink)
        box = QRectF(centre.x() - 12, centre.y() - PATH_RADIUS, 24, 2 * PATH_RADIUS)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))


def paint_cursor(
    painter: QPainter, centre: QPointF, palette: QPalette, warning: str = "", room: QRectF | None = None
) -> None:
    """The point that is heard: a white dot in a ring, dashed if there is a warning, whose words stay in ``room``."""
    ink = QColor(palette.color(QPalette.ColorRole.Text))
    ground = palette.color(QPalette.ColorRole.Base)
    painter.setPen(QPen(ground, 1.5))
    painter.setBrush(ink)
    painter.drawEllipse(centre, 6.0, 6.0)
    ink.setAlphaF(0.6)
    ring = QPen(ink, 1.4)
    if warning:
        ring = QPen(palette.color(QPalette.ColorRole.BrightText), 2.0, Qt.PenStyle.DashLine)
        _paint_words(painter, centre, warning, palette, room or QRectF(painter.viewport()))
    painter.setPen(ring)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, 12.5, 12.5)


def _paint_words(painter: QPainter, centre: QPointF, words: str, palette: QPalette, room: QRectF) -> None:
    """Words in the colour of warnings beside a place, on the side where there is room."""
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    box = QRectF(painter.fontMetrics().boundingRect(words)).adjusted(-7, -4, 7, 4)
    left = centre.x() + 20 if centre.x() + 24 + box.width() < room.right() else centre.x() - 20 - box.width()
    left = min(max(room.left() + 4, left), room.right() - 4 - box.width())
    box.moveTo(left, min(max(room.top() + 4, centre.y() - box.height() / 2), room.bottom() - 4 - box.height()))
    ground = QColor(palette.color(QPalette.ColorRole.Base))
    ground.setAlphaF(0.88)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(palette.color(QPalette.ColorRole.BrightText))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def paint_band(painter: QPainter, band: QRectF, palette: QPalette) -> None:
    """The rubber band of a selection."""
    _take_band(painter, palette)
    painter.drawRect(band)


def paint_lasso(painter: QPainter, line: QPolygonF, palette: QPalette) -> None:
    """The line drawn around windows, and dashed where it will be closed."""
    _take_band(painter, palette)
    dashed = painter.pen()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(line)
    painter.setPen(dashed)
    painter.drawLine(line.last(), line.first())
    painter.setPen(QPen(dashed.color(), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(line)


def _take_band(painter: QPainter, palette: QPalette) -> None:
    accent = QColor(palette.color(QPalette.ColorRole.Accent))
    painter.setPen(QPen(accent, 1.2, Qt.PenStyle.DashLine))
    accent.setAlphaF(0.12)
    painter.setBrush(accent)


def paint_ring(painter: QPainter, area: QRectF, palette: QPalette) -> None:
    """Show that the keyboard is here."""
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(1, 1, -1, -1))
