"""Controls: boxes with arrows, buttons with an icon, segments, what scrolls; the way of Tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QStyleOptionComboBox,
    QToolButton,
    QToolTip,
    QWidget,
)

from explorer.qt.icons import icon
from explorer.qt.labels import as_tooltip

WIDEST_DROP_DOWN = 320  # pixels that its text may ask for


class DropDown(QComboBox):
    """A combo box that draws its own arrow, in the colour of its text.

    A long text widens nothing: it ends in an ellipsis, and its tooltip begins with all of it.
    """

    def sizeHint(self) -> QSize:
        return super().sizeHint().boundedTo(QSize(WIDEST_DROP_DOWN, 1000))

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().boundedTo(QSize(WIDEST_DROP_DOWN, 1000))

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        option.currentText = self.shown_text()

    def shown_text(self) -> str:
        """As much of the text as there is room for."""
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, self.width() - 34)

    def showPopup(self) -> None:
        for i in range(self.count()):
            if not self.itemData(i, Qt.ItemDataRole.ToolTipRole):
                self.setItemData(i, as_tooltip(self.itemText(i)), Qt.ItemDataRole.ToolTipRole)
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.shown_text() != self.currentText():
            words = filter(None, (as_tooltip(self.currentText()), self.toolTip()))
            QToolTip.showText(cast("QHelpEvent", event).globalPos(), "\n".join(words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _paint_arrow(self, self.height() / 2, 2.0)


class NumberBox(QSpinBox):
    """A spin box for whole numbers that draws its own arrows."""

    def __init__(self, low: int, high: int, value: int, accessible_name: str) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setValue(value)
        self.setAccessibleName(accessible_name)
        self.lineEdit().setTextMargins(7, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _paint_arrow(self, self.height() / 2 - 5, -2.0)
        _paint_arrow(self, self.height() / 2 + 5, 2.0)


def _paint_arrow(box: QWidget, y: float, depth: float) -> None:
    """An arrow at the right end of a box, upwards for a negative depth."""
    with QPainter(box) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QApplication.palette().color(QPalette.ColorRole.PlaceholderText), 1.6))
        x = box.width() - 16.0
        painter.drawPolyline(QPolygonF([QPointF(x - 4, y - depth), QPointF(x, y + depth), QPointF(x + 4, y - depth)]))


if TYPE_CHECKING:  # Qt allows one of its classes among the bases: the button's own
    from PySide6.QtWidgets import QAbstractButton as _AnyButton
else:
    _AnyButton = object


class _Iconed(_AnyButton):
    """A button whose icon follows the theme.  Clicking it leaves the keyboard where it is; Tab reaches it."""

    _drawing = ""

    def show_icon(self, name: str, side: int = 16) -> None:
        """Show the icon of that name, ``side`` logical pixels wide."""
        self._drawing = name
        self.setIconSize(QSize(side, side))
        self._paint_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._drawing:
            self._paint_icon()

    def _paint_icon(self) -> None:
        role = QPalette.ColorRole
        look = self.property("look")
        palette = QApplication.palette()  # the widget's own is the stylesheet's
        text = palette.color(role.ButtonText)
        chosen = palette.color(role.Accent if look == "plain" else role.HighlightedText)
        if look in ("play", "main"):
            text = palette.color(role.Base)
        self.setIcon(icon(self._drawing, text.name(), chosen.name()))


class Button(_Iconed, QPushButton):
    """A push button with a look from the stylesheet, an icon if named, and a tip that also names it."""

    def __init__(self, text: str = "", tip: str = "", drawing: str = "", look: str = "") -> None:
        super().__init__(f" {text}" if text and drawing else text)  # Qt leaves no room between the two
        if look:
            self.setProperty("look", look)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tip)
        self.setAccessibleName(text or tip)
        if drawing:
            self.show_icon(drawing)

    def setText(self, text: str) -> None:
        """Say something else, to those who hear it too."""
        super().setText(text)
        self.setAccessibleName(text.strip().replace("&&", "&") or self.toolTip())


class Scrolled(QScrollArea):
    """Scrolls a part where that has too little room, on the surface of what it lies in."""

    def __init__(self, part: QWidget, name: str = "") -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setWidget(part)
        self.setAccessibleName(name)
        for surface in (self.viewport(), part):
            surface.setAutoFillBackground(False)


def choose_among(buttons: Mapping[str, Button], chosen: str) -> None:
    """Check one of a group's buttons and let Tab reach it: Qt lets it reach the first, until one is clicked."""
    buttons[chosen].setChecked(True)
    for name, button in buttons.items():
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus if name == chosen else Qt.FocusPolicy.NoFocus)


def follow(first: QWidget, others: Sequence[QWidget]) -> None:
    """Let Tab go from one control through others that were made later, in their order."""
    before = first
    for each in others:  # the first may come again, after some of them
        QWidget.setTabOrder(before, each)
        before = each


class MenuButton(_Iconed, QToolButton):
    """A button that opens a menu at once, whose first entry that is possible Return takes."""

    def __init__(self, text: str, tip: str, look: str = "") -> None:
        super().__init__()
        if look:
            self.setProperty("look", look)
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the word
        self._opens: QMenu | None = None
        self.show_icon("down", 14)

    def setMenu(self, menu: QMenu) -> None:
        """Open this one; whatever fills it when it is opened has been told to before."""
        super().setMenu(menu)
        self._opens = menu  # menu() would have PySide take it for this button's own
        menu.aboutToShow.connect(self._choose_first)

    def _choose_first(self) -> None:
        assert self._opens is not None
        # Of itself Qt chooses the first at the first Return, and takes it at the second.
        down = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._opens, down)


class Segments(QFrame):
    """Choose by mouse, or with Tab and the arrow keys; ``chosen`` gives the segment's key."""

    chosen = Signal(str)

    def __init__(self, accessible_name: str, segments: Sequence[tuple[str, str, str]]) -> None:
        """segments: (key, text, tip) of each, from the left."""
        super().__init__()
        self.setProperty("look", "segments")
        self.setAccessibleName(accessible_name)
        self.buttons: dict[str, Button] = {}
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for key, text, tip in segments:
            button = Button(text, tip, look="segment")
            button.setAccessibleDescription(tip)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.toggled.connect(lambda on, key=key: self.chosen.emit(key) if on else None)
            group.addButton(button)
            layout.addWidget(button, 1)
            self.buttons[key] = button

    def show_chosen(self, key: str) -> None:
        """Show which is chosen, without a signal."""
        self.blockSignals(True)
        self.buttons[key].setChecked(True)
        self.blockSignals(False)
        for each, button in self.buttons.items():  # Tab reaches the chosen one, as Qt sees to after a click alone
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if each == key else Qt.FocusPolicy.ClickFocus)
