"""Steering the run that is shown: pause, stop, and what its schedules give, multiplied."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.qt.controls import Button
from explorer.qt.sliders import CaptionedSlider
from explorer.session.training.training import Training


class SteeringBar(QWidget):
    """Greyed, with the reason in its tips, where the run that is shown cannot be steered."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training
        self.pause = Button("Pause", "Pause the training")
        self.stop = Button("Stop", "Stop the training; it can be resumed later")
        self.keep_best = Button("Stop, keep best", "Stop the training, and use its best snapshot as the model")
        self.learning_rate = CaptionedSlider(
            "Learning rate ×", -1.0, 1.0, 0.05, 0.0, lambda v: f"{10**v:.3g}",
            "Multiplies the scheduled learning rate, at once.",
        )  # fmt: skip
        self.kl_weight = CaptionedSlider(
            "KL weight ×", 0.0, 2.0, 0.05, 1.0, lambda v: f"{v:.2f}",
            "Multiplies the KL weight, at once: lower keeps more detail, higher makes the map denser.",
        )  # fmt: skip
        self._tips = {part: part.toolTip() for part in (self.pause, self.stop, self.keep_best)}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 0, 18, 0)
        layout.setSpacing(8)
        for part in (self.pause, self.stop, self.keep_best):
            layout.addWidget(part)
        layout.addSpacing(16)
        for slider in (self.learning_rate, self.kl_weight):
            slider.setMaximumWidth(220)
            layout.addWidget(slider, 1)
        layout.addStretch(1)
        self.pause.clicked.connect(training.toggle_pause)
        self.stop.clicked.connect(training.stop)
        self.keep_best.clicked.connect(training.stop_and_keep_best)
        self.learning_rate.value_changed.connect(lambda v: training.steer(learning_rate=10**v))
        self.kl_weight.value_changed.connect(lambda v: training.steer(kl_weight=v))
        training.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        training = self._training
        why_not = training.why_not_steered
        for part, tip in self._tips.items():
            part.setEnabled(training.steerable)
            part.setToolTip(why_not or tip)
        self.pause.setText("Resume" if training.paused else "Pause")
        for slider in (self.learning_rate, self.kl_weight):
            slider.setEnabled(training.steerable)
            slider.setToolTip(why_not)
        steering = training.steering
        for slider, value in (
            (self.learning_rate, math.log10(max(steering.learning_rate, 1e-9))),
            (self.kl_weight, steering.kl_weight),
        ):
            slider.blockSignals(True)
            slider.set_value(value)
            slider.blockSignals(False)
