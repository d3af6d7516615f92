"""What is worked out about the map's dots beside the window, without Qt: which is nearest, and their soft glow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.panels.map.view.raster import Scene
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

GLOW_CELLS = 96
GLOW_BLUR = 5.0  # cells
GLOW_ALPHA = 0.30
_PIECE = 65_536  # dots
_MOST_ASKED = 1024  # neighbours; a tree that is asked for more is slower than a look at every dot

Area = tuple[float, float, float, float]  # left, bottom, width, height
Corner = npt.NDArray[np.float64]  # (2,)


@dataclass(frozen=True, eq=False)
class Survey:
    """What is known of a scene: a tree of the dots that can be pointed at, and the glow with its place on the map."""

    scene: Scene
    tree: Any  # a cKDTree, or None without such dots
    numbers: IntArray  # of the dots in the tree
    glow: npt.NDArray[np.uint8] | None = None  # (cells, cells, 4) RGBA
    area: Area = (0.0, 0.0, 0.0, 0.0)


def survey(request: tuple[Scene, Scene | None]) -> Survey:
    """Look at a scene, and at the one that the glow is of, if there is one."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - takes long to load, and the window need not wait for it

    scene, glowing = request
    places = np.ascontiguousarray(scene.points, np.float32)
    there = np.flatnonzero(scene.lit & _placed(places))
    _, first = np.unique(places[there].view(np.int64), return_index=True)  # of dots at one place the first is found
    numbers = there[np.sort(first)]
    tree = cKDTree(places[numbers], balanced_tree=False, compact_nodes=False) if len(numbers) else None
    glow, area = (None, (0.0, 0.0, 0.0, 0.0)) if glowing is None else _glow(glowing)
    return Survey(scene, tree, numbers, glow, area)


def bounds(points: FloatArray) -> tuple[Corner, Corner] | None:
    """The lowest and the highest coordinates, each (2,), of the dots that have a place."""
    low, high = _extremes(points)
    if not np.isfinite([low, high]).all():
        low, high = _extremes(points[_placed(points)])
    return (low, high) if np.isfinite([low, high]).all() else None


def _extremes(points: FloatArray) -> tuple[Corner, Corner]:
    """Column by column: over both at once NumPy takes a hundred times as long."""
    columns = points[:, 0], points[:, 1]
    low = np.array([column.min(initial=np.inf) for column in columns], np.float64)
    high = np.array([column.max(initial=-np.inf) for column in columns], np.float64)
    return low, high


def _placed(points: FloatArray) -> BoolArray:
    """(N,) which dots have a place."""
    return np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])


def nearest(scene: Scene, known: Survey | None, point: FloatArray, within: float) -> int:
    """The lit dot nearest to a map point, if it lies within a map distance of it, else −1."""
    if not np.isfinite(point).all():
        return -1
    if known is None:
        away, best = _nearest_of_all(scene, point, None, 0.0)
        return best if away <= within else -1
    if known.tree is None:
        return -1
    away, found = known.tree.query(point)
    return int(known.numbers[found]) if away <= within else -1


def towards(scene: Scene, known: Survey | None, point: FloatArray, way: FloatArray, beyond: float) -> int | None:
    """The lit dot nearest to a map point in a direction, within 45° of it and beyond a map distance, or None."""
    if known is not None and known.tree is not None:
        for count in (32, _MOST_ASKED):
            found = known.tree.query(point, range(1, min(count, known.tree.n) + 1))[1]
            numbers = known.numbers[found]
            ahead = np.flatnonzero(_ahead(scene.points[numbers], point, way, beyond))
            if len(ahead):
                return int(numbers[ahead[0]])
    away, best = _nearest_of_all(scene, point, way, beyond)
    return best if np.isfinite(away) else None


def _ahead(points: FloatArray, point: FloatArray, way: FloatArray, beyond: float) -> BoolArray:
    across, up = points[:, 0] - point[0], points[:, 1] - point[1]
    ahead = across * way[0] + up * way[1]
    return np.asarray((np.abs(across * way[1] - up * way[0]) <= ahead) & (ahead > beyond))


def _nearest_of_all(scene: Scene, point: FloatArray, way: FloatArray | None, beyond: float) -> tuple[float, int]:
    """Looks at every dot, while no tree is known: its distance and its number."""
    best, number = np.inf, -1
    for first in range(0, len(scene.points), _PIECE):
        points = scene.points[first : first + _PIECE]
        with np.errstate(all="ignore"):  # a coordinate may be no number
            squares = (points[:, 0] - point[0]) ** 2 + (points[:, 1] - point[1]) ** 2
            there = scene.lit[first : first + _PIECE] & (squares < best)  # what is no number is not less
            if way is not None:
                there &= _ahead(points, point, way, beyond)
        if there.any():
            found = int(np.where(there, squares, np.inf).argmin())
            best, number = float(squares[found]), first + found
    return float(np.sqrt(best)), number


def _glow(scene: Scene) -> tuple[npt.NDArray[np.uint8] | None, Area]:
    """Where songs are dense the ground takes a little of their colour."""
    there = np.flatnonzero(scene.lit & _placed(scene.points))
    span = bounds(scene.points)
    if not len(there) or span is None:
        return None, (0.0, 0.0, 0.0, 0.0)
    low, high = span
    side = float(max(high - low)) * 1.5 or 1.0
    corner = (low + high) / 2 - side / 2
    columns, rows = ((scene.points[there] - corner) / side * GLOW_CELLS).astype(int).clip(0, GLOW_CELLS - 1).T
    cells, colour_of = rows * GLOW_CELLS + columns, scene.colour_of[there]
    colours = np.array([int(colour[1:7], 16) for colour in scene.colours])
    kernel = np.exp(-0.5 * (np.arange(-15, 16) / GLOW_BLUR) ** 2)
    density = _blurred(cells, None, kernel)
    pixels = np.empty((GLOW_CELLS, GLOW_CELLS, 4), np.uint8)
    for channel, shift in enumerate((16, 8, 0)):
        light = _blurred(cells, ((colours >> shift) & 0xFF)[colour_of], kernel)
        pixels[..., channel] = light / np.maximum(density, 1e-9)
    pixels[..., 3] = 255 * GLOW_ALPHA * (1 - np.exp(-2.2 * density / max(density.max(), 1e-9)))
    return pixels, (float(corner[0]), float(corner[1]), side, side)


def _blurred(cells: IntArray, weights: IntArray | None, kernel: FloatArray) -> FloatArray:
    """How much lies in and around each cell."""
    counts = np.bincount(cells, weights, GLOW_CELLS**2).reshape(GLOW_CELLS, GLOW_CELLS).astype(float)
    for _ in range(2):
        counts = np.stack([np.convolve(row, kernel, "same") for row in counts]).T
    return counts
