"""A selection of windows against the rest."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece, Corpus
from vrae_core.latent.window_figures import compare, differences, measuring, size_word, song_shares
from vrae_core.piano_roll import STEPS_PER_SECOND, notes_from_roll


def finish(job):
    try:
        while True:
            next(job)
    except StopIteration as end:
        return end.value


def corpus_of(*rolls) -> Corpus:
    pieces = [BenchmarkPiece(f"Song {number}", roll) for number, roll in enumerate(rolls)]
    return build_corpus(pieces, 20, 5, equal_share=False, pitches=range(40, 80))


@pytest.fixture
def two_songs() -> Corpus:
    """A high and dense one, and a low and sparse one."""
    rng = np.random.default_rng(0)
    rolls = np.zeros((2, 400, 88), bool)
    rolls[0][:, 40:59] = rng.random((400, 19)) < 0.3
    rolls[1][:, 19:39] = rng.random((400, 20)) < 0.05
    return corpus_of(*rolls)


def test_the_figures_of_a_window_are_those_of_its_notes(two_songs):
    figures = finish(measuring(two_songs))
    for window in (0, 7, len(two_songs) - 1):
        roll = two_songs.windows([window])[0]
        notes = notes_from_roll(roll, two_songs.pitches)
        assert figures.density[window] == pytest.approx(len(notes) * STEPS_PER_SECOND / 20)
        lasting = np.array([note.end - note.start for note in notes])
        pitches = np.array([note.pitch for note in notes])
        assert figures.register[window] == pytest.approx((lasting * pitches).sum() / lasting.sum(), rel=1e-5)
        assert figures.polyphony[window] == pytest.approx(roll.sum() / roll.any(axis=1).sum(), rel=1e-5)
        of_c = lasting[pitches % 12 == 0].sum() / lasting.sum()
        assert figures.pitch_classes[window, 0] == pytest.approx(of_c, rel=1e-4, abs=1e-6)
        assert figures.pitch_classes[window].sum() == pytest.approx(1, rel=1e-5)


def test_a_dense_high_song_is_denser_and_higher_than_the_rest(two_songs):
    mu = np.zeros((len(two_songs), 3), np.float32)
    mu[:, 2] = two_songs.song_of == 0
    mu[:, 1] = np.random.default_rng(1).normal(size=len(mu))
    mu[:, 2] += mu[:, 1] * 0.01
    found = compare(finish(measuring(two_songs)), mu, two_songs.song_of == 0)
    density, register, _polyphony = found.music
    assert density.selected > 3 * density.rest
    assert min(density.effect, register.effect) > 2
    assert found.latent[0].name == "z2"
    assert found.latent[-1].name == "z0"
    assert np.isnan(found.latent[-1].effect)  # no spread at all
    assert not found.latent[-1].matters


def test_cohens_d_is_the_difference_over_the_pooled_standard_deviation():
    values = np.array([[2.0], [4.0], [6.0], [1.0], [3.0]], np.float32)
    (found,) = differences(["x"], values, np.array([1, 1, 1, 0, 0], bool))
    pooled = np.sqrt((2 * np.var([2, 4, 6], ddof=1) + np.var([1, 3], ddof=1)) / 3)
    assert found.effect == pytest.approx((4 - 2) / pooled)
    assert (found.selected_windows, found.rest_windows) == (3, 2)


def test_silence_has_no_register_and_is_not_counted_for_one():
    silent_at_first = np.zeros((80, 88), bool)
    silent_at_first[40:, 30] = True
    corpus = corpus_of(silent_at_first)
    figures = finish(measuring(corpus))
    assert np.isnan(figures.register[0])
    assert figures.density[0] == 0
    register = compare(figures, np.zeros((len(corpus), 1), np.float32), corpus.start_of < 40).music[1]
    assert register.selected_windows < (corpus.start_of < 40).sum()


def test_one_window_and_all_windows_are_compared_without_a_complaint(two_songs):
    figures, mu = finish(measuring(two_songs)), np.zeros((len(two_songs), 2), np.float32)
    one = compare(figures, mu, np.arange(len(mu)) == 3)
    assert one.music[0].selected == pytest.approx(figures.density[3])
    everything = compare(figures, mu, np.ones(len(mu), bool))
    assert all(np.isnan(each.effect) and not each.matters for each in everything.music)


def test_the_share_of_a_song_is_set_against_its_share_in_all_windows():
    song_of = np.repeat([0, 1, 2], [60, 20, 20])
    selected = np.zeros(100, bool)
    selected[[0, 60, 61, 62]] = True
    first, second = song_shares(song_of, 3, selected)
    assert (first.song, first.windows, first.share) == (1, 3, 0.75)
    assert first.lift == pytest.approx(0.75 / 0.2)
    assert second.lift == pytest.approx(0.25 / 0.6)


def test_a_small_difference_is_given_no_word():
    assert [size_word(effect) for effect in (0.1, -0.3, 0.6, -2.0)] == ["", "small", "medium", "large"]
