"""The few icons, drawn: sharp at every scale, in the colour of the text beside them, nothing to load."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

GRID = 16  # every icon is drawn on a grid of 16 × 16


@cache
def icon(name: str, colour: str, checked: str) -> QIcon:
    """An icon by name (a key of DRAWINGS), in one colour, #rrggbb, and in another while its button is checked."""
    made = QIcon()
    for side in (16, 32, 48):
        made.addPixmap(_pixmap(name, QColor(colour), side))
        made.addPixmap(_pixmap(name, QColor(checked), side), QIcon.Mode.Normal, QIcon.State.On)
    return made


def _pixmap(name: str, colour: QColor, side: int) -> QPixmap:
    pixmap = QPixmap(QSize(side, side))
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side / GRID, side / GRID)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        DRAWINGS[name](painter, colour)
    return pixmap


def _fill(painter: QPainter, colour: QColor, *points: tuple[float, float]) -> None:
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _lines(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _play(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour, (4.5, 2.5), (13, 8), (4.5, 13.5))


def _pause(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(4, 3, 2.6, 10), 0.6, 0.6)
    painter.drawRoundedRect(QRectF(9.4, 3, 2.6, 10), 0.6, 0.6)


def _stop(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(3.5, 3.5, 9, 9), 1, 1)


def _loop(painter: QPainter, colour: QColor) -> None:
    painter.drawArc(QRectF(2.5, 3, 11, 10), 35 * 16, 290 * 16)
    _fill(painter, colour, (12.4, 1.8), (13.9, 6.1), (9.9, 5.6))


def _hold(painter: QPainter, colour: QColor) -> None:
    """A fermata."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(2, 4, 12, 13), 0, 180 * 16)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 10), 0.9, 0.9)


def _path(painter: QPainter, colour: QColor) -> None:
    curve = QPainterPath(QPointF(3, 12.5))
    curve.cubicTo(QPointF(6, 2), QPointF(9.5, 14), QPointF(13, 3.5))
    painter.drawPath(curve)
    painter.setBrush(colour)
    for x, y in ((3, 12.5), (13, 3.5)):
        painter.drawEllipse(QPointF(x, y), 1.4, 1.4)


def _select(painter: QPainter, colour: QColor) -> None:
    pen = painter.pen()
    pen.setDashPattern([1.8, 1.8])
    painter.setPen(pen)
    painter.drawRect(QRectF(2.5, 2.5, 11, 11))


def _lasso(painter: QPainter, colour: QColor) -> None:
    """A loop of rope and its end."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(2, 2.5, 12, 7.5))
    rope = QPainterPath(QPointF(5.2, 9.4))
    rope.cubicTo(QPointF(3.2, 11), QPointF(6.8, 11.8), QPointF(4.6, 14))
    painter.drawPath(rope)


def _pan(painter: QPainter, colour: QColor) -> None:
    _lines(painter, (8, 2), (8, 14))
    _lines(painter, (2, 8), (14, 8))
    for (x, y), (dx, dy) in {(8, 2): (0, 1), (8, 14): (0, -1), (2, 8): (1, 0), (14, 8): (-1, 0)}.items():
        across, along = 1.7, 1.9
        _lines(
            painter,
            (x + dx * along - dy * across, y + dy * along - dx * across),
            (x, y),
            (x + dx * along + dy * across, y + dy * along + dx * across),
        )


def _close(painter: QPainter, colour: QColor) -> None:
    _lines(painter, (4.5, 4.5), (11.5, 11.5))
    _lines(painter, (11.5, 4.5), (4.5, 11.5))


def _down(painter: QPainter, colour: QColor) -> None:
    _lines(painter, (4.5, 6.3), (8, 9.8), (11.5, 6.3))


def _eye(painter: QPainter, colour: QColor) -> None:
    _lid(painter, 3.2)
    _lid(painter, 12.8)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 8), 1.6, 1.6)


def _closed_eye(painter: QPainter, colour: QColor) -> None:
    _lid(painter, 12.8)
    for x, y, out in ((4.4, 10, -1.0), (8, 10.8, 0.0), (11.6, 10, 1.0)):
        _lines(painter, (x, y), (x + out, y + 2))


def _lid(painter: QPainter, middle: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    lid = QPainterPath(QPointF(1.8, 8))
    lid.cubicTo(QPointF(5, middle), QPointF(11, middle), QPointF(14.2, 8))
    painter.drawPath(lid)


def _grip(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x in (5.5, 10.5):
        for y in (3.5, 8, 12.5):
            painter.drawEllipse(QPointF(x, y), 1.3, 1.3)


def _wander(painter: QPainter, colour: QColor) -> None:
    _lines(painter, (2, 12), (5, 6.5), (7.5, 10.5), (10, 4), (12, 7.5))
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(12.6, 9), 1.6, 1.6)


DRAWINGS: dict[str, Callable[[QPainter, QColor], None]] = {
    "eye": _eye,
    "closed eye": _closed_eye,
    "play": _play,
    "pause": _pause,
    "stop": _stop,
    "loop": _loop,
    "hold": _hold,
    "path": _path,
    "select": _select,
    "lasso": _lasso,
    "pan": _pan,
    "wander": _wander,
    "close": _close,
    "down": _down,
    "grip": _grip,
}
