"""A figure of every window, to colour the map by, and what sets some windows apart from the rest.

NaN stands for what a window has no figure of, as silence has no register.  Bounds are those of model/evaluation.py:
nats a step, KL weight 1, the decoder running freely.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus import attributes
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.colours import FigureName, Meaning, of_numbers
from vrae_core.model.evaluation import kl_divergence, log_likelihood
from vrae_core.model.trained import CHUNK, Posterior, TrainedModel
from vrae_core.piano_roll import PITCH_CLASSES, BoolArray, FloatArray, IntArray
from vrae_core.progress import Progress

ROWS = 1 << 16  # of the roll, or windows, that are looked at in one go
SEED = 0  # of the one sample of z a window


FIGURES = {
    "time": FigureName("Time in song", "s"),
    "register": FigureName("Register", "MIDI pitch"),
    "density": FigureName("Density", "notes a second"),
    "polyphony": FigureName("Polyphony", "notes at once"),
    "lower_bound": FigureName("Lower bound", "nats a step"),
    "reconstruction": FigureName("Reconstruction error", "nats a step"),
    "kl": FigureName("KL divergence", "nats a step"),
    "frame_f1": FigureName("Frame F1", ""),
}
Figures = dict[str, FloatArray]  # by their names above, (N,) each
Job = Generator[Progress, None, Figures]


def measure(what: str, model: TrainedModel, corpus: Corpus, posterior: Posterior) -> Job:
    """A figure of every window, and others that come with it at no cost."""
    if what == "time":
        yield Progress(0, 1)
        return {what: corpus.starts.astype(np.float32)}
    if what in ("lower_bound", "reconstruction"):
        return (yield from _bounds(model, corpus, posterior))
    if what == "frame_f1":
        return (yield from _f1(model, corpus, posterior))
    if what == "kl":
        return {what: (yield from _kl(corpus, posterior)).astype(np.float32)}
    return (yield from _music(corpus))


def meanings(
    what: str, model: TrainedModel, corpus: Corpus, posterior: Posterior
) -> Generator[Progress, None, dict[str, Meaning]]:
    """The colours by a figure, and by others that come with it at no cost."""
    figures = yield from measure(what, model, corpus, posterior)
    return {name: of_numbers(FIGURES[name], values) for name, values in figures.items()}


def frame_f1_of(probabilities: FloatArray, threshold: float, x: BoolArray) -> FloatArray:
    """F1 of each window's own cells, (n,); NaN for silence that is found silent.  Both are (n, T, P)."""
    found = probabilities >= threshold
    hits = (found & x).sum(axis=(1, 2))
    cells = found.sum(axis=(1, 2)) + x.sum(axis=(1, 2))
    return _share(2 * hits, cells)


def _music(corpus: Corpus) -> Job:
    """By cumulative sums over the rows of the roll: no window is ever cut out."""
    begin, end = corpus.offsets, corpus.offsets + corpus.window
    sums: dict[str, npt.NDArray[np.float64]] = {}
    for name, of_rows in _ROW_FIGURES.items():
        each = np.empty(len(corpus.roll))
        for i in range(0, len(each), ROWS):
            yield Progress(i, len(each), f"counting {name}")
            each[i : i + ROWS] = of_rows(corpus, i, min(i + ROWS, len(each)))
        total = np.concatenate([[0.0], np.cumsum(each)])
        sums[name] = total[end] - total[begin]
        if name == "held notes":  # those that a window begins in the middle of begin with it
            sums[name] -= each[begin]
    return {
        "density": ((sums["cells"] - sums["held notes"]) / corpus.durations).astype(np.float32),
        "polyphony": _share(sums["tones"], sums["sounding steps"]),
        "register": _share(sums["pitches"], sums["tones"]),
    }


Rows = Callable[[Corpus, int, int], npt.NDArray[np.float64]]


def _tonal(corpus: Corpus, first: int, end: int) -> tuple[BoolArray, npt.NDArray[np.float64]]:
    """The cells of some rows that have a pitch, and the pitches."""
    cells, pitches = attributes.tonal(corpus.roll[first:end], corpus.pitches)
    return cells, np.array(pitches, float)


def _held(corpus: Corpus, first: int, end: int) -> npt.NDArray[np.float64]:
    """Notes that sounded at the row before as well."""
    held = np.zeros(end - first)
    start = max(first, 1)
    held[start - first :] = (corpus.roll[start:end] & corpus.roll[start - 1 : end - 1]).sum(axis=1)
    return held


_ROW_FIGURES: dict[str, Rows] = {
    "cells": lambda corpus, first, end: corpus.roll[first:end].sum(axis=1).astype(float),
    "tones": lambda corpus, first, end: _tonal(corpus, first, end)[0].sum(axis=1).astype(float),
    "sounding steps": lambda corpus, first, end: _tonal(corpus, first, end)[0].any(axis=1).astype(float),
    "pitches": lambda corpus, first, end: np.matmul(*_tonal(corpus, first, end)),
    "held notes": _held,
}


