"""What a run is measured by on its way."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from vrae_core.model.evaluation import evaluate, sampled_lower_bound
from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import finish
from vrae_core.training.draws import hold_out
from vrae_core.training.measures import MOST_TIME, MOST_WINDOWS, RECENT, Measures, judged
from vrae_core.training.train import train

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6),
    TrainingConfig(epochs=3, batch=24, learning_rate=1e-2, clip=0.5),
)


def epochs(*bounds):
    """The rows of a history."""
    return [(bound, bound, 0.0) for bound in bounds]


def test_a_bound_that_loses_more_than_a_quarter_has_collapsed_and_one_that_wavers_has_not():
    before = epochs(-5.0, -4.0, -4.2)
    assert judged(-4.1, before, 8) == (-4.0, True, False)
    assert judged(-4.9, before, 8) == (-4.0, False, False), "neither to return to nor to be left"
    assert judged(-5.3, before, 8) == (-4.0, False, True)
    assert judged(math.nan, before, 8).has_collapsed


def test_the_first_epoch_of_a_run_is_sound_unless_it_is_no_number():
    assert judged(-90.0, [], 8) == (-math.inf, True, False)
    assert judged(math.nan, [], 8).has_collapsed


def test_of_epochs_of_one_update_several_have_to_be_as_bad():
    before = epochs(-4.0, -4.0)
    for bad in ([], [-9.0], [-9.0, -9.0]):
        assert not judged(-9.0, before + epochs(*bad), 1).has_collapsed
    assert judged(-9.0, before + epochs(-9.0, -9.0, -9.0), 1).has_collapsed
    assert not judged(-9.0, before + epochs(-9.0, -4.1, -9.0), 1).has_collapsed


def test_what_was_long_ago_is_forgotten():
    assert not judged(-9.0, epochs(-4.0, *[-8.0] * RECENT), 8).has_collapsed


class Clock:
    """A clock that ticks whenever it is looked at."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def test_the_figures_of_a_sample_are_those_of_an_evaluation(model, corpus):
    measured = Measures(corpus, True, Clock(0.1)).measure(model)
    whole = finish(evaluate(model, corpus))
    assert measured.held_out_bound == pytest.approx(sampled_lower_bound(model, corpus), abs=1e-6)
    assert measured.held_out_kl == pytest.approx(whole.kl, abs=1e-6)
    assert measured.held_out_bound == pytest.approx(measured.held_out_reconstruction - measured.held_out_kl)
    assert measured.song_accuracy == whole.song_accuracy
    assert measured.frame_f1 >= whole.frame_f1


def test_without_windows_held_out_there_is_no_bound_of_them(model, corpus):
    measured = Measures(corpus, False, Clock(0.1)).measure(model)
    assert math.isnan(measured.held_out_bound)
    assert math.isnan(measured.held_out_kl)
    assert 0 <= measured.frame_f1 <= 1


def test_no_more_than_so_many_windows_are_measured(model, corpus):
    many = corpus.take(list(range(len(corpus))) * 5)
    measures = Measures(many, True, Clock(0.1))
    assert len(measures._sample) == MOST_WINDOWS
    assert math.isnan(Measures(corpus.take([0]), True, Clock(0.1)).measure(model).song_accuracy)


def test_measuring_takes_no_more_than_its_share_of_the_time(model, corpus):
    measures = Measures(corpus, False, Clock(0.1))
    spent = 0.0
    assert measures.due(0.0)  # the first figures are wanted soon
    for second in range(1, 100):
        if measures.due(float(second)):
            measures.measure(model)
            spent += 0.1
    assert 0.8 * MOST_TIME * 99 < spent <= MOST_TIME * 99 + 0.1


def test_a_step_tells_all_its_figures_and_the_last_is_always_measured(corpus):
    *_, last = steps = list(train(corpus, TINY, held_out=0.2))
    assert all(math.isfinite(value) for value in last if isinstance(value, float))
    assert all(step.windows_per_second > 0 and step.gradient_norm > 0 and step.kl_weight == 1 for step in steps)
    _, unseen = hold_out(corpus, 0.2)
    expected = sampled_lower_bound(last.model, corpus.take(unseen))
    assert last.held_out_bound == pytest.approx(expected, abs=1e-6)


def test_the_norm_of_the_gradient_is_told_as_it_was_before_clipping(corpus):
    unclipped = replace(TINY, training=replace(TINY.training, clip=None))
    first = [next(train(corpus, recipe, epochs=1)).gradient_norm for recipe in (TINY, unclipped)]
    assert first[0] > 0.5  # what it is clipped to
    assert first[0] == pytest.approx(first[1], rel=0.3)


def test_measuring_changes_nothing_and_takes_no_time_of_the_run(corpus, monkeypatch):
    measured = list(train(corpus, TINY, clock=Clock(0.1)))[-1]
    monkeypatch.setattr("vrae_core.training.measures.Measures.due", lambda self, seconds: True)
    always = list(train(corpus, TINY, clock=Clock(0.1)))[-1]
    assert measured.model.digest == always.model.digest
    assert measured.seconds == pytest.approx(always.seconds)
    assert always.seconds == pytest.approx(0.1 * always.updates)
