"""Listening to a finished model: its windows of the songs, what it plays, and pairs of windows drawn by chance."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import VraeError
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.progress import Progress
from vrae_core.reproduction.experiment import Options

_DECODED_AT_ONCE = 128


def model_and_windows(songs: Sequence[Song], options: Options) -> tuple[TrainedModel, Corpus]:
    """The model to listen to, and every window of the songs as it sees them.

    Raises: VraeError if there is no model; CorpusError if no song gives a window.
    """
    model = options.model
    if model is None:
        raise VraeError("this experiment needs a model to listen to")
    return model, model.cut(songs)


def decoded(model: TrainedModel, z: FloatArray, steps: int | None = None) -> Generator[Progress, None, BoolArray]:
    """What the model plays at latent points (n, J): rolls (n, steps, P) at its own threshold.

    steps: the window T if not given.
    """
    parts = []
    for first in range(0, len(z), _DECODED_AT_ONCE):
        yield Progress(first, len(z), "decoding")
        parts.append(model.decode(z[first : first + _DECODED_AT_ONCE], steps) >= model.threshold)
    return np.concatenate(parts)


def random_pairs(corpus: Corpus, usable: BoolArray, n: int, chance: np.random.Generator) -> IntArray:
    """n pairs of windows, (n, 2): two different songs at random, and of each a usable window at random.

    usable: (N,).  Raises: VraeError if fewer than two songs have any.
    """
    windows = [np.flatnonzero(usable & (corpus.song_of == song)) for song in range(len(corpus.names))]
    windows = [mine for mine in windows if len(mine)]
    if len(windows) < 2:
        raise VraeError("going from song to song needs two songs in which the model plays anything")
    songs = [chance.choice(len(windows), 2, replace=False) for _ in range(n)]
    return np.array([[chance.choice(windows[song]) for song in two] for two in songs], np.int64)
