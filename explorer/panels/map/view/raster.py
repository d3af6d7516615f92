"""Draws the map's dots into an image, without Qt: in a thread beside the window's, however many there are.

Few dots are antialiased stamps with a thin edge in the ground's colour; a crowd is drawn as small hard squares, for
which the shapes make no difference.  Grey ones lie below lit ones, and a dot with a coordinate that is no number is
not drawn.  The work goes in pieces that stay in the cache and give the interpreter back often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

Image = npt.NDArray[np.uint32]  # (height, width) premultiplied ARGB
_Numbers = npt.NDArray[np.float64]
SHAPES = ("circle", "triangle", "square", "diamond", "triangle down", "plus", "star", "cross")
LARGEST, SMALLEST = 9.5, 3.0  # a dot's size in pixels; the more are seen, the smaller they are
FEW = 600  # so many are drawn at full size
CROWD, BIG_CROWD = 30_000, 250_000  # from so many dots seen on they are squares of 3 and of 2 pixels
EDGE = 0.8
MARGIN = 0.25  # of the view, drawn beyond each of its sides: what a pan uncovers is there already
_PIECE = 32_768  # dots
_FINE_PIECE = 2_048
_PHASES = 5  # places of a stamp within a pixel, in each direction
_SAMPLES = 8  # of a stamp's pixel, in each direction
_DEEPEST = 6  # rims over one another in a pixel; those below can hardly be seen


@dataclass(frozen=True, eq=False)
class Scene:
    """What the N dots are like.  It never changes; a change makes another scene."""

    points: FloatArray = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    colour_of: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))  # (N,) index into the colours
    colours: Sequence[str] = ()  # as #rrggbb
    lit: BoolArray = field(default_factory=lambda: np.zeros(0, bool))
    shape_of: IntArray | None = None  # (N,) index into SHAPES; None: all circles
    grey: str = "#808080"  # those that are not lit
    edge: str = "#000000"


@dataclass(frozen=True)
class RasterFrame:
    """A part of the map, and the size of its image in the screen's own pixels, of which a pixel of Qt has ``ratio``."""

    left: float
    top: float
    per_pixel: tuple[float, float]  # how much of the map an image's pixel covers, across and upwards
    width: int
    height: int
    ratio: float = 1.0

    @property
    def size(self) -> tuple[float, float]:
        """Of the part of the map."""
        return self.width * self.per_pixel[0], self.height * self.per_pixel[1]


def raster(scene: Scene, frame: RasterFrame) -> Image:
    """The dots within a frame, (height, width)."""
    image = np.zeros(frame.width * frame.height, np.uint32)
    if image.size:
        seen = _seen(scene.points, frame)
        if len(seen) < CROWD:
            _draw_stamps(image, scene, frame, seen)
        else:
            _draw_squares(image, scene, frame, seen)
    return image.reshape(frame.height, frame.width)


def dot_size(seen: int) -> float:
    """How large dots are drawn, in Qt's pixels, if so many are seen; in steps, so that a pan seldom changes it."""
    size = LARGEST - np.log2(max(seen, FEW) / FEW)
    return float(np.clip(np.round(2 * size) / 2, SMALLEST, LARGEST))


