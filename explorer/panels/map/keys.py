"""The keyboard on the map: what is heard, the chosen point of a path or the map itself is moved by arrow keys."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from explorer.audio.player import State
from explorer.panels.map.tools import SELECTING
from explorer.panels.map.view.view import MapView
from explorer.session.path.drawing import Drawing
from explorer.session.path.path import DrawnPath
from explorer.session.path.pieces import Pieces
from explorer.session.path.wandering import Wandering
from explorer.session.playing.playback import Playback
from explorer.session.songs.library import Library
from vrae_core.piano_roll import FloatArray

STEP, FINE_STEP = 12.0, 2.0  # pixels a press
PAN_STEP = 48.0
BESIDE = 36.0  # pixels from the last point of a path to one that is put beside it
RUN_SECONDS = 1.0  # presses that follow each other sooner are one run
BEYOND = 0.25  # of the map's size: how far beyond its dots the point heard can be moved
Key = Qt.Key
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}
CHOOSERS = {Key.Key_BracketLeft: -1, Key.Key_BracketRight: 1, Key.Key_PageUp: -1, Key.Key_PageDown: 1}


class MapKeys(QObject):
    """Takes the keys that the map's view is given; the others go on to it."""

    def __init__(
        self,
        view: MapView,
        library: Library,
        playback: Playback,
        path: DrawnPath,
        wandering: Wandering,
        pieces: Pieces,
    ) -> None:
        super().__init__(view)
        self.tool = "play"
        self._view, self._library, self._playback = view, library, playback
        self._path, self._wandering, self._pieces = path, wandering, pieces
        self._aim: FloatArray | None = None  # where the point heard is being moved to
        self._hand: FloatArray | None = None  # where the keys hold an end of a box or a line
        self._run: tuple[Drawing, float] | None = None  # what the last press made of the path, and when
        view.left_released.connect(self._let_go)
        view.left_dropped.connect(self._let_go)
        view.installEventFilter(self)

    def eventFilter(self, view: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._hand is not None:
            event.setAccepted(event.key() == Key.Key_Escape)  # it drops what the keys hold, and nothing else
            return event.isAccepted()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._library.atlas is not None and self._press(event)
        if event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            self._aim = None
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key, path = Key(event.key()), self._path
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        if key in ARROWS:
            self._arrow(np.array(ARROWS[key], np.float32), event.modifiers())
        elif key == Key.Key_Home:
            self._view.reset_view()
        elif key == Key.Key_Enter:  # of the number pad
            self._pieces.play_path()
        elif self.tool == "path" and key in CHOOSERS and path.points:
            chosen = -1 if path.chosen is None and CHOOSERS[key] > 0 else path.chosen or 0
            self._choose((chosen + CHOOSERS[key]) % len(path.points))
        elif self.tool == "path" and key == Key.Key_Insert:
            self._put()
        elif self.tool in SELECTING and key == Key.Key_Insert:
            self._hold(event.modifiers())
        elif self._hand is not None and key == Key.Key_Escape:
            self._view.left_dropped.emit()
        else:
            return False
        return True

    def _arrow(self, way: FloatArray, modifiers: Qt.KeyboardModifier) -> None:
        fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        to_window = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        step = way * ((FINE_STEP if fine else STEP) * self._view.map_per_pixel())
        if self.tool == "pan":
            pan = way * ((STEP if fine else PAN_STEP) * self._view.map_per_pixel())
            self._view.pan_by(pan)
        elif self.tool == "path" and self._path.chosen is not None:
            self._move_path_point(self._path.chosen, way, step, to_window)
        else:
            self._move_heard(way, step, to_window)
            if self._hand is not None and self._aim is not None:
                self._hand = self._aim
                self._view.left_moved.emit(self._hand)

    # --- the point that is heard

    def _move_heard(self, way: FloatArray, step: FloatArray, to_window: bool) -> None:
        playback, points = self._playback, self._view.points
        self._wandering.stop()
        heard = playback.heard
        if heard is None:
            playback.play_window(int(((points - self._view.middle()) ** 2).sum(axis=1).argmin()))
            return
        aim = self._hand if self._aim is None else self._aim  # what is heard may yet be on its way there
        at = heard.place_at(playback.player.position) if aim is None else aim
        window = self._view.dot_towards(at, way) if to_window else None
        if to_window and window is None:
            return
        low, high = points.min(axis=0), points.max(axis=0)
        room = BEYOND * (high - low).max()
        self._aim = points[window] if window is not None else np.clip(at + step, low - room, high + room)
        if playback.player.state is State.PLAYING and len(heard.zs) == 1:
            playback.morph_to(self._aim, window)
        else:
            playback.play_at(self._aim, window)
        self._view.show_point(self._aim)

    # --- a box or a line around windows: the keys do what a mouse would, with the point heard for its cursor

    def _hold(self, modifiers: Qt.KeyboardModifier) -> None:
        """Press at the point heard or, after that, release where it has been moved to."""
        if self._hand is not None:
            self._view.left_released.emit(self._hand)
            return
        playback = self._playback
        heard = playback.heard
        self._hand = self._view.middle() if heard is None else heard.place_at(playback.player.position)
        self._view.modifiers = modifiers
        self._view.left_pressed.emit(self._hand, modifiers)
        self._view.left_moved.emit(self._hand)

    def _let_go(self) -> None:
        self._hand = None

    # --- the points of the path

    def _move_path_point(self, index: int, way: FloatArray, step: FloatArray, to_window: bool) -> None:
        """Presses that follow each other soon are one step of undo; a point is put on a window only by Ctrl."""
        path, at = self._path, self._path.on_map[index]
        window = self._view.dot_towards(at, way) if to_window else None
        if to_window and window is None:
            return
        follows = self._run is not None and self._run[0] is path.drawing and time.monotonic() < self._run[1]
        path.drag(index, path.point_at(at + step, -1 if window is None else window))
        path.drop(follows)
        self._begin_run()
        self._view.show_point(path.on_map[index])

    def _put(self) -> None:
        """Put a point at the end of the path: where the music is, or beside the last one if that is there already."""
        path, playback = self._path, self._playback
        heard, window = playback.heard, -1
        at = self._view.middle()
        if heard is not None:
            at, window = heard.place_at(playback.player.position), -1 if heard.window is None else heard.window
            window = window if heard.windows is None else -1
        beside = BESIDE * self._view.map_per_pixel()
        if path.points and (heard is None or path.drawing.nearest(at, beside / 2) is not None):
            at, window = path.on_map[-1] + np.array((beside, 0), np.float32), -1
        path.add(path.point_at(at, window))
        self._choose(len(path.points) - 1)
        self._begin_run()

    def _choose(self, index: int) -> None:
        path = self._path
        path.choose(index)
        self._run = None
        self._view.show_point(path.on_map[index])

    def _begin_run(self) -> None:
        self._run = (self._path.drawing, time.monotonic() + RUN_SECONDS)
