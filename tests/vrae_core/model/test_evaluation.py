"""The figures that say how good a model is."""

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.model.evaluation import (
    ALL_BUT,
    THRESHOLDS,
    baselines,
    best_threshold,
    evaluate,
    frame_f1,
    kl_divergence,
    log_likelihood,
    song_accuracy,
)
from vrae_core.model.trained import Posterior
from vrae_core.progress import finish


def test_frame_f1_counts_hits_against_what_was_found_and_what_was_there():
    true = np.array([1, 1, 1, 0, 0], bool)

    assert frame_f1(true, true) == 1.0
    assert frame_f1(np.array([1, 0, 0, 1, 0], bool), true) == pytest.approx(2 * 1 / (2 + 3))
    assert frame_f1(~true, true) == 0.0
    assert frame_f1(np.zeros(5, bool), np.zeros(5, bool)) == 0.0


def test_the_kl_divergence_of_the_prior_is_zero_and_grows_with_the_mean():
    prior = Posterior(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32))
    moved = Posterior(np.array([[2, 0]], np.float32), np.ones((1, 2), np.float32))

    np.testing.assert_allclose(kl_divergence(prior), [[0, 0]])
    np.testing.assert_allclose(kl_divergence(moved), [[2, 0]])


def test_songs_apart_are_told_apart_and_songs_mixed_are_not():
    rng, song_of = np.random.default_rng(0), np.repeat([0, 1, 2], 40)
    apart = rng.normal(0, 0.1, (120, 2)) + song_of[:, None] * 5

    assert song_accuracy(apart, song_of) == 1.0
    assert song_accuracy(apart, rng.permutation(song_of)) < 0.6


def test_song_accuracy_of_few_windows_does_not_fail():
    assert 0 <= song_accuracy(np.zeros((1, 2), np.float32), np.array([0])) <= 1
    assert song_accuracy(np.zeros((3, 2), np.float32), np.array([0, 0, 0])) == 1.0


def test_the_bound_is_reconstruction_less_kl_and_below_the_deterministic_one(model, corpus):
    figures = finish(evaluate(model, corpus))

    assert figures.lower_bound == pytest.approx(figures.reconstruction - figures.kl)
    assert figures.kl > 0
    assert figures.windows == len(corpus)
    assert 0 <= figures.song_accuracy <= 1


def test_baselines_can_be_had_without_a_model_and_of_some_windows(model, corpus):
    figures = finish(evaluate(model, corpus))._asdict()
    for name, value in baselines(corpus).items():
        assert value == pytest.approx(figures[name])
    assert baselines(corpus, most=len(corpus) // 2)["baseline_marginal"] < 0


def test_a_baseline_is_the_likelihood_of_what_it_predicts_cell_for_cell(corpus):
    x = corpus.windows()
    rates = {
        "baseline_marginal": x.mean(axis=(0, 1)),
        "baseline_per_song": np.stack([x[corpus.song_of == s].mean(axis=(0, 1)) for s in corpus.song_of])[:, None],
        "baseline_per_window": x.mean(axis=1, keepdims=True),
        "baseline_persistence": _of_the_step_before(x),
    }
    figures = baselines(corpus)

    for name, rate in rates.items():
        expected = log_likelihood(np.broadcast_to(rate, x.shape), x).mean() / corpus.window
        assert figures[name] == pytest.approx(expected), name


def _of_the_step_before(x):
    """The rate of each cell, given whether the cell before was on; at the first step the pitch's own."""
    before, after = x[:, :-1], x[:, 1:]
    held, struck = ([after[:, :, p][of[:, :, p]].mean() if of[:, :, p].any() else 0 for p in range(x.shape[2])]
                    for of in (before, ~before))  # fmt: skip
    return np.concatenate([np.broadcast_to(x.mean((0, 1)), x[:, :1].shape), np.where(before, held, struck)], axis=1)


def test_a_finer_baseline_explains_more(model, corpus):
    figures = finish(evaluate(model, corpus))

    assert figures.baseline_marginal < figures.baseline_per_song < figures.baseline_per_window < 0
    assert figures.baseline_persistence > figures.baseline_marginal


def test_the_same_seed_gives_the_same_figures(model, corpus):
    assert finish(evaluate(model, corpus, seed=4)) == finish(evaluate(model, corpus, seed=4))


def test_the_threshold_is_the_lowest_that_is_all_but_as_good_as_any_other(model, corpus):
    x = corpus.windows()
    probabilities = model.decode(model.encode(x).mu)
    scores = {round(float(t), 2): frame_f1(probabilities >= t, x) for t in THRESHOLDS}
    least = max(scores.values()) - ALL_BUT
    chosen = best_threshold(model, corpus)

    assert scores[chosen] >= least
    assert all(score < least for threshold, score in scores.items() if threshold < chosen)


def test_a_decoder_that_hears_its_own_output_runs_freely(model):
    z = np.random.default_rng(0).standard_normal((300, 2))  # more than are decoded at once
    free = model.decode(z, 30)

    np.testing.assert_array_equal(model.decode(z, 30, heard=free), free)


def test_what_a_decoder_hears_changes_the_steps_after_it_and_no_others(model, corpus):
    z, x = np.zeros((1, 2)), corpus.windows([0])
    other = x.copy()
    other[:, 7] ^= True
    before, after = model.decode(z, 20, heard=x), model.decode(z, 20, heard=other)

    np.testing.assert_array_equal(before[:, :8], after[:, :8])
    assert (before[:, 8] != after[:, 8]).any()


def test_the_teacher_forced_bound_is_that_of_a_decoder_shown_the_true_past(model, corpus):
    weights = dict(model.weights) | {"decoder.input": np.zeros_like(model.weights["decoder.input"])}
    deaf = finish(evaluate(replace(model, weights=weights), corpus))
    hearing = finish(evaluate(model, corpus))

    assert deaf.lower_bound_teacher_forced == pytest.approx(deaf.lower_bound)
    assert hearing.lower_bound_teacher_forced != pytest.approx(hearing.lower_bound)
