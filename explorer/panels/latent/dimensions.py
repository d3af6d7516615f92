"""A slider for each latent dimension, those that carry most first."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from explorer.qt.controls import Button, follow
from explorer.qt.labels import Label, counted
from explorer.qt.sliders import CentredSlider
from explorer.session.map.latent import Latent
from explorer.session.songs.atlas import Atlas
from vrae_core.model.evaluation import ACTIVE_KL


class DimensionSliders(QWidget):
    """Sorted by mean KL; those of less than 0.01 nats do nothing to speak of, and wait folded up at the end."""

    def __init__(self, latent: Latent) -> None:
        super().__init__()
        self._latent = latent
        self._atlas: Atlas | None = None
        self.order: list[int] = []  # the dimensions from above to below
        self.inactive: list[int] = []
        self.sliders: dict[int, CentredSlider] = {}
        self._values: dict[int, Label] = {}
        self.fold = Button("", "Dimensions that the model does not use: they hardly change the music", look="plain")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._unfold)
        self._active_rows, self._inactive_rows = QWidget(), QWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._active_rows)
        layout.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._inactive_rows)
        self.fold.hide()

    def show_atlas(self, atlas: Atlas | None) -> None:
        """Sliders for the dimensions of an atlas, unless they are there already."""
        if atlas is None or (self._atlas is not None and self._atlas.posterior is atlas.posterior):
            return
        self._atlas = atlas
        kl = self._latent.kl()
        self.order = np.argsort(-kl, kind="stable").tolist()
        self.inactive = [dimension for dimension in self.order if kl[dimension] < ACTIVE_KL]
        self.sliders, self._values = {}, {}
        active = [dimension for dimension in self.order if dimension not in self.inactive]
        self._active_rows = self._replaced(self._active_rows, active, kl)
        self._inactive_rows = self._replaced(self._inactive_rows, self.inactive, kl)
        above, below = ([self.sliders[each] for each in some] for some in (active, self.inactive))
        follow(self.fold, [*above, self.fold, *below])
        self.fold.setVisible(bool(self.inactive))
        self._unfold(self.fold.isChecked())

    def show_point(self) -> None:
        """Where the point heard is."""
        z, home = self._latent.z, self._latent.home
        for dimension, slider in self.sliders.items():
            if dimension < len(z):
                slider.show_value(float(z[dimension]), float(home[dimension]))
                self._values[dimension].setText(f"{z[dimension]:+.2f}".replace("-", "−") if z[dimension] else "0")

    def _replaced(self, before: QWidget, dimensions: list[int], kl: np.ndarray) -> QWidget:
        rows, reach = QWidget(), self._latent.reach()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for row, dimension in enumerate(dimensions):
            slider = CentredSlider(f"z{dimension}", float(reach[dimension]), grey=dimension in self.inactive)
            name, value = Label(f"z{dimension}", "small"), Label("", "small")
            name.setEnabled(dimension not in self.inactive)
            carries = f"KL {kl[dimension]:.2f} nats" + (": inactive" if dimension in self.inactive else "")
            slider.setToolTip(
                f"Latent dimension {dimension}, {carries}. Double-click or Backspace: back to the grey mark, where the "
                "point was; again, or 0: the prior's mean, 0."
            )
            name.setToolTip(carries)
            name.setMinimumWidth(24)
            value.setMinimumWidth(38)
            grid.addWidget(name, row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(value, row, 2)
            slider.sliderPressed.connect(self._latent.press)
            slider.sliderReleased.connect(self._latent.let_go)
            slider.hand_moved.connect(lambda to, dimension=dimension: self._latent.set_dimension(dimension, to))
            slider.sent_home.connect(lambda dimension=dimension: self._latent.send_home(dimension))
            self.sliders[dimension], self._values[dimension] = slider, value
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(before, rows)
        before.hide()
        before.deleteLater()
        return rows

    def _unfold(self, unfolded: bool) -> None:
        words = counted(len(self.inactive), "inactive dimension")
        self.fold.setText(f"{'▾' if unfolded else '▸'} {words}")
        self.fold.setAccessibleName(words)
        self._inactive_rows.setVisible(unfolded and bool(self.inactive))
