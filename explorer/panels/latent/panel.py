"""The point heard as sliders: along attributes, along latent dimensions, and as a term of latent arithmetic."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from explorer.panels.latent.arithmetic import ArithmeticRow
from explorer.panels.latent.dimensions import DimensionSliders
from explorer.panels.latent.directions import DirectionSliders
from explorer.qt.jobs import Jobs
from explorer.qt.labels import Label
from explorer.session.map.arithmetic import Arithmetic
from explorer.session.map.latent import Latent
from explorer.session.map.selection import Selection
from explorer.session.songs.library import Library


class LatentPanel(QScrollArea):
    """A page right of the map.  It learns and shows nothing until it is seen."""

    def __init__(
        self,
        library: Library,
        selection: Selection,
        latent: Latent,
        arithmetic: Arithmetic,
        jobs: Jobs,
    ) -> None:
        super().__init__()
        self._library, self._latent = library, latent
        self.directions, self.arithmetic = DirectionSliders(latent), ArithmeticRow(library, selection, arithmetic)
        self.dimensions = DimensionSliders(latent)
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
        latent.moved.connect(self._show_point)
        latent.learnt.connect(self.directions.rebuild)
        jobs.changed.connect(self._show_learning)
        library.atlas_changed.connect(self._show_atlas)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_atlas()

    def _show_atlas(self) -> None:
        if self.isVisible():
            self.dimensions.show_atlas(self._library.atlas)
            self._latent.learn()
            self._show_learning()
            self._show_point()

    def _show_learning(self) -> None:
        if self.isVisible():
            self.directions.show_state()

    def _show_point(self) -> None:
        if self.isVisible():
            self.dimensions.show_point()
            self.directions.show_point()
