"""The pictures of medleys: four curves over time, and rolls whose colours tell which song each part is nearest to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vrae_core.latent.colours import song_colour
from vrae_core.piano_roll import STEP_SECONDS, BoolArray, IntArray
from vrae_core.pictures.file import plain
from vrae_core.reproduction import charts
from vrae_core.reproduction.endings import Ending
from vrae_core.reproduction.music import Float64Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "How long a medley stays music"
ROLLS_TITLE = "Medleys"
_OF_EACH = 3  # medleys shown as rolls
_MOST_NAMES = 16  # in the legend


@dataclass(frozen=True)
class Medleys:
    """Medleys of one kind of start, measured over blocks of a window each; every array has one row a medley."""

    rolls: BoolArray  # (n, steps, P)
    endings: list[Ending]
    self_similarity: Float64Array  # (n, blocks) frame F1 with the block before, 1 where both are silent; NaN at first
    density: Float64Array  # (n, blocks) onsets a second
    distance: Float64Array  # (n, blocks) 1 − frame F1 with the nearest window of the songs; NaN in silence
    song: IntArray  # (n, blocks) of that window; −1 in silence


def draw_curves(groups: Mapping[str, Medleys], window: int, songs: Mapping[str, Mapping[str, float]]) -> Figure:
    """Four measures over time for each group of medleys, with the songs' own as a quiet band or line.

    window: steps of a block; songs: spreads of the songs' own measures, as `medleys` gives them.
    """
    some = next(iter(groups.values()))
    figure = charts.new_figure(
        TITLE, f"{some.rolls.shape[1]:,} steps of 50 ms, {len(some.rolls)} medleys of each kind, in blocks of {window} "
        "steps · line: mean, band: nine in ten, grey: the songs themselves", 8.4, 5.6,
    )  # fmt: skip
    alive, similar, dense, far = figure.subplots(2, 2, sharex=True).flat
    time = (np.arange(some.density.shape[1]) + 0.5) * window * STEP_SECONDS
    charts.dress(alive, "share that has not died out, frozen or fallen into a loop")
    charts.dress(similar, "self-similarity: frame F1 with the block before")
    charts.dress(dense, "note density, onsets a second", "seconds")
    charts.dress(far, "distance to the nearest window of the songs, 1 − F1", "seconds")
    for (name, group), colour in zip(groups.items(), (charts.FIRST, charts.SECOND), strict=False):
        steps = np.arange(group.rolls.shape[1] + 1)
        going_on = np.mean([steps <= end.goes_on_for for end in group.endings], axis=0)
        alive.plot(steps * STEP_SECONDS, going_on, color=colour, lw=1.8, label=name)
        charts.band(similar, time, group.self_similarity, colour)
        charts.band(dense, time, group.density, colour)
        charts.band(far, time, group.distance, colour)
    _draw_reference(similar, songs["self_similarity"], "a window and the one that follows it in its song")
    _draw_reference(dense, songs["note_density"], "windows of the songs")
    _draw_reference(far, songs["distance_to_nearest_of_other_songs"], "a song's windows and the other songs'")
    for axes in (alive, similar, far):
        axes.set(ylim=(0, 1.18), yticks=np.linspace(0, 1, 6))
    dense.set_ylim(0, 1.2 * dense.get_ylim()[1])
    charts.legend(alive, "lower left")
    for axes in (similar, dense, far):
        charts.legend(axes, "upper right")
    return figure


def _draw_reference(axes: Axes, spread: Mapping[str, float], label: str) -> None:
    """The songs' own measure: nine in ten as a quiet band, the mean as a line."""
    axes.axhspan(spread["p5"], spread["p95"], color=charts.GRID, alpha=0.7, lw=0, zorder=0)
    axes.axhline(spread["mean"], color=charts.QUIET, lw=0.9, ls=(0, (4, 3)), label=label)


def draw_rolls(
    groups: Mapping[str, Medleys], titles: Mapping[str, Sequence[str]], window: int, names: Sequence[str]
) -> Figure:
    """Some medleys of each group as rolls, each block in the colour of the song it is nearest to.

    titles: for each group, of each medley where it starts; names: of the songs.
    """
    chosen = [(kind, row) for kind, group in groups.items() for row in range(min(_OF_EACH, len(group.rolls)))]
    shown = sorted({int(song) for kind, row in chosen for song in groups[kind].song[row] if song >= 0})
    figure = charts.new_figure(
        ROLLS_TITLE, f"each block of {window} steps in the colour of the song whose window is nearest",
        9.0, 1.0 + 1.15 * len(chosen),
    )  # fmt: skip
    many = np.atleast_1d(figure.subplots(len(chosen), 1, sharex=True))
    for axes, (kind, row) in zip(many, chosen, strict=True):
        end = groups[kind].endings[row]
        _draw_roll(axes, groups[kind].rolls[row], groups[kind].song[row], window)
        axes.set_title(plain(titles[kind][row], 60), loc="left", fontsize=8.5, pad=3, parse_math=False)
        axes.set_title(end.text, loc="right", fontsize=8, pad=3, color=charts.QUIET)
        if end.goes_on_for < len(groups[kind].rolls[row]):
            axes.axvline(end.goes_on_for * STEP_SECONDS, color=charts.QUIET, lw=0.9, ls=(0, (2, 2)))
    many[-1].set_xlabel("seconds", fontsize=8.5)
    _add_legend(figure, shown, names)
    return figure


def _draw_roll(axes: Axes, roll: BoolArray, song_of_block: IntArray, window: int) -> None:
    from matplotlib.colors import to_rgb  # noqa: PLC0415

    used = np.flatnonzero(roll.any(axis=0))
    cells = roll[:, used.min() : used.max() + 1] if len(used) else roll
    song = np.repeat(song_of_block, window)
    song = np.pad(song, (0, len(cells) - len(song)), mode="edge")  # steps after the last whole block
    table = np.array([to_rgb(song_colour(int(s)).paper) for s in range(max(int(song.max()), 0) + 1)])
    picture = np.where(cells[:, :, None], table[np.maximum(song, 0)][:, None], 1.0)
    seconds = len(cells) * STEP_SECONDS
    axes.imshow(
        picture.swapaxes(0, 1), aspect="auto", origin="lower", interpolation="nearest",
        extent=(0, seconds, 0, cells.shape[1]),
    )  # fmt: skip
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=charts.QUIET, labelsize=7.5, length=2)


def _add_legend(figure: Figure, songs: Sequence[int], names: Sequence[str]) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415

    songs = songs[:_MOST_NAMES]
    if not songs:
        return
    handles = [Patch(color=song_colour(song).paper) for song in songs]
    legend = figure.legend(
        handles, ["song"] * len(songs), loc="outside lower left", ncols=min(len(songs), 4), frameon=False,
        fontsize=8, handlelength=0.9, columnspacing=1.2,
    )  # fmt: skip
    for text, song in zip(legend.get_texts(), songs, strict=True):  # "$" in a name is no mathematics
        text.set_parse_math(False)
        text.set_text(plain(names[song]))
