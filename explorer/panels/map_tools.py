"""The map's tools: what a left press, a drag and a right click mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt

from explorer.session import Session
from explorer.session.drawing import PathPoint
from explorer.widgets.map_view import GRAB, MapView
from vrae_core.piano_roll import FloatArray

SMALLEST_BAND = 5.0  # pixels; a smaller one is a click, which selects nothing


class Tool:
    """The base does nothing.  Points are map points, (2,)."""

    cursor = Qt.CursorShape.ArrowCursor
    left_pans = False
    resets_on_double_click = True

    def __init__(self, view: MapView, session: Session) -> None:
        self.view, self.session = view, session

    def press(self, point: FloatArray) -> None: ...
    def move(self, point: FloatArray) -> None: ...
    def release(self, point: FloatArray) -> None: ...
    def right_click(self, point: FloatArray) -> None: ...


class PlayTool(Tool):
    """Click to hear, drag to morph.  A click on a dot plays its window exactly."""

    cursor = Qt.CursorShape.PointingHandCursor

    def press(self, point: FloatArray) -> None:
        window = self.view.dot_at(point)
        if window >= 0:
            self.session.playback.play_window(window)
        else:
            self.session.playback.play_at(point)

    def move(self, point: FloatArray) -> None:
        self.session.playback.morph_to(point)


class PathTool(Tool):
    """Click to place a point, on the path to insert one, drag to move one, right click to delete one.

    A point near a dot is put on it; Alt, or the setting, is for the opposite.  Ctrl+click chooses a segment.
    """

    cursor = Qt.CursorShape.CrossCursor
    resets_on_double_click = False

    def __init__(self, view: MapView, session: Session) -> None:
        super().__init__(view, session)
        self._dragged: int | None = None
        self._put = False  # by this very press

    def press(self, point: FloatArray) -> None:
        path = self.session.path
        if self.session.library.atlas is None:
            return
        self._dragged = self._point_at(point)
        along = None if self._dragged is not None else path.along_at(point, GRAB * self.view.map_per_pixel())
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
        if self._dragged is not None and self._dragged < len(self.session.path.points):
            self.session.path.drag(self._dragged, self._new_point(point))

    def release(self, point: FloatArray) -> None:
        self._dragged = None
        self.session.path.drop(self._put)

    def right_click(self, point: FloatArray) -> None:
        index = self._point_at(point)
        if index is not None:
            self.session.path.delete(index)

    def _new_point(self, point: FloatArray) -> PathPoint:
        inverted = bool(self.view.modifiers & Qt.KeyboardModifier.AltModifier)
        return self.session.path_point(point, self.view.dot_at(point) if self.session.path.snap != inverted else -1)

    def _point_at(self, point: FloatArray) -> int | None:
        return self.session.path.nearest(point, (GRAB + 3) * self.view.map_per_pixel())


class SelectTool(Tool):
    """Drag a box around windows: the others turn grey.  A click selects nothing again."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: MapView, session: Session) -> None:
        super().__init__(view, session)
        self._corner: FloatArray | None = None

    def press(self, point: FloatArray) -> None:
        self._corner = point

    def move(self, point: FloatArray) -> None:
        if self._corner is not None:
            low, size = np.minimum(self._corner, point), np.abs(point - self._corner)
            self.view.set_band(QRectF(float(low[0]), float(low[1]), float(size[0]), float(size[1])))

    def release(self, point: FloatArray) -> None:
        if self._corner is None:
            return
        low, high = np.minimum(self._corner, point), np.maximum(self._corner, point)
        self._corner = None
        self.view.set_band(None)
        if (high - low).max() < SMALLEST_BAND * self.view.map_per_pixel():
            self.session.selection.clear()
        else:
            inside = ((self.view.points >= low) & (self.view.points <= high)).all(axis=1)
            self.session.selection.set(inside & self.session.library.lit_windows())


class PanTool(Tool):
    """The left button pans, as the others always do."""

    cursor = Qt.CursorShape.OpenHandCursor
    left_pans = True


TOOLS = {"play": PlayTool, "path": PathTool, "select": SelectTool, "pan": PanTool}
