"""What is drawn and kept on a map: the path, named paths, favourite points.  No Qt; a drawing never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.errors import VraeError
from vrae_core.latent.map import LatentMap
from vrae_core.latent.path import LatentPath, Manner, plain_z
from vrae_core.piano_roll import FloatArray

MOST_KEPT, LONGEST_NAME = 500, 80
LINE_PARTS = 24  # that a segment is drawn as
USUAL_MANNER = Manner()


class PathPoint(NamedTuple):
    """Where a point is drawn, (2,), the z it stands for, (J,), and the seconds from it to the next if not as usual."""

    at: FloatArray
    z: FloatArray
    seconds: float | None = None


class KeptPath(NamedTuple):
    """A path to come back to."""

    name: str
    path: LatentPath


class Favourite(NamedTuple):
    """A latent point (J,) to come back to."""

    name: str
    z: FloatArray


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything that undo brings back; its points are drawn on ``map``."""

    map: LatentMap | None = None
    points: tuple[PathPoint, ...] = ()
    manner: Manner = USUAL_MANNER
    kept: tuple[KeptPath, ...] = ()
    favourites: tuple[Favourite, ...] = ()

    @property
    def path(self) -> LatentPath:
        """The path as music knows it."""
        latent = len(self.points[0].z) if self.points else 0
        zs = np.array([point.z for point in self.points], np.float32).reshape(len(self.points), latent)
        return LatentPath(zs, tuple(point.seconds for point in self.points), self.manner)

    @property
    def on_map(self) -> FloatArray:
        """The points as drawn: (k, 2)."""
        return np.array([point.at for point in self.points], np.float32).reshape(-1, 2)

    def places(self, along: npt.ArrayLike) -> FloatArray:
        """Where on the map places on the path, (n,) as in ``Timetable``, are drawn: (n, 2).

        Where their z are shown.  A t-SNE map shows the z of a point put between its dots elsewhere than where it was
        put; so much is added at each point, and between two points in proportion, that the line meets its points.
        """
        along = np.asarray(along)
        if self.map is None or len(self.points) < 2:
            return np.repeat(self.on_map[:1], len(along), axis=0)
        path, ends = self.path, [*range(len(self.points)), 0]
        off = (self.on_map - self.map.points_of(path.points))[ends]
        amiss = [np.interp(along, np.arange(len(off)), column) for column in off.T]
        return np.asarray(self.map.points_of(path.at(along)) + np.stack(amiss, axis=1), np.float32)

    @cached_property
    def line(self) -> FloatArray:
        """The path as drawn: the beginnings of LINE_PARTS parts of each segment, and the end, (n, 2)."""
        return self.places(np.arange(self.path.segments * LINE_PARTS + 1) / LINE_PARTS)

    def nearest(self, at: npt.NDArray[np.float32], within: float) -> int | None:
        """The point drawn nearest to a map point, if it is within a map distance."""
        if not self.points:
            return None
        distances = np.linalg.norm(self.on_map - at, axis=1)
        best = int(distances.argmin())
        return best if distances[best] <= within else None

    def along_at(self, at: npt.NDArray[np.float32], within: float) -> float | None:
        """The place on the path, as in ``Timetable``, drawn nearest to a map point, if within a map distance."""
        if len(self.line) < 2:
            return None
        begins, ways = self.line[:-1].astype(float), np.diff(self.line.astype(float), axis=0)
        squares = np.maximum((ways**2).sum(axis=1), 1e-30)
        shares = (((at - begins) * ways).sum(axis=1) / squares).clip(0, 1)
        distances = np.linalg.norm(begins + shares[:, None] * ways - at, axis=1)
        best = int(distances.argmin())
        return (best + float(shares[best])) / LINE_PARTS if distances[best] <= within else None

    def drawn_on(self, latent_map: LatentMap) -> Drawing:
        """The same z on another map."""
        if latent_map is self.map:
            return self
        moved = tuple(point._replace(at=latent_map.point_of(point.z)) for point in self.points)
        return replace(self, map=latent_map, points=moved)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to come back to."""
        return not (self.points or self.kept or self.favourites) and self.manner == USUAL_MANNER

    def with_path(self, path: LatentPath) -> Drawing:
        """Another path in place of the one that is drawn."""
        assert self.map is not None
        places = self.map.points_of(path.points)
        points = tuple(map(PathPoint, places, path.points, path.seconds))
        return replace(self, points=points, manner=path.manner)

    def is_like(self, other: Drawing) -> bool:
        """Whether both hold the same, wherever their maps show it."""
        mine, its = self.path, other.path
        kept = self.kept is other.kept and self.favourites is other.favourites
        same = mine.seconds == its.seconds and mine.manner == its.manner
        return kept and same and np.array_equal(mine.points, its.points)

    def as_plain(self) -> dict[str, Any]:
        """Lists, numbers and words, for JSON."""
        return {
            "path": self.path.as_plain(),
            "paths": [{"name": name, **path.as_plain()} for name, path in self.kept],
            "favourites": [{"name": name, "z": z.tolist()} for name, z in self.favourites],
        }

    @property
    def latent(self) -> int:
        """J of the z in it; 0 if there are none."""
        zs = [*(point.z for point in self.points), *(z for _name, z in self.favourites)]
        return len(zs[0]) if zs else self.kept[0].path.points.shape[1] if self.kept else 0

    @classmethod
    def from_plain(cls, data: object, latent: int | None = None) -> Drawing:
        """The drawing that ``as_plain`` gave, from a source that may hold anything, on no map yet.

        latent: the J that all its z must have; without it they must have one and the same.
        Raises: VraeError saying what is wrong with it.
        """
        if not isinstance(data, Mapping):
            raise VraeError("stored paths and favourites are not a table")
        if latent is None:
            latent = _latent_in(data)
        kept = [KeptPath(_name(entry), LatentPath.from_plain(entry, latent)) for entry in _entries(data, "paths")]
        favourites = [
            Favourite(_name(entry), plain_z(entry.get("z"), latent)) for entry in _entries(data, "favourites")
        ]
        path = LatentPath.from_plain(data.get("path"), latent)
        nowhere = np.zeros(2, np.float32)
        points = tuple(PathPoint(nowhere, z, seconds) for z, seconds in zip(path.points, path.seconds, strict=True))
        return cls(None, points, path.manner, tuple(kept), tuple(favourites))


def _latent_in(data: Mapping[str, Any]) -> int:
    """J of the first z that there is; 1 if there is none."""
    paths = [path for path in (data.get("path"), *_entries(data, "paths")) if isinstance(path, Mapping)]
    begins = [path["points"][:1] for path in paths if isinstance(path.get("points"), list)]
    zs = [*chain(*begins), *(entry.get("z") for entry in _entries(data, "favourites"))]
    return next((len(z) for z in zs if isinstance(z, list)), 1)


def fit_name(text: str) -> str:
    """A name as it is kept: on one line, not too long; empty if nothing is left."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_NAME]


def _entries(data: Mapping[str, Any], what: str) -> list[Mapping[str, Any]]:
    entries = data.get(what, [])
    if not isinstance(entries, list) or len(entries) > MOST_KEPT or not all(isinstance(e, Mapping) for e in entries):
        raise VraeError(f"stored {what} need a list of at most {MOST_KEPT}")
    return entries


def _name(entry: Mapping[str, Any]) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not fit_name(name):
        raise VraeError("a stored path or favourite has no name")
    return fit_name(name)
