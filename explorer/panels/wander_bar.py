"""What one can do while the music wanders: a card over the map."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from explorer.session import Session
from explorer.session.wandering import USUAL_SPEED
from explorer.widgets.controls import Button, CaptionedSlider
from explorer.widgets.labels import Label


class WanderBar(QFrame):
    """How fast, keep the way as a path, stop."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.speed = CaptionedSlider(
            "Speed", 0.1, 5.0, 0.1, USUAL_SPEED, lambda v: f"{v:.1f}", "Usual distances between windows a second."
        )
        self.speed.setFixedWidth(170)
        self.keep = Button("Keep trail", "Keep the way so far as a path, left of the map")
        self.stop = Button("Stop", "Stay here (Esc also falls silent)", look="plain")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(12)
        for part in (Label("Wandering"), self.speed, self.keep, self.stop):
            layout.addWidget(part)
        self.speed.value_changed.connect(session.wandering.set_speed)
        self.keep.clicked.connect(session.wandering.keep_trail)
        self.stop.clicked.connect(session.wandering.stop)
