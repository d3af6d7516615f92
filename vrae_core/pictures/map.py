"""The latent map as a picture to print: PNG or SVG, dark dots on white, the legend beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.errors import VraeError
from vrae_core.latent.colours import Meaning, ends_in_words, missing_colour, song_colour
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.pictures.file import INK, plain, save_picture

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A shape each as well as a colour, for grey prints and colour-blind eyes; and what makes their areas look alike.
_MARKERS = (("o", 1.0), ("^", 1.1), ("s", 0.85), ("D", 0.75), ("v", 1.1), ("P", 1.2), ("*", 1.8), ("X", 1.2))
_LEGEND_ROWS, _LEGEND_COLUMNS = 24, 3  # inches: a row takes 0.2, a column 1.8
_MOST_NAMES = _LEGEND_ROWS * _LEGEND_COLUMNS
_MOST_SHAPES = (
    20_000  # beyond it the dots of an SVG are one image of 300 dots an inch: no program opens a million shapes
)
_GREY = "#d9dce1"


class DrawnLine(NamedTuple):
    """A path as drawn on the map: the line, (m, 2), and the points on it, (k, 2)."""

    line: FloatArray
    points: FloatArray


class MapShare(NamedTuple):
    """One of several maps in a picture."""

    title: str
    points: FloatArray  # (N, 2)
    axis_names: tuple[str, str] | None
    lit: BoolArray | None = None  # (N,) those that keep their colour; None: all
    drawn: DrawnLine | None = None


def save_map_picture(
    path: str | os.PathLike[str],
    points: FloatArray,
    song_of: IntArray,
    names: Sequence[str],
    title: str,
    axis_names: tuple[str, str] | None = None,
    lit: BoolArray | None = None,
    drawn: DrawnLine | None = None,
    meaning: Meaning | None = None,
) -> None:
    """Save the map as PNG (300 dots an inch, at least 2,000 × 1,500) or SVG, by the path's suffix.

    points: (N, 2), of which those that are no numbers are left out; song_of: (N,) index into ``names``;
    axis_names: what the two axes measure, or None where their numbers mean nothing (t-SNE); lit: (N,) which dots
    keep their colour while the others are grey; drawn: a path on the map; meaning: what the colours stand for, if not
    for songs.  Written whole or not at all.
    Raises: FileError if the suffix is neither .png nor .svg or the file cannot be written; VraeError if no point
    is a number.
    """
    shown = _Key(song_of, names) if meaning is None else _key(meaning)
    _save(path, [MapShare(title, points, axis_names, lit, drawn)], shown, title)


def save_map_pictures(
    path: str | os.PathLike[str], panels: Sequence[MapShare], song_of: IntArray, names: Sequence[str], title: str
) -> None:
    """Save maps of the same N windows side by side, each under its own title; otherwise as ``save_map_picture``."""
    _save(path, panels, _Key(song_of, names), title)


class _Key(NamedTuple):
    """What the dots' colours and shapes say: a kind each, by its index, or a place on a ramp."""

    kind_of: IntArray  # (N,)
    names: Sequence[str]
    ramp: Meaning | None = None
    unknown: int = -1  # the kind that is nothing, if there is one

    def colour(self, kind: int) -> str:
        return missing_colour(dark=False) if kind == self.unknown else song_colour(kind).paper

    def marker(self, kind: int) -> tuple[str, float]:
        return _MARKERS[0 if kind == self.unknown else kind % len(_MARKERS)]


def _key(meaning: Meaning) -> _Key:
    if not meaning.words:
        return _Key(meaning.colour_of, (), meaning)
    unknown = len(meaning.words) if meaning.missing else -1
    return _Key(meaning.colour_of, (*meaning.words, *(["No value"] if meaning.missing else [])), unknown=unknown)


def _save(path: str | os.PathLike[str], panels: Sequence[MapShare], key: _Key, title: str) -> None:
    if not any(np.isfinite(panel.points).all(axis=1).any() for panel in panels):
        raise VraeError("no window has a place on the map, so there is nothing to draw")
    save_picture(path, title, lambda: _draw(panels, key))


