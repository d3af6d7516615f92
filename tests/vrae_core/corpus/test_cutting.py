"""Songs, cut into windows."""

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus, choose_pitches, window_counts
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.errors import CorpusError
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note


def test_windows_begin_a_hop_apart_and_fit_into_their_song(two_songs, corpus):
    for index, song in enumerate(two_songs):
        starts = corpus.start_of[corpus.song_of == index]
        assert list(starts) == list(range(0, len(song.roll) - 20 + 1, 10))


def test_with_equal_shares_every_song_gives_as_many_windows_as_the_shortest(two_songs):
    corpus = build_corpus(two_songs, 20, 10)

    low, high = np.bincount(corpus.song_of)
    assert low == high == (len(two_songs[0].roll) - 20) // 10 + 1


def test_the_cap_limits_the_windows_of_a_song(two_songs):
    assert list(np.bincount(build_corpus(two_songs, 20, 10, cap=5).song_of)) == [5, 5]


def pieces(*lengths):
    """Songs of so many steps, all sounding."""
    return [BenchmarkPiece(str(steps), np.ones((steps, 88), bool)) for steps in lengths]


def cut(songs, hop=10, **how):
    """Where the windows of 20 steps begin, song by song."""
    corpus = build_corpus(songs, 20, hop, **({"cap": None, "equal_share": False} | how))
    return [corpus.start_of[corpus.song_of == song].tolist() for song in range(len(songs))]


def test_to_the_end_a_last_window_ends_with_its_song_unless_one_does_already():
    songs = pieces(98, 20, 21, 40, 5)
    assert cut(songs, 50, to_the_end=True) == [[0, 50, 78], [0], [0, 1], [0, 20], [0]]
    assert cut(songs, 1, to_the_end=True) == cut(songs, 1)
    corpus = build_corpus(songs[:1], 20, 50, cap=None, equal_share=False, to_the_end=True)
    assert corpus.windows([-1]).shape == (1, 20, 88)
    assert [corpus.number_in_song(i, 50) for i in range(3)] == [0, 1, 2]


def test_a_training_has_no_window_at_the_end_nor_has_a_song_that_gives_no_more():
    assert cut(pieces(98, 35)) == [[0, 10, 20, 30, 40, 50, 60, 70], [0, 10]]
    assert cut(pieces(98, 35), cap=3, to_the_end=True) == [[0, 10, 20], [0, 10, 15]]


def test_windows_are_counted_without_being_cut():
    assert window_counts([5, 20, 29, 30, 500], 20, 10, None, False).tolist() == [1, 1, 1, 2, 49]
    assert window_counts([30, 500], 20, 10, 5, False).tolist() == [2, 5]
    assert window_counts([30, 500], 20, 1, 5, True).tolist() == [5, 5]
    assert window_counts([30, 500], 20, 10, None, True).tolist() == [2, 2]
    assert window_counts([], 20, 10, 5, True).tolist() == []


def test_pitches_that_hardly_sound_are_dropped(two_songs):
    rare = Song("Rare", (Note(0, 0.05, 100), *two_songs[0].notes), 120.0, ())
    assert 100 in choose_pitches([rare], min_share=0.0)
    assert 100 not in choose_pitches([rare], min_share=0.01)


def test_a_song_shorter_than_a_window_ends_in_silence():
    corpus = build_corpus([Song("Short", (Note(0, 0.3, 60),), 120.0, ())], 20, 10)

    assert len(corpus) == 1
    assert list(corpus.windows()[0, :, 0]) == [True] * 6 + [False] * 14


def test_a_song_with_none_of_the_models_pitches_is_named_and_the_others_go_on(two_songs):
    corpus = build_corpus(two_songs, 20, 10, pitches=[40, 42, 44])

    assert corpus.names == ("Low",)
    assert corpus.skipped == ("High uses none of the 3 pitches that the model knows",)


def test_pieces_of_which_there_is_only_the_roll_are_cut_as_songs_are(two_songs, corpus):
    pieces = build_corpus([BenchmarkPiece(song.name, song.roll) for song in two_songs], 20, 10, equal_share=False)

    assert (pieces.names, pieces.pitches) == (corpus.names, corpus.pitches)
    np.testing.assert_array_equal(pieces.windows(), corpus.windows())


def test_no_usable_song_at_all_is_an_error_in_words(two_songs):
    with pytest.raises(CorpusError, match="Low uses none of the 1 pitches"):
        build_corpus(two_songs, 20, 10, pitches=[108])
    with pytest.raises(CorpusError, match="no songs were given"):
        build_corpus([], 20, 10)
