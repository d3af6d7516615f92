"""The latent map as a picture to print: PNG or SVG, dark dots on white, the legend beside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vrae_core.errors import VraeError
from vrae_core.palette import song_colour
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.picture_file import INK, plain, save_picture

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


class Panel(NamedTuple):
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
) -> None:
    """Save the map as PNG (300 dots an inch, at least 2,000 × 1,500) or SVG, by the path's suffix.

    points: (N, 2), of which those that are no numbers are left out; song_of: (N,) index into ``names``;
    axis_names: what the two axes measure, or None where their numbers mean nothing (t-SNE); lit: (N,) which dots
    keep their colour while the others are grey; drawn: a path on the map.  Written whole or not at all.
    Raises: FileError if the suffix is neither .png nor .svg or the file cannot be written; VraeError if no point
    is a number.
    """
    save_map_pictures(path, [Panel(title, points, axis_names, lit, drawn)], song_of, names, title)


def save_map_pictures(
    path: str | os.PathLike[str], panels: Sequence[Panel], song_of: IntArray, names: Sequence[str], title: str
) -> None:
    """Save maps of the same N windows side by side, each under its own title; otherwise as ``save_map_picture``."""
    if not any(np.isfinite(panel.points).all(axis=1).any() for panel in panels):
        raise VraeError("no window has a place on the map, so there is nothing to draw")
    save_picture(path, title, lambda: _draw(panels, song_of, names))


def _draw(panels: Sequence[Panel], song_of: IntArray, names: Sequence[str]) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - no pyplot: it keeps global state and looks for a screen

    columns = min(-(-len(names) // _LEGEND_ROWS), _LEGEND_COLUMNS)
    figure = Figure(figsize=(5.2 * len(panels) + 1.9 * columns, 5.4), layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.15)
    lit = np.zeros(len(song_of), bool)
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        lit |= _draw_map(axes, panel, song_of, len(names))
    grey = np.bincount(song_of[lit], minlength=len(names)) == 0
    _add_legend(figure, [_handle(song, bool(grey[song])) for song in range(min(len(names), _MOST_NAMES))], names)
    return figure


def _draw_map(axes: Axes, panel: Panel, song_of: IntArray, songs: int) -> BoolArray:
    """Draw one map; returns which windows, (N,), have a place and a colour on it."""
    points, placed = panel.points, np.isfinite(panel.points).all(axis=1)
    lit = placed if panel.lit is None else placed & panel.lit
    axes.set_title(plain(panel.title, 80), loc="left", fontsize=12, fontweight="bold", pad=12, parse_math=False)
    size = float(np.clip(6000 / max(len(points), 1), 4, 26))  # in square points
    crowd, grey = len(points) > _MOST_SHAPES, placed & ~lit
    axes.scatter(points[grey, 0], points[grey, 1], size, _GREY, lw=0, rasterized=crowd)
    colours = np.array([song_colour(song).paper for song in range(songs)])
    for kind, (marker, scale) in enumerate(_MARKERS):
        mine = lit & (song_of % len(_MARKERS) == kind)
        axes.scatter(
            points[mine, 0], points[mine, 1], size * scale, colours[song_of[mine]],
            marker=marker, alpha=0.8, lw=0.3, edgecolors="w", rasterized=crowd,
        )  # fmt: skip
    _draw_axes(axes, points[placed], panel.axis_names)
    if panel.drawn is not None:
        _draw_path(axes, panel.drawn)
    return np.asarray(lit)


def _draw_path(axes: Axes, drawn: DrawnLine) -> None:
    """The line in ink with white on both sides, so that it parts from the dots, and its points as rings."""
    for colour, width in (("white", 3.4), (INK, 1.4)):
        axes.plot(drawn.line[:, 0], drawn.line[:, 1], color=colour, lw=width, solid_capstyle="round", zorder=4)
    axes.scatter(drawn.points[:, 0], drawn.points[:, 1], 34, "white", lw=1.4, edgecolors=INK, zorder=5)
    for number, point in enumerate(drawn.points, 1):
        axes.annotate(str(number), (float(point[0]), float(point[1])), (5, 4), textcoords="offset points",
                      fontsize=7.5, fontweight="bold", color=INK, zorder=6)  # fmt: skip


def _handle(song: int, grey: bool) -> Artist:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    marker, scale = _MARKERS[song % len(_MARKERS)]
    colour = _GREY if grey else song_colour(song).paper
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
