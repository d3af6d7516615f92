"""What moving along a direction does, as a small curve."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget


class EffectCurve(QWidget):
    """A line through figures measured at even steps, and a dot at the step that is gone."""

    def __init__(self, figures: Sequence[float]) -> None:
        super().__init__()
        self._figures = list(figures)
        self._share = 0.5
        self.setFixedSize(64, 22)

    def show_place(self, share: float) -> None:
        """How far along the curve the slider is: 0–1."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        low, high = min(self._figures), max(self._figures)
        if not high > low:
            return  # nothing to see, or not a number
        role = QPalette.ColorRole
        points = [self._point(i / (len(self._figures) - 1), y, low, high) for i, y in enumerate(self._figures)]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().color(role.PlaceholderText), 1.4))
            painter.drawPolyline(QPolygonF(points))
            at = self._share * (len(self._figures) - 1)
            left = min(int(at), len(self._figures) - 2)
            between = self._figures[left] + (at - left) * (self._figures[left + 1] - self._figures[left])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(role.Accent))
            painter.drawEllipse(self._point(self._share, between, low, high), 3, 3)

    def _point(self, share: float, figure: float, low: float, high: float) -> QPointF:
        return QPointF(4 + share * (self.width() - 8), self.height() - 4 - (figure - low) / (high - low) * 14)
