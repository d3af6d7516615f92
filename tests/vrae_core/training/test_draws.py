"""Which windows are learnt, and in what order."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.packed import PackedRolls
from vrae_core.corpus.packing import packed, writing_rolls
from vrae_core.errors import TrainingError
from vrae_core.progress import finish
from vrae_core.training.draws import MOST_SHUFFLED, WindowDraws, hold_out, order_of, pitch_share

EVERY = np.arange(30)


def steps_of(corpus, windows):
    return {step for start in corpus.offsets[windows] for step in range(start, start + corpus.window)}


@pytest.mark.parametrize("hop", [1, 7, 10, 20, 30])
def test_no_step_of_a_window_held_out_is_learnt(two_songs, hop):
    corpus = build_corpus(two_songs, 20, hop, equal_share=False)
    learnt, unseen = hold_out(corpus, 0.2)
    assert len(learnt)
    assert not steps_of(corpus, learnt) & steps_of(corpus, unseen)
    assert len(unseen) / len(corpus) == pytest.approx(0.2, abs=0.1)


def test_without_a_share_all_windows_are_learnt_and_with_a_tenth_every_tenth_is_held_out(two_songs):
    corpus = build_corpus(two_songs, 20, 20, equal_share=False)
    assert hold_out(corpus, 0.0)[0].tolist() == list(range(len(corpus)))
    assert hold_out(corpus, 0.1)[1].tolist() == list(range(9, len(corpus), 10))


def test_too_few_windows_to_hold_any_out_are_told(corpus):
    with pytest.raises(TrainingError, match="3 windows are too few to hold 10% of them out"):
        hold_out(corpus.take([0, 2, 4]), 0.1)
    with pytest.raises(TrainingError, match="overlap so much"):
        hold_out(corpus.take([0, 1, 2]), 0.5)


def test_the_windows_of_all_updates_are_an_epoch_in_its_order_however_many_there_are():
    few = WindowDraws(EVERY[5:], 30)
    parts = [few.some(3, 1, None, first, 10) for first in (0, 10, 20)]
    assert np.concatenate(parts).tolist() == few.order(3, 1, None).tolist()

    learnt = np.arange(MOST_SHUFFLED + 10) * 2
    many = WindowDraws(learnt, 2 * len(learnt))
    drawn = np.concatenate([many.some(3, 1, None, first, 100_000) for first in (0, 100_000)])
    np.testing.assert_array_equal(np.sort(drawn), learnt)
    weights = np.ones(2 * len(learnt), np.float32)
    assert many.some(3, 1, weights, 7, 5).tolist() == many.order(3, 1, weights)[7:12].tolist()


def test_a_packed_file_gives_the_same_windows_to_learn_and_to_hold_out(two_songs, tmp_path):
    finish(writing_rolls(tmp_path / "two.vrae-rolls", (packed(song.name, song.roll) for song in two_songs)))
    rolls = PackedRolls(tmp_path / "two.vrae-rolls").cut(20, 7, equal_share=False)
    corpus = build_corpus(two_songs, 20, 7, equal_share=False)
    for there, here in zip(hold_out(rolls, 0.2), hold_out(corpus, 0.2), strict=True):
        np.testing.assert_array_equal(there, here)


def test_the_share_of_each_pitch_is_that_of_the_windows_that_are_learnt(corpus):
    some = np.array([0, 3, 4])
    np.testing.assert_array_equal(pitch_share(corpus, some), corpus.windows(some).mean(axis=(0, 1)).astype(np.float32))


def test_without_weights_each_window_comes_once_an_epoch_in_an_order_of_its_own():
    draws = WindowDraws(EVERY, 30)
    first, second = (draws.order(5, epoch, None) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(30))
    assert first.tolist() != second.tolist()
    assert first.tolist() == WindowDraws(EVERY, 30).order(5, 0, None).tolist()


def test_windows_come_as_often_as_they_weigh_and_those_of_weight_0_never():
    weights = np.ones(30, np.float32)
    weights[:5], weights[5:10] = 0, 3
    draws = WindowDraws(EVERY, 30)
    counts = np.mean([np.bincount(draws.order(0, epoch, weights), minlength=30) for epoch in range(200)], axis=0)
    assert (counts[:5] == 0).all()
    np.testing.assert_allclose(counts[5:10], 30 * 3 / 35, atol=0.2)
    np.testing.assert_allclose(counts[10:], 30 / 35, atol=0.15)


def test_alike_weights_are_no_weights_and_what_was_drawn_does_not_depend_on_what_was_drawn_before():
    draws, weights = WindowDraws(EVERY, 30), np.full(30, 0.1, np.float32)
    assert sorted(draws.order(0, 3, weights)) == list(range(30))
    weighted = np.linspace(0, 1, 30, dtype=np.float32)
    draws.order(0, 3, weighted)
    assert draws.order(0, 4, weighted).tolist() == WindowDraws(EVERY, 30).order(0, 4, weighted.copy()).tolist()


def test_windows_held_out_are_never_drawn_whatever_they_weigh():
    draws = WindowDraws(EVERY[:20], 30)
    assert draws.order(0, 0, np.arange(30, dtype=np.float32)).max() < 20


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.zeros(30), "no window is left to learn"),
        (np.ones(29), "weights for 29 windows, but the songs give 30"),
        (np.full(30, np.nan), "must be 0 or more"),
        (np.full(30, -1.0), "must be 0 or more"),
    ],
)
def test_weights_that_make_no_sense_are_refused_in_words(weights, words):
    with pytest.raises(TrainingError, match=words):
        WindowDraws(EVERY, 30).order(0, 0, weights.astype(np.float32))


@pytest.mark.parametrize("count", [1 << 17, (1 << 17) + 1, 1_500_000])
def test_however_many_windows_there_are_an_epoch_has_each_once(count):
    order = np.concatenate([order_of(count, (4, 2), first, 100_003) for first in range(0, count, 100_003)])
    assert len(order) == count
    np.testing.assert_array_equal(np.bincount(order, minlength=count), 1)
    neighbours = np.abs(np.diff(order))
    assert 0.30 < neighbours.mean() / count < 0.37  # a third of the range, as by chance
    assert abs(np.corrcoef(order[:-1], order[1:])[0, 1]) < 0.01
    assert not np.array_equal(order_of(count, (4, 3), 0, 100), order[:100])


def test_a_billion_windows_take_no_memory_to_shuffle():
    order = order_of(10**9, (0, 0), 10**9 - 5, 64)
    assert len(order) == 5
    assert ((order >= 0) & (order < 10**9)).all()


def test_an_order_of_few_windows_is_that_of_earlier_versions():
    np.testing.assert_array_equal(order_of(99, (3, 1), 20, 16), np.random.default_rng((3, 1)).permutation(99)[20:36])
