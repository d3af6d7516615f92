"""The bound of whole pieces, and what it is charged."""

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus.benchmark import read_rolls
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.model.benchmark_evaluation import evaluate_rolls, pitch_frequency, tile
from vrae_core.model.evaluation import evaluate, log_likelihood
from vrae_core.piano_roll import LOWEST_PITCH
from vrae_core.progress import finish


@pytest.fixture
def rolls(rolls_file):
    return read_rolls(rolls_file)


@pytest.fixture
def model(model):
    """A model of chance that knows every other pitch of the scales."""
    return replace(model, pitches=tuple(range(48, 48 + 2 * len(model.pitches), 2)))


def with_sigma(model, sigma):
    """The model with the same sigma for every posterior."""
    head = {"log_sigma.weight": 0 * model.weights["log_sigma.weight"], "log_sigma.bias": np.full(2, np.log(sigma))}
    return replace(model, weights={**model.weights, **head})


def measured(model, rolls, train=None, **settings):
    return finish(evaluate_rolls(model, rolls, train or rolls, **settings))


def bounds(figures):
    return [
        figures.lower_bound,
        figures.importance_weighted_bound,
        figures.lower_bound_teacher_forced,
        figures.importance_weighted_bound_teacher_forced,
    ]


def test_windows_tile_the_pieces_and_the_last_is_as_short_as_what_is_left(rolls):
    tiles = tile(rolls.test, 20)

    assert {windows.shape[1]: len(windows) for windows in tiles} == {20: 2, 5: 1, 7: 1}
    assert sum(windows.sum() for windows in tiles) == sum(roll.sum() for roll in rolls.test)
    np.testing.assert_array_equal(tiles[0][1], rolls.test[0][20:40])


def test_for_pieces_of_one_window_the_bounds_are_evaluates_and_the_charge(model, rolls):
    pieces = [roll[:20] for roll in (*rolls.train, rolls.valid[0])]
    corpus = build_corpus([BenchmarkPiece("", roll) for roll in pieces], 20, 20, pitches=model.pitches)
    ours, usual = measured(model, pieces), finish(evaluate(model, corpus))

    assert ours.lower_bound == pytest.approx(usual.lower_bound + ours.unknown_pitches)
    assert ours.lower_bound_teacher_forced == pytest.approx(usual.lower_bound_teacher_forced + ours.unknown_pitches)
    assert ours.kl == pytest.approx(usual.kl)


def test_the_bound_of_all_pieces_is_their_own_bounds_weighed_by_their_steps(model, rolls):
    sure = with_sigma(model, 1e-9)  # every draw of z is the same
    each = [measured(sure, [roll], rolls.train) for roll in rolls.test]
    both = measured(sure, rolls.test, rolls.train)

    assert (both.pieces, both.steps, both.windows) == (2, 52, 4)
    for bound in ("lower_bound", "lower_bound_teacher_forced"):
        alone = [getattr(figures, bound) for figures in each]
        assert getattr(both, bound) == pytest.approx(np.average(alone, weights=[45, 7]), rel=1e-4)


def test_a_decoder_that_knows_only_pitch_frequencies_reaches_the_marginal_baseline(model, rolls):
    frequency = pitch_frequency(rolls.train)[np.array(model.pitches) - LOWEST_PITCH]
    weights = {name: np.zeros_like(weight) for name, weight in model.weights.items()}
    weights["output.bias"] = np.log(frequency / (1 - frequency)).astype(np.float32)
    figures = measured(replace(model, weights=weights), rolls.test, rolls.train, samples=3)

    assert figures.kl == 0.0
    assert bounds(figures) == pytest.approx([figures.baseline_marginal] * 4, rel=1e-5)


def test_a_note_on_a_pitch_that_the_model_lacks_costs_its_frequencys_log_odds(model, rolls):
    column, (first, second) = 108 - LOWEST_PITCH, rolls.test
    struck = first.copy()
    struck[3, column] = True
    frequency = pitch_frequency(rolls.train)[column]
    before, after = (measured(model, [roll, second], rolls.train) for roll in (first, struck))

    assert 0 < frequency < 0.02  # it never sounds in training
    dearer = -np.log(frequency / (1 - frequency)) / 52
    assert before.unknown_pitches - after.unknown_pitches == pytest.approx(dearer)
    assert np.subtract(bounds(before), bounds(after)) == pytest.approx([dearer] * 4)


def test_many_samples_come_near_the_true_likelihood_which_no_bound_exceeds(model, rolls):
    (roll,) = rolls.valid
    roll, known = roll[:4], np.array(model.pitches) - LOWEST_PITCH
    axis = np.linspace(-6, 6, 121)
    z = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    prior = -(z**2).sum(axis=1) / 2 - np.log(2 * np.pi) + 2 * np.log(axis[1] - axis[0])
    x = np.broadcast_to(roll[:, known], (len(z), 4, len(known)))
    likelihood = np.logaddexp.reduce(prior + log_likelihood(model.decode(z, 4), x)) / 4

    wide = with_sigma(model, 1.5)  # wider than what is sought, so that no draw weighs too much
    few, many = (measured(wide, [roll], rolls.train, samples=k) for k in (1, 5_000))
    exact = likelihood + many.unknown_pitches
    assert many.importance_weighted_bound == pytest.approx(exact, abs=0.02)
    assert few.lower_bound < exact
    assert many.lower_bound < many.importance_weighted_bound


def test_the_same_seed_gives_the_same_figures(model, rolls):
    assert measured(model, rolls.test, samples=3, seed=5) == measured(model, rolls.test, samples=3, seed=5)
