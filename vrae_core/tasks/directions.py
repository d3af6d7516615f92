"""Attribute directions: which way to move z so that the music gets denser, higher, quicker, more major.

A direction is the covariance of the attribute with μ over the songs' windows: how μ itself moves, on average, where
the attribute rises.  The weights of the regression that tells the attribute best from μ would be another choice; of
dimensions that vary together they are free to point where no window lies (Haufe et al. 2014), and decoded they moved
the music less.  Directions are not made orthogonal to each other: denser music is thicker music, and a direction
freed of the others would be one that no song takes.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from vrae_core.corpus.attributes import ATTRIBUTES, Attribute, Figures
from vrae_core.corpus.windows import Corpus, evenly
from vrae_core.model.trained import CHUNK, TrainedModel
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress
from vrae_core.tasks.probes import FOLDS, overlapping, time_folds

MOST_WINDOWS = 20_000  # that are learnt from; more of them are thinned evenly
MEASURED = 64  # windows whose z is moved and decoded
STEPS = (-3, -2, -1, 0, 1, 2, 3)
FEWEST_SONGS = 3  # for one to be held out whole
RELIABLE = 0.05  # R² from which a direction tells something of a song that it was not learnt from
_RIDGE = 0.1  # of the mean variance of μ


class Direction(NamedTuple):
    """A way through latent space, and what going it does."""

    attribute: Attribute
    step: FloatArray  # (J,) what is added to z: a standard deviation of the windows' μ along the direction
    slope: float  # the attribute's change a step, over the windows
    r2: float  # of stretches of the songs held out: how much of the attribute a linear regression tells from μ
    r2_new_song: float  # the same of songs held out whole; NaN for fewer than three
    effect: tuple[float, ...]  # the attribute measured on what is decoded at each of STEPS, a mean over windows

    @property
    def is_reliable(self) -> bool:
        """Whether songs held out whole agree, or stretches of them where there are too few songs."""
        return (self.r2 if math.isnan(self.r2_new_song) else self.r2_new_song) >= RELIABLE


def learn_directions(
    model: TrainedModel, corpus: Corpus, mu: FloatArray
) -> Generator[Progress, None, tuple[Direction, ...]]:
    """A direction for each attribute that varies over the windows of a corpus.  mu: (N, J)."""
    kept = np.arange(0, len(corpus), -(-len(corpus) // MOST_WINDOWS))
    corpus, mu = corpus.take(kept), mu[kept]
    figures = yield from measure_all(corpus)
    directions: list[Direction] = []
    for done, (attribute, y) in enumerate(zip(ATTRIBUTES, figures, strict=True)):
        yield Progress(done, len(ATTRIBUTES), f"learning {attribute.name.lower()}")
        known = np.flatnonzero(np.isfinite(y))
        if len(known) < 2 or np.ptp(y[known]) < 1e-9:
            continue
        step, slope = direction_of(mu[known], y[known])
        if not step.any():
            continue
        r2, r2_new_song = _cross_validated(corpus.take(known), mu[known], y[known])
        effect = yield from _effect(model, corpus.take(known), mu[known], step, attribute)
        directions.append(Direction(attribute, step, slope, r2, r2_new_song, effect))
    return tuple(directions)


def measure_all(corpus: Corpus) -> Generator[Progress, None, Figures]:
    """Every attribute of every window: (attributes, N)."""
    parts = []
    for first in range(0, len(corpus), CHUNK):
        yield Progress(first, len(corpus), "measuring windows")
        some = slice(first, first + CHUNK)
        windows, durations = corpus.windows(some), corpus.durations[some]
        parts.append(np.stack([attribute.measure(windows, corpus.pitches, durations) for attribute in ATTRIBUTES]))
    return np.concatenate(parts, axis=1)


def direction_of(mu: FloatArray, y: Figures) -> tuple[FloatArray, float]:
    """One step, (J,), towards more of y, (N,), and how much more the windows have there; zeros where none has."""
    centred = mu.astype(np.float64) - mu.mean(axis=0)
    rising = centred.T @ (y - y.mean())
    if np.linalg.norm(rising) < 1e-9:
        return np.zeros(mu.shape[1], np.float32), 0.0
    rising /= np.linalg.norm(rising)
    along = centred @ rising
    return (rising * along.std()).astype(np.float32), float(along @ y / len(y) / along.std())


def _cross_validated(corpus: Corpus, mu: FloatArray, y: Figures) -> tuple[float, float]:
    """Cross-validated R² with stretches of time, and with songs, held out."""
    within = _r2(mu, y, time_folds(corpus.song_of), corpus)
    songs = np.unique(corpus.song_of, return_inverse=True)[1]
    return within, _r2(mu, y, songs % FOLDS, corpus) if songs.max() + 1 >= FEWEST_SONGS else float("nan")


def _r2(mu: FloatArray, y: Figures, folds: IntArray, corpus: Corpus) -> float:
    """Of ridge regression; windows that share a step with a held-out one are not learnt from."""
    predicted = np.full(len(y), y.mean())
    for fold in np.unique(folds):
        tested = folds == fold
        learnt = ~overlapping(corpus, tested)
        if learnt.any():
            predicted[tested] = _ridge(mu[learnt], y[learnt], mu[tested])
    return float(1 - ((y - predicted) ** 2).mean() / y.var())


def _ridge(mu: FloatArray, y: Figures, asked: FloatArray) -> Figures:
    """What y a linear regression on some windows gives to others."""
    centre = mu.mean(axis=0, dtype=np.float64)
    centred = mu - centre
    spread = centred.T @ centred / len(mu)
    held = _RIDGE * max(np.trace(spread) / len(spread), 1e-9) * np.eye(len(spread))
    weights = np.linalg.solve(spread + held, centred.T @ (y - y.mean()) / len(mu))
    return np.asarray(y.mean() + (asked - centre) @ weights)


def _effect(
    model: TrainedModel, corpus: Corpus, mu: FloatArray, step: FloatArray, attribute: Attribute
) -> Generator[Progress, None, tuple[float, ...]]:
    """The mean of an attribute over the same decoded windows at each of STEPS."""
    some = evenly(len(mu), MEASURED)
    figures = []
    for done, steps in enumerate(STEPS):
        yield Progress(done, len(STEPS), f"measuring {attribute.name.lower()}")
        rolls = model.decode(mu[some] + steps * step) >= model.threshold
        figures.append(attribute.measure(rolls, model.pitches, corpus.durations[some]))
    rows = np.array(figures)
    heard = np.isfinite(rows).all(axis=0)  # silence has no register
    return tuple(rows[:, heard].mean(axis=1).tolist()) if heard.any() else (float("nan"),) * len(STEPS)
