"""A slider that is filled from 0 in its middle, for numbers of either sign."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

_PARTS = 100  # of 1, that the slider moves in
_RADIUS = 5.5  # pixels, of the handle


class CentredSlider(QSlider):
    """Goes to where it is clicked; a double-click or Backspace asks to be sent home, 0 is 0.

    ``sliderPressed`` and ``sliderReleased`` tell of the mouse.  The wheel is left to the page that it scrolls.
    """

    hand_moved = Signal(float)  # by the user; ``show_value`` is silent
    sent_home = Signal()

    def __init__(self, name: str, reach: float, *, grey: bool = False) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._grey, self._showing = grey, False
        self._home = 0.0
        whole = round(reach * _PARTS)
        self.setRange(-whole, whole)
        self.setSingleStep(_PARTS // 10)
        self.setPageStep(_PARTS)
        self.setFixedHeight(20)
        self.setMinimumWidth(60)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.valueChanged.connect(self._changed)

    def show_value(self, value: float, home: float = 0.0) -> None:
        """Show a value without telling anybody, and where home is."""
        self._showing, self._home = True, home
        self.setValue(round(value * _PARTS))
        self._showing = False
        self.update()

    def _changed(self, value: int) -> None:
        if not self._showing:
            self.hand_moved.emit(value / _PARTS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.sent_home.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_0:
            self.setValue(0)
        elif event.key() == Qt.Key.Key_Backspace:
            self.sent_home.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        role, palette, middle = QPalette.ColorRole, self.palette(), self.height() / 2
        ends, zero, here = (self._x(self.minimum()), self._x(self.maximum())), self._x(0), self._x(self.value())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            filling = palette.color(role.PlaceholderText if self._grey or not self.isEnabled() else role.Accent)
            painter.setBrush(palette.color(role.Mid))
            painter.drawRoundedRect(QRectF(ends[0], middle - 1.5, ends[1] - ends[0], 3), 1.5, 1.5)
            painter.drawRect(QRectF(zero - 0.75, middle - 5, 1.5, 10))
            painter.setBrush(filling)
            painter.drawRect(QRectF(min(zero, here), middle - 1.5, abs(here - zero), 3))
            painter.setBrush(palette.color(role.PlaceholderText))
            painter.drawRect(QRectF(self._x(round(self._home * _PARTS)) - 0.75, middle - 5, 1.5, 10))
            lit = self.hasFocus() or self.underMouse()
            painter.setPen(QPen(palette.color(role.Accent if lit else role.Mid), 2.0 if lit else 1.0))
            painter.setBrush(palette.color(role.HighlightedText if self.isEnabled() else role.Mid))
            painter.drawEllipse(QPointF(here, middle), _RADIUS, _RADIUS)

    def _x(self, value: int) -> float:
        """Where a value stands, in pixels."""
        room = self.width() - 2 * _RADIUS - 2
        share = (value - self.minimum()) / max(1, self.maximum() - self.minimum())
        return _RADIUS + 1 + room * min(max(share, 0.0), 1.0)

    def _follow(self, event: QMouseEvent) -> None:
        share = (event.position().x() - _RADIUS - 1) / max(1.0, self.width() - 2 * _RADIUS - 2)
        self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))


def follow(first: QWidget, others: Sequence[QWidget]) -> None:
    """Let Tab go from one control through others that were made later, in their order."""
    before = first
    for each in others:  # the first may come again, after some of them
        QWidget.setTabOrder(before, each)
        before = each
