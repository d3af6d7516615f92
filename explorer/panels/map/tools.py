"""The map's tools: what a left press, a drag and a right click mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from explorer.panels.map.view.outlines import Box, Lasso
from explorer.panels.map.view.view import GRAB, MapView
from explorer.session.map.selection import Selection
from explorer.session.path.drawing import PathPoint
from explorer.session.path.path import DrawnPath
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from vrae_core.piano_roll import FloatArray

CROWD = 64  # dots around a click among which one that is not greyed is looked for
NOWHERE = np.zeros(2, np.float32)  # where a hand is that has let go and means nothing by it


class Tool:
    """The base does nothing.  Points are map points, (2,).  ``drop`` in place of ``release`` undoes the press."""

    cursor = Qt.CursorShape.ArrowCursor
    left_pans = False
    resets_on_double_click = True

    def __init__(self, view: MapView) -> None:
        self.view = view

    def press(self, point: FloatArray) -> None: ...
    def move(self, point: FloatArray) -> None: ...
    def release(self, point: FloatArray) -> None: ...
    def drop(self) -> None: ...
    def right_click(self, point: FloatArray) -> None: ...


class PlayTool(Tool):
    """Click to hear, drag to morph.  A click on a dot plays its window exactly."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: MapView, playback: Playback) -> None:
        super().__init__(view)
        self._playback = playback

    def press(self, point: FloatArray) -> None:
        window = self.view.dot_at(point)
        if window >= 0:
            self._playback.play_window(window)
        else:
            self._playback.play_at(self.view.meant(point))

    def move(self, point: FloatArray) -> None:
        self._playback.morph_to(self.view.meant(point))


class PathTool(Tool):
    """Click to place a point, on the path to insert one, drag to move one, right click to delete one.

    A point near a dot is put on it; Alt, or the setting, is for the opposite.  Ctrl+click chooses a segment.
    """

    cursor = Qt.CursorShape.CrossCursor
    resets_on_double_click = False

    def __init__(self, view: MapView, path: DrawnPath) -> None:
        super().__init__(view)
        self._path = path
        self._dragged: int | None = None
        self._put = False  # by this very press

    def press(self, point: FloatArray) -> None:
        path = self._path
        self._dragged = self._point_at(point)
        place, reach = self.view.meant(point), GRAB * self.view.map_per_pixel()
        along = None if self._dragged is not None else path.drawing.along_at(place, reach)
        if self.view.modifiers & Qt.KeyboardModifier.ControlModifier:
            path.choose_segment(None if along is None else min(int(along), len(path.segments) - 1))
            return
        self._put = self._dragged is None
        if along is not None:
            self._dragged = path.insert(along)
        elif self._dragged is None:
            path.add(self._new_point(point))
            self._dragged = len(path.points) - 1
        path.choose(self._dragged)

    def move(self, point: FloatArray) -> None:
        if self._dragged is not None and self._dragged < len(self._path.points):
            self._path.drag(self._dragged, self._new_point(point))

    def release(self, point: FloatArray) -> None:
        self._dragged = None
        self._path.drop(self._put)

    def right_click(self, point: FloatArray) -> None:
        index = self._point_at(point)
        if index is not None:
            self._path.delete(index)

    def _new_point(self, point: FloatArray) -> PathPoint:
        inverted = bool(self.view.modifiers & Qt.KeyboardModifier.AltModifier)
        window = self.view.dot_at(point) if self._path.snap != inverted else -1
        return self._path.point_at(self.view.meant(point), window)

    def _point_at(self, point: FloatArray) -> int | None:
        return self._path.drawing.nearest(self.view.meant(point), (GRAB + 3) * self.view.map_per_pixel())


class SelectTool(Tool):
    """Click on a dot to select its window, on nothing to select none; drag a box around windows.

    With Shift both add to what is selected, and a click on what is selected removes it; with Ctrl or Alt both remove.
    """

    cursor = Qt.CursorShape.CrossCursor
    shift_adds = True

    def __init__(self, view: MapView, library: Library, selection: Selection) -> None:
        super().__init__(view)
        self._library, self._selection = library, selection
        self._box = Box(view)
        self._mode: str | None = None  # while the button is down

    def press(self, point: FloatArray) -> None:
        self._box.begin(point)
        self._hold()

    def _hold(self) -> None:
        """What the keys that are held make of it."""
        held = self.view.modifiers
        if held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            self._mode = "remove"
        else:
            self._mode = "add" if held & Qt.KeyboardModifier.ShiftModifier else "only"

    def move(self, point: FloatArray) -> None:
        self._box.draw_to(point)

    def release(self, point: FloatArray) -> None:
        mode, self._mode = self._mode, None
        box = self._box.end(point)
        if mode is None:
            return
        if box is None:
            self._click(point, mode)
        else:
            (x, y), (low, high) = self.view.points.T, box
            inside = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
            self._selection.take(inside, mode if self.shift_adds else "only")

    def drop(self) -> None:
        self._mode = None
        self._box.end(NOWHERE)

    def _click(self, point: FloatArray, mode: str) -> None:
        selection, window = self._selection, self._window_at(point)
        if window is None:
            if mode == "only":
                selection.clear()
        elif mode == "add":
            selection.toggle(window)
        else:
            selection.take(np.arange(len(self.view.points)) == window, mode)

    def _window_at(self, point: FloatArray) -> int | None:
        """The window at a point, whether it is selected or not; those of greyed songs don't count."""
        atlas, library = self._library.atlas, self._library
        assert atlas is not None
        windows, distances = atlas.map.nearest(point, CROWD)
        hit = (distances <= GRAB * self.view.map_per_pixel()) & library.lit.mask[atlas.corpus.song_of[windows]]
        return int(windows[hit][0]) if hit.any() else None


class ShiftTool(SelectTool):
    """What Shift makes of the tools that don't select: a box is the selection, a click adds or removes a window."""

    shift_adds = False


class LassoTool(SelectTool):
    """Draw a line around windows.  Clicks and modifiers mean what they mean to the select tool."""

    def __init__(self, view: MapView, library: Library, selection: Selection) -> None:
        super().__init__(view, library, selection)
        self._lasso = Lasso(view)

    def press(self, point: FloatArray) -> None:
        self._lasso.begin(point)
        self._hold()

    def move(self, point: FloatArray) -> None:
        self._lasso.draw_to(point)

    def release(self, point: FloatArray) -> None:
        mode, self._mode = self._mode, None
        line = self._lasso.end(point)
        if mode is None:
            return
        if line is None:
            self._click(point, mode)
        else:
            self._selection.lasso(self.view.points, line, mode)

    def drop(self) -> None:
        self._mode = None
        self._lasso.end(NOWHERE)


class PanTool(Tool):
    """The left button pans, as the others always do."""

    cursor = Qt.CursorShape.OpenHandCursor
    left_pans = True


TOOLS = ("play", "path", "select", "lasso", "pan")  # as they stand over the map, and have the digits for keys
SELECTING = ("select", "lasso")
