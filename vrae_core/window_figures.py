"""A figure of every window, to colour the map by: what its music is like, and how well the model knows it.

NaN stands for what a window has no figure of, as silence has no register.  Bounds are those of `evaluation.py`:
nats a step, KL weight 1, the decoder running freely.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np
import numpy.typing as npt

from vrae_core.colour_meaning import Figure, Meaning, of_numbers
from vrae_core.corpus import Corpus
from vrae_core.evaluation import kl_divergence, log_likelihood
from vrae_core.piano_roll import STEP_SECONDS, BoolArray, FloatArray
from vrae_core.progress import Progress
from vrae_core.trained_model import CHUNK, Posterior, TrainedModel

ROWS = 1 << 16  # of the roll, or windows, that are looked at in one go
SEED = 0  # of the one sample of z a window


FIGURES = {
    "time": Figure("Time in song", "s"),
    "register": Figure("Register", "MIDI pitch"),
    "density": Figure("Density", "notes a second"),
    "polyphony": Figure("Polyphony", "notes at once"),
    "lower_bound": Figure("Lower bound", "nats a step"),
    "reconstruction": Figure("Reconstruction error", "nats a step"),
    "kl": Figure("KL divergence", "nats a step"),
    "frame_f1": Figure("Frame F1", ""),
}
Figures = dict[str, FloatArray]  # by their names above, (N,) each
Job = Generator[Progress, None, Figures]


def measure(what: str, model: TrainedModel, corpus: Corpus, posterior: Posterior) -> Job:
    """A figure of every window, and others that come with it at no cost."""
    if what == "time":
        yield Progress(0, 1)
        return {what: (corpus.start_of * STEP_SECONDS).astype(np.float32)}
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
        "density": ((sums["cells"] - sums["held notes"]) / (corpus.window * STEP_SECONDS)).astype(np.float32),
        "polyphony": _share(sums["cells"], sums["sounding steps"]),
        "register": _share(sums["pitches"], sums["cells"]),
    }


Rows = Callable[[Corpus, int, int], npt.NDArray[np.float64]]


def _held(corpus: Corpus, first: int, end: int) -> npt.NDArray[np.float64]:
    """Notes that sounded at the row before as well."""
    held = np.zeros(end - first)
    start = max(first, 1)
    held[start - first :] = (corpus.roll[start:end] & corpus.roll[start - 1 : end - 1]).sum(axis=1)
    return held


_ROW_FIGURES: dict[str, Rows] = {
    "cells": lambda corpus, first, end: corpus.roll[first:end].sum(axis=1).astype(float),
    "sounding steps": lambda corpus, first, end: corpus.roll[first:end].any(axis=1).astype(float),
    "pitches": lambda corpus, first, end: corpus.roll[first:end] @ np.array(corpus.pitches, float),
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
