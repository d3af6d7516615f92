"""A song's thread: its windows in their order, and the place of any of its steps."""

from __future__ import annotations

import numpy as np

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.latent.song_thread import places_along, song_windows, windows_in_turn


def corpus_of(*lengths, window=20, hop=5):
    rolls = [np.ones((length, 88), bool) for length in lengths]
    return build_corpus([BenchmarkPiece(str(i), roll) for i, roll in enumerate(rolls)], window, hop, equal_share=False)


def test_a_songs_windows_are_its_own_and_in_order():
    corpus = corpus_of(40, 90, 20)
    found = [np.arange(len(corpus))[song_windows(corpus, song)] for song in range(3)]
    np.testing.assert_array_equal(np.concatenate(found), np.arange(len(corpus)))
    for song, windows in enumerate(found):
        assert set(corpus.song_of[windows]) == {song}
        assert (np.diff(corpus.start_of[windows]) > 0).all()


def test_the_place_of_a_step_is_between_the_windows_that_begin_around_it():
    corpus = corpus_of(40, 90)
    points = np.random.default_rng(0).normal(size=(len(corpus), 2)).astype(np.float32)
    first = song_windows(corpus, 1).start
    np.testing.assert_allclose(places_along(corpus, points, 1, [0, 5, 10]), points[first : first + 3], rtol=1e-5)
    between = places_along(corpus, points, 1, 7.0)
    np.testing.assert_allclose(between, 0.6 * points[first + 1] + 0.4 * points[first + 2], rtol=1e-5)
    np.testing.assert_allclose(places_along(corpus, points, 1, 1e6), points[-1], rtol=1e-5)


def test_windows_in_turn_follow_each_other_without_a_gap_to_the_songs_last():
    for hop in (5, 7, 20):
        corpus = corpus_of(40, 93, 50, hop=hop)
        mine = song_windows(corpus, 1)
        turn = windows_in_turn(corpus, mine.start, 10_000)
        assert turn[0] == mine.start
        assert turn[-1] == mine.stop - 1
        steps = np.diff(corpus.start_of[turn])
        assert ((steps > 0) & (steps <= 20)).all()


def test_no_more_is_taken_than_asked():
    corpus = corpus_of(400)
    turn = windows_in_turn(corpus, 2, 70)
    assert corpus.start_of[turn[-1]] + 20 - corpus.start_of[2] == 70
    np.testing.assert_array_equal(windows_in_turn(corpus, 2, 1), [2])
