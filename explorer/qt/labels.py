"""Labels that show text as it is: no rich-text guesses, and an ellipsis where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QStyle, QWidget


class Label(QLabel):
    """Plain text in one of the stylesheet's looks: "", caps, title, muted, small, figure or warning."""

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if look:
            self.setProperty("look", look)
        self.setText(text.upper() if look == "caps" else text)


class ElidedLabel(Label):
    """One line of plain text that ends in an ellipsis where it does not fit; its tooltip then begins with all of it."""

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, look, parent)
        self._tip = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            area = self.contentsRect()
            shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
            self.style().drawItemText(
                painter,
                area,
                int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
                self.palette(),
                self.isEnabled(),
                shown,
                QPalette.ColorRole.WindowText,
            )

    def setToolTip(self, tip: str) -> None:
        self._tip = tip
        super().setToolTip(tip)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            needed = self.fontMetrics().horizontalAdvance(self.text())
            text = as_tooltip(self.text()) if needed > self.contentsRect().width() else ""
            super().setToolTip("\n".join(dict.fromkeys(filter(None, (text, self._tip)))))  # which may be the same
        return super().event(event)


def as_tooltip(text: str) -> str:
    """Text that Qt will not take for rich text (it takes what looks like a tag)."""
    return text.replace("<", "‹").replace(">", "›")


def breakable(text: str) -> str:
    """Text whose long paths may be broken after each "/", so that they widen nothing."""
    return text.replace("/", "/\u200b")


def without_mnemonic(name: str) -> str:
    """A name as a menu or a button shows it: Qt takes a single & for the mark of a key."""
    return name.replace("&", "&&")


def hairline() -> QFrame:
    """A line one pixel thick between two parts of a panel."""
    line = QFrame()
    line.setProperty("look", "hairline")
    line.setFixedHeight(1)
    return line


def is_dark(widget: QWidget) -> bool:
    """Whether the surface of a widget is dark."""
    return widget.palette().color(QPalette.ColorRole.Base).lightness() < 128


def counted(count: int, thing: str) -> str:
    """So many things: "1 window", "2,000 windows"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def restyle(widget: QWidget) -> None:
    """Let the stylesheet look at the widget's properties again."""
    style: QStyle = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
