"""Sliders: with a name and a value above, thin, and filled from 0 in the middle."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from explorer.qt.labels import Label

_PARTS = 100  # of 1, that a centred slider moves in
_RADIUS = 5.5  # pixels, of its handle


class CaptionedSlider(QWidget):
    """A slider with its name above it on the left and its value on the right.

    Values are numbers of any kind; the slider moves in whole ``step``s.  A double-click brings back ``usual``.
    """

    value_changed = Signal(float)

    def __init__(
        self,
        caption: str,
        low: float,
        high: float,
        step: float,
        usual: float,
        show: Callable[[float], str],
        tip: str,
        usual_words: str = "",
    ) -> None:
        """usual_words: what a double-click brings back, if it is no value."""
        super().__init__()
        self._low, self._step, self._usual, self._show = low, step, usual, show
        self.slider = ThinSlider(round((high - low) / step))
        self.slider.setAccessibleName(caption)
        self.slider.setToolTip(f"{tip} Double-click: {usual_words or show(usual)}.")
        self.slider.double_clicked.connect(self.bring_back)
        self._text = Label("", "small")
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        heads = QHBoxLayout()
        heads.addWidget(Label(caption, "small"))
        heads.addStretch()
        heads.addWidget(self._text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addLayout(heads)
        layout.addWidget(self.slider)
        self.slider.valueChanged.connect(self._moved)
        self.set_value(usual)

    def value(self) -> float:
        """The value that is set, in the caller's units."""
        return self._low + self.slider.value() * self._step

    def set_value(self, value: float) -> None:
        """Move the slider; ``value_changed`` follows only if it moves."""
        self.slider.setValue(round((value - self._low) / self._step))
        self.show_words(self._show(self.value()))

    def show_words(self, words: str) -> None:
        """Say what the value is."""
        self._text.setText(words)

    def bring_back(self) -> None:
        """Set the usual value."""
        self.set_value(self._usual)

    def _moved(self) -> None:
        self._text.setText(self._show(self.value()))
        self.value_changed.emit(self.value())


class ThinSlider(QSlider):
    """A thin slider that goes to where it is clicked."""

    double_clicked = Signal()
    HANDLE = 6.5  # pixels, its radius

    def __init__(self, maximum: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, maximum)
        self.setPageStep(max(1, maximum // 10))
        self.setMinimumHeight(20)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.double_clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        role = QPalette.ColorRole
        palette = self.palette()
        enabled, middle = self.isEnabled(), self.height() / 2
        left, right = self.HANDLE, self.width() - self.HANDLE
        x = left + (right - left) * self.value() / max(1, self.maximum())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for colour, end in ((role.Mid, right), (role.Accent if enabled else role.PlaceholderText, x)):
                painter.setBrush(palette.color(colour))
                painter.drawRoundedRect(QRectF(left - 2, middle - 2, end - left + 4, 4), 2, 2)
            if self.hasFocus() or self.underMouse():
                painter.setPen(QPen(palette.color(role.Accent), 2.0))
            else:
                painter.setPen(QPen(palette.color(role.Mid), 1.0))
            painter.setBrush(palette.color(role.HighlightedText))
            painter.drawEllipse(QPointF(x, middle), self.HANDLE - 0.5, self.HANDLE - 0.5)

    def _follow(self, event: QMouseEvent) -> None:
        share = (event.position().x() - self.HANDLE) / max(1.0, self.width() - 2 * self.HANDLE)
        self.setValue(round(share * self.maximum()))


class CentredSlider(QSlider):
    """Filled from 0, for numbers of either sign.

    A click goes there; a double-click or Backspace asks to be sent home, 0 is 0.  ``sliderPressed`` and
    ``sliderReleased`` tell of the mouse.  The wheel is left to the page that it scrolls.
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