def _kl(corpus: Corpus, posterior: Posterior) -> Generator[Progress, None, npt.NDArray[np.float64]]:
    kl = np.empty(len(corpus))
    for i in range(0, len(kl), ROWS):
        yield Progress(i, len(kl), "measuring the KL divergence")
        kl[i : i + ROWS] = kl_divergence(_some(posterior, i, ROWS)).sum(axis=1) / corpus.window
    return kl


def _bounds(model: TrainedModel, corpus: Corpus, posterior: Posterior) -> Job:
    """One sample of z a window, drawn as `evaluate` draws it."""
    noise = np.random.default_rng(SEED)
    kl = yield from _kl(corpus, posterior)
    likely = np.empty(len(corpus))
    for i in range(0, len(corpus), CHUNK):
        yield Progress(i, len(corpus), "measuring the lower bound")
        mu, sigma = _some(posterior, i, CHUNK)
        z = mu + sigma * noise.standard_normal(mu.shape)
        likely[i : i + CHUNK] = log_likelihood(model.decode(z, corpus.window), corpus.windows(slice(i, i + CHUNK)))
    likely /= corpus.window
    figures = {"reconstruction": -likely, "kl": kl, "lower_bound": likely - kl}
    return {name: figure.astype(np.float32) for name, figure in figures.items()}


def _f1(model: TrainedModel, corpus: Corpus, posterior: Posterior) -> Job:
    """Of what is decoded from μ, at the model's own threshold."""
    f1 = np.empty(len(corpus), np.float32)
    for i in range(0, len(corpus), CHUNK):
        yield Progress(i, len(corpus), "measuring the reconstruction")
        some = slice(i, i + CHUNK)
        f1[some] = frame_f1_of(model.decode(posterior.mu[some], corpus.window), model.threshold, corpus.windows(some))
    return {"frame_f1": f1}


def _some(posterior: Posterior, first: int, count: int) -> Posterior:
    return Posterior(posterior.mu[first : first + count], posterior.sigma[first : first + count])


def _share(part: npt.NDArray[np.number], whole: npt.NDArray[np.number]) -> FloatArray:
    """Part by whole, and NaN where there is no whole."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan).astype(np.float32)


SMALL, MEDIUM, LARGE = 0.2, 0.5, 0.8  # sizes of Cohen's d (Cohen 1988, pp. 25-27); a smaller one is not worth a word


class WindowFigures(NamedTuple):
    """Of every window: (N,), and (N, 12) for pitch classes.  NaN where silence has no such figure."""

    density: FloatArray  # notes a second
    register: FloatArray  # mean pitch, MIDI number, by how long each sounds
    polyphony: FloatArray  # notes at once, while any sounds
    pitch_classes: FloatArray  # the share of each in all that sounds


class AttributeDifference(NamedTuple):
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

    music: tuple[AttributeDifference, ...]  # density, register, polyphony
    pitch_classes: tuple[AttributeDifference, ...]
    latent: tuple[AttributeDifference, ...]


def measuring(corpus: Corpus) -> Generator[Progress, None, WindowFigures]:
    """Take the figures of every window of a corpus: a job."""
    music = yield from _music(corpus)
    classes = np.zeros((len(corpus.roll) + 1, 12), np.int64)
    for i in range(0, len(corpus.roll), ROWS):
        yield Progress(i, len(corpus.roll), "counting pitch classes")
        classes[i + 1 : i + 1 + ROWS] = attributes.pitch_class_cells(corpus.roll[i : i + ROWS, None], corpus.pitches)
    classes = classes.cumsum(axis=0)
    sounding = classes[corpus.offsets + corpus.window] - classes[corpus.offsets]
    return WindowFigures(**music, pitch_classes=_share(sounding, sounding.sum(axis=1, keepdims=True)))


def compare(figures: WindowFigures, mu: FloatArray, selected: BoolArray) -> Statistics:
    """Windows that are selected, (N,), against those that are not.  mu: (N, J)."""
    music = np.stack([figures.density, figures.register, figures.polyphony], axis=1)
    dimensions = [f"z{j}" for j in range(mu.shape[1])]
    return Statistics(
        differences(("density", "register", "polyphony"), music, selected),
        _by_size(differences(PITCH_CLASSES, figures.pitch_classes, selected)),
        _by_size(differences(dimensions, mu, selected)),
    )


def differences(names: Sequence[str], values: FloatArray, selected: BoolArray) -> tuple[AttributeDifference, ...]:
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


def _by_size(found: Sequence[AttributeDifference]) -> tuple[AttributeDifference, ...]:
    return tuple(sorted(found, key=lambda each: -abs(np.nan_to_num(each.effect))))


def _difference(name: str, ours: FloatArray, others: FloatArray) -> AttributeDifference:
    a, b = (_finite(values) for values in (ours, others))
    if not len(a) or not len(b):
        return AttributeDifference(name, _mean(a), _mean(b), np.nan, len(a), len(b))
    squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    spread = float(np.sqrt(squares / max(len(a) + len(b) - 2, 1)))
    effect = (_mean(a) - _mean(b)) / spread if spread > 1e-9 else np.nan
    return AttributeDifference(name, _mean(a), _mean(b), effect, len(a), len(b))


def _finite(values: FloatArray) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)].astype(np.float64)


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else np.nan
