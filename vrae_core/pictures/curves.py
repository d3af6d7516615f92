"""How a training went, as a picture to print: the lower bound and its two parts, PNG or SVG."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vrae_core.errors import VraeError
from vrae_core.pictures.file import INK, plain, save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BOUND, _RECONSTRUCTION, _KL = "#05485d", "#8a8f98", "#c2571a"
_MARK = "#9aa0a8"
_MOST_NAMED = 12  # marks that are told in words below the curves
_OF_INTEREST = 0.02  # the lowest 2 % of a curve, its first steep climb, may lie below the picture


def save_curve_picture(
    path: str | os.PathLike[str],
    history: npt.ArrayLike,
    along: str,
    title: str,
    marks: Sequence[tuple[float, str]] = (),
) -> None:
    """Save a training's curves as PNG (300 dots an inch) or SVG, by the path's suffix.

    history: (n, 4) place on the run, lower bound, reconstruction, KL, in nats per window per step; a row with a
    value that is no number leaves a gap.  along: what the place counts, such as "minutes".  marks: places where
    something was done to the run, and what, in their order; each is an upright line with a number.
    Raises: VraeError if no row has all its numbers; FileError if the suffix is neither .png nor .svg or the file
    cannot be written.
    """
    rows = np.array(history, np.float64).reshape(-1, 4)
    rows = rows[np.isfinite(rows[:, 0])]
    rows[~np.isfinite(rows).all(axis=1), 1:] = np.nan
    if not np.isfinite(rows[:, 1]).any():
        raise VraeError("there is nothing to draw yet: no step of the training has been measured")
    save_picture(path, title, lambda: _draw(rows, along, title, marks))


def _draw(rows: npt.NDArray[np.float64], along: str, title: str, marks: Sequence[tuple[float, str]]) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - no pyplot: it keeps global state and looks for a screen

    words = _in_words([text for _, text in marks])
    figure = Figure(figsize=(7.2, 5.0 + 0.16 * len(words)), layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.08, hspace=0.06)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    place, bound, reconstruction, kl = rows.T
    above.set_title(plain(title, 80), loc="left", fontsize=12, fontweight="bold", pad=12, parse_math=False)
    _line(above, place, reconstruction, _RECONSTRUCTION, 1.3, "reconstruction")
    _line(above, place, bound, _BOUND, 1.9, "lower bound")
    _line(below, place, kl, _KL, 1.6, "KL")
    for axes, measures in ((above, "nats per window per step"), (below, "KL")):
        axes.set_ylabel(measures, fontsize=8.5, color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color("#c8ccd2")
        axes.grid(axis="y", color="#e6e8eb", lw=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(colors="#5b616b", labelsize=8, length=2)
    _cut(above, rows[:, 1:3])
    below.set_ylim(bottom=0)
    below.set_xlabel(along, fontsize=8.5, color=INK)
    _mark(above, below, [where for where, _ in marks])
    if words:
        figure.supxlabel("\n".join(words), x=0.02, ha="left", fontsize=7, color="#5b616b", parse_math=False)
    _tell_the_end(above, place, bound)
    above.legend(loc="lower right", frameon=False, fontsize=8.5, handlelength=1.6)
    return figure


def _in_words(texts: Sequence[str]) -> list[str]:
    """A line for each mark, by its number; of very many the first ones."""
    lines = [f"{number}  {plain(text, 130)}" for number, text in enumerate(texts[:_MOST_NAMED], 1)]
    return lines if len(texts) <= _MOST_NAMED else [*lines, f"… and {len(texts) - _MOST_NAMED} more"]


def _mark(above: Axes, below: Axes, places: Sequence[float]) -> None:
    """An upright line at each place, numbered above it; numbers that would lie on each other are left out."""
    left, right = above.get_xlim()
    free = -np.inf
    for number, place in enumerate(places, 1):
        for axes in (above, below):
            axes.axvline(place, color=_MARK, lw=0.7, ls=(0, (2, 2)), zorder=0.5)
        if place - free > 0.018 * (right - left):
            free = place
            above.annotate(
                f"{number}", (place, 1), (0, 2), xycoords=("data", "axes fraction"), textcoords="offset points",
                ha="center", fontsize=6.5, color="#5b616b",
            )  # fmt: skip


def _line(axes: Axes, x: npt.ArrayLike, y: npt.ArrayLike, colour: str, width: float, label: str) -> None:
    """A curve; a dot where there is one value alone, which no line would show."""
    alone = len(np.atleast_1d(x)) == 1
    axes.plot(x, y, color=colour, lw=width, label=label, marker="o" if alone else None, ms=4)


def _cut(axes: Axes, values: npt.NDArray[np.float64]) -> None:
    low, high = np.nanquantile(values, _OF_INTEREST), np.nanmax(values)
    room = 0.06 * (high - low) or 0.5
    axes.set_ylim(low - room, high + room)


def _tell_the_end(axes: Axes, place: npt.NDArray[np.float64], bound: npt.NDArray[np.float64]) -> None:
    """The last bound as a number, at the right end of its curve."""
    last = int(np.flatnonzero(np.isfinite(bound))[-1])
    axes.annotate(
        f"{bound[last]:.2f}".replace("-", "−"), (place[last], bound[last]), (4, 0), textcoords="offset points",
        va="center", fontsize=8.5, color=_BOUND, fontweight="bold", annotation_clip=False,
    )  # fmt: skip
