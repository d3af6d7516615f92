"""The curves with what goes round them: panes to choose from, a legend that tells values, smoothing and axes."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.panels.training.curves.columns import Along
from explorer.panels.training.curves.panes import PANES, in_digits
from explorer.panels.training.curves.plots import CurvePlots, LegendEntry
from explorer.qt.controls import Button, Segments
from explorer.qt.labels import Label
from explorer.qt.sliders import CaptionedSlider

MOST_SMOOTHED = 100  # rows
NOTHING_YET = (
    "The curves of a training appear here: how well the model explains the songs, how it learns, "
    "and how many notes it gets right."
)


class CurvesBox(QWidget):
    """``plots`` is what is given rows."""

    def __init__(self) -> None:
        super().__init__()
        self.plots, self.legend = CurvePlots(), Legend()
        self.panes = Segments("Curves", [(key, pane.name, pane.tip) for key, pane in PANES.items()])
        self.along = Segments(
            "Horizontal axis", [("time", "Time", "Over minutes trained"), ("updates", "Updates", "Over gradient steps")]
        )
        self.smoothing = CaptionedSlider(
            "Smoothing",
            1,
            MOST_SMOOTHED,
            1,
            1,
            _smoothing_in_words,
            "Average over the last rows.",
        )
        self.log_x = _toggle("log x", "A logarithmic horizontal axis: more room for the beginning")
        self.log_y = _toggle("log y", "A logarithmic vertical axis, where all values are positive")
        self._nothing = Label(NOTHING_YET, "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack, self._full = QStackedWidget(), QWidget()
        self._lay_out()
        self.panes.show_chosen("bound")
        self.along.show_chosen("time")
        self.panes.chosen.connect(self._choose_pane)
        self.along.chosen.connect(self._set_axes)
        self.log_x.toggled.connect(self._set_axes)
        self.log_y.toggled.connect(self._set_axes)
        self.smoothing.value_changed.connect(lambda value: self.plots.set_smoothing(round(value)))
        self.plots.legend_changed.connect(self._show_legend)
        self._choose_pane("bound")

    def _lay_out(self) -> None:
        full = QVBoxLayout(self._full)
        full.setContentsMargins(0, 0, 0, 0)
        full.setSpacing(6)
        full.addWidget(self.panes)
        full.addWidget(self.legend)
        full.addWidget(self.plots, 1)
        below = QHBoxLayout()
        below.setSpacing(8)
        self.smoothing.setMaximumWidth(190)
        below.addWidget(self.smoothing, 1)
        below.addStretch()
        for part in (self.along, self.log_x, self.log_y):
            below.addWidget(part)
        full.addLayout(below)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def show_empty(self, empty: bool) -> None:
        """Say what will be seen, or show it."""
        self._stack.setCurrentIndex(0 if empty else 1)

    def _choose_pane(self, key: str) -> None:
        possible = not any(plot.signed for plot in PANES[key].plots)
        self.log_y.setEnabled(possible)
        self.plots.show_pane(key)

    def _set_axes(self, _value: object = None) -> None:
        along: Along = "time" if self.along.buttons["time"].isChecked() else "updates"
        self.plots.set_axes(along, self.log_x.isChecked(), self.log_y.isChecked())

    def _show_legend(self, where: str, entries: list[LegendEntry]) -> None:
        other = f"dotted: {self.plots.other_name}" if self.plots.other_name else ""
        self.legend.show_entries(entries, "  ·  ".join(words for words in (where, other) if words))


class Legend(QWidget):
    """Names and values beside a short stroke of each curve's colour, in as many columns as there is room for."""

    ROW, COLUMN, STROKE = 17, 185, 16  # pixels

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Values of the curves")
        self.entries: list[LegendEntry] = []
        self.words = ""

    def show_entries(self, entries: list[LegendEntry], words: str) -> None:
        """Show the curves' values, and where they are taken from."""
        self.entries, self.words = entries, words
        figures = "; ".join(f"{entry.name} {in_digits(entry.value)}" for entry in entries)
        self.setAccessibleDescription(f"{words} {figures}".strip())
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, self.ROW * 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows = math.ceil(len(self.entries) / self._columns())
        self.setFixedHeight(self.ROW * (rows + 1))

    def _columns(self) -> int:
        return max(1, self.width() // self.COLUMN)

    def paintEvent(self, event: QPaintEvent) -> None:
        columns, role = self._columns(), QPalette.ColorRole
        wide = self.width() / columns
        with QPainter(self) as painter:
            font = painter.font()
            font.setPixelSize(11)
            painter.setFont(font)
            for number, entry in enumerate(self.entries):
                row, column = divmod(number, columns)
                x, y = column * wide, row * self.ROW
                style = Qt.PenStyle.DashLine if entry.dashed else Qt.PenStyle.SolidLine
                painter.setPen(QPen(entry.colour, 2.4 if not entry.dashed else 1.4, style))
                painter.drawLine(round(x), y + 9, round(x) + self.STROKE, y + 9)
                painter.setPen(self.palette().color(role.Dark))
                text = QRectF(x + self.STROKE + 6, y, wide - self.STROKE - 16, self.ROW)
                room = round(text.width()) - painter.fontMetrics().horizontalAdvance(in_digits(entry.value)) - 4
                name = painter.fontMetrics().elidedText(entry.name, Qt.TextElideMode.ElideRight, room)
                painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
                painter.setPen(self.palette().color(role.Text))
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(text, right, in_digits(entry.value))
            painter.setPen(self.palette().color(role.Dark))
            below = QRectF(0, self.height() - self.ROW, self.width(), self.ROW)
            words = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def _smoothing_in_words(over: float) -> str:
    return "none" if over < 2 else f"{over:.0f} rows"


def _toggle(text: str, tip: str) -> Button:
    button = Button(text, tip, look="plain")
    button.setCheckable(True)
    return button
