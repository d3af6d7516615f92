"""The legend: songs with their colours and counts, a search, and how the map is coloured and drawn."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from explorer.panels.colour_box import ColourBox
from explorer.panels.kept_list import KeptList
from explorer.session import Session
from explorer.widgets.controls import DropDown, NumberBox
from explorer.widgets.labels import Label, as_tooltip
from explorer.widgets.rows import Row, RowList
from vrae_core.latent_map import TSNE_SEED, Dimensions, Projection
from vrae_core.palette import GREY, SHAPES


class SongsPanel(QWidget):
    """Left of the map."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._library = session.library
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search songs…")
        self.search.setAccessibleName("Search songs")
        self.search.setToolTip("List only the songs whose name holds these letters")
        self.search.setClearButtonEnabled(True)
        self.list = RowList("Songs")
        self.kept = KeptList(session)
        self.model = DropDown()
        self.model.setAccessibleName("Model")
        self.model.setToolTip("The model that the map is of")
        self._colouring, self.colours = session.colouring, ColourBox(session)
        self.projection = DropDown()
        self.projection.setAccessibleName("Projection")
        self.projection.setToolTip("How latent space is drawn on the map")
        self.dimensions = QWidget()
        self.across, self.up = _dimension_box("Across", 0), _dimension_box("Upwards", 1)
        self._lay_out()
        self.search.textChanged.connect(self._show_songs)
        self.list.picked.connect(self._library.toggle_song)
        self.list.double_picked.connect(self._solo)
        self.model.activated.connect(self._choose_model)
        self.projection.activated.connect(self._choose_projection)
        self.across.valueChanged.connect(self._choose_projection)
        self.up.valueChanged.connect(self._choose_projection)
        self._library.atlas_changed.connect(self._show_atlas)
        self._library.lit_changed.connect(self._show_songs)
        self._library.models_changed.connect(self._show_models)
        self._colouring.changed.connect(self._show_markers)
        self._show_atlas()

    def _lay_out(self) -> None:
        boxes = QHBoxLayout(self.dimensions)
        boxes.setContentsMargins(0, 0, 0, 0)
        boxes.addWidget(self.across)
        boxes.addWidget(self.up)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 16, 12, 14)
        layout.setSpacing(7)
        for part in (Label("Songs", "caps"), self.search):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.kept)
        layout.addSpacing(6)
        for part in (Label("Model", "caps"), self.model):
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addWidget(self.colours)
        layout.addSpacing(8)
        for part in (Label("Projection", "caps"), self.projection, self.dimensions):
            layout.addWidget(part)

    def _show_markers(self) -> None:
        if self._markers != (self._colouring.meaning is None, self._colouring.shapes):
            self._show_songs()

    def _show_songs(self) -> None:
        atlas, wanted = self._library.atlas, self.search.text().casefold()
        self._markers = by_song, shaped = self._colouring.meaning is None, self._colouring.shapes
        rows = []
        if atlas is not None:
            for song, (name, colour) in enumerate(zip(atlas.corpus.names, atlas.colours, strict=True)):
                if wanted in name.casefold():
                    count, on = atlas.counts[song], bool(self._library.lit[song])
                    tip = as_tooltip(f"{name}: {count} windows. Click greys it, double-click greys all others.")
                    marker, shape = colour if by_song else GREY, song % SHAPES if shaped else 0
                    rows.append(Row(song, marker, name, right=str(count), on=on, tip=tip, shape=shape))
        self.list.rows.show_rows(rows)

    def _solo(self, song: int) -> None:
        self._library.toggle_song(song)  # takes back what the first click of the two did
        self._library.solo_song(song)

    def _show_models(self) -> None:
        """Those on offer, and the one in use even if it is in no file."""
        name = self._library.model_name
        self.model.clear()
        for each in dict.fromkeys([*self._library.models, *([name] if name else [])]):
            self.model.addItem(each)
        self.model.setCurrentIndex(self.model.findText(name))
        self.model.setEnabled(self.model.count() > 0)

    def _choose_model(self) -> None:
        path = self._library.models.get(self.model.currentText())
        if path is not None and self.model.currentText() != self._library.model_name:
            self._library.open(model_path=path)

    def _show_atlas(self) -> None:
        self._show_songs()
        self._show_models()
        model, shown = self._library.model, self._library.projection
        latent = model.config.latent if model is not None else 2
        self.projection.clear()
        if latent <= 2:
            self.projection.addItem("Latent space z0, z1", "latent")
        else:
            self.projection.addItem(f"t-SNE (seed {TSNE_SEED})", "t-SNE")
            self.projection.addItem("PCA", "PCA")
            self.projection.addItem("Two dimensions", "dimensions")
        kind = "dimensions" if isinstance(shown, Dimensions) else shown
        self.projection.setCurrentIndex(max(0, self.projection.findData(kind)))
        self.dimensions.setVisible(kind == "dimensions")
        for box in (self.across, self.up):
            box.setMaximum(latent - 1)
        if isinstance(shown, Dimensions):
            for box, value in ((self.across, shown.i), (self.up, shown.j)):
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)

    def _choose_projection(self) -> None:
        kind = self.projection.currentData()
        self.dimensions.setVisible(kind == "dimensions")
        wanted: Projection = Dimensions(self.across.value(), self.up.value()) if kind == "dimensions" else kind
        if wanted != self._library.projection and not (kind == "dimensions" and self.across.value() == self.up.value()):
            self._library.set_projection(wanted)


def _dimension_box(name: str, value: int) -> NumberBox:
    box = NumberBox(0, value, value, f"{name}: latent dimension")
    box.setPrefix("z")
    box.setToolTip(f"{name}: latent dimension, counted from 0")
    return box
