"""Shows where files will land while they are dragged over the window, and what will become of them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget


class DropHighlight(QWidget):
    """A frame over a widget, with a few words; the mouse and what it drags go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over, self._words = parent, ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_words(self, words: str) -> None:
        """Cover the parent, and say what a drop does."""
        self._words = words
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        role, area = QPalette.ColorRole, QRectF(self.rect()).adjusted(6, 6, -6, -6)
        veil, accent = self.palette().color(role.Base), self.palette().color(role.Accent)
        veil.setAlphaF(0.6)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(accent, 2.0, Qt.PenStyle.DashLine))
            painter.setBrush(veil)
            painter.drawRoundedRect(area, 10, 10)
            font = painter.font()
            font.setPixelSize(15)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(self.palette().color(role.Text))
            inside = area.adjusted(12, 12, -12, -12)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
