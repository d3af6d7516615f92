"""The path on the map, the kept paths and the favourites, with undo and redo of every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.session.path.change import NO_KIND, DrawingChange
from explorer.session.path.drawing import MOST_KEPT, Drawing, Favourite, KeptPath, PathPoint, fit_name
from explorer.session.path.undo_stacks import UndoStacks
from explorer.session.songs.atlas import Atlas
from vrae_core.latent.path import MOST_POINTS, SHORTEST, LatentPath, Manner
from vrae_core.piano_roll import FloatArray

MOST_LEFT = 50  # models whose drawings are kept
_PUT = 0  # the kind of an undo step that puts a point somewhere


class DrawnPath(QObject):
    """Holds one ``drawing``.  Each change makes another, and is one undo step."""

    changed = Signal()
    kept_changed = Signal()  # the named paths or the favourites

    def __init__(self, undo_stack: UndoStacks) -> None:
        super().__init__()
        self.undo_stack = undo_stack  # the session's: other changes than its own are on it too
        self.drawing = Drawing()
        self.chosen: int | None = None  # a point, the one that Delete deletes
        self.chosen_segment: int | None = None  # the one whose duration is set; None: all that have none of their own
        self.snap = True  # whether points put near a dot are put on it
        self.left: dict[str, Drawing] = {}  # those of other models, by their digests, the one left last at the end
        self._atlas: Atlas | None = None
        self._before_drag: Drawing | None = None

    # --- what there is

    @property
    def points(self) -> tuple[PathPoint, ...]:
        """The points of the path, in order."""
        return self.drawing.points

    @property
    def manner(self) -> Manner:
        """How the path is walked along."""
        return self.drawing.manner

    @property
    def on_map(self) -> FloatArray:
        """The points as drawn: (k, 2)."""
        return self.drawing.on_map

    @property
    def segments(self) -> list[tuple[int, int]]:
        """The two points that each segment joins."""
        count = len(self.points)
        return [(i, (i + 1) % count) for i in range(self.drawing.path.segments)]

    @property
    def seconds(self) -> float:
        """How long the piece along it lasts, at the songs' own tempo."""
        if self._atlas is None or not self.drawing.path.segments:
            return 0.0
        path = self.drawing.path
        rates = self._atlas.rates_over(path)
        return float((np.array(path.steps(self._atlas.model.config.window, rates)) / rates).sum())

    # --- its points

    def point_at(self, at: FloatArray, window: int = -1) -> PathPoint:
        """A point for the path at a map point, or on a window (−1: on none)."""
        assert self._atlas is not None
        latent_map = self._atlas.map
        if window >= 0:
            return PathPoint(latent_map.points[window], latent_map.mu[window])
        return PathPoint(at, latent_map.z_at(at))

    def add(self, point: PathPoint) -> None:
        """Put a point at the end."""
        self._put("add a point", len(self.points), point)

    def insert(self, along: float) -> int:
        """Put a point on the path at a place on it, as in ``Timetable``; returns its number.

        The line stays what it is, but for a smooth one.  A duration that the segment has of its own is divided.
        """
        before = min(int(along), self.drawing.path.segments - 1)
        place = np.array([along])
        at, z, seconds = self.drawing.places(place)[0], self.drawing.path.at(place)[0], self.points[before].seconds
        share = along - before
        parts = (share, 1 - share)
        first, rest = (None if seconds is None else max(SHORTEST, seconds * part) for part in parts)
        points = list(self.points)
        points[before] = points[before]._replace(seconds=first)
        self._put("insert a point", before + 1, PathPoint(at, z, rest), points)
        return before + 1

    def _put(self, text: str, index: int, point: PathPoint, among: Sequence[PathPoint] | None = None) -> None:
        points = self.points if among is None else among
        if len(points) < MOST_POINTS:
            after = replace(self.drawing, points=(*points[:index], point, *points[index:]))
            self._do(text, after, index, _PUT)

    def delete(self, index: int) -> None:
        """Take a point away; its neighbours are joined."""
        left = self.points[:index] + self.points[index + 1 :]
        chosen = min(index, len(left) - 1) if left else None
        self._do("delete a point", replace(self.drawing, points=left), chosen)

    def delete_chosen(self) -> None:
        """Take away the chosen point, if one is."""
        if self.chosen is not None:
            self.delete(self.chosen)

    def clear(self) -> None:
        """Take all points away."""
        if self.points:
            self._do("clear the path", replace(self.drawing, points=()), None)

    def choose(self, index: int | None) -> None:
        """Mark a point, the one that Delete deletes."""
        self.chosen = index
        self.changed.emit()

    def choose_segment(self, segment: int | None) -> None:
        """Mark a segment, the one that ``set_seconds`` is about."""
        self.chosen_segment = segment
        self.changed.emit()

    def drag(self, index: int, point: PathPoint) -> None:
        """Move a point for now; ``drop`` makes one undo step of the whole drag."""
        if self._before_drag is None:
            self._before_drag = self.drawing
        moved = point._replace(seconds=self.points[index].seconds)
        points = (*self.points[:index], moved, *self.points[index + 1 :])
        self._show(replace(self.drawing, points=points), index)

    def drop(self, put: bool = False) -> None:
        """End a drag; of a point just ``put`` there it is one step with its putting."""
        before, self._before_drag = self._before_drag, None
        if before is not None:
            moved, self.drawing = self.drawing, before
            self._do("move a point", moved, self.chosen, _PUT, joins=put)

    # --- its manner

    def set_seconds(self, seconds: float) -> None:
        """How long the chosen segment lasts, or every one that has no duration of its own."""
        index, points = self.chosen_segment, self.points
        if index is None:
            after = replace(self.drawing, manner=replace(self.manner, usual_seconds=seconds))
        else:
            timed = points[index]._replace(seconds=seconds)
            after = replace(self.drawing, points=(*points[:index], timed, *points[index + 1 :]))
        self._do("change a duration", after, self.chosen, 1 if index is None else index + 2, joins=True)

    def set_smooth(self, smooth: bool) -> None:
        """A curve through the points, or straight segments."""
        self._set_manner("change the curve", replace(self.manner, smooth=smooth))

    def set_spherical(self, spherical: bool) -> None:
        """By direction and length of z, or by its coordinates."""
        self._set_manner("change the measure", replace(self.manner, spherical=spherical))

    def set_closed(self, closed: bool) -> None:
        """On from the last point to the first, or not."""
        self._set_manner("close the path" if closed else "open the path", replace(self.manner, closed=closed))

    def set_even_change(self, even_change: bool) -> None:
        """At the pace of the music's change, or of z."""
        self._set_manner("change the pace", replace(self.manner, even_change=even_change))

    def set_mixed(self, mixed: bool) -> None:
        """Through mixtures of the music at both ends, or on a line in z."""
        self._set_manner("change the way", replace(self.manner, mixed=mixed))

    @property
    def can_be_mixed(self) -> bool:
        """Whether the model knows mixtures of music: one of parts was taught them."""
        return self._atlas is not None and self._atlas.model.config.parts

    def set_snap(self, snap: bool) -> None:
        """Whether points put near a dot are put on it."""
        self.snap = snap
        self.changed.emit()

    def _set_manner(self, text: str, manner: Manner) -> None:
        if manner != self.manner:
            self._do(text, replace(self.drawing, manner=manner), self.chosen)

    # --- what is kept

    def keep(self) -> None:
        """Keep the path that is drawn, under a name that can be changed."""
        self.keep_as("Path", self.drawing.path)

    def keep_as(self, name: str, path: LatentPath) -> None:
        """Keep a path under a name and a number."""
        kept = self.drawing.kept
        if len(path.points) and len(kept) < MOST_KEPT:
            taken = {each.name for each in kept}
            free = next(f"{name} {i}" for i in range(1, MOST_KEPT + 2) if f"{name} {i}" not in taken)
            self._do("save the path", replace(self.drawing, kept=(*kept, KeptPath(free, path))), self.chosen)

    def take(self, index: int) -> None:
        """Draw a kept path in place of the one that is drawn."""
        self._do("draw a saved path", self.drawing.with_path(self.drawing.kept[index].path), None)

    def parameters(self) -> dict[str, Any]:
        """All but the points of the path that is drawn, for a file that keeps those in its own way."""
        return {name: value for name, value in self.drawing.path.as_plain().items() if name != "points"}

    def draw(self, path: LatentPath) -> None:
        """Draw another path in place of the one that is drawn."""
        self._do("restore a path", self.drawing.with_path(path), None)

    def star(self, z: FloatArray, name: str) -> None:
        """Keep a latent point as a favourite."""
        if len(self.drawing.favourites) < MOST_KEPT:
            favourites = (*self.drawing.favourites, Favourite(fit_name(name), z))
            self._do("add a favourite", replace(self.drawing, favourites=favourites), self.chosen)

    def rename(self, what: str, index: int, name: str) -> None:
        """Give one of the "kept" paths or of the "favourites" another name."""
        if fit_name(name):
            entries = list(getattr(self.drawing, what))
            entries[index] = entries[index]._replace(name=fit_name(name))
            changes: dict[str, Any] = {what: tuple(entries)}
            self._do("change a name", replace(self.drawing, **changes), self.chosen)

    def discard(self, what: str, index: int) -> None:
        """Keep one of the "kept" paths or of the "favourites" no more."""
        entries = getattr(self.drawing, what)
        left = entries[:index] + entries[index + 1 :]
        text = "delete a saved path" if what == "kept" else "delete a favourite"
        self._do(text, replace(self.drawing, **{what: left}), self.chosen)

    def as_plain(self) -> dict[str, Any]:
        """The drawing for a session file."""
        return self.drawing.as_plain()

    def restore(self, data: object, left: Mapping[str, Drawing] | None = None) -> None:
        """Show what ``as_plain`` gave, or for None what this model left, and keep the drawings of the others.

        Nothing can be undone then.  Raises: VraeError.
        """
        assert self._atlas is not None
        drawing = None if data is None else Drawing.from_plain(data, self._atlas.model.config.latent)
        self.undo_stack.clear()
        self.left = dict(left or {})
        own = self._take_left(self._atlas)
        self._begin(own if drawing is None else drawing)

    # --- undo

    def show_atlas(self, atlas: Atlas) -> None:
        """Draw the same z on another map; to another model they mean nothing, and wait until theirs is back."""
        before, self._atlas = self._atlas, atlas
        digest = atlas.model.digest
        if before is not None and before.model.digest == digest:
            self._show(self.drawing, self.chosen)
            return
        if before is not None:
            self._leave(before.model.digest)
        self.undo_stack.show(digest)
        self._begin(self._take_left(atlas))

    def _take_left(self, atlas: Atlas) -> Drawing:
        """What was drawn with the model when it was left; a file may say of it what cannot be."""
        drawing = self.left.pop(atlas.model.digest, Drawing())
        return drawing if drawing.latent in (0, atlas.model.config.latent) else Drawing()

    def _leave(self, digest: str) -> None:
        drawing = replace(self._before_drag or self.drawing, map=None)
        if not drawing.is_empty:
            self.left[digest] = drawing
        while len(self.left) > MOST_LEFT:
            del self.left[next(iter(self.left))]

    def _begin(self, drawing: Drawing) -> None:
        self._before_drag = None
        self._show(drawing, None)

    def _do(self, text: str, after: Drawing, chosen: int | None, kind: int = NO_KIND, joins: bool = False) -> None:
        before = self.drawing, self.chosen
        self.undo_stack.push(DrawingChange(text, self._show, before, (after, chosen), kind, joins))

    def _show(self, drawing: Drawing, chosen: int | None) -> None:
        if self._atlas is not None:
            drawing = drawing.drawn_on(self._atlas.map)
        before, self.drawing, self.chosen = self.drawing, drawing, chosen
        if self.chosen_segment is not None and self.chosen_segment >= drawing.path.segments:
            self.chosen_segment = None
        self.changed.emit()
        if before.kept is not drawing.kept or before.favourites is not drawing.favourites:
            self.kept_changed.emit()
