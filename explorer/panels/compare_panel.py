"""The comparison: the model in Explore, A, beside another, B: their maps, their figures, and A/B by ear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.atlas import Atlas
from explorer.panels.map_keys import MapKeys
from explorer.panels.map_tools import PlayTool, SelectTool, Tool
from explorer.session import Session
from explorer.session.counterpart import MOST_MOVED
from explorer.session.path import LINE_PARTS
from explorer.widgets.controls import Button, DropDown
from explorer.widgets.figures_table import FiguresTable
from explorer.widgets.hover_card import HoverCard
from explorer.widgets.labels import ElidedLabel, Label
from explorer.widgets.linked_map import LinkedMap
from explorer.widgets.segments import Segments
from vrae_core.piano_roll import FloatArray

WIDTH = 292  # pixels: the column left of the maps
HEARD = (
    ("A", "A", "Hear the model in Explore (B)"),
    ("B", "B", "Hear the same, at the same place, through the other model (B)"),
)
VIEWS = (
    ("own", "As it is", "B's map as its model draws it"),
    (
        "aligned",
        "Aligned",
        "B's map turned, mirrored, scaled and shifted onto A's; both are panned and zoomed together",
    ),
    ("moves", "Moves", f"Aligned, with a line from the place on A's map for the {MOST_MOVED} windows that moved most"),
)


class ComparePanel(QWidget):
    """Two maps of the same windows; what is done on one is seen on both."""

    model_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._comparing = session, session.comparing
        self.first, self.second = LinkedMap("Map of model A"), LinkedMap("Map of model B")
        self._cards = {view: HoverCard(view) for view in (self.first, self.second)}
        self._tools: dict[LinkedMap, Tool] = {
            self.first: _PlayFirst(self.first, session),
            self.second: _PlaySecond(self.second, session, self._to_own),
        }
        self._select = {view: SelectTool(view, session) for view in self._tools}
        self._in_use: Tool | None = None
        MapKeys(self.first, session)
        self.model = DropDown()
        self.close_button = Button("Close", "Compare no more: B is closed, and Explore stays as it is")
        self.heard = Segments("Which model is heard", HEARD)
        self.play_path = Button("Play path", "Play the path drawn in Explore; B changes the model at any step", "play")
        self.how = Segments("How B's map is drawn", VIEWS)
        self.figures = FiguresTable()
        self.captions = {view: ElidedLabel("", "muted") for view in self._tools}
        self.empty = Label("", "muted")
        self._linking = False
        self.way = "own"
        self._lay_out()
        self._listen()
        self.heard.show_chosen("A")
        self.how.show_chosen(self.way)
        self._show_models()
        self._show_state()

    def _lay_out(self) -> None:
        self.model.setAccessibleName("Model B")
        self.model.setToolTip("The other model: one that is on offer, or another file")
        left = QVBoxLayout()
        left.setContentsMargins(16, 16, 14, 14)
        left.setSpacing(7)
        row = QHBoxLayout()
        row.addWidget(self.model, 1)
        row.addWidget(self.close_button)
        left.addWidget(Label("Compare with", "caps"))
        left.addLayout(row)
        left.addSpacing(8)
        left.addWidget(Label("Heard", "caps"))
        left.addWidget(self.heard)
        left.addWidget(self.play_path)
        left.addSpacing(8)
        left.addWidget(Label("B's map", "caps"))
        left.addWidget(self.how)
        left.addSpacing(8)
        left.addWidget(Label("On the same windows", "caps"))
        left.addWidget(self.figures)
        left.addStretch(1)
        column = QWidget()
        column.setFixedWidth(WIDTH)
        column.setLayout(left)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        maps = QGridLayout()
        maps.setContentsMargins(0, 10, 14, 14)
        maps.setHorizontalSpacing(14)
        for place, view in enumerate(self._tools):
            maps.addWidget(self.captions[view], 0, place)
            maps.addWidget(view, 1, place)
            maps.setColumnStretch(place, 1)
        maps.addWidget(self.empty, 1, 1, Qt.AlignmentFlag.AlignCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(column)
        layout.addLayout(maps, 1)

    def _listen(self) -> None:
        session, comparing = self._session, self._comparing
        for view, other in ((self.first, self.second), (self.second, self.first)):
            view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            view.left_pressed.connect(lambda point, modifiers, view=view: self._press(view, point, modifiers))
            view.left_moved.connect(lambda point: self._in_use and self._in_use.move(point))
            view.left_released.connect(self._release)
            view.double_clicked.connect(lambda _point, view=view: view.reset_view())
            view.hovered.connect(self._hover)
            view.area_changed.connect(lambda view=view, other=other: self._link(view, other))
        self.model.activated.connect(self._choose_model)
        self.close_button.clicked.connect(comparing.close)
        self.heard.chosen.connect(lambda key: comparing.hear_other(key == "B"))
        self.play_path.clicked.connect(comparing.play_path)
        self.how.chosen.connect(self.show_way)
        comparing.changed.connect(self._show_state)
        comparing.redrawn.connect(self._show_maps)
        session.library.atlas_changed.connect(self._show_maps)
        session.library.models_changed.connect(self._show_models)
        session.library.lit_changed.connect(self._show_lit)
        session.selection.changed.connect(self._show_lit)
        session.jobs.changed.connect(self._show_empty)
        session.path.changed.connect(self._show_path)
        session.playback.heard_changed.connect(self._show_cursor)
        session.playback.heard_changed.connect(self._show_captions)
        session.playback.moved.connect(self._show_cursor)

    # --- choosing

    def _choose_model(self) -> None:
        path = self.model.currentData()
        if path is None:
            self._show_models()
            self.model_wanted.emit()
        else:
            self._comparing.open(Path(path))

    def _show_models(self) -> None:
        self.model.clear()
        self.model.setPlaceholderText("Choose a model…")
        for name, path in self._session.library.models.items():
            self.model.addItem(name, str(path))
        name = self._comparing.name
        if name and self.model.findText(name) < 0:
            self.model.addItem(name, None)
        self.model.setCurrentIndex(self.model.findText(name) if name else -1)
        self.model.addItem("Open…", None)

    # --- the mouse

    def _press(self, view: LinkedMap, point: FloatArray, modifiers: Qt.KeyboardModifier) -> None:
        if self._session.library.atlas is not None and len(view.points):
            self._session.wandering.stop()
            self._hover(-1)
            self._in_use = (self._select if modifiers & Qt.KeyboardModifier.ShiftModifier else self._tools)[view]
            self._in_use.press(point)

    def _release(self, point: FloatArray) -> None:
        if self._in_use is not None:
            self._in_use.release(point)
        self._in_use = None

    def _hover(self, window: int) -> None:
        """Show the window under the mouse on both maps."""
        for view, atlas in self._atlases().items():
            view.ring(window)
            card = self._cards[view]
            if window < 0 or window >= len(view.points):
                card.hide()
            else:
                words = f"σ {float(atlas.posterior.sigma[window].mean()):.2f}"
                at = view.to_pixels(view.points[window])
                card.show_window(atlas.title(window), words, atlas.roll(window), atlas.colour_of(window), at)

    def _link(self, view: LinkedMap, other: LinkedMap) -> None:
        """Pan and zoom both as one where both show the same plane."""
        if self.way != "own" and not self._linking and self._comparing.counterpart is not None:
            self._linking = True
            other.follow(view)
            self._linking = False

    # --- between B's own map and what is drawn

    def show_way(self, way: str) -> None:
        """Draw B's map as its "own", "aligned", or with the "moves" too."""
        self.way = way
        self.how.show_chosen(way)
        self._show_maps()
        self.second.reset_view()  # and the other with it, if they are linked

    def _drawn(self, places: FloatArray) -> FloatArray:
        counterpart = self._comparing.counterpart
        return places if self.way == "own" or counterpart is None else counterpart.alignment.apply(places)

    def _to_own(self, place: FloatArray) -> FloatArray:
        counterpart = self._comparing.counterpart
        return place if self.way == "own" or counterpart is None else counterpart.alignment.undo(place)

    # --- what the session says

    def _atlases(self) -> dict[LinkedMap, Atlas]:
        first, counterpart = self._session.library.atlas, self._comparing.counterpart
        shown = {} if first is None else {self.first: first}
        return shown if counterpart is None else {**shown, self.second: counterpart.other}

    def _show_state(self) -> None:
        comparing = self._comparing
        there_is_b = comparing.counterpart is not None
        self.heard.show_chosen("B" if comparing.hears_other else "A")
        for part in (self.heard, self.how, self.close_button):
            part.setEnabled(there_is_b)
        self._show_play_path()
        counterpart = comparing.counterpart
        self.figures.show_figures(comparing.figures, None if counterpart is None else counterpart.alignment.residual)
        self._show_captions()
        self._show_empty()

    def _show_captions(self) -> None:
        comparing, counterpart = self._comparing, self._comparing.counterpart
        heard = "  ·  heard" if self._session.playback.heard is not None else ""
        first = f"A  {self._session.library.model_name}, as in Explore"
        self.captions[self.first].setText(first + ("" if comparing.hears_other else heard))
        laid = "" if counterpart is None or self.way == "own" else ", laid onto A"
        self.captions[self.second].setText(f"B  {comparing.name}{laid}{heard if comparing.hears_other else ''}")
        self.captions[self.second].setVisible(counterpart is not None)

    def _show_empty(self) -> None:
        """Words in place of B's map; a model that could not be opened is no longer shown as chosen."""
        comparing, there_is_b = self._comparing, self._comparing.counterpart is not None
        self.model.setEnabled(self._session.library.atlas is not None)
        if not comparing.busy and self.model.currentText() != comparing.name:
            self._show_models()
        self.second.setVisible(there_is_b)
        self.empty.setVisible(not there_is_b)
        words = "Choose a model B on the left: it is shown the same windows as A."
        if self._session.library.atlas is None:
            words = "There is no map yet to compare with."
        self.empty.setText("Opening the model…" if comparing.busy else words)

    def _show_play_path(self) -> None:
        drawn = len(self._session.path.points) > 1
        self.play_path.setEnabled(self._comparing.counterpart is not None and drawn)

    def _show_maps(self) -> None:
        """Draw both maps anew, as long as somebody sees them."""
        if not self.isVisible():
            return
        shown, counterpart = self._atlases(), self._comparing.counterpart
        linked = self.way != "own" and counterpart is not None
        drawn = {view: atlas.map.points for view, atlas in shown.items()}
        if linked and counterpart is not None:
            drawn[self.second] = counterpart.laid
        corners = [end for points in drawn.values() for end in (points.min(axis=0), points.max(axis=0))]
        for view, atlas in shown.items():
            view.frame = np.array(corners) if linked else None
            view.show_dots(drawn[view], atlas.corpus.song_of, atlas.colours)
        self._show_moves()
        self._show_lit()
        self._show_path()
        self._show_cursor()
        self._show_captions()

    def _show_moves(self) -> None:
        """Lines for those windows that moved most, if they are wanted."""
        counterpart = self._comparing.counterpart
        if self.way == "moves" and counterpart is not None:
            moved = counterpart.moved
            self.second.show_moves(counterpart.atlas.map.points[moved], counterpart.laid[moved])
        else:
            self.second.show_moves()

    def _show_lit(self) -> None:
        if not self.isVisible():
            return
        session, lit = self._session, self._session.library.lit_windows()
        if session.selection.windows is not None and len(session.selection.windows) == len(lit):
            lit = lit & session.selection.windows
        for view in self._tools:
            if len(view.points) == len(lit):
                view.dots.set_lit(lit)

    def _show_path(self) -> None:
        self._show_play_path()
        if not self.isVisible():
            return
        path, counterpart = self._session.path, self._comparing.counterpart
        self.first.set_path(path.on_map, path.line)
        if counterpart is not None and (not path.points or counterpart.atlas.model is self._session.library.model):
            drawing = counterpart.drawing(path.drawing)
            along = np.arange(drawing.path.segments * LINE_PARTS + 1) / LINE_PARTS
            self.second.set_path(self._drawn(drawing.on_map), self._drawn(drawing.places(along)))

    def _show_cursor(self) -> None:
        if not self.isVisible():
            return
        playback, place = self._session.playback, self._comparing.place()
        heard = playback.heard
        self.first.set_cursor(None if heard is None else heard.place_at(playback.player.position))
        self.second.set_cursor(None if place is None else self._drawn(place))

    # --- events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._comparing.set_shown(True)
            self._show_maps()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._hover(-1)
            self._comparing.set_shown(False)


class _PlayFirst(PlayTool):
    """Hear a place on A's map through A."""

    def press(self, point: FloatArray) -> None:
        self.session.comparing.hear_other(False)
        super().press(point)


class _PlaySecond(Tool):
    """Hear a place on B's map through B."""

    def __init__(self, view: LinkedMap, session: Session, to_own: Callable[[FloatArray], FloatArray]) -> None:
        super().__init__(view, session)
        self._to_own = to_own

    def press(self, point: FloatArray) -> None:
        self.session.comparing.play_other(self._to_own(point), self.view.dot_at(point))

    def move(self, point: FloatArray) -> None:
        self.session.comparing.morph_other(self._to_own(point))
