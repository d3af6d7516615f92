"""How latent space is drawn on the map: t-SNE, PCA or two of its dimensions, and what each of them lets one choose."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.qt.controls import Button, DropDown, NumberBox
from explorer.session.songs.library import Library
from vrae_core.latent.map import Dimensions, Projection
from vrae_core.latent.tsne import MOST_PERPLEXITY, TSNE_SEED
from vrae_core.model.evaluation import ACTIVE_KL


class ProjectionBox(QWidget):
    """Below the legend."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.kind = DropDown()
        self.kind.setAccessibleName("Projection")
        self.kind.setToolTip("How latent space is drawn on the map")
        self.across, self.up = _dimension_box("Across"), _dimension_box("Upwards")
        self.perplexity = NumberBox(2, int(MOST_PERPLEXITY), int(library.perplexity), "Perplexity")
        self.perplexity.setPrefix("perplexity ")
        self.perplexity.setKeyboardTracking(False)  # a map is drawn for a number that is finished
        self.perplexity.setToolTip(
            "For t-SNE: about how many neighbours each window has. High shows large structure, low shows detail. "
            "A third of the windows can be used at most"
        )
        self.recompute = Button("Recompute map", "", look="link")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        pair = QHBoxLayout()
        pair.addWidget(self.across)
        pair.addWidget(self.up)
        layout.addWidget(self.kind)
        layout.addWidget(self.perplexity)
        layout.addLayout(pair)
        layout.addWidget(self.recompute)
        for box in (self.kind, self.across, self.up):
            box.activated.connect(self._choose)
        self.perplexity.valueChanged.connect(self._choose)
        self.recompute.clicked.connect(library.recompute_map)
        library.atlas_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        library = self._library
        latent = library.model.config.latent if library.model is not None else 2
        shown = library.projection
        kind = "dimensions" if isinstance(shown, Dimensions) else shown
        self.kind.clear()
        if latent <= 2:
            self.kind.addItem("Latent space z0, z1", "latent")
        else:
            self.kind.addItem(f"t-SNE (seed {TSNE_SEED})", "t-SNE")
            self.kind.addItem("PCA", "PCA")
            self.kind.addItem("Two dimensions", "dimensions")
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))
        self._show_dimensions(shown)
        self.perplexity.blockSignals(True)
        self.perplexity.setValue(round(library.perplexity))
        self.perplexity.blockSignals(False)
        self._show_what_belongs(kind)

    def _show_dimensions(self, shown: Projection) -> None:
        """The latent dimensions by how much they carry, the most first; those that carry nothing say so."""
        atlas = self._library.atlas
        if atlas is None:
            return
        kl = atlas.kl
        order = np.argsort(-kl, kind="stable").tolist()
        chosen = shown if isinstance(shown, Dimensions) else Dimensions(*(order * 2)[:2])
        for box, dimension in ((self.across, chosen.i), (self.up, chosen.j)):
            box.clear()
            for each in order:
                box.addItem(f"z{each} · {kl[each]:.1f}" if kl[each] > ACTIVE_KL else f"z{each} · inactive", each)
            box.setCurrentIndex(box.findData(dimension))

    def _show_what_belongs(self, kind: str) -> None:
        """What there is to choose for this kind of map, and whether all of its windows have shaped it."""
        atlas = self._library.atlas
        used = None if atlas is None else atlas.map.perplexity
        lowered = used is not None and used < self.perplexity.value()
        self.perplexity.setSuffix(f", {used:.3g} used" if lowered else "")
        self.across.setVisible(kind == "dimensions")
        self.up.setVisible(kind == "dimensions")
        self.perplexity.setVisible(kind == "t-SNE")
        joined = 0 if atlas is None or atlas.map.fitted is None else len(atlas.corpus) - atlas.map.fitted
        self.recompute.setVisible(joined > 0 and kind in ("t-SNE", "PCA"))
        self.recompute.setText(f"{joined} added. Recompute")
        self.recompute.setToolTip(
            f"{joined} windows were added without moving the others: recompute to fit the map to all"
        )

    def _choose(self) -> None:
        kind = self.kind.currentData()
        self._show_what_belongs(kind)
        across, up = self.across.currentData(), self.up.currentData()
        wanted: Projection = Dimensions(across, up) if kind == "dimensions" else kind
        if kind == "dimensions" and across == up:
            return  # a map needs two
        if (wanted, self.perplexity.value()) != (self._library.projection, round(self._library.perplexity)):
            self._library.set_projection(wanted, self.perplexity.value())


def _dimension_box(name: str) -> DropDown:
    box = DropDown()
    box.setAccessibleName(f"{name}: latent dimension")
    box.setToolTip(f"{name}: latent dimension, with its KL in nats a window. The most informative come first")
    return box