def _seen(points: FloatArray, frame: RasterFrame) -> IntArray:
    """The numbers of the dots that lie within a frame, or just beside it."""
    found = [first + np.flatnonzero(_inside(xs, ys, frame)) for first, xs, ys in _placed(points, frame)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _inside(xs: FloatArray, ys: FloatArray, frame: RasterFrame) -> BoolArray:
    beside = LARGEST * frame.ratio
    across = (xs > -beside) & (xs < frame.width + beside)
    return across & (ys > -beside) & (ys < frame.height + beside)


def _placed(points: FloatArray, frame: RasterFrame) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    """Where dots lie in the image: the number of the first of a piece, and their columns and rows."""
    for first in range(0, len(points), _PIECE):
        yield first, *_in_image(points[first : first + _PIECE], frame)


def _in_image(points: FloatArray, frame: RasterFrame) -> tuple[FloatArray, FloatArray]:
    """Columns and rows of dots, exact even where the map is seen from very near."""
    left, top = np.float32(frame.left), np.float32(frame.top)
    wide, high = np.float32(1 / frame.per_pixel[0]), np.float32(1 / frame.per_pixel[1])
    with np.errstate(all="ignore"):  # a coordinate may be no number
        xs = (points[:, 0] - left) * wide + np.float32((float(left) - frame.left) / frame.per_pixel[0])
        ys = (top - points[:, 1]) * high + np.float32((frame.top - float(top)) / frame.per_pixel[1])
    return xs, ys


def _palette(scene: Scene) -> Image:
    """The colours as numbers; the last is the grey."""
    return np.array([0xFF000000 | int(colour[1:7], 16) for colour in (*scene.colours, scene.grey)], np.uint32)


def _colours(scene: Scene, palette: Image, dots: IntArray) -> Image:
    return palette[np.where(scene.lit[dots], scene.colour_of[dots], len(palette) - 1)]


def _grey_first(scene: Scene, dots: IntArray) -> IntArray:
    lit = scene.lit[dots]
    return dots if lit.all() else np.concatenate([dots[~lit], dots[lit]])


# --- a crowd


def _draw_squares(image: Image, scene: Scene, frame: RasterFrame, seen: IntArray) -> None:
    side = max(2, round((3 if len(seen) < BIG_CROWD else 2) * frame.ratio))
    palette = _palette(scene)
    offsets = (np.arange(side)[:, None] * frame.width + np.arange(side)).ravel().astype(np.int32)
    dots = _grey_first(scene, seen)
    for first in range(0, len(dots), _PIECE):
        some = dots[first : first + _PIECE]
        xs, ys = _in_image(scene.points[some], frame)
        columns, rows = (np.floor(at - (side - 1) / 2).astype(np.int32) for at in (xs, ys))
        whole = (columns >= 0) & (columns <= frame.width - side) & (rows >= 0) & (rows <= frame.height - side)
        corners = rows[whole] * np.int32(frame.width) + columns[whole]
        colours = _colours(scene, palette, some[whole])
        image[corners[:, None] + offsets] = colours[:, None]  # of what meets in a pixel the last stays


# --- few dots


def _draw_stamps(image: Image, scene: Scene, frame: RasterFrame, seen: IntArray) -> None:
    """Opaque pixels at once, the last on top; then the rims of those that are not covered, from below upwards."""
    size = dot_size(len(seen)) * frame.ratio
    edge = EDGE * frame.ratio * min(1.0, (size / frame.ratio - SMALLEST) / 3)
    palette, ground = _palette(scene), _channels(np.array([int(scene.edge[1:7], 16)], np.uint32))
    dots = _grey_first(scene, seen)
    on_top = np.full(len(image), -1, np.int32)
    rims: list[tuple[IntArray, FloatArray, FloatArray, IntArray]] = []
    for first in range(0, len(dots), _FINE_PIECE):
        some = dots[first : first + _FINE_PIECE]
        kinds = np.zeros(len(some), np.int64) if scene.shape_of is None else scene.shape_of[some] % len(SHAPES)
        pixels, outer, inner = _stamped(kinds, *_in_image(scene.points[some], frame), size, edge, frame)
        fills = _channels(_colours(scene, palette, some))
        opaque, rim = outer == 1, (outer > 0) & (outer < 1)
        rank, cell = np.nonzero(opaque)
        image[pixels[opaque]] = _packed(_mixed(fills[rank], ground, inner[rank, cell]))
        on_top[pixels[opaque]] = first + rank
        rim &= first + np.arange(len(some))[:, None] > on_top[pixels * rim]
        rank, cell = np.nonzero(rim)
        share = inner[rank, cell] / outer[rank, cell]
        rims.append((pixels[rim], outer[rim], _mixed(fills[rank], ground, share), first + rank))
    if rims:
        _blend(image, on_top, *(np.concatenate(parts) for parts in zip(*rims, strict=True)))


def _stamped(
    kinds: IntArray, xs: FloatArray, ys: FloatArray, size: float, edge: float, frame: RasterFrame
) -> tuple[IntArray, FloatArray, FloatArray]:
    """The pixels of each of n dots, and how much of each the dot covers with and without its edge: each (n, cells)."""
    reach = 0.5 if not kinds.any() else 0.65  # a circle is the smallest of the shapes
    half = int(np.ceil((size + edge) * reach))
    stamps = np.stack([_stamp(kind, size / 2, edge / 2, half) for kind in range(int(kinds.max(initial=0)) + 1)])
    used = np.flatnonzero(stamps[:, 0].any(axis=(0, 1, 2)))  # a stamp's corners are empty
    left, top = np.floor(xs), np.floor(ys)
    across, down = ((at * _PHASES).astype(np.int64) for at in (xs - left, ys - top))
    rows, columns = (
        at.astype(np.int32)[:, None] + (cell - half).astype(np.int32)
        for at, cell in zip((top, left), divmod(used, 2 * half + 1), strict=True)
    )
    within = (rows >= 0) & (rows < frame.height) & (columns >= 0) & (columns < frame.width)
    outer, inner = stamps[..., used][kinds, :, down, across].swapaxes(0, 1)
    return rows * np.int32(frame.width) + columns, outer * within, inner


@lru_cache(maxsize=256)
def _stamp(kind: int, radius: float, edge: float, half: int) -> FloatArray:
    """How much of each pixel a dot covers, with its edge and without, at each place within its pixel.

    (2, places downwards, places across, cells), the dot's pixel being the middle one.
    """
    samples = (np.arange((2 * half + 1) * _SAMPLES) + 0.5) / _SAMPLES - half
    stamps = np.zeros((2, _PHASES, _PHASES, (2 * half + 1) ** 2), np.float32)
    for down, across in np.ndindex(_PHASES, _PHASES):
        xs, ys = (samples - (phase + 0.5) / _PHASES for phase in (across, down))
        reach = _REACHES[kind](xs[None, :], -ys[:, None])
        for stamp, within in zip(stamps, (radius + edge, radius - edge), strict=True):
            cells = (reach <= within).reshape(2 * half + 1, _SAMPLES, 2 * half + 1, _SAMPLES)
            stamp[down, across] = cells.mean(axis=(1, 3)).ravel()
    return stamps


def _blend(
    image: Image,
    on_top: npt.NDArray[np.int32],
    pixels: IntArray,
    alphas: FloatArray,
    colours: FloatArray,
    ranks: IntArray,
) -> None:
    """Lay the rims over what is below them, the lowest first."""
    open_ones = np.flatnonzero(ranks > on_top[pixels])
    order = open_ones[np.argsort(pixels[open_ones], kind="stable")]
    pixels, alphas, colours = pixels[order], alphas[order, None], colours[order]
    last = np.flatnonzero(np.append(pixels[1:] != pixels[:-1], True)) if len(pixels) else np.zeros(0, np.int64)
    from_above = np.repeat(last, np.diff(last, prepend=-1)) - np.arange(len(pixels))
    for depth in range(min(_DEEPEST, int(from_above.max(initial=-1)) + 1) - 1, -1, -1):
        here = from_above == depth
        below = image[pixels[here]]
        alpha = alphas[here]
        under = np.column_stack([_channels(below), below >> 24]) * (1 - alpha)
        image[pixels[here]] = _packed(under + np.column_stack([colours[here], np.full(len(below), 255.0)]) * alpha)


def _channels(colours: Image) -> FloatArray:
    """Red, green and blue, 0–255: (n, 3)."""
    return np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.float32)


