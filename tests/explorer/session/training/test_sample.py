"""Windows of one corpus found in another."""

from __future__ import annotations

from explorer.session.training.sample import same_music
from vrae_core.corpus.cutting import build_corpus


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
