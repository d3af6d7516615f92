"""Two models measured on the same windows, and how alike they see them."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from vrae_core.corpus.windows import Corpus
from vrae_core.latent.alignment import NEIGHBOURS, asked_of, by_chance, neighbours, shared_neighbours, spread_over
from vrae_core.model.evaluation import NEIGHBOURS as SONG_NEIGHBOURS
from vrae_core.model.evaluation import evaluate
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress

MOST_MEASURED = 2000  # windows that are decoded for the bound and F1, evenly spread over all


class ModelFigures(NamedTuple):
    """The figures of one model; those of `vrae evaluate` that two models can be compared by."""

    latent: int
    window: int  # steps
    pitches: int
    lower_bound: float
    kl: float
    frame_f1: float  # at the model's own threshold, decoded from μ
    threshold: float
    active_units: int
    song_accuracy: float  # of the 5 nearest windows' majority, the window itself left out


class SideBySide(NamedTuple):
    """Two models on the same N windows."""

    windows: int
    measured: int  # of them, evenly spread: all, unless there are very many
    first: ModelFigures
    second: ModelFigures
    shared_neighbours: float  # the share of the 10 nearest in z that the two have in common
    shared_by_chance: float


# What each of the figures of one model is called, and what it means.
MEANINGS = {
    "latent": ("Latent dimensions", "J, the length of z"),
    "window": ("Window", "steps of 50 ms, or parts of a beat"),
    "pitches": ("Pitches", "that the model knows"),
    "lower_bound": ("Lower bound", "nats per window per step, over the model's own pitches"),
    "kl": ("KL", "nats per window per step: what z costs"),
    "frame_f1": ("F1", "cells that agree with the song, decoded from μ"),
    "threshold": ("Threshold", "probability from which a cell is a note"),
    "active_units": ("Active dimensions", "latent dimensions that carry something"),
    "song_accuracy": ("Song 5-NN", "windows whose 5 nearest others in z are mostly of their song"),
}
SHARED_MEANING = f"the share of a window's {NEIGHBOURS} nearest in z that the two models have in common"


class View(NamedTuple):
    """A model, the windows as it sees them, and their means (N, J)."""

    model: TrainedModel
    corpus: Corpus
    mu: FloatArray


def compare(first: View, second: View, most: int = MOST_MEASURED) -> Generator[Progress, None, SideBySide]:
    """Measure two models on the same windows, ``most`` of them at the most.  Row i of both is the same music."""
    measured = spread_over(len(first.corpus), most)
    figures = (yield from _measure(first, measured)), (yield from _measure(second, measured))
    yield Progress(0, 1, "comparing neighbourhoods")
    shared = shared_neighbours(first.mu, second.mu)
    count = len(first.corpus)
    return SideBySide(count, len(measured), *figures, shared, by_chance(count))


def _measure(view: View, measured: IntArray) -> Generator[Progress, None, ModelFigures]:
    model = view.model
    found = yield from evaluate(model, view.corpus.take(measured))
    return ModelFigures(
        latent=model.config.latent,
        window=model.config.window,
        pitches=len(model.pitches),
        lower_bound=found.lower_bound,
        kl=found.kl,
        frame_f1=found.frame_f1,
        threshold=model.threshold,
        active_units=found.active_units,
        song_accuracy=_song_accuracy(view.mu, view.corpus.song_of),
    )


def _song_accuracy(mu: FloatArray, song_of: IntArray) -> float:
    """`evaluation.song_accuracy`, of very many windows only some, but among all."""
    if len(mu) < 2:
        return float("nan")
    asked = asked_of(len(mu))
    songs = song_of[neighbours(mu, asked, SONG_NEIGHBOURS)]  # (n, k)
    votes = (songs[:, :, None] == songs[:, None, :]).sum(axis=2)  # (n, k) how many are of the same song as each
    winners = np.where(votes == votes.max(axis=1, keepdims=True), songs, song_of.max() + 1).min(axis=1)
    return float((winners == song_of[asked]).mean())