def _mixed(fills: FloatArray, ground: FloatArray, share: FloatArray) -> FloatArray:
    return fills * share[:, None] + ground * (1 - share[:, None])


def _packed(channels: FloatArray) -> Image:
    """(n, 3) opaque colours, or (n, 4) with their alpha last, as numbers."""
    red, green, blue, *alpha = (channels + 0.5).astype(np.uint32).T
    return np.asarray((alpha[0] << 24 if alpha else np.uint32(0xFF000000)) | (red << 16) | (green << 8) | blue)


# --- shapes: how large a shape about the origin must be to reach a point; y points upwards


def _triangle(x: _Numbers, y: _Numbers) -> _Numbers:
    return np.asarray(np.maximum(-y / 0.72, y / 1.2 + np.abs(x) / 0.72))


def _plus(x: _Numbers, y: _Numbers) -> _Numbers:
    x, y = np.abs(x), np.abs(y)
    return np.asarray(np.minimum(np.maximum(x / 1.12, y / 0.42), np.maximum(y / 1.12, x / 0.42)))


def _star(x: _Numbers, y: _Numbers) -> _Numbers:
    """Five arms; each is bounded by the lines from its tip to the notches beside it."""
    away = np.abs((np.arctan2(x, y) + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)  # angle from the nearest tip
    tip, notch = 1.3, 0.6
    slope = (tip - notch * np.cos(np.pi / 5)) / (notch * np.sin(np.pi / 5))
    return np.asarray(np.hypot(x, y) * (np.cos(away) + slope * np.sin(away)) / tip)


_TURN = np.sqrt(0.5)
_REACHES: tuple[Callable[[_Numbers, _Numbers], _Numbers], ...] = (
    np.hypot,
    _triangle,
    lambda x, y: np.maximum(np.abs(x), np.abs(y)) / 0.88,
    lambda x, y: (np.abs(x) + np.abs(y)) / 1.2,
    lambda x, y: _triangle(x, -y),
    _plus,
    _star,
    lambda x, y: _plus((x + y) * _TURN, (x - y) * _TURN),
)
