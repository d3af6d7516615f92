"""The training that goes on, beside the tabs of the window: what it is called, how far it is, how long it takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from explorer.qt.controls import Button
from explorer.session.training.training import Training
from vrae_core.clock import clock

if TYPE_CHECKING:
    from vrae_core.training.step import TrainingStep

NAME_WIDTH = 150  # pixels


class TrainingStrip(QWidget):
    """A click on it goes to the training; it is gone when nothing is trained."""

    clicked = Signal()
    cancelled = Signal()  # of songs that are learnt for the map

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training
        self._done, self._left = math.nan, math.nan
        self.words = Button("", "Show the training that is running", look="plain")
        self.words.clicked.connect(self.clicked)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(70)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of the training")
        self.words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(4)
        layout.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.words)
        self.cancel = Button("Cancel", "Learn no more; the map stays as it is", look="plain")
        self.cancel.clicked.connect(self.cancelled)
        layout.addWidget(self.cancel)
        training.changed.connect(self._show)
        training.stepped.connect(self._step)
        self._show()

    def _step(self, step: TrainingStep) -> None:
        self._done = step.done
        self._left = step.seconds / step.done - step.seconds if step.done > 0 else math.nan
        self._show()

    def _show(self) -> None:
        training = self._training
        if not training.running:
            self._done = self._left = math.nan
        self.setVisible(training.running)
        self.cancel.setVisible(training.is_learning)
        known = math.isfinite(self._done)
        self.bar.setVisible(known)
        if known:
            self.bar.setValue(round(1000 * self._done))
        name = self.fontMetrics().elidedText(training.trained_name, Qt.TextElideMode.ElideMiddle, NAME_WIDTH)
        parts = [name or "Training"]
        if training.paused:
            parts.append("paused")
        elif math.isfinite(self._left):
            parts.append(f"{clock(self._left, 0)} left")
        self.words.setText(" · ".join(parts).replace("&", "&&"))
        self.words.setAccessibleName(f"Training: {', '.join(parts)}")
