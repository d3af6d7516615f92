"""A path through latent space as a strip of rolls, a figure to print: PNG or SVG."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.errors import VraeError
from vrae_core.latent.path import LatentPath
from vrae_core.piano_roll import STEP_SECONDS, FloatArray
from vrae_core.pictures.file import INK, plain, save_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 24
_USUAL_PANELS, _A_ROW = 7, 8
_QUIET = "#5b616b"
_LEAST_PITCHES = 18  # a panel's height at least, or three notes would fill it


@dataclass(frozen=True, eq=False)
class StripRoll:
    """One roll of the strip: the window decoded at a place on the path."""

    probabilities: FloatArray  # (T, P)
    above: str  # where on the path
    below: str  # what is there
    is_point: bool = True  # one of the path's own points rather than between two


def places_along(path: LatentPath) -> npt.NDArray[np.float64]:
    """Where on a path a strip shows it: at all its points and evenly between them, or evenly if these are too many.

    Places as in ``Timetable``: 1.5 is between the second point and the third.
    """
    if path.segments >= MOST_PANELS:
        return np.linspace(0, path.segments, MOST_PANELS)
    parts = max(1, round((_USUAL_PANELS - 1) / max(path.segments, 1)))
    return np.arange(path.segments * parts + 1) / parts


def save_path_strip(
    path: str | os.PathLike[str],
    panels: Sequence[StripRoll],
    columns: Sequence[int],
    threshold: float,
    title: str,
    grid: Grid = PAPER_GRID,
) -> None:
    """Save rolls side by side, the probability as grey, what sounds (from ``threshold`` on) marked by a line below.

    Of parts the pitches lie together, and drums below them, a row a kind.
    PNG (300 dots an inch) or SVG, by the path's suffix.
    Raises: VraeError if there is no panel; FileError if the suffix is neither .png nor .svg or the file cannot
    be written.
    """
    if not panels:
        raise VraeError("there is no path to draw")
    merged, pitches, drums = _together(panels, columns)
    save_picture(path, title, lambda: _draw(merged, pitches, drums, threshold, title, grid))


def _together(
    panels: Sequence[StripRoll], columns: Sequence[int]
) -> tuple[list[StripRoll], npt.NDArray[np.int64], list[FloatArray]]:
    """The panels with a column a pitch, whoever plays it; the pitches; and each panel's drums, (T, kinds)."""
    is_drum = parts_of(columns) == Part.DRUMS
    pitch_of = np.array(pitches_of(columns))[~is_drum]
    pitches, place = np.unique(pitch_of, return_inverse=True)
    merged, drums = [], []
    for panel in panels:
        keys = np.zeros((len(panel.probabilities), len(pitches)), np.float32)
        for key, sounding in zip(place.reshape(-1).tolist(), panel.probabilities[:, ~is_drum].T, strict=True):
            keys[:, key] = np.fmax(keys[:, key], sounding)
        merged.append(replace(panel, probabilities=keys))
        drums.append(panel.probabilities[:, is_drum])
    return merged, pitches.astype(np.int64), drums


