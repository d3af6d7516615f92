"""The two maps of a comparison: what is done on one is seen on both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.panels.map.colour_box import colour_dots
from explorer.panels.map.hover_card import HoverCard
from explorer.panels.map.keys import MapKeys
from explorer.panels.map.tools import PlayTool, SelectTool, Tool
from explorer.panels.map.view.linked import LinkedMap
from explorer.qt.jobs import Jobs
from explorer.qt.labels import ElidedLabel, Label
from explorer.session.compare.comparing import Comparing, OtherColours
from explorer.session.map.colouring import Colouring
from explorer.session.map.selection import Selection
from explorer.session.path.drawing import LINE_PARTS
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.path.wandering import Wandering
from explorer.session.playing.playback import Playback
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.piano_roll import FloatArray


class CompareMaps(QWidget):
    """A's map and B's, of the same windows; or words in place of B's."""

    def __init__(
        self,
        library: Library,
        playback: Playback,
        path: DrawnPath,
        selection: Selection,
        colouring: Colouring,
        other_colours: OtherColours,
        comparing: Comparing,
        wandering: Wandering,
        jobs: Jobs,
        pieces: Pieces,
    ) -> None:
        super().__init__()
        self._library, self._playback, self._path, self._selection = library, playback, path, selection
        self._colouring, self._other_colours, self._comparing = colouring, other_colours, comparing
        self._wandering, self._jobs = wandering, jobs
        self.first, self.second = LinkedMap("Map of model A"), LinkedMap("Map of model B")
        self.cards = {view: HoverCard(view) for view in (self.first, self.second)}
        self._tools: dict[LinkedMap, Tool] = {
            self.first: _PlayFirst(self.first, playback, comparing),
            self.second: _PlaySecond(self.second, comparing, self._to_own),
        }
        self._select = {view: SelectTool(view, library, selection) for view in self._tools}
        self._in_use: Tool | None = None
        MapKeys(self.first, library, playback, path, wandering, pieces)
        self.captions = {view: ElidedLabel("", "muted") for view in self._tools}
        self.empty = Label("", "muted")
        self._linking = False
        self.way = "own"
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        maps = QGridLayout(self)
        maps.setContentsMargins(0, 10, 14, 14)
        maps.setHorizontalSpacing(14)
        for place, view in enumerate(self._tools):
            maps.addWidget(self.captions[view], 0, place)
            maps.addWidget(view, 1, place)
            maps.setColumnStretch(place, 1)
        maps.addWidget(self.empty, 1, 1, Qt.AlignmentFlag.AlignCenter)

    def _listen(self) -> None:
        comparing, playback = self._comparing, self._playback
        for view, other in ((self.first, self.second), (self.second, self.first)):
            view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            view.left_pressed.connect(lambda point, modifiers, view=view: self._press(view, point, modifiers))
            view.left_moved.connect(self._drag)
            view.left_released.connect(self._release)
            view.double_clicked.connect(lambda _point, view=view: view.reset_view())
            view.hovered.connect(self.hover)
            view.area_changed.connect(lambda view=view, other=other: self._link(view, other))
        comparing.changed.connect(self.show_words)
        comparing.redrawn.connect(self.show_maps)
        self._library.atlas_changed.connect(self.show_maps)
        self._library.lit.changed.connect(self._show_lit)
        self._colouring.changed.connect(self._show_colours)
        self._other_colours.changed.connect(self._show_colours)
        self._selection.changed.connect(self._show_lit)
        self._jobs.changed.connect(self._show_empty)
        self._path.changed.connect(self._show_path)
        playback.heard_changed.connect(self._show_cursor)
        playback.heard_changed.connect(self._show_captions)
        playback.moved.connect(self._show_cursor)

    # --- the mouse

    def _press(self, view: LinkedMap, point: FloatArray, modifiers: Qt.KeyboardModifier) -> None:
        if self._library.atlas is not None and len(view.points):
            self._wandering.stop()
            self.hover(-1)
            self._in_use = (self._select if modifiers & Qt.KeyboardModifier.ShiftModifier else self._tools)[view]
            self._in_use.press(point)

    def _drag(self, point: FloatArray) -> None:
        if self._in_use is not None:
            self._in_use.move(point)

    def _release(self, point: FloatArray) -> None:
        if self._in_use is not None:
            self._in_use.release(point)
        self._in_use = None

    def hover(self, window: int) -> None:
        """Show the window under the mouse on both maps."""
        for view, atlas in self._atlases().items():
            view.ring(window)
            card = self.cards[view]
            if window < 0 or window >= len(view.points):
                card.hide()
            else:
                words = f"σ {float(atlas.posterior.sigma[window].mean()):.2f}"
                at = view.to_pixels(view.points[window])
                roll, colour = atlas.roll(window), atlas.colour_of(window)
                card.show_window(atlas.title(window), words, roll, colour, at, atlas.corpus.pitches)

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
        self.show_maps()
        self.second.reset_view()  # and the other with it, if they are linked

    def _drawn(self, places: FloatArray) -> FloatArray:
        counterpart = self._comparing.counterpart
        return places if self.way == "own" or counterpart is None else counterpart.alignment.apply(places)

    def _to_own(self, place: FloatArray) -> FloatArray:
        counterpart = self._comparing.counterpart
        return place if self.way == "own" or counterpart is None else counterpart.alignment.undo(place)

    # --- what the session says

    def _atlases(self) -> dict[LinkedMap, Atlas]:
        first, counterpart = self._library.atlas, self._comparing.counterpart
        shown = {} if first is None else {self.first: first}
        return shown if counterpart is None else {**shown, self.second: counterpart.other}

    def show_words(self) -> None:
        """Say over each map which it is, or why there is none."""
        self._show_captions()
        self._show_empty()

    def _show_captions(self) -> None:
        comparing, counterpart = self._comparing, self._comparing.counterpart
        heard = "  ·  playing" if self._playback.heard is not None else ""
        first = f"A  {self._library.model_name}, as in Explore"
        self.captions[self.first].setText(first + ("" if comparing.sounds_other else heard))
        laid = "" if counterpart is None or self.way == "own" else ", aligned with A"
        self.captions[self.second].setText(f"B  {comparing.name}{laid}{heard if comparing.sounds_other else ''}")
        self.captions[self.second].setVisible(counterpart is not None)

    def _show_empty(self) -> None:
        """Words in place of B's map."""
        there_is_b = self._comparing.counterpart is not None
        self.second.setVisible(there_is_b)
        self.empty.setVisible(not there_is_b)
        words = "Choose a model B on the left: it is shown the same windows as A."
        if self._library.atlas is None:
            words = "There is no map yet to compare with."
        self.empty.setText("Opening the model…" if self._comparing.busy else words)

    def show_maps(self) -> None:
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
        self._show_colours()
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

    def _show_colours(self) -> None:
        """A ramp means the same on both maps: B's figures are measured of B, and shown between A's ends."""
        if not self.isVisible():
            return
        meanings = {self.first: self._colouring.meaning, self.second: self._other_colours.meaning}
        for view, atlas in self._atlases().items():
            colour_dots(view, atlas, meanings[view], self._colouring.shape_of(atlas))

    def _show_lit(self) -> None:
        if not self.isVisible():
            return
        lit, selected = self._library.lit.windows(), self._selection.windows
        if selected is not None and len(selected) == len(lit):
            lit = lit & selected
        for view in self._tools:
            if len(view.points) == len(lit):
                view.dots.set_lit(lit)

    def _show_path(self) -> None:
        if not self.isVisible():
            return
        path, counterpart = self._path, self._comparing.counterpart
        self.first.marks.set_path(path.on_map, path.drawing.line)
        if counterpart is not None and (not path.points or counterpart.atlas.model is self._library.model):
            drawing = counterpart.drawing(path.drawing)
            along = np.arange(drawing.path.segments * LINE_PARTS + 1) / LINE_PARTS
            self.second.marks.set_path(self._drawn(drawing.on_map), self._drawn(drawing.places(along)))

    def _show_cursor(self) -> None:
        if not self.isVisible():
            return
        playback, place = self._playback, self._comparing.place()
        heard = playback.heard
        self.first.marks.set_cursor(None if heard is None else heard.place_at(playback.player.position))
        self.second.marks.set_cursor(None if place is None else self._drawn(place))

    # --- events

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_tools"):
            self._show_colours()


class _PlayFirst(PlayTool):
    """Hear a place on A's map through A."""

    def __init__(self, view: LinkedMap, playback: Playback, comparing: Comparing) -> None:
        super().__init__(view, playback)
        self._comparing = comparing

    def press(self, point: FloatArray) -> None:
        self._comparing.hear_other(False)
        super().press(point)


class _PlaySecond(Tool):
    """Hear a place on B's map through B."""

    def __init__(self, view: LinkedMap, comparing: Comparing, to_own: Callable[[FloatArray], FloatArray]) -> None:
        super().__init__(view)
        self._comparing, self._to_own = comparing, to_own

    def press(self, point: FloatArray) -> None:
        self._comparing.play_other(self._to_own(point), self.view.dot_at(point))

    def move(self, point: FloatArray) -> None:
        self._comparing.morph_other(self._to_own(point))
