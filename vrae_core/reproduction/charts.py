"""The look of the reproductions' charts: white paper, one ink, few lines, what they measure written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vrae_core.pictures.file import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIRST, SECOND = "#05485d", "#c2571a"  # two kinds of thing in one chart: far apart in lightness and in hue
QUIET = "#8a8f98"  # what is there to compare with
GRID = "#e6e8eb"


def new_figure(title: str, subtitle: str, width: float = 7.6, height: float = 4.6) -> Figure:
    """A page of ``width`` × ``height`` inches with a title and, smaller below it, how to read it."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - no pyplot: it keeps global state and looks for a screen

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.08, rect=(0, 0, 1, 1 - 0.62 / height))
    figure.text(0.14 / width, 1 - 0.14 / height, title, fontsize=12, fontweight="bold", va="top", parse_math=False)
    figure.text(0.14 / width, 1 - 0.40 / height, subtitle, fontsize=8.5, color="#5b616b", va="top", parse_math=False)
    return figure


def dress(axes: Axes, measures: str, along: str | None = None) -> None:
    """Quiet axes: what is measured at the top left, a light grid, numbers in grey."""
    axes.set_title(measures, loc="left", fontsize=9, color=INK, pad=6, parse_math=False)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#c8ccd2")
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=7.5, length=2)
    if along is not None:
        axes.set_xlabel(along, fontsize=8.5, color=INK)


def band(axes: Axes, x: npt.ArrayLike, rows: npt.NDArray[np.floating], colour: str, label: str | None = None) -> None:
    """The mean of many curves as a line and where nine in ten of them lie as a band.

    x: (n,); rows: (curves, n), which may hold NaN; where no curve has a value nothing is drawn.
    """
    known = np.isfinite(rows).any(axis=0)
    if not known.any():
        return
    places, rows = np.asarray(x, np.float64)[known], rows[:, known]
    low, high = np.nanpercentile(rows, (5, 95), axis=0)
    axes.fill_between(places, low, high, color=colour, alpha=0.16, lw=0)
    axes.plot(places, np.nanmean(rows, axis=0), color=colour, lw=1.8, label=label)


def legend(axes: Axes, place: Any = "best") -> None:
    """A legend without a box; "above" puts it to the right of what is measured."""
    where: dict[str, Any] = {"loc": place}
    if place == "above":
        where = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 4, "borderaxespad": 0.2}
    axes.legend(**where, frameon=False, fontsize=8, handlelength=1.6, labelspacing=0.3)
