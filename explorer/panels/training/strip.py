"""The trainings that go on, beside the tabs of the window: their names, how far they are, how long they take."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QWidget

from explorer.qt.controls import Button
from explorer.qt.labels import without_mnemonic
from explorer.session.training.runs import Runs
from explorer.session.training.trainer import Trainer
from explorer.session.training.training import Training
from vrae_core.clock import clock, seconds_left

if TYPE_CHECKING:
    from vrae_core.training.step import TrainingStep

NAME_WIDTH = 150  # pixels


class TrainingStrip(QWidget):
    """The window's own, and those of other processes.  A click on one goes to it; gone when nothing is trained."""

    clicked = Signal()
    cancelled = Signal()  # of songs that are learnt for the map
    other_wanted = Signal(object)  # the RunFolder of one that another process trains

    def __init__(self, trainer: Trainer, training: Training, runs: Runs) -> None:
        super().__init__()
        self._trainer, self._training, self._runs = trainer, training, runs
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
        self.others = Button("", "Show what another program trains", look="plain")
        self.others.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.others.clicked.connect(self._choose_other)
        layout.addWidget(self.others)
        runs.elsewhere_changed.connect(self._show)
        training.changed.connect(self._show)
        training.stepped.connect(self._step)
        self._show()

    def _step(self, step: TrainingStep) -> None:
        self._done = step.done
        self._left = seconds_left(step.seconds, step.done)
        self._show()

    def _show(self) -> None:
        trainer, elsewhere = self._trainer, self._runs.elsewhere
        if not trainer.running:
            self._done = self._left = math.nan
        self.setVisible(trainer.running or bool(elsewhere))
        self.words.setVisible(trainer.running)
        self.cancel.setVisible(trainer.running and trainer.is_learning)
        known = math.isfinite(self._done)
        self.bar.setVisible(known)
        if known:
            self.bar.setValue(round(1000 * self._done))
        self._say(self.words, "Training", trainer.name or "Training", self._training.paused, self._left)
        self.others.setVisible(bool(elsewhere))
        if len(elsewhere) == 1:
            other = elsewhere[0]
            self._say(self.others, "Another program's training", other.name, other.paused, other.left, " (elsewhere)")
        elif elsewhere:
            self.others.setText(f"{len(elsewhere)} trainings elsewhere")
            self.others.setAccessibleName(f"{len(elsewhere)} trainings of other programs")

    def _say(self, button: Button, what: str, name: str, paused: bool, left: float, where: str = "") -> None:
        parts = [self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAME_WIDTH) + where]
        if paused:
            parts.append("paused")
        elif math.isfinite(left):
            parts.append(f"{clock(left, 0)} left")
        button.setText(without_mnemonic(" · ".join(parts)))
        button.setAccessibleName(f"{what}: {', '.join(parts)}")

    def _choose_other(self) -> None:
        elsewhere = self._runs.elsewhere
        if len(elsewhere) == 1:
            self.other_wanted.emit(elsewhere[0].run)
        elif elsewhere:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for other in elsewhere:
                menu.addAction(without_mnemonic(other.name), partial(self.other_wanted.emit, other.run))
            menu.popup(self.others.mapToGlobal(self.others.rect().bottomLeft()))
