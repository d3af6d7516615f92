"""The legend: songs with their colours and counts, a search, and how the map is coloured and drawn."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from explorer.panels.map.colour_box import ColourBox
from explorer.panels.map.kept_list import KeptList
from explorer.panels.map.model_list import list_models
from explorer.panels.map.projection_box import ProjectionBox
from explorer.panels.playing.parts_dialog import PartsDialog
from explorer.qt.controls import DropDown
from explorer.qt.labels import Label, as_tooltip, counted
from explorer.qt.rows import LazyRows, Row, RowList
from explorer.session.map.colouring import Colouring
from explorer.session.map.selection import Selection
from explorer.session.path.favourites import Favourites
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.playing.preview import SongPreview
from explorer.session.songs.library import Library
from explorer.session.songs.notes_right import NotesRight
from explorer.session.songs.song_changes import SongChanges
from explorer.session.training.run_models import RunModels
from vrae_core.latent.colours import GREY, SHAPES
from vrae_core.names import comparable
from vrae_core.runs.folder import RunFolder


class SongsPanel(QWidget):
    """Left of the map."""

    def __init__(
        self,
        library: Library,
        path: DrawnPath,
        colouring: Colouring,
        favourites: Favourites,
        selection: Selection,
        pieces: Pieces,
        run_models: RunModels,
        song_changes: SongChanges,
        notes_right: NotesRight,
        preview: SongPreview,
    ) -> None:
        super().__init__()
        self._library, self._colouring, self._selection, self._pieces = library, colouring, selection, pieces
        self._path = path
        self._run_models, self._changes, self._right = run_models, song_changes, notes_right
        self._preview = preview
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search songs…")
        self.search.setAccessibleName("Search songs")
        self.search.setToolTip("List only the songs whose name contains these letters")
        self.search.setClearButtonEnabled(True)
        self.none = Label("No song has such a name.", "muted")
        self.none.setWordWrap(True)
        self.none.hide()
        self.list = RowList("Songs")
        self.kept = KeptList(library, path, favourites)
        self.model = DropDown()
        self.model.setAccessibleName("Model")
        self.model.setToolTip("The model that the map is of")
        self.colours = ColourBox(library, colouring)
        self.projection = ProjectionBox(library)
        self._lay_out()
        self.search.textChanged.connect(self._show_songs)
        self.list.picked.connect(self._play)
        self.list.eye_pressed.connect(self._library.lit.toggle)
        self.list.double_picked.connect(self._library.lit.solo)
        self.list.delete_pressed.connect(song_changes.remove)
        self.list.rows.renamed.connect(song_changes.rename)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._offer)
        self.model.activated.connect(self._choose_model)
        self._library.atlas_changed.connect(self._show_atlas)
        self._library.lit.changed.connect(self._show_songs)
        self._library.models_changed.connect(self._show_models)
        notes_right.changed.connect(self._show_songs)
        self._colouring.changed.connect(self._show_markers)
        self._show_atlas()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 16, 12, 14)
        layout.setSpacing(7)
        part: QWidget
        for part in (Label("Songs", "caps"), self.search, self.none):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.kept)
        layout.addSpacing(6)
        for part in (Label("Model", "caps"), self.model):
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addWidget(self.colours)
        layout.addSpacing(8)
        for part in (Label("Projection", "caps"), self.projection):
            layout.addWidget(part)

    def _show_markers(self) -> None:
        if self._markers != (self._colouring.meaning is None, self._colouring.shapes):
            self._show_songs()

    def _show_songs(self) -> None:
        atlas, wanted = self._library.atlas, comparable(self.search.text())
        self._markers = by_song, shaped = self._colouring.meaning is None, self._colouring.shapes
        self.none.hide()
        if atlas is None:
            self.list.rows.show_rows([])
            return
        names = atlas.corpus.names
        found = [song for song, name in enumerate(names) if wanted in comparable(name)] if wanted else range(len(names))
        self.none.setVisible(not found)
        lit, unknown = self._library.lit.mask.copy(), frozenset(self._right.unknown)

        def row(place: int) -> Row:
            song = found[place]
            name, count = atlas.corpus.names[song], atlas.counts[song]
            share = self._right.share(song)
            right = "" if share is None else f" {share:.0%} of its notes right."
            keys = "Click plays it, double-click hides all others, F2 renames, Delete removes it."
            tip = as_tooltip(f"{name}: {counted(count, 'window')}.{right} {keys}")
            colour, shape = atlas.colours[song] if by_song else GREY, song % SHAPES if shaped else 0
            shown = bool(lit[song])
            figures = f"{share:.0%}" if song in unknown else str(count)
            return Row(song, colour, name, right=figures, on=shown, tip=tip, nameable=True, shape=shape, eye=shown)

        self.list.rows.show_rows(LazyRows(len(found), row))

    def _play(self, song: int) -> None:
        """Its windows come forward, and it is played from its beginning."""
        atlas = self._library.atlas
        if atlas is not None:
            if not self._library.lit.mask[song]:
                self._library.lit.toggle(song)
            self._selection.set(atlas.corpus.song_of == song)
            self._path.choose(None)  # Delete is for the song now
            self._pieces.play_whole_song(song)

    def _offer(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if not index.isValid():
            return
        row, library, changes = self.list.rows.row(index), self._library, self._changes
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Play", partial(self._play, row.key))
        menu.addAction("Hide" if row.eye else "Show", partial(library.lit.toggle, row.key))
        menu.addAction("Hide all others, or show all", partial(library.lit.solo, row.key))
        menu.addSeparator()
        menu.addAction("Rename\tF2", partial(self.list.edit, index))
        if changes.has_parts(row.key):
            menu.addAction("Parts…", partial(self.show_parts, row.key))
        if changes.lacks_beats(row.key):
            menu.addAction("Estimate its beats", partial(changes.estimate_beats, row.key))
        menu.addAction("Remove from the map\tDel", partial(changes.remove, row.key))
        menu.popup(self.list.viewport().mapToGlobal(position))

    def rename(self, song: int) -> None:
        """Let a song's name be written anew."""
        self.search.clear()  # or it might not be listed
        self.list.edit(self.list.rows.index(song))

    def show_parts(self, number: int) -> None:
        """Show which part each track of a song plays, to be corrected."""
        song = self._changes.shown(number)
        if song is not None:
            use = "Cut the song into windows with these parts"
            page = PartsDialog(self.window(), song, song.parts, self._preview, use)
            page.accepted.connect(lambda: self._changes.choose_parts(number, page.parts))
            page.open()

    def _show_models(self) -> None:
        list_models(self.model, self._library, self._library.model_name, self._library.model_path)
        self.model.setEnabled(self.model.count() > 0)

    def _choose_model(self) -> None:
        chosen, library = self.model.currentData(), self._library
        self._show_models()  # until it is there
        if chosen is None:
            return
        if (path := Path(chosen)) in library.of_runs:
            self._run_models.use(RunFolder(library.of_runs[path].folder))
        elif path != library.model_path:
            library.open(model_path=path)

    def _show_atlas(self) -> None:
        self._show_songs()
        self._show_models()
