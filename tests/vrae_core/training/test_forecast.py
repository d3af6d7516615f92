"""What a training will come to follows from what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vrae_core.model.recipes import RECIPES
from vrae_core.training.forecast import forecast, held_out_of
from vrae_core.training.settings import PRESETS, Plan


def test_by_the_clock_the_updates_follow_from_their_time():
    ahead = forecast(Plan(RECIPES["fast-2d"], minutes=10), 640, 0.5)
    assert (ahead.updates_per_epoch, ahead.updates, ahead.epochs, ahead.minutes) == (10, 1200, 120, 10)
    assert ahead.seconds_per_epoch == 5


def test_by_epochs_the_time_follows_from_the_updates():
    ahead = forecast(Plan(RECIPES["fast-2d"]), 640, 0.3)
    assert (ahead.updates, ahead.epochs, ahead.minutes) == (5000, 500, pytest.approx(25))


def test_fewer_windows_than_a_batch_are_one_update_an_epoch():
    assert forecast(Plan(RECIPES["fast-2d"]), 5, 0.3).updates_per_epoch == 1


@pytest.mark.parametrize(
    ("windows", "share", "held_out"), [(100, 0.0, 0), (100, 0.1, 10), (99, 0.05, 4), (3, 0.5, 1), (9, 0.1, 0)]
)
def test_what_is_held_out_is_not_learnt(windows, share, held_out):
    assert held_out_of(windows, share) == held_out
    ahead = forecast(Plan(RECIPES["fast-2d"], 1, share), windows, 1.0)
    assert (ahead.learnt, ahead.held_out) == (windows - held_out, held_out)


def test_more_time_never_promises_less():
    plan = PRESETS["best"].plan
    said = [forecast(replace(plan, minutes=m), 3000, 0.4).expected for m in (0.1, 2, 5, 20, 600)]
    assert said == list(dict.fromkeys(said))


def test_the_papers_recipes_promise_less_for_the_same_time():
    paper, ours = (forecast(Plan(RECIPES[name], 10), 591, 0.3).expected for name in ("paper-2d", "fast-2d"))
    assert paper != ours
