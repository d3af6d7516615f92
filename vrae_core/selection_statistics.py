"""What sets some windows apart from the rest: their music, their songs, and where they lie in latent space.

Differences are told in units of the spread within the two groups (Cohen 1988), with the numbers of windows beside
them.  Windows overlap in time, so they are no independent samples, and no test of significance is made of them.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core import attributes
from vrae_core.corpus import Corpus
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.progress import Progress

SMALL, MEDIUM, LARGE = 0.2, 0.5, 0.8  # sizes of Cohen's d (Cohen 1988, pp. 25-27); a smaller one is not worth a word
PITCH_CLASSES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_AT_ONCE = 4096  # windows that are looked at together


class WindowFigures(NamedTuple):
    """Of every window: (N,), and (N, 12) for pitch classes.  NaN where silence has no such figure."""

    density: FloatArray  # notes a second
    register: FloatArray  # mean pitch, MIDI number, by how long each sounds
    polyphony: FloatArray  # notes at once, while any sounds
    pitch_classes: FloatArray  # the share of each in all that sounds


class Difference(NamedTuple):
    """The means of a figure in the selection and in the rest, and how many windows have it on each side."""

    name: str
    selected: float
    rest: float
    effect: float  # Cohen's d: the difference over the pooled standard deviation; NaN if there is no spread
    selected_windows: int
    rest_windows: int

    @property
    def matters(self) -> bool:
        """Whether the difference is large enough to speak of."""
        return abs(self.effect) >= SMALL


class SongShare(NamedTuple):
    """A song's part in the selection; ``lift`` is how many times its part in all windows that is."""

    song: int
    windows: int
    share: float
    lift: float


class Statistics(NamedTuple):
    """A selection against the rest; the differences of pitch classes and of z are sorted by size, largest first."""

    music: tuple[Difference, ...]  # density, register, polyphony
    pitch_classes: tuple[Difference, ...]
    latent: tuple[Difference, ...]


def measuring(corpus: Corpus) -> Generator[Progress, None, WindowFigures]:
    """Take the figures of every window of a corpus: a job."""
    n = len(corpus)
    density, register, polyphony = (np.empty(n, np.float32) for _ in range(3))
    classes = np.empty((n, 12), np.float32)
    of_class = (np.array(corpus.pitches)[:, None] % 12 == np.arange(12)).astype(np.float32)  # (P, 12)
    for first in range(0, n, _AT_ONCE):
        yield Progress(first, n, "Measuring windows")
        part = slice(first, first + _AT_ONCE)
        windows = corpus.windows(part)
        cells = windows.sum(axis=1).astype(np.float32)
        density[part] = attributes.density(windows, corpus.pitches)
        register[part] = attributes.register(windows, corpus.pitches)
        polyphony[part] = attributes.polyphony(windows, corpus.pitches)
        with np.errstate(invalid="ignore"):  # 0 / 0: silence has no pitch class
            classes[part] = cells @ of_class / cells.sum(axis=1, keepdims=True)
    return WindowFigures(density, register, polyphony, classes)


def compare(figures: WindowFigures, mu: FloatArray, selected: BoolArray) -> Statistics:
    """Windows that are selected, (N,), against those that are not.  mu: (N, J)."""
    music = np.stack([figures.density, figures.register, figures.polyphony], axis=1)
    dimensions = [f"z{j}" for j in range(mu.shape[1])]
    return Statistics(
        differences(("density", "register", "polyphony"), music, selected),
        _by_size(differences(PITCH_CLASSES, figures.pitch_classes, selected)),
        _by_size(differences(dimensions, mu, selected)),
    )


def differences(names: Sequence[str], values: FloatArray, selected: BoolArray) -> tuple[Difference, ...]:
    """The difference in each of k named figures, (N, k); a NaN is left out."""
    ours, others = values[selected], values[~selected]
    return tuple(_difference(name, ours[:, k], others[:, k]) for k, name in enumerate(names))


def song_shares(song_of: IntArray, songs: int, selected: BoolArray) -> tuple[SongShare, ...]:
    """The songs that the selection has windows of, the one with most first.  song_of: (N,) index of a song."""
    chosen = np.bincount(song_of[selected], minlength=songs)
    present = np.flatnonzero(chosen)
    shares = chosen[present] / max(chosen.sum(), 1)
    lifts = shares / (np.bincount(song_of, minlength=songs)[present] / max(len(song_of), 1))
    order = np.argsort(-chosen[present], kind="stable")
    columns = (each[order].tolist() for each in (present, chosen[present], shares, lifts))
    return tuple(SongShare(*row) for row in zip(*columns, strict=True))


def size_word(effect: float) -> str:
    """How large a Cohen's d is: "", "small", "medium" or "large"."""
    return next(
        (word for at, word in ((LARGE, "large"), (MEDIUM, "medium"), (SMALL, "small")) if abs(effect) >= at), ""
    )


def _by_size(found: Sequence[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(found, key=lambda each: -abs(np.nan_to_num(each.effect))))


def _difference(name: str, ours: FloatArray, others: FloatArray) -> Difference:
    a, b = (_finite(values) for values in (ours, others))
    if not len(a) or not len(b):
        return Difference(name, _mean(a), _mean(b), np.nan, len(a), len(b))
    squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    spread = float(np.sqrt(squares / max(len(a) + len(b) - 2, 1)))
    effect = (_mean(a) - _mean(b)) / spread if spread > 1e-9 else np.nan
    return Difference(name, _mean(a), _mean(b), effect, len(a), len(b))


def _finite(values: FloatArray) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)].astype(np.float64)


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else np.nan
