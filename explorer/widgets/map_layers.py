"""What the map draws under and over its dots: a soft glow of the songs, the path, the point that is heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette, QPen, QPolygonF

Points = npt.NDArray[np.float32]  # (n, 2)
GLOW_CELLS = 96
GLOW_BLUR = 5.0  # cells
GLOW_ALPHA = 0.30
PATH_RADIUS = 9.0


class Glow(pg.GraphicsObject):
    """Where songs are dense the ground takes a little of their colour."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._area = QRectF()
        self.setZValue(-10)

    def show_points(
        self, points: Points, song_of: npt.NDArray[np.int64], colours: Sequence[str], lit: npt.NDArray[np.bool_]
    ) -> None:
        """Compute the glow of those dots that are lit."""
        self.prepareGeometryChange()
        self._image, self._area = _glow(points, song_of, colours, lit)
        self.update()

    def clear(self) -> None:
        """No glow."""
        self._image = QImage()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._area

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._area, self._image)


def _glow(
    points: Points, song_of: npt.NDArray[np.int64], colours: Sequence[str], lit: npt.NDArray[np.bool_]
) -> tuple[QImage, QRectF]:
    if not lit.any():
        return QImage(), QRectF()
    low, high = points.min(axis=0), points.max(axis=0)
    side = float(max(high - low)) * 1.5 or 1.0
    corner = (low + high) / 2 - side / 2
    cells = ((points - corner) / side * GLOW_CELLS).astype(int).clip(0, GLOW_CELLS - 1)
    kernel = np.exp(-0.5 * (np.arange(-15, 16) / GLOW_BLUR) ** 2)
    light = np.zeros((GLOW_CELLS, GLOW_CELLS, 3))
    density = np.zeros((GLOW_CELLS, GLOW_CELLS))
    for song in np.unique(song_of[lit]):
        mine = cells[lit & (song_of == song)]
        count = np.zeros((GLOW_CELLS, GLOW_CELLS))
        np.add.at(count, (mine[:, 1], mine[:, 0]), 1.0)
        count = _blurred(_blurred(count, kernel).T, kernel).T
        red, green, blue, _ = QColor(colours[song]).getRgb()
        light += count[..., None] * np.array((red, green, blue), float)
        density += count
    pixels = np.empty((GLOW_CELLS, GLOW_CELLS, 4), np.uint8)
    pixels[..., :3] = light / np.maximum(density, 1e-9)[..., None]
    pixels[..., 3] = 255 * GLOW_ALPHA * (1 - np.exp(-2.2 * density / max(density.max(), 1e-9)))
    image = QImage(pixels.data, GLOW_CELLS, GLOW_CELLS, 4 * GLOW_CELLS, QImage.Format.Format_RGBA8888).copy()
    return image, QRectF(float(corner[0]), float(corner[1]), side, side)


def _blurred(rows: npt.NDArray[np.float64], kernel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([np.convolve(row, kernel, "same") for row in rows])


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


def paint_cursor(painter: QPainter, centre: QPointF, palette: QPalette) -> None:
    """The point that is heard: a white dot in a ring."""
    ink = QColor(palette.color(QPalette.ColorRole.Text))
    ground = palette.color(QPalette.ColorRole.Base)
    painter.setPen(QPen(ground, 1.5))
    painter.setBrush(ink)
    painter.drawEllipse(centre, 6.0, 6.0)
    ink.setAlphaF(0.6)
    painter.setPen(QPen(ink, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, 12.5, 12.5)


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
