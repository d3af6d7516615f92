"""What the colours of dots stand for, whether on the screen, on paper or in a browser: a ramp of numbers, or words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vrae_core.palette import LEVELS, missing_colour, ramp, song_colour
from vrae_core.piano_roll import FloatArray, IntArray


class Figure(NamedTuple):
    """A figure in words: its name and its unit."""

    name: str
    unit: str


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the dots show: which colour each has, (N,), and what the colours stand for.

    A ramp goes from ``low`` to ``high``; words have a colour each, and are as often as ``counts`` says.
    """

    figure: Figure
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
            return (*(song_colour(word, safe).screen for word in range(len(self.words))), missing_colour(dark))
        return (*ramp(dark), missing_colour(dark))

    @property
    def paper_colours(self) -> tuple[str, ...]:
        """The colours on white; the last is that of nothing."""
        if self.words:
            return (*(song_colour(word).paper for word in range(len(self.words))), missing_colour(dark=False))
        return self.colours(dark=False, safe=False)


def of_numbers(figure: Figure, values: FloatArray, ends: tuple[float, float] | None = None) -> Meaning:
    """Numbers, (N,) with NaN for nothing, on a ramp: between these ends, or all but their outermost hundredths."""
    low, high = ends or _ends(values)
    known = np.isfinite(values)
    scale = ((np.where(known, values, low).astype(float) - low) / max(high - low, 1e-12)).clip(0, 1)
    level_of = np.where(known, np.nan_to_num(scale) * (LEVELS - 1), LEVELS).astype(np.int64)
    return Meaning(figure, level_of, low, high, missing=int((~known).sum()))


def of_words(figure: Figure, words: Sequence[str], word_of: IntArray) -> Meaning:
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
