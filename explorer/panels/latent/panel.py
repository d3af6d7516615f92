"""The point heard as sliders: along attributes, along latent dimensions, and as a term of latent arithmetic."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from explorer.panels.latent.arithmetic import ArithmeticRow
from explorer.panels.latent.dimensions import DimensionSliders
from explorer.panels.latent.directions import DirectionSliders
from explorer.qt.labels import Label
from explorer.session.session import Session


class LatentPanel(QScrollArea):
    """A page right of the map.  It learns and shows nothing until it is seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.directions, self.arithmetic = DirectionSliders(session.latent), ArithmeticRow(session)
        self.dimensions = DimensionSliders(session.latent)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        for heading, part in (
            ("Directions", self.directions),
            ("Arithmetic", self.arithmetic),
            ("Latent dimensions", self.dimensions),
        ):
            layout.addWidget(Label(heading, "caps"))
            layout.addWidget(part)
            layout.addSpacing(10)
        layout.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Latent")
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        session.latent.moved.connect(self._show_point)
        session.latent.learnt.connect(self.directions.rebuild)
        session.jobs.changed.connect(self._show_learning)
        session.library.atlas_changed.connect(self._show_atlas)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_atlas()

    def _show_atlas(self) -> None:
        if self.isVisible():
            self.dimensions.show_atlas(self._session.library.atlas)
            self._session.latent.learn()
            self._show_learning()
            self._show_point()

    def _show_learning(self) -> None:
        if self.isVisible():
            self.directions.show_state()

    def _show_point(self) -> None:
        if self.isVisible():
            self.dimensions.show_point()
            self.directions.show_point()
