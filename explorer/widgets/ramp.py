"""The legend of a ramp: a bar of its colours, and what the two ends of it stand for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

BAR, GAP = 8, 4  # pixels


class RampBar(QWidget):
    """Paints a ramp above its lowest value, its unit and its highest."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: Sequence[str] = ()
        self._low = self._high = self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_ramp(self, colours: Sequence[str], low: str, high: str, unit: str) -> None:
        """Show colours from low to high."""
        self._colours, self._low, self._high, self._unit = colours, low, high, unit
        words = f"From {low} to {high} {unit}".strip()
        self.setAccessibleName(words)
        self.setToolTip(f"{words}. Beyond these ends lies one window in a hundred each way.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, BAR + GAP + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill = QLinearGradient(0, 0, self.width(), 0)
            for place, colour in enumerate(self._colours):
                fill.setColorAt(place / max(len(self._colours) - 1, 1), QColor(colour))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(0, 0, self.width(), BAR), 3, 3)
            font = self.font()
            font.setPixelSize(11)
            painter.setFont(font)
            below = QRectF(0, BAR + GAP, self.width(), self.height() - BAR - GAP)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._low)
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._high)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._unit)
