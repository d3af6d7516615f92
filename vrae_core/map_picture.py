"""The latent map as a picture to print: PNG or SVG, dark dots on white, the legend beside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vrae_core.palette import song_colour
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.picture_file import plain, save_picture

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A shape each as well as a colour, for grey prints and colour-blind eyes; and what makes their areas look alike.
_MARKERS = (("o", 1.0), ("^", 1.1), ("s", 0.85), ("D", 0.75), ("v", 1.1), ("P", 1.2), ("*", 1.8), ("X", 1.2))
_LEGEND_ROWS, _LEGEND_COLUMNS = 24, 3  # inches: a row takes 0.2, a column 1.8


class Panel(NamedTuple):
    """One of several maps in a picture."""

    title: str
    points: FloatArray  # (N, 2)
    axis_names: tuple[str, str] | None


def save_map_picture(
    path: str | os.PathLike[str],
    points: FloatArray,
    song_of: IntArray,
    names: Sequence[str],
    title: str,
    axis_names: tuple[str, str] | None = None,
) -> None:
    """Save the map as PNG (300 dots an inch, at least 2,000 × 1,500) or SVG, by the path's suffix.

    points: (N, 2); song_of: (N,) index into ``names``; axis_names: what the two axes measure,
    or None where their numbers mean nothing (t-SNE).  Written whole or not at all.
    Raises: FileError if the suffix is neither .png nor .svg or the file cannot be written.
    """
    save_map_pictures(path, [Panel(title, points, axis_names)], song_of, names, title)


def save_map_pictures(
    path: str | os.PathLike[str], panels: Sequence[Panel], song_of: IntArray, names: Sequence[str], title: str
) -> None:
    """Save maps of the same N windows side by side, each under its own title; otherwise as ``save_map_picture``."""
    save_picture(path, title, lambda: _draw(panels, song_of, names))


def _draw(panels: Sequence[Panel], song_of: IntArray, names: Sequence[str]) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - no pyplot: it keeps global state and looks for a screen

    columns = min(-(-len(names) // _LEGEND_ROWS), _LEGEND_COLUMNS)
    figure = Figure(figsize=(5.2 * len(panels) + 1.9 * columns, 5.4), layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.15)
    handles: list[Artist] = []
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        handles = _draw_map(axes, panel, song_of, names)
    _add_legend(figure, handles, names)
    return figure


def _draw_map(axes: Axes, panel: Panel, song_of: IntArray, names: Sequence[str]) -> list[Artist]:
    """Draw one map; returns a handle a song for the legend."""
    points = panel.points
    axes.set_title(plain(panel.title, 80), loc="left", fontsize=12, fontweight="bold", pad=12, parse_math=False)
    size = float(np.clip(6000 / max(len(points), 1), 4, 26))  # in square points
    handles: list[Artist] = []
    for song in range(len(names)):
        mine = points[song_of == song]
        marker, scale = _MARKERS[song % len(_MARKERS)]
        colour = song_colour(song).paper
        x, y = mine.T
        handles.append(axes.scatter(x, y, size * scale, colour, marker=marker, alpha=0.8, lw=0.3, edgecolors="w"))
    _draw_axes(axes, points, panel.axis_names)
    return handles


def _draw_axes(axes: Axes, points: FloatArray, names: tuple[str, str] | None) -> None:
    """A square with the cloud in its middle and the same scale both ways."""
    low, high = points.min(axis=0), points.max(axis=0)
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
    most = _LEGEND_ROWS * _LEGEND_COLUMNS
    shown = min(len(names), most)
    legend = figure.legend(
        handles[:shown],
        ["song"] * shown,  # set below: matplotlib would read "$" as mathematics and leave out "_names"
        loc="outside right upper",
        ncols=-(-shown // _LEGEND_ROWS) or 1,
        title=f"{len(names)} songs" if len(names) > shown else None,
        frameon=False, fontsize=9, markerscale=1.4, handletextpad=0.3, borderaxespad=1.0,
    )  # fmt: skip
    for text, name in zip(legend.get_texts(), names, strict=False):
        text.set_parse_math(False)
        text.set_text(plain(name))