def _draw(panels: Sequence[MapShare], key: _Key) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - no pyplot: it keeps global state and looks for a screen

    columns = 1 if key.ramp else min(-(-len(key.names) // _LEGEND_ROWS), _LEGEND_COLUMNS)
    figure = Figure(figsize=(5.2 * len(panels) + 1.9 * columns, 5.4), layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.15)
    lit = np.zeros(len(key.kind_of), bool)
    all_axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, panel in zip(all_axes, panels, strict=True):
        lit |= _draw_map(axes, panel, key)
    if key.ramp is not None:
        _add_ramp(figure, all_axes[-1], key.ramp)
        return figure
    grey = np.bincount(key.kind_of[lit], minlength=len(key.names)) == 0
    handles = [_handle(key, kind, bool(grey[kind])) for kind in range(min(len(key.names), _MOST_NAMES))]
    _add_legend(figure, handles, key.names)
    return figure


def _draw_map(axes: Axes, panel: MapShare, key: _Key) -> BoolArray:
    """Draw one map; returns which windows, (N,), have a place and a colour on it."""
    points, placed = panel.points, np.isfinite(panel.points).all(axis=1)
    lit: BoolArray = np.asarray(placed if panel.lit is None else placed & panel.lit)
    axes.set_title(plain(panel.title, 80), loc="left", fontsize=12, fontweight="bold", pad=12, parse_math=False)
    size = float(np.clip(6000 / max(len(points), 1), 4, 26))  # in square points
    crowd, grey = len(points) > _MOST_SHAPES, placed & ~lit
    axes.scatter(points[grey, 0], points[grey, 1], size, _GREY, lw=0, rasterized=crowd)
    for marker, scale, mine, colours in _groups(key, lit):
        axes.scatter(
            points[mine, 0], points[mine, 1], size * scale, colours,
            marker=marker, alpha=0.8, lw=0.3, edgecolors="w", rasterized=crowd,
        )  # fmt: skip
    _draw_axes(axes, points[placed], panel.axis_names)
    if panel.drawn is not None:
        _draw_path(axes, panel.drawn)
    return lit


def _groups(key: _Key, lit: BoolArray) -> Iterator[tuple[str, float, BoolArray, npt.NDArray[np.str_]]]:
    """The dots of each shape: the shape, its scale, which dots, (N,), and the colours of these."""
    if key.ramp is not None:
        yield *_MARKERS[0], lit, np.array(key.ramp.paper_colours)[key.kind_of[lit]]
        return
    colours = np.array([key.colour(kind) for kind in range(len(key.names))])
    marker_of_kind = np.array([_MARKERS.index(key.marker(kind)) for kind in range(len(key.names))])
    for index, (marker, scale) in enumerate(_MARKERS):
        mine = lit & (marker_of_kind[key.kind_of] == index)
        yield marker, scale, mine, colours[key.kind_of[mine]]


def _draw_path(axes: Axes, drawn: DrawnLine) -> None:
    """The line in ink with white on both sides, so that it parts from the dots, and its points as rings."""
    for colour, width in (("white", 3.4), (INK, 1.4)):
        axes.plot(drawn.line[:, 0], drawn.line[:, 1], color=colour, lw=width, solid_capstyle="round", zorder=4)
    axes.scatter(drawn.points[:, 0], drawn.points[:, 1], 34, "white", lw=1.4, edgecolors=INK, zorder=5)
    for number, point in enumerate(drawn.points, 1):
        axes.annotate(str(number), (float(point[0]), float(point[1])), (5, 4), textcoords="offset points",
                      fontsize=7.5, fontweight="bold", color=INK, zorder=6)  # fmt: skip


def _handle(key: _Key, kind: int, grey: bool) -> Artist:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    marker, scale = key.marker(kind)
    colour = _GREY if grey else key.colour(kind)
    return Line2D([], [], ls="", marker=marker, ms=5 * scale**0.5, mfc=colour, mec="w", mew=0.3)


def _draw_axes(axes: Axes, points: FloatArray, names: tuple[str, str] | None) -> None:
    """A square with the cloud in its middle and the same scale both ways."""
    low, high = points.astype(np.float64).min(axis=0), points.astype(np.float64).max(axis=0)
    reach = 0.53 * float((high - low).max()) or 1.0
    (x, y) = (low + high) / 2
    axes.set(xlim=(x - reach, x + reach), ylim=(y - reach, y + reach), aspect="equal")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#c8ccd2")
    if names is None:
        axes.set(xticks=[], yticks=[])
        return
    axes.tick_params(colors="#8a8f98", labelsize=7, length=2)
    axes.set_xlabel(names[0], fontsize=8)
    axes.set_ylabel(names[1], fontsize=8)


def _add_legend(figure: Figure, handles: Sequence[Artist], names: Sequence[str]) -> None:
    """The legend to the right of the cloud, in columns; beyond 72 songs its heading says how many there are."""
    shown = len(handles)
    legend = figure.legend(
        handles,
        ["song"] * shown,  # set below: matplotlib would read "$" as mathematics and leave out "_names"
        loc="outside right upper",
        ncols=-(-shown // _LEGEND_ROWS) or 1,
        title=f"{len(names)} songs" if len(names) > shown else None,
        frameon=False, fontsize=9, markerscale=1.4, handletextpad=0.3, borderaxespad=1.0,
    )  # fmt: skip
    for text, name in zip(legend.get_texts(), names, strict=False):
        text.set_parse_math(False)
        text.set_text(plain(name))


def _add_ramp(figure: Figure, axes: Axes, meaning: Meaning) -> None:
    """The ramp to the right of the cloud, with its ends, its unit and how many windows it says nothing of."""
    from matplotlib.cm import ScalarMappable  # noqa: PLC0415
    from matplotlib.colors import ListedColormap  # noqa: PLC0415

    bar = figure.colorbar(
        ScalarMappable(cmap=ListedColormap(meaning.paper_colours[:-1])), ax=axes, shrink=0.4, aspect=14, anchor=(0, 1),
        ticks=[0, 1] if meaning.has_ramp else [],
    )  # fmt: skip
    bar.outline.set_visible(False)
    if meaning.has_ramp:
        low, high = ends_in_words(meaning.low, meaning.high)
        bar.ax.set_yticklabels([low, f"{high} {meaning.figure.unit}"], fontsize=9)
    bar.ax.tick_params(length=0)
    bar.ax.set_title(plain(meaning.figure.name), loc="left", fontsize=9, pad=8, parse_math=False)
    if meaning.missing:
        bar.ax.set_xlabel(f"Grey: {meaning.missing:,}\nwithout a value", loc="left", fontsize=8, color="#8a8f98")
