"""A piano roll: probability as brightness, notes outlined, a play-head; or a difference, by colour and by shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from explorer.panels.playing.difference_marks import DifferenceMark, paint_mark
from explorer.panels.playing.roll_layout import RollLayout, Run
from explorer.panels.playing.roll_page import MOST_STEPS, Page, Ruling
from explorer.qt.labels import is_dark
from vrae_core.columns import Part
from vrae_core.latent.colours import PART_COLOURS
from vrae_core.piano_roll import BoolArray, FloatArray

MUTED = 0.3  # of its ink


class RollView(QWidget):
    """Draws probabilities (steps, P) and the notes that sound (steps, P); pitch goes up, time to the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(120, 90)
        self.setAccessibleName("Piano roll of what is heard")
        self.layout_of = RollLayout(0)
        self._image: QImage | None = None
        self._probabilities: FloatArray | None = None
        self._notes: list[Run] = []
        self._muted: BoolArray | bool = False  # cells (steps, P)
        self._marked: dict[DifferenceMark, list[Run]] | None = None  # what is drawn in place of probabilities and notes
        self._ruling = Ruling()
        self._steps = 0
        self.position: float | None = None  # of the play-head, in steps
        self._colour: QColor | None = None

    def sizeHint(self) -> QSize:
        return QSize(320, 230)

    def show_music(
        self,
        probabilities: FloatArray,
        roll: BoolArray,
        colour: str | None = None,
        columns: Sequence[int] = (),
        muted: BoolArray | bool = False,
        ruling: Ruling | None = None,
    ) -> None:
        """Show a piece in the accent colour or another, or, if its columns are of parts, in theirs.

        columns: their numbers; without, there is a row for each and no keyboard.  muted: cells that are not heard.
        """
        self._lay_out(probabilities.shape, columns, ruling)
        self._colour = QColor(colour) if colour else None
        self._probabilities, self._muted = probabilities, muted
        self._image = self._drawn(probabilities)
        self._notes, self._marked = self.layout_of.runs(roll), None
        self.update()

    def show_difference(
        self, cells: dict[DifferenceMark, BoolArray], columns: Sequence[int] = (), ruling: Ruling | None = None
    ) -> None:
        """Show cells (steps, P) of three kinds, each with its mark."""
        self._lay_out(cells[DifferenceMark.HIT].shape, columns, ruling)
        self._image, self._probabilities, self._notes = None, None, []
        self._marked = {mark: self.layout_of.runs(marked) for mark, marked in cells.items()}
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image, self._probabilities, self._notes, self._marked = None, None, [], None
        self._steps, self.position = 0, None
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
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._ink(QPalette.ColorRole.Base))
            if not self._steps:
                return
            page = Page(self, self.layout_of, self._steps, self.first_shown())
            page.paint_paper(painter)
            painter.save()
            painter.setClipRect(QRectF(page.left, 0, page.width, self.height()))
            page.paint_lines(painter, self._ruling)
            if self._image is not None:
                page.paint_image(painter, self._image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_notes(painter, page)
            if self.position is not None:
                x = round(page.x(self.position))
                painter.setPen(QPen(self._ink(QPalette.ColorRole.Text), 1.6))
                painter.drawLine(x, 0, x, self.height())
            painter.restore()
            page.paint_names(painter)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._probabilities is not None:
            self._image = self._drawn(self._probabilities)
        self.update()

    def part_ink(self, part: int) -> QColor:
        """The colour of a part's notes, on the surface that there is."""
        if part in PART_COLOURS:
            return QColor(PART_COLOURS[Part(part)].on(is_dark(self)))
        return self._colour or self._ink(QPalette.ColorRole.Accent)

    def _lay_out(self, shape: tuple[int, ...], columns: Sequence[int], ruling: Ruling | None) -> None:
        if tuple(columns) != self.layout_of.columns or not columns:
            self.layout_of = RollLayout(columns or shape[1])
        self._steps, self._ruling = shape[0], ruling or Ruling()

    def _paint_notes(self, painter: QPainter, page: Page) -> None:
        for run in self._notes:
            if not page.shows(run):
                continue
            part = int(self.layout_of.part_of[run.column])
            ink = self.part_ink(part) if part else self._ink(QPalette.ColorRole.Text)
            strength = 1.0 if part else 0.75
            is_muted = self._muted if isinstance(self._muted, bool) else self._muted[run.start, run.column]
            ink.setAlphaF(strength * MUTED if is_muted else strength)
            if part == Part.DRUMS:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink)
                painter.drawRoundedRect(page.hit(run), 1.5, 1.5)
            else:
                painter.setPen(QPen(ink, 1.0))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(page.note(run))
        for mark, runs in (self._marked or {}).items():
            for run in runs:
                if page.shows(run):
                    paint_mark(painter, page.mark(run), mark, self.palette())

    def _drawn(self, probabilities: FloatArray) -> QImage:
        """One pixel a cell, highest pitch at the top; the alpha is the probability, the colour who is likeliest."""
        rows, steps = self.layout_of.rows, len(probabilities)
        # a gentle curve: faint possibilities stay visible beside certain notes
        ink = np.clip(probabilities.T, 0, 1) ** 0.7 * 235
        if not isinstance(self._muted, bool):
            ink = np.where(self._muted.T, ink * MUTED, ink)
        pixels = np.zeros((rows, steps, 4), np.uint8)
        for part in np.unique(self.layout_of.part_of).tolist():
            own = np.flatnonzero(self.layout_of.part_of == part)
            alpha = np.zeros((rows, steps), np.uint8)
            alpha[self.layout_of.row_of[own]] = np.rint(ink[own])
            colour = self.part_ink(part)
            more = alpha > pixels[..., 3]
            pixels[more] = (colour.red(), colour.green(), colour.blue(), 0)
            pixels[..., 3] = np.maximum(pixels[..., 3], alpha)
        return QImage(pixels.data, steps, rows, 4 * steps, QImage.Format.Format_RGBA8888).copy()

    def _ink(self, role: QPalette.ColorRole) -> QColor:
        return QColor(self.palette().color(role))


def thumbnail(roll: BoolArray, colour: str, width: int, height: int, columns: Sequence[int] = ()) -> QImage:
    """A small picture of a roll, only the rows between its highest and its lowest note."""
    picture = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    layout = RollLayout(columns or roll.shape[1])
    runs = layout.runs(roll)
    if not runs:
        return picture
    highest, lowest = min(run.row for run in runs), max(run.row for run in runs)
    rows = lowest - highest + 1
    across, down = width / len(roll), min(height / rows, 5.0)
    top = (height - down * rows) / 2
    with QPainter(picture) as painter:
        for run in runs:
            painter.fillRect(
                QRectF(
                    run.start * across,
                    top + (run.row - highest) * down,
                    (run.end - run.start) * across - 0.5,
                    max(down - 0.5, 1),
                ),
                QColor(colour),
            )
    return picture
