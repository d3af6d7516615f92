"""What the colours of dots stand for, on the screen, on paper and in a browser: songs, a ramp, or words."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from vrae_core.columns import Part
from vrae_core.piano_roll import FloatArray, IntArray


class FigureName(NamedTuple):
    """A figure in words: its name and its unit."""

    name: str
    unit: str


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the dots show: which colour each has, (N,), and what the colours stand for.

    A ramp goes from ``low`` to ``high``; words have a colour each, and are as often as ``counts`` says.
    """

    figure: FigureName
    colour_of: IntArray
    low: float = 0.0
    high: float = 0.0
    words: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    missing: int = 0  # windows that are grey, for nothing is known of them

    @property
    def has_ramp(self) -> bool:
        """Whether the colours are of numbers, some of which are known."""
        return not self.words and math.isfinite(self.low)

    def colours(self, dark: bool, safe: bool) -> tuple[str, ...]:
        """The colours for a dark surface or a light one, and for colour-blind eyes; the last is that of nothing."""
        if self.words:
            return (*(song_colour(word, safe).on(dark) for word in range(len(self.words))), missing_colour(dark))
        return (*ramp(dark), missing_colour(dark))

    @property
    def paper_colours(self) -> tuple[str, ...]:
        """The colours on white; the last is that of nothing."""
        return self.colours(dark=False, safe=False)


def of_numbers(figure: FigureName, values: FloatArray, ends: tuple[float, float] | None = None) -> Meaning:
    """Numbers, (N,) with NaN for nothing, on a ramp: between these ends, or all but their outermost hundredths."""
    low, high = ends or _ends(values)
    known = np.isfinite(values)
    scale = ((np.where(known, values, low).astype(float) - low) / max(high - low, 1e-12)).clip(0, 1)
    level_of = np.where(known, np.nan_to_num(scale) * (LEVELS - 1), LEVELS).astype(np.int64)
    return Meaning(figure, level_of, low, high, missing=int((~known).sum()))


def of_words(figure: FigureName, words: Sequence[str], word_of: IntArray) -> Meaning:
    """Which of some words is said of each window, (N,) with −1 for none."""
    colour_of = np.where(word_of < 0, len(words), word_of)
    *counts, missing = np.bincount(colour_of, minlength=len(words) + 1).tolist()
    return Meaning(figure, colour_of, words=tuple(words), counts=tuple(counts), missing=missing)


def ends_in_words(low: float, high: float) -> tuple[str, str]:
    """Two numbers with as many decimals as tell them apart, and no more than are worth reading."""
    span = max(high - low, 1e-9 * max(abs(low), abs(high), 1e-9))
    decimals = min(max(0, 1 - math.floor(math.log10(span))), 4)
    if high == low or max(abs(low), abs(high)) >= 1e6 or span < 1e-3:
        return f"{low:.3g}", f"{high:.3g}"
    return f"{low:.{decimals}f}".replace("-", "−"), f"{high:.{decimals}f}".replace("-", "−")


def _ends(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return np.nan, np.nan
    low, high = (float(bound) for bound in np.quantile(known, (0.01, 0.99)))
    return (low, high) if high > low else (float(known.min()), float(known.max()))


class SongColour(NamedTuple):
    """One song's colour, as #rrggbb."""

    screen: str  # calm, on a dark surface
    paper: str  # the same hue on white, or on a light screen

    def on(self, dark: bool) -> str:
        """The colour for a dark surface or a light one."""
        return self.screen if dark else self.paper


# On paper the lightness of each hue is set apart so that colour-blind eyes can tell them too: the least
# OKLab distance of two is 0.12, and 0.10 as seen with deuteranopia or protanopia (Okabe & Ito's palette: 0.16, 0.08);
# each stands out from the light theme's surfaces, as the screen's do from the dark one's (a contrast of 3).
_TABLE = (
    SongColour("#5ec8f2", "#04485d"),
    SongColour("#f2a65e", "#7f4700"),
    SongColour("#8fd694", "#039d74"),
    SongColour("#e57ab0", "#cf61c2"),
    SongColour("#c9b458", "#8f7a02"),
    SongColour("#9d8df1", "#613fc0"),
    SongColour("#ee6b6b", "#6e0013"),
    SongColour("#67d0c1", "#2e736a"),
)
# Okabe & Ito's hues, moved apart until eyes with deuteranopia or protanopia tell any two: the least OKLab distance
# is 0.11 however they are seen, and all are light enough for a dark surface (Okabe & Ito's own: 0.02).
_SAFE = ("#5ee3ff", "#f7a106", "#bc49a0", "#329b5b", "#f6de49", "#7971ff", "#ff4507", "#36c198")
# Colour-blind eyes tell those that share the keyboard: the least OKLab distance of two is 0.1.  Drums lie apart.
PART_COLOURS = {
    Part.MELODY: SongColour("#ffc35c", "#b87000"),
    Part.CHORDS: SongColour("#63c4f7", "#0b7fc4"),
    Part.BASS: SongColour("#c060c8", "#7a1a6a"),
    Part.DRUMS: SongColour("#b3b9c6", "#4f5664"),
}
SHAPES = 8  # as many markers as colours
GREY = "#7b818d"  # a song whose colour the dots don't show
_MISSING = "#4b515d", "#c6cbd4"  # faint: what has no figure, on a dark surface and on a light one
LEVELS = 64  # colours of a ramp
_GOLDEN_TURN = 0.381966  # of the hue circle: however many songs there are, their hues stay spread


def song_colour(index: int, safe: bool = False) -> SongColour:
    """The colour of the song at a place in the list of songs, counted from 0; they never run out.

    safe: on a dark surface the first eight can be told by colour-blind eyes; on a light one they can anyway.
    """
    if safe and index < len(_SAFE):
        return song_colour(index)._replace(screen=_SAFE[index])
    if index < len(_TABLE):
        return _TABLE[index]
    extra = index - len(_TABLE)
    hue = (0.04 + extra * _GOLDEN_TURN) % 1
    shade = extra % 3  # neighbours in the list differ in lightness as well
    return SongColour(_hex(hue, (0.74, 0.82, 0.68)[shade], 0.6), _hex(hue, (0.30, 0.34, 0.23)[shade], 0.6))


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(255 * c):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))


@cache
def ramp(dark: bool) -> tuple[str, ...]:
    """LEVELS colours from low to high, even steps to the eye, for a dark surface or a light one.

    Blue to yellow, so that lightness and hue both tell; without the end that the surface would swallow.
    """
    import colorcet  # noqa: PLC0415  (slow to import)

    colours = colorcet.bmy  # #rrggbb
    first, last = (0.22, 1.0) if dark else (0.0, 0.82)
    span = (last - first) * (len(colours) - 1) / (LEVELS - 1)
    return tuple(str(colours[round(first * (len(colours) - 1) + span * level)]) for level in range(LEVELS))


def missing_colour(dark: bool) -> str:
    """The grey of what has no figure, for a dark surface or a light one."""
    return _MISSING[0 if dark else 1]
