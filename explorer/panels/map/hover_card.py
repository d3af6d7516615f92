"""The card beside the mouse: which window a dot is, its notes at a glance, and what is known of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from explorer.panels.playing.roll_view import thumbnail
from explorer.qt.labels import Label, counted
from explorer.session.map.hovering import Hovering
from explorer.session.songs.atlas import Atlas
from vrae_core.clock import clock
from vrae_core.piano_roll import BoolArray, notes_from_roll

WIDTH, ROLL_HEIGHT = 216, 46


class HoverCard(QFrame):
    """Shows a title, a line of figures and a small roll; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
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

    def show_window(
        self, title: str, figures: str, roll: BoolArray, colour: str, at: QPointF, columns: Sequence[int] = ()
    ) -> None:
        """Show a window's words and roll (steps, P), whose columns have numbers, beside a position of the parent."""
        elided = self._title.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, WIDTH)
        self._title.setText(elided)
        self._figures.setText(figures)
        scale = self.devicePixelRatioF()
        width, height = round(WIDTH * scale), round(ROLL_HEIGHT * scale)
        picture = QPixmap.fromImage(thumbnail(roll, colour, width, height, columns))
        picture.setDevicePixelRatio(scale)
        self._roll.setPixmap(picture)
        self.adjustSize()
        room = self._over.rect()
        x = at.x() + 18 if at.x() + 18 + self.width() < room.width() else at.x() - 18 - self.width()
        y = at.y() + 18 if at.y() + 18 + self.height() < room.height() else at.y() - 18 - self.height()
        self.move(max(0, round(x)), max(0, round(y)))
        self.show()
        self.raise_()


def window_facts(atlas: Atlas, window: int, hovering: Hovering) -> str:
    """Its bar or its time, notes, σ and how well the model gives it back; what is not known yet is left open.

    Where the title says the bar, this says the time.
    """
    bar, f1 = hovering.bar(window), hovering.note_onset_f1(window)
    notes = len(notes_from_roll(atlas.roll(window), atlas.corpus.pitches))
    place = [] if bar is None else [f"bar {bar}"]
    if atlas.corpus.grid.steps_per_beat:
        place = [clock(atlas.corpus.start_seconds(window))]
    given_back = "F1 …" if f1 is None else "F1 –" if math.isnan(f1) else f"F1 {f1:.2f}"
    sigma = float(atlas.posterior.sigma[window].mean())
    return "  ·  ".join([*place, counted(notes, "note"), f"σ {sigma:.2f}", given_back])
