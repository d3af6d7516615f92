"""A piano roll: probability as brightness, notes outlined, a play-head; or a difference, by colour and by shape."""

from __future__ import annotations

from enum import Enum

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.qt.labels import Label
from vrae_core.piano_roll import BoolArray, FloatArray

Run = tuple[int, int, int]  # row from the top, first step, end step
THINNEST_MARK = 6.5  # pixels, so that an empty one is seen to be empty
MOST_STEPS = 100  # shown at once; a longer piece scrolls under the play-head


class RollView(QWidget):
    """Draws probabilities (steps, P) and the notes that sound (steps, P); pitch goes up, time to the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(120, 90)
        self.setAccessibleName("Piano roll of what is heard")
        self._image: QImage | None = None
        self._notes: list[Run] = []
        self._marked: dict[DifferenceMark, list[Run]] | None = None  # what is drawn in place of probabilities and notes
        self._steps = self._rows = 0
        self.position: float | None = None  # of the play-head, in steps
        self._colour: QColor | None = None

    def sizeHint(self) -> QSize:
        return QSize(320, 230)

    def show_music(self, probabilities: FloatArray, roll: BoolArray, colour: str | None = None) -> None:
        """Show a piece, in the accent colour or another."""
        self._steps, self._rows = probabilities.shape
        self._colour = QColor(colour) if colour else None
        self._image = self._drawn(probabilities)
        self._notes, self._marked = _runs(roll), None
        self.update()

    def show_difference(self, cells: dict[DifferenceMark, BoolArray]) -> None:
        """Show cells (steps, P) of three kinds, each with its mark."""
        self._steps, self._rows = cells[DifferenceMark.HIT].shape
        self._image, self._notes = None, []
        self._marked = {mark: _runs(marked) for mark, marked in cells.items()}
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image, self._notes, self._marked, self._steps, self.position = None, [], None, 0, None
        self.update()

    def set_position(self, steps: float | None) -> None:
        """Put the play-head at a time in steps, or hide it."""
        if steps != self.position:
            self.position = steps
            self.update()

    def first_shown(self) -> float:
        """The step at the left edge."""
        room = self._steps - MOST_STEPS
        if room <= 0 or self.position is None:
            return 0.0
        return min(max(self.position - MOST_STEPS / 2, 0.0), float(room))

    def paintEvent(self, event: QPaintEvent) -> None:
        role = QPalette.ColorRole
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self.palette().color(role.Base))
            if not self._steps:
                return
            width, height = float(self.width()), float(self.height())
            shown = min(self._steps, MOST_STEPS)
            first = self.first_shown()
            across, down = width / shown, height / self._rows
            if self._image is not None:
                painter.drawImage(QRectF(0, 0, width, height), self._image, QRectF(first, 0, shown, self._rows))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QColor(self.palette().color(role.Text))
            pen.setAlphaF(0.75)
            painter.setPen(QPen(pen, 1.0))

            def place(run: Run) -> QRectF:
                row, start, end = run
                x = (start - first) * across
                return QRectF(x + 0.5, row * down + 0.5, (end - start) * across - 1, max(down - 1, 1.5))

            def thick(area: QRectF) -> QRectF:
                more = max(0.0, THINNEST_MARK - area.height()) / 2
                return area.adjusted(0, -more, 0, more)

            for run in self._notes:
                if run[2] > first and run[1] < first + shown:
                    painter.drawRect(place(run))
            for mark, runs in (self._marked or {}).items():
                for run in runs:
                    if run[2] > first and run[1] < first + shown:
                        paint_mark(painter, thick(place(run)), mark, self.palette())
            if self.position is not None:
                x = (self.position - first) * across
                painter.setPen(QPen(self.palette().color(role.Text), 1.6))
                painter.drawLine(round(x), 0, round(x), self.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def _drawn(self, probabilities: FloatArray) -> QImage:
        """One pixel a cell, highest pitch at the top; the alpha is the probability."""
        colour = self._colour or self.palette().color(QPalette.ColorRole.Accent)
        # a gentle curve: faint possibilities stay visible beside certain notes
        alpha = np.clip(probabilities.T[::-1], 0, 1) ** 0.7
        pixels = np.empty((*alpha.shape, 4), np.uint8)
        pixels[..., :3] = (colour.red(), colour.green(), colour.blue())
        pixels[..., 3] = np.rint(alpha * 235)
        rows, steps = alpha.shape
        return QImage(np.ascontiguousarray(pixels).data, steps, rows, 4 * steps, QImage.Format.Format_RGBA8888).copy()


def _runs(roll: BoolArray) -> list[Run]:
    """Runs of sounding cells as (row from the top, first step, end step)."""
    edges = np.diff(np.pad(roll.T[::-1].astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    return list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))


def thumbnail(roll: BoolArray, colour: str, width: int, height: int) -> QImage:
    """A small picture of a roll, only the pitches between its lowest and its highest note."""
    picture = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    used = np.nonzero(roll.any(axis=0))[0]
    if not len(used):
        return picture
    cropped = roll[:, used[0] : used[-1] + 1]
    across, down = width / len(cropped), min(height / cropped.shape[1], 5.0)
    top = (height - down * cropped.shape[1]) / 2
    with QPainter(picture) as painter:
        for row, start, end in _runs(cropped):
            painter.fillRect(
                QRectF(start * across, top + row * down, (end - start) * across - 0.5, max(down - 0.5, 1)),
                QColor(colour),
            )
    return picture


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
        self.setToolTip("Counted in cells of the roll: one pitch for 50 ms. Hits sound soft, misses and extras loud.")

    def show_counts(self, counts: dict[DifferenceMark, int]) -> None:
        """Say how many there are of each."""
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
