"""The paper under a piano roll: its keyboard, its lane of drums, its bar lines, and where a note is on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from explorer.panels.playing.roll_layout import DRUM_LANE, RollLayout, Run
from vrae_core.midi.beats import Times

THINNEST_MARK = 6.5  # pixels, so that an empty one is seen to be empty
MOST_STEPS = 100  # shown at once; a longer piece scrolls under the play-head
KEYS_WIDTH, NAMES_WIDTH = 30, 44  # pixels, of the piano alone and with the names of drums
NARROWEST_WITH_KEYS = 200  # pixels
HIGHEST_DRUM_ROW, DRUM_SHARE, DRUM_GAP = 11.0, 0.36, 5.0  # pixels; of the height; pixels
CLOSEST_LINES = 4.0  # pixels from a beat to the next
FONT_PIXELS = 9
NOTHING: Times = np.zeros(0)


class Ruling(NamedTuple):
    """Where bars and beats begin, in steps."""

    bars: Times = NOTHING
    beats: Times = NOTHING


class Page:
    """Where things are on a view as large as it is now, and what lies under the notes."""

    def __init__(self, view: QWidget, layout: RollLayout, steps: int, first: float) -> None:
        """first: the step at the left edge of what is shown."""
        self._view, self._layout = view, layout
        has_keys = layout.is_named and view.width() >= NARROWEST_WITH_KEYS
        self.left = float((NAMES_WIDTH if layout.has_drums else KEYS_WIDTH) if has_keys else 0)
        self.width = view.width() - self.left
        self._drums = layout.rows - layout.keys
        self._drum_row = min(HIGHEST_DRUM_ROW, DRUM_SHARE * view.height() / max(self._drums, 1))
        lane = self._drums * self._drum_row + (DRUM_GAP if self._drums else 0.0)
        self._keys_height = view.height() - lane
        self._key = self._keys_height / max(layout.keys, 1)
        self._shown, self._first = min(steps, MOST_STEPS), first
        self._across = self.width / self._shown

    def x(self, step: float) -> float:
        """Where a step begins."""
        return self.left + (step - self._first) * self._across

    def shows(self, run: Run) -> bool:
        """Whether something of a note lies in what is shown."""
        return run.end > self._first and run.start < self._first + self._shown

    def note(self, run: Run) -> QRectF:
        """The frame of a note."""
        top, height = self._row(run.row)
        return QRectF(
            self.x(run.start) + 0.5, top + 0.5, (run.end - run.start) * self._across - 1, max(height - 1, 1.5)
        )

    def hit(self, run: Run) -> QRectF:
        """A hit of the drums, which has a beginning and no length."""
        top, height = self._row(run.row)
        side = max(min(height - 2, 7.0), 2.5)
        return QRectF(
            self.x(run.start) + 0.5, top + (height - side) / 2, max(min(self._across * 2 - 1, side), 2.0), side
        )

    def mark(self, run: Run) -> QRectF:
        """A note that is thick enough to see its mark."""
        area = self.note(run)
        more = max(0.0, THINNEST_MARK - area.height()) / 2
        return area.adjusted(0, -more, 0, more)

    def _row(self, row: int) -> tuple[float, float]:
        """The top of a row, and its height."""
        if row < self._layout.keys:
            return row * self._key, self._key
        top = self._keys_height + (DRUM_GAP if self._layout.keys else 0.0)
        return top + (row - self._layout.keys) * self._drum_row, self._drum_row

    def paint_image(self, painter: QPainter, image: QImage) -> None:
        """The probabilities: those of the keys, and those of the drums."""
        keys, rows = self._layout.keys, self._layout.rows
        for first, last in ((0, keys), (keys, rows)):
            if last > first:
                top, height = self._row(first)
                area = QRectF(self.left, top, self.width, (last - first) * height)
                painter.drawImage(area, image, QRectF(self._first, first, self._shown, last - first))

    def paint_paper(self, painter: QPainter) -> None:
        """Rows of black keys a little darker, and a line below every octave and above the drums."""
        if not self._layout.is_named:
            return
        shade, line = (QColor(self._view.palette().color(QPalette.ColorRole.Mid)) for _ in range(2))
        shade.setAlphaF(0.22)
        line.setAlphaF(0.6)
        for row in self._layout.black_rows():
            painter.fillRect(QRectF(self.left, row * self._key, self.width, self._key), shade)
        painter.setPen(QPen(line, 1.0))
        for row, _ in self._layout.octaves():
            y = round((row + 1) * self._key)
            painter.drawLine(round(self.left), y, self._view.width(), y)
        if self._layout.has_drums and self._layout.keys:
            y = round(self._keys_height + DRUM_GAP / 2)
            painter.drawLine(0, y, self._view.width(), y)

    def paint_lines(self, painter: QPainter, ruling: Ruling) -> None:
        """Faint lines at beats, and stronger ones at bars."""
        ink = QColor(self._view.palette().color(QPalette.ColorRole.PlaceholderText))
        for steps, strength in ((ruling.beats, 0.28), (ruling.bars, 0.8)):
            shown = steps[(steps > self._first) & (steps < self._first + self._shown)]
            if len(shown) * CLOSEST_LINES > self.width:
                continue
            ink.setAlphaF(strength)
            painter.setPen(QPen(ink, 1.0))
            painter.drawLines([QLineF(x, 0, x, self._view.height()) for x in np.round(self._xs(shown)).tolist()])

    def _xs(self, steps: Times) -> Times:
        return self.left + (steps - self._first) * self._across

    def paint_names(self, painter: QPainter) -> None:
        """The keyboard with the names of its octaves, and the names of the drums."""
        if not self.left:
            return
        palette = self._view.palette()
        font = QFont(painter.font())
        font.setPixelSize(FONT_PIXELS)
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(0, 0, self.left, self._view.height()), palette.color(QPalette.ColorRole.Window))
        painter.fillRect(QRectF(self.left - 9, 0, 8, self._keys_height), QColor("#d9dce3"))
        for row in self._layout.black_rows():
            painter.fillRect(QRectF(self.left - 9, row * self._key, 5, max(self._key, 1.0)), QColor("#23262e"))
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, name in self._layout.octaves():
            middle = min(max((row + 0.5) * self._key, 6.0), self._keys_height - 6)
            painter.drawText(QRectF(0, middle - 7, self.left - 12, 14), right, name)
        if self._drum_row >= FONT_PIXELS - 1:
            for number, (_, name) in enumerate(DRUM_LANE[: self._drums]):
                top, height = self._row(self._layout.keys + number)
                painter.drawText(QRectF(0, top, self.left - 4, height), right, name)
