"""How many of a song's notes a model gets right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.bands import make_band, make_band_model
from vrae_core.corpus.cutting import build_corpus
from vrae_core.progress import finish
from vrae_core.tasks import notes_right as measured
from vrae_core.tasks.notes_right import notes_right


@pytest.fixture
def corpus():
    songs = [make_band(name, bars=24) for name in ("Air", "Reel")]
    model = make_band_model(songs)
    config = model.config
    return build_corpus(songs, config.window, config.hop, cap=None, pitches=model.pitches, grid=config.grid)


class Echo:
    """Plays windows back by their numbers, and those of the second song as silence."""

    threshold = 0.5

    def __init__(self, corpus):
        self._corpus = corpus
        self.decoded = 0

    def decode(self, mu):
        self.decoded += len(mu)
        windows = mu[:, 0].astype(int)
        return self._corpus.windows(windows) * (self._corpus.song_of[windows] == 0)[:, None, None].astype(np.float32)


def test_each_song_has_a_share_of_its_own(corpus):
    mu = np.arange(len(corpus), dtype=np.float32)[:, None]
    assert finish(notes_right(Echo(corpus), corpus, mu)).tolist() == [1.0, 0.0]


def test_where_nobody_knows_when_notes_begin_cells_are_compared(corpus):
    mu = np.arange(len(corpus), dtype=np.float32)[:, None]
    assert finish(notes_right(Echo(corpus), replace(corpus, onsets=()), mu)).tolist() == [1.0, 0.0]


def test_only_some_windows_of_each_song_are_decoded(corpus, monkeypatch):
    mu, model = np.arange(len(corpus), dtype=np.float32)[:, None], Echo(corpus)
    finish(notes_right(model, corpus, mu))
    assert model.decoded == 2 * measured.MOST_A_SONG
    monkeypatch.setattr(measured, "MOST_WINDOWS", 1)
    model = Echo(corpus)
    finish(notes_right(model, corpus, mu))
    assert model.decoded == 2 * measured.FEWEST_A_SONG
