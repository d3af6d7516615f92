"""How many of a song's notes a model gets right: whether it knows the song."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from vrae_core.columns import Part
from vrae_core.corpus.windows import Corpus, evenly
from vrae_core.model.evaluation import frame_f1
from vrae_core.model.onsets import note_onset_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import Progress

MOST_WINDOWS, FEWEST_A_SONG, MOST_A_SONG = 1_000, 2, 8  # that are decoded
_AT_ONCE = 8


def notes_right(model: TrainedModel, corpus: Corpus, mu: FloatArray) -> Generator[Progress, None, FloatArray]:
    """F1 of the note onsets of each song, from its windows' μ, (N, J), over some windows of each: (songs,).

    Where nobody knows when notes begin it is that of the cells.
    """
    each = max(FEWEST_A_SONG, min(MOST_A_SONG, MOST_WINDOWS // len(corpus.names)))
    of_songs = (np.flatnonzero(corpus.song_of == song) for song in range(len(corpus.names)))
    chosen = [windows[evenly(len(windows), each)] for windows in of_songs]
    windows = np.concatenate(chosen)
    rolls = np.zeros((len(windows), corpus.window, len(corpus.pitches)), bool)
    for first in range(0, len(windows), _AT_ONCE):
        yield Progress(first, len(windows), "comparing notes")
        some = slice(first, first + _AT_ONCE)
        rolls[some] = model.decode(mu[windows[some]]) >= model.threshold
    right = np.zeros(len(chosen), np.float32)
    ends = np.cumsum([len(of_song) for of_song in chosen])
    for song, (of_song, end) in enumerate(zip(chosen, ends.tolist(), strict=True)):
        yield Progress(len(windows), len(windows), "counting notes")
        own, its = corpus.take(of_song), rolls[end - len(of_song) : end]
        right[song] = note_onset_f1(own, its)[Part.ALL] if corpus.onsets else frame_f1(its, own.windows())
    return right
