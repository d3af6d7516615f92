"""The kept paths and the favourites: in the panel left of the map once there are some."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from explorer.qt.labels import Label, as_tooltip
from explorer.qt.rows import ROW_HEIGHT, Row, RowList
from explorer.session.path.favourites import Favourites
from explorer.session.path.path import DrawnPath
from explorer.session.songs.library import Library
from vrae_core.latent.path import usual_rate

MOST_SHOWN = 4  # rows, before the list scrolls


class KeptList(QWidget):
    """A click draws a path or plays a favourite; F2 renames, Delete deletes, a right click offers all of these."""

    def __init__(self, library: Library, path: DrawnPath, favourites: Favourites) -> None:
        super().__init__()
        self._library, self._path, self._favourites = library, path, favourites
        self.list = RowList("Paths and favourites")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 10, 0, 0)
        layout.setSpacing(7)
        layout.addWidget(Label("Paths & favourites", "caps"))
        layout.addWidget(self.list)
        self.list.picked.connect(self._take)
        self.list.delete_pressed.connect(lambda key: path.discard(*self._entry(key)))
        self.list.rows.renamed.connect(lambda key, name: path.rename(*self._entry(key), name))
        self.list.customContextMenuRequested.connect(self._offer)
        path.kept_changed.connect(self._show)
        library.atlas_changed.connect(self._show)
        self._show()

    def _entry(self, key: int) -> tuple[str, int]:
        """What a row stands for: a list of the drawing, and a place in it."""
        paths = len(self._path.drawing.kept)
        return ("kept", key) if key < paths else ("favourites", key - paths)

    def _take(self, key: int) -> None:
        what, index = self._entry(key)
        if what == "kept":
            self._path.take(index)
        else:
            self._favourites.hear(index)

    def _offer(self, position: QPoint) -> None:
        index = self.list.indexAt(position)
        if index.isValid():
            key = self.list.rows.row(index).key
            what = self._entry(key)[0]
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Draw" if what == "kept" else "Play", lambda: self._take(key))
            menu.addAction("Rename", lambda: self.list.edit(index))
            menu.addAction("Delete", lambda: self.list.delete_pressed.emit(key))
            menu.popup(self.list.viewport().mapToGlobal(position))

    def _show(self) -> None:
        atlas, drawing = self._library.atlas, self._path.drawing
        rows: list[Row] = []
        accent = QApplication.palette().color(QPalette.ColorRole.Accent).name()
        for name, path in drawing.kept:
            rate = 1.0 if atlas is None else usual_rate(atlas.corpus.grid)
            seconds = 0 if atlas is None else sum(path.steps(atlas.model.config.window, rate)) / rate
            tip = as_tooltip(f"{name}: click draws it. F2 renames, Delete deletes.")
            rows.append(Row(len(rows), accent, name, right=f"{round(seconds, 1):g} s", tip=tip, nameable=True))
        for name, z in drawing.favourites:
            colour = accent if atlas is None else atlas.colour_of(int(atlas.map.nearest_in_z(z)[0][0]))
            tip = as_tooltip(f"{name}: click plays it. F2 renames, Delete deletes.")
            rows.append(Row(len(rows), colour, name, right="★", tip=tip, nameable=True))
        self.list.rows.show_rows(rows)
        self.list.setFixedHeight(min(len(rows), MOST_SHOWN) * ROW_HEIGHT + 4)
        self.setVisible(bool(rows))
