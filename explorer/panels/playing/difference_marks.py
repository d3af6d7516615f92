"""How a difference is drawn: hits, misses and extras by colour and by shape, and the line that says which is which."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.qt.labels import Label

HATCH = 4.0  # pixels from one stroke of an extra to the next


class DifferenceMark(Enum):
    """What a cell is, and the word for it."""

    HIT = "hit"
    MISS = "missed"
    EXTRA = "extra"


def paint_mark(painter: QPainter, area: QRectF, mark: DifferenceMark, palette: QPalette) -> None:
    """A hit is a plain grey bar, a miss an empty blue frame, an extra an amber bar with dark strokes across it."""
    role = QPalette.ColorRole
    if mark is DifferenceMark.HIT:
        grey = QColor(palette.color(role.PlaceholderText))
        grey.setAlphaF(0.75)
        painter.fillRect(area, grey)
    elif mark is DifferenceMark.MISS:
        painter.setPen(QPen(palette.color(role.Accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
    else:
        painter.fillRect(area, palette.color(role.BrightText))
        painter.save()
        painter.setClipRect(area)
        painter.setPen(QPen(palette.color(role.Base), 1.3))
        x = area.left()
        while x < area.right() + area.height():
            painter.drawLine(QLineF(x, area.top(), x - area.height(), area.bottom()))
            x += HATCH
        painter.restore()


class DifferenceKey(QWidget):
    """A line that says which mark means what, with how many cells there are of each."""

    def __init__(self) -> None:
        super().__init__()
        self._words = {mark: Label("", "small") for mark in DifferenceMark}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        for mark, words in self._words.items():
            layout.addWidget(_Sample(mark))
            layout.addWidget(words)
            layout.addSpacing(7)
        layout.addStretch(1)

    def show_counts(self, counts: dict[DifferenceMark, int], step: str) -> None:
        """Say how many there are of each, and what a step is, as in "50 ms"."""
        self.setToolTip(f"Counted in cells of the roll: one pitch for {step}. Hits sound soft, misses and extras loud.")
        for mark, count in counts.items():
            self._words[mark].setText(f"{count} {mark.value}")
        self.setAccessibleName(", ".join(words.text() for words in self._words.values()))


class _Sample(QWidget):
    """A note drawn with a mark."""

    def __init__(self, mark: DifferenceMark) -> None:
        super().__init__()
        self._mark = mark
        self.setFixedSize(QSize(18, 9))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_mark(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._mark, self.palette())
