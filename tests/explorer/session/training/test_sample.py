"""Windows of one corpus found in another."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.training.sample import same_music
from tests.bands import make_band
from vrae_core.corpus.cutting import build_corpus
from vrae_core.model.recipes import RECIPES


def test_windows_are_found_by_song_and_time_however_the_other_corpus_is_cut(songs):
    coarse = build_corpus(songs, 40, 40, equal_share=False)
    fine = build_corpus(songs[1:], 20, 10, equal_share=False)
    low, middle = (next(i for i, s in enumerate(coarse.song_of) if s == song) for song in (0, 1))
    assert same_music(coarse.take([low]), fine).tolist() == []
    found = same_music(coarse.take([middle + 1]), fine)
    assert {fine.names[fine.song_of[i]] for i in found} == {"Middle"}
    assert fine.start_of[found].tolist() == [30, 40, 50, 60, 70]


def test_a_corpus_finds_itself(songs):
    corpus = build_corpus(songs, 20, 10)
    assert same_music(corpus, corpus).tolist() == list(range(len(corpus)))


@pytest.mark.parametrize(("map_of", "training_of"), [("bars-40d", "paper-2d"), ("paper-2d", "bars-40d")])
def test_windows_are_found_by_the_clock_where_one_counts_beats_and_the_other_seconds(map_of, training_of):
    songs = [make_band("Slow", 70.0), make_band("Quick", 150.0)]
    on_map, learnt = (RECIPES[name].cut(songs) for name in (map_of, training_of))
    selected = np.flatnonzero(on_map.song_of == 1)[2:4]
    begin, end = on_map.starts[selected[0]], on_map.starts[selected[1]] + on_map.durations[selected[1]]
    within = np.minimum(learnt.starts + learnt.durations, end) - np.maximum(learnt.starts, begin)
    share = np.where(learnt.song_of == 1, within / learnt.durations, 0.0)
    found = same_music(on_map.take(selected), learnt)
    assert set(np.flatnonzero(share > 0.55)) <= set(found)
    assert len(found)
    assert (share[found] > 0.45).all()
