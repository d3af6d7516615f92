"""The path: points in latent space that a piece goes along, with undo and redo of every change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from explorer.atlas import Atlas
from vrae_core.errors import VraeError
from vrae_core.piano_roll import STEPS_PER_SECOND, FloatArray
from vrae_core.pieces import along_path

USUAL_SEGMENT_SECONDS = 5.0
LONGEST_SECONDS = 4 * 3600.0  # of a path that comes from a file


class PathPoint(NamedTuple):
    """Where a point is drawn, (2,), and the z it stands for, (J,)."""

    at: FloatArray
    z: FloatArray


Points = tuple[PathPoint, ...]


class LatentPath(QObject):
    """The path that is drawn on the map.  ``points`` never change in place; each change is one undo step."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.points: Points = ()
        self.chosen: int | None = None
        self.segment_seconds = USUAL_SEGMENT_SECONDS
        self.undo_stack = QUndoStack(self)
        self._before_drag: Points | None = None

    @property
    def on_map(self) -> FloatArray:
        """The points as drawn: (k, 2)."""
        return np.array([point.at for point in self.points], np.float32).reshape(-1, 2)

    @property
    def steps_per_segment(self) -> int:
        """How many steps the piece takes from one point to the next."""
        return max(1, round(self.segment_seconds * STEPS_PER_SECOND))

    def zs(self) -> FloatArray:
        """The z of every step of the piece: (steps, J)."""
        return along_path(np.array([point.z for point in self.points], np.float32), self.steps_per_segment)

    def places(self) -> FloatArray:
        """Where the play-head is at every step of the piece: (steps, 2)."""
        return along_path(self.on_map, self.steps_per_segment)

    def how(self) -> dict[str, Any]:
        """How the piece goes along the points, in plain values that ``restore`` takes."""
        return {"segment_seconds": self.segment_seconds}

    def restore(self, points: Points, how: Mapping[str, Any]) -> None:
        """Draw another path instead, whose piece goes along it as ``how`` says.

        Raises: VraeError, and changes nothing, if ``how`` (which may come from any file) makes no sense.
        """
        seconds = how.get("segment_seconds")
        if type(seconds) not in (int, float) or not 0 < seconds * (len(points) - 1) <= LONGEST_SECONDS:
            raise VraeError("The way in which this path is followed is damaged, or of a later version.")
        self.segment_seconds = float(seconds)
        self._do("restore a path", points, None)

    def add(self, point: PathPoint) -> None:
        """Put a point at the end."""
        self._do("add a point", (*self.points, point), len(self.points))

    def delete(self, index: int) -> None:
        """Take a point away; its neighbours are joined."""
        left = self.points[:index] + self.points[index + 1 :]
        self._do("delete a point", left, min(index, len(left) - 1) if left else None)

    def delete_chosen(self) -> None:
        """Take away the chosen point, if one is."""
        if self.chosen is not None:
            self.delete(self.chosen)

    def clear(self) -> None:
        """Take all points away."""
        if self.points:
            self._do("clear the path", (), None)

    def choose(self, index: int | None) -> None:
        """Mark a point, the one that Delete deletes."""
        self.chosen = index
        self.changed.emit()

    def drag(self, index: int, point: PathPoint) -> None:
        """Move a point for now; ``drop`` makes one undo step of the whole drag."""
        if self._before_drag is None:
            self._before_drag = self.points
        self._show((*self.points[:index], point, *self.points[index + 1 :]), index)

    def drop(self) -> None:
        """End a drag."""
        before, self._before_drag = self._before_drag, None
        if before is not None:
            moved, self.points = self.points, before
            self._do("move a point", moved, self.chosen)

    def undo(self) -> None:
        """Take the last change back."""
        self.undo_stack.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self.undo_stack.redo()

    def forget(self) -> None:
        """Start anew, as for another model: nothing is left to undo."""
        self._before_drag = None
        self.undo_stack.clear()
        self._show((), None)

    def place_on(self, atlas: Atlas) -> None:
        """Draw the same z on another map.  What could be undone was drawn on the old one, and is forgotten."""
        self.undo_stack.clear()
        self._show(tuple(PathPoint(atlas.map.point_of(point.z), point.z) for point in self.points), self.chosen)

    def nearest(self, at: npt.NDArray[np.float32], within: float) -> int | None:
        """The point drawn nearest to a map point, if it is within a map distance."""
        if not self.points:
            return None
        distances = np.linalg.norm(self.on_map - at, axis=1)
        best = int(distances.argmin())
        return best if distances[best] <= within else None

    def _do(self, text: str, after: Points, chosen: int | None) -> None:
        self.undo_stack.push(_Change(self, text, after, chosen))

    def _show(self, points: Points, chosen: int | None) -> None:
        self.points, self.chosen = points, chosen
        self.changed.emit()


class _Change(QUndoCommand):
    """The path before and after; paths are short, so whole ones are kept."""

    def __init__(self, path: LatentPath, text: str, after: Points, chosen: int | None) -> None:
        super().__init__(text)
        self._path = path
        self._before = (path.points, path.chosen)
        self._after = (after, chosen)

    def undo(self) -> None:
        self._path._show(*self._before)

    def redo(self) -> None:
        self._path._show(*self._after)