def _draw(
    panels: Sequence[StripRoll],
    pitches: npt.NDArray[np.int64],
    drums: Sequence[FloatArray],
    threshold: float,
    title: str,
    grid: Grid,
) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - no pyplot: it keeps global state and looks for a screen

    rows = -(-len(panels) // _A_ROW)
    columns = -(-len(panels) // rows)
    height = 0.9 + 2.35 * rows
    figure = Figure(figsize=(max(4.5, 0.7 + 1.35 * columns), height), layout="constrained")
    figure.set_layout_engine("constrained", w_pad=0.04, h_pad=0.08, rect=(0, 0, 1, 1 - 0.56 / height))
    left = 0.1 / figure.get_figwidth()
    head: dict[str, Any] = {"va": "top", "parse_math": False}
    figure.text(left, 1 - 0.12 / height, plain(title, 90), fontsize=11, fontweight="bold", **head)
    reading = "The darker, the more probable; what is underlined is played"
    figure.text(left, 1 - 0.36 / height, reading, fontsize=7.5, color=_QUIET, **head)
    low, high = _range(panels, pitches, threshold)
    cells = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(cells.flat):
        if place >= len(panels):
            axes.set_visible(False)
            continue
        _draw_panel(axes, panels[place], pitches, threshold, (low, high))
        _draw_drums(axes, drums[place], threshold, low)
        for beat in range(grid.steps_per_beat, len(panels[place].probabilities), grid.steps_per_beat or 1):
            axes.axvline(beat, color="#9fb3bd", lw=0.4, alpha=0.7)
    steps = len(panels[0].probabilities)
    lasting = f"{steps / grid.steps_per_beat:g} beats" if grid.steps_per_beat else f"{steps * STEP_SECONDS:g} s"
    for axes in cells[:, 0]:
        octaves = np.arange(-(-low // 12) * 12, high + 1, 12)
        axes.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves])
    cells[-1, 0].set_xticks([0, steps], ["0", lasting])
    return figure


def _draw_panel(
    axes: Axes, panel: StripRoll, pitches: npt.NDArray[np.int64], threshold: float, shown: tuple[int, int]
) -> None:
    low, high = shown
    keys = np.zeros((len(panel.probabilities), high - low + 1))
    inside = (pitches >= low) & (pitches <= high)
    keys[:, pitches[inside] - low] = np.nan_to_num(panel.probabilities[:, inside], nan=0.0, posinf=1.0, neginf=0.0)
    axes.imshow(
        keys.T, cmap="Greys", vmin=0, vmax=1, origin="lower", aspect="auto", interpolation="nearest",
        extent=(0, len(keys), low - 0.5, high + 0.5),
    )  # fmt: skip
    for pitch in range(-(-low // 12) * 12, high + 1, 12):
        axes.axhline(pitch - 0.5, color="#9fb3bd", lw=0.4, alpha=0.7)
    steps, sounding = np.nonzero(keys >= threshold)
    axes.hlines(sounding + low - 0.5, steps, steps + 1, color="#c2571a", lw=0.7)
    axes.set_title(panel.above, fontsize=8.5, fontweight="bold" if panel.is_point else "normal",
                   color=INK if panel.is_point else _QUIET, pad=4, parse_math=False)  # fmt: skip
    axes.set_xlabel(_in_lines(panel.below), fontsize=7, color=_QUIET, parse_math=False, labelpad=3)
    axes.spines[:].set_color(INK if panel.is_point else "#c8ccd2")
    axes.spines[:].set_linewidth(0.8)
    axes.tick_params(colors=_QUIET, labelsize=7, length=0)


def _draw_drums(axes: Axes, drums: FloatArray, threshold: float, low: int) -> None:
    """Below the lowest pitch that is shown."""
    if not drums.shape[1]:
        return
    bottom = low - 0.5 - drums.shape[1]
    axes.imshow(
        np.nan_to_num(drums).T, cmap="Greys", vmin=0, vmax=1, origin="lower", aspect="auto", interpolation="nearest",
        extent=(0, len(drums), bottom, low - 0.5),
    )  # fmt: skip
    axes.axhline(low - 0.5, color=_QUIET, lw=0.6)
    steps, sounding = np.nonzero(drums >= threshold)
    axes.hlines(bottom + sounding, steps, steps + 1, color="#c2571a", lw=0.7)
    axes.set_ylim(bottom=bottom)


def _range(panels: Sequence[StripRoll], pitches: npt.NDArray[np.int64], threshold: float) -> tuple[int, int]:
    """The lowest and the highest key shown: those that come near to sounding in any panel, and a little air."""
    most = np.max([panel.probabilities.max(axis=0) for panel in panels], axis=0)
    used = pitches[most >= min(0.5 * threshold, 0.1)]
    low, high = (int(used.min()), int(used.max())) if len(used) else (int(pitches.min()), int(pitches.max()))
    air = max(1, (_LEAST_PITCHES - (high - low) + 1) // 2)
    return low - air, high + air


def _in_lines(text: str, width: int = 18, most: int = 3) -> str:
    """Words on lines short enough to stand under a panel."""
    if not text.strip():
        return ""
    lines = [""]
    for word in plain(text, width * most).split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width and len(lines) < most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(plain(line, width + 4) for line in lines)
