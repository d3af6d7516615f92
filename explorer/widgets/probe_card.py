"""A window beside what a model makes of it, each to look at and to hear."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.widgets.controls import Button
from explorer.widgets.labels import ElidedLabel, Label
from explorer.widgets.roll_view import RollView
from vrae_core.piano_roll import BoolArray, FloatArray

ROOM = 3  # pitches shown above and below the window's own


class Side(StrEnum):
    """Which of the two."""

    SONG = "song"
    MODEL = "model"


class ProbeCard(QWidget):
    """Click a roll, or the button below it, to hear it; again to stop."""

    heard = Signal(str)  # a Side

    def __init__(self, number: int) -> None:
        super().__init__()
        self.title, self.f1 = ElidedLabel("", ""), Label("", "small")
        self.rolls = {side: _SmallRoll() for side in Side}
        self.buttons = {
            Side.SONG: Button("Song", f"Hear the notes of the song in window {number}", "play", look="plain"),
            Side.MODEL: Button("Model", f"Hear window {number} as the snapshot makes it", "play", look="plain"),
        }
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.f1)
        pair = QGridLayout()
        pair.setSpacing(4)
        for column, side in enumerate(Side):
            roll, button = self.rolls[side], self.buttons[side]
            roll.setToolTip(button.toolTip())
            roll.setAccessibleName(f"Piano roll of window {number}, {side}")
            roll.pressed.connect(lambda side=side: self.heard.emit(side))
            button.clicked.connect(lambda _checked, side=side: self.heard.emit(side))
            button.setAccessibleName(button.toolTip())
            pair.addWidget(roll, 0, column)
            pair.addWidget(button, 1, column)
        pair.setRowStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addLayout(pair, 1)

    def show_probe(
        self, title: str, colour: str, original: BoolArray, probabilities: FloatArray, threshold: float, f1: float
    ) -> None:
        """Show a window's notes and the model's, (T, P) each, at the pitches that the window uses."""
        used = np.flatnonzero(original.any(axis=0))
        low, high = (int(used[0]), int(used[-1])) if len(used) else (0, original.shape[1] - 1)
        shown = slice(max(0, low - ROOM), high + ROOM + 1)
        self.title.setText(title)
        self.f1.setText(f"F1 {f1:.2f}")
        self.f1.setToolTip("How many of the notes' cells the model gets right: 1 is all, and none too many")
        notes, found = original[:, shown], probabilities[:, shown]
        self.rolls[Side.SONG].show_music(notes.astype(np.float32), notes, colour)
        self.rolls[Side.MODEL].show_music(found, found >= threshold, colour)

    def show_heard(self, side: Side | None) -> None:
        """Show which of the two sounds."""
        for each, button in self.buttons.items():
            button.show_icon("stop" if each is side else "play")
            if each is not side:
                self.rolls[each].set_position(None)

    def set_position(self, side: Side, steps: float) -> None:
        """Put the play-head of the one that sounds."""
        self.rolls[side].set_position(steps)


class _SmallRoll(RollView):
    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(60, 34)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(110, 58)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
