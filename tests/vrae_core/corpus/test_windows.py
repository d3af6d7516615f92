"""Windows of songs: which steps they are, and some of them alone."""

import numpy as np

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import held_out
from vrae_core.piano_roll import LOWEST_PITCH


def test_every_window_is_the_stretch_of_its_song_that_it_says(two_songs, corpus):
    columns = [pitch - LOWEST_PITCH for pitch in corpus.pitches]
    for i in range(len(corpus)):
        song, start = two_songs[corpus.song_of[i]], corpus.start_of[i]
        np.testing.assert_array_equal(corpus.windows([i])[0], song.roll[start : start + 20, columns])


def test_a_hop_of_one_step_copies_nothing(two_songs):
    corpus = build_corpus(two_songs, 20, 1, cap=None, equal_share=False)

    assert len(corpus) > 900
    assert corpus.roll.shape[0] == sum(len(song.roll) for song in two_songs)


def test_taking_some_windows_keeps_the_songs(corpus):
    some = corpus.take([3, 1])

    assert some.names == corpus.names
    np.testing.assert_array_equal(some.windows(), corpus.windows([3, 1]))
    assert some.start_seconds(0) == corpus.start_seconds(3)


def test_every_tenth_window_is_held_out(corpus):
    training, held = held_out(corpus)

    assert len(held) == len(corpus) // 10
    assert len(training) + len(held) == len(corpus)
    assert not set(training.offsets) & set(held.offsets)
