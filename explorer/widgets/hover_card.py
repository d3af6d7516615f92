"""The card beside the mouse: which window a dot is, and its notes at a glance."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from explorer.widgets.labels import Label
from explorer.widgets.roll_view import thumbnail
from vrae_core.piano_roll import BoolArray

WIDTH, ROLL_HEIGHT = 216, 46


class HoverCard(QFrame):
    """Shows a title, a line of figures and a small roll; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title, self._figures, self._roll = Label(), Label("", "small"), QLabel()
        bold = self._title.font()
        bold.setBold(True)
        self._title.setFont(bold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(11, 9, 11, 10)
        layout.setSpacing(3)
        for part in (self._title, self._figures, self._roll):
            layout.addWidget(part)
        self.hide()

    def show_window(self, title: str, figures: str, roll: BoolArray, colour: str, at: QPointF) -> None:
        """Show a window's words and roll (steps, P) beside a position of the parent."""
        elided = self._title.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, WIDTH)
        self._title.setText(elided)
        self._figures.setText(figures)
        scale = self.devicePixelRatioF()
        picture = QPixmap.fromImage(thumbnail(roll, colour, round(WIDTH * scale), round(ROLL_HEIGHT * scale)))
        picture.setDevicePixelRatio(scale)
        self._roll.setPixmap(picture)
        self.adjustSize()
        room = self.parentWidget().rect()
        x = at.x() + 18 if at.x() + 18 + self.width() < room.width() else at.x() - 18 - self.width()
        y = at.y() + 18 if at.y() + 18 + self.height() < room.height() else at.y() - 18 - self.height()
        self.move(max(0, round(x)), max(0, round(y)))
        self.show()
        self.raise_()
