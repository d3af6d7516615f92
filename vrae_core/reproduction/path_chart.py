"""The picture of a path between two songs: both curves over many paths, and one path's rolls side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vrae_core.corpus.bars import begins
from vrae_core.corpus.sampling import Grid
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.colours import song_colour
from vrae_core.piano_roll import BoolArray
from vrae_core.pictures.file import INK, plain
from vrae_core.reproduction import charts
from vrae_core.reproduction.hand_over import HandOver

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "From one song to another"
_ROLLS = 7  # of the path's points shown as rolls
_NEW = "#b9bec6"  # cells that neither end has


class End(NamedTuple):
    """One end of a path: a window of a song."""

    song: str
    place: str  # where in the song it begins, in words
    colour: str

    @classmethod
    def of(cls, corpus: Corpus, window: int) -> End:
        """The end that a window of a corpus is."""
        song = int(corpus.song_of[window])
        return cls(corpus.names[song], begins(corpus, window), song_colour(song).paper)

    @property
    def text(self) -> str:
        return f"{plain(self.song)}, {self.place}"


def draw(
    found: HandOver, shown: int, path: BoolArray, ends: tuple[End, End], by_chance: float, way: str, grid: Grid
) -> Figure:
    """Draw all paths' curves, and the rolls of the one ``shown``.

    path: (points, T, P) its rolls; by_chance: elements of both that 95 % of unrelated windows stay below; way: how the
    paths go, in words.
    """
    pairs, points = found.both.shape
    figure = charts.new_figure(
        TITLE, f"{pairs} paths of {points} latent points, {way}, between windows of two songs · "
        "line: mean, band: nine in ten · thin: the path below", 8.4, 6.0,
    )  # fmt: skip
    above, below = figure.subfigures(2, 1, height_ratios=(1.15, 1), squeeze=False).flat
    curves, both = above.subplots(1, 2, width_ratios=(1.35, 1))
    place = np.linspace(0, 1, points)
    charts.dress(curves, "frame F1 with the music of either end", "place on the path")
    for rows, colour, label in (
        (found.f1_with_start, charts.FIRST, "with the start"),
        (found.f1_with_end, charts.SECOND, "with the end"),
    ):
        charts.band(curves, place, rows, colour, label)
        curves.plot(place, rows[shown], color=colour, lw=0.8, alpha=0.8)
    curves.set(ylim=(0, 1.02), xlim=(0, 1))
    charts.legend(curves, "center right")
    charts.dress(both, "elements of both: share of each end's own cells", "place on the path")
    charts.band(both, place, found.both, INK, "paths")
    both.plot(place, found.both[shown], color=INK, lw=0.8, alpha=0.8)
    both.axhline(by_chance, color=charts.QUIET, lw=0.9, ls=(0, (4, 3)), label="95 % of unrelated windows")
    both.set(xlim=(0, 1), ylim=(0, max(0.3, float(found.both.max()) * 1.05)))
    charts.legend(both, "upper right")
    _draw_rolls(below, path, ends, grid)
    return figure


def _draw_rolls(figure: Figure, path: BoolArray, ends: tuple[End, End], grid: Grid) -> None:
    """Rolls side by side, each cell in the colour of the end it comes from, in ink where both have it."""
    from matplotlib.colors import ListedColormap  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    chosen = np.unique(np.linspace(0, len(path) - 1, _ROLLS).round().astype(int))
    used = np.flatnonzero(path.any(axis=(0, 1)))
    columns = slice(used.min(), used.max() + 1) if len(used) else slice(None)
    start, end = path[0], path[-1]
    kind = np.where(start, np.where(end, 3, 1), np.where(end, 2, 4))  # of each cell that sounds
    colours = ListedColormap(["white", ends[0].colour, ends[1].colour, INK, _NEW])
    many = figure.subplots(1, len(chosen), sharey=True)
    for axes, point in zip(np.atleast_1d(many), chosen, strict=True):
        cells = np.where(path[point], kind, 0)[:, columns]
        axes.imshow(cells.T, aspect="auto", origin="lower", cmap=colours, vmin=0, vmax=4, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#d5d8dd")
        axes.set_title(f"{point / (len(path) - 1):.2f}", fontsize=8, color=charts.QUIET, pad=3)
    lasting = f"{grid.in_words(len(start))} each; pitch upwards"
    labels = [f"only in {ends[0].text}", f"only in {ends[1].text}", "in both ends", "in neither"]
    handles = [Patch(color=colour) for colour in (ends[0].colour, ends[1].colour, INK, _NEW)]
    legend = figure.legend(
        handles, ["cells"] * 4, loc="outside lower left", ncols=4, frameon=False, fontsize=8, handlelength=0.9,
        title=lasting, title_fontsize=8, alignment="left", columnspacing=1.2,
    )  # fmt: skip
    for text, label in zip(legend.get_texts(), labels, strict=True):  # "$" in a name is no mathematics
        text.set_parse_math(False)
        text.set_text(label)
