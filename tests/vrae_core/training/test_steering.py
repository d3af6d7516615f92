"""What may be changed while a run goes on, and that it survives an interruption."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.errors import TrainingError
from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import finish
from vrae_core.training.draws import hold_out
from vrae_core.training.steering import Steering
from vrae_core.training.train import train

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru", z_every_step=True),
    TrainingConfig(epochs=8, batch=24, learning_rate=1e-2, muon_learning_rate=0.02, kl_warm_up=0.5, clip=1.0),
)


@pytest.fixture(autouse=True)
def a_step_an_update(monkeypatch):
    monkeypatch.setattr("vrae_core.training.run.SECONDS_BETWEEN_STEPS", 0.0)


def steered(job, steering, corpus, spike, until=10**9):
    """Run a job, steering it by the number of updates; stop it after ``until``.  The steps, and the model if any.

    spike: the factor of the learning rate for two updates, from the 21st on.
    """
    weights = np.ones(len(corpus), np.float32)
    weights[:3], weights[3:6] = 0, 4
    steps = []
    try:
        while not steps or steps[-1].updates < until:
            steps.append(next(job))
            if steps[-1].updates == 5:
                steering.learning_rate, steering.kl_weight = 1.5, 2.0
            if steps[-1].updates in (20, 22):
                steering.learning_rate = spike if steps[-1].updates == 20 else 1.5
            if steps[-1].updates == 9:
                steering.window_weights = weights
    except StopIteration as end:
        return steps, end.value
    job.close()
    return steps, None


@pytest.mark.parametrize(("spike", "collapses"), [(1.5, False), (100.0, True)], ids=["steady", "collapsing"])
@pytest.mark.parametrize("held_out", [0.0, 0.2])
def test_a_steered_run_that_was_interrupted_equals_one_that_was_not_bit_for_bit(
    corpus, tmp_path, spike, collapses, held_out
):  # fmt: skip
    settings = {"epochs": 12, "held_out": held_out}
    steering = Steering()
    steps, whole = steered(train(corpus, TINY, steering=steering, **settings), steering, corpus, spike)
    assert any("back to update" in step.note for step in steps) == collapses

    kept = tmp_path / "run.checkpoint"
    for until in (3, 5, 6, 8, 11, 21, 23, 10**9):  # in the middle of epochs, and at their ends
        steering = Steering()
        job = train(corpus, TINY, steering=steering, checkpoint=kept, resume=True, **settings)
        _, resumed = steered(job, steering, corpus, spike, until)
    assert resumed.digest == whole.digest
    assert steering.learning_rate == 1.5
    assert steering.window_weights[0] == 0


def test_factors_multiply_what_the_schedules_give(corpus):
    steering = Steering(learning_rate=0.5, kl_weight=3.0)
    plain = list(train(corpus, TINY, epochs=4))
    changed = list(train(corpus, TINY, epochs=4, steering=steering))
    for before, after in zip(plain, changed, strict=True):
        assert after.learning_rate == pytest.approx(before.learning_rate / 2)
        assert after.kl_weight == pytest.approx(3 * before.kl_weight)


def test_a_learning_rate_of_0_holds_the_model_where_it_is(corpus):
    still = replace(TINY, training=replace(TINY.training, muon_learning_rate=None))
    steps = list(train(corpus, still, epochs=2, steering=Steering(learning_rate=0.0)))
    models = [step.model for step in steps if step.model]
    assert models[0].digest == models[1].digest


def test_windows_of_weight_0_teach_nothing(corpus):
    """Trained on one song's windows alone, the other song's pitches stay as improbable as they began."""
    weights = (corpus.song_of == 0).astype(np.float32)
    model = finish(train(corpus, TINY, epochs=30, steering=Steering(window_weights=weights)))
    z = model.encode(corpus.windows()).mu
    probable = model.decode(z).mean(axis=(0, 1))
    mine = corpus.windows(np.flatnonzero(corpus.song_of == 0)).any(axis=(0, 1))
    assert probable[mine].mean() > 5 * probable[~mine].mean()


@pytest.mark.parametrize(
    ("steering", "words"),
    [
        ({"learning_rate": float("nan")}, "learning rate is nan"),
        ({"kl_weight": -1.0}, "KL weight is -1"),
    ],
)
def test_what_cannot_be_done_ends_the_run_in_words_and_leaves_it_to_go_on_as_before(
    corpus, tmp_path, steering, words
):  # fmt: skip
    kept, now = tmp_path / "run.checkpoint", Steering(learning_rate=0.5)
    job = train(corpus, TINY, epochs=4, checkpoint=kept, steering=now)
    while next(job).updates < 4:
        pass
    for name, value in steering.items():
        setattr(now, name, value)
    with pytest.raises(TrainingError, match=words):
        next(job)
    again = Steering()
    finish(train(corpus, TINY, epochs=4, checkpoint=kept, resume=True, steering=again))
    assert again == Steering(learning_rate=0.5)


@pytest.mark.parametrize("held_out", [0.0, 0.2])
def test_weights_that_leave_none_to_learn_are_refused_with_a_note_and_those_before_stay(corpus, tmp_path, held_out):
    """With some held out, those and their neighbours may be left: there is none to learn all the same."""
    learnt, _ = hold_out(corpus, held_out)
    left, good = np.ones((2, len(corpus)), np.float32)
    left[learnt], good[:3] = 0, 0
    kept, now = tmp_path / "run.checkpoint", Steering()
    job = train(corpus, TINY, epochs=4, held_out=held_out, checkpoint=kept, steering=now)
    while next(job).updates < 4:
        pass
    for weights, refused in ((good, False), (left, True), (good, False)):
        now.window_weights = weights
        assert ("as before: no window is left to learn" in next(job).note) == refused
        assert now.window_weights is good
    now.window_weights = left  # just before the stop
    job.close()
    now = Steering()
    job = train(corpus, TINY, epochs=4, held_out=held_out, checkpoint=kept, resume=True, steering=now)
    next(job)
    now.window_weights = left  # as a file that nobody has changed meanwhile says
    assert "no window is left" in next(job).note
    finish(job)
    assert (now.window_weights == good).all()


def test_what_was_steered_just_before_a_stop_is_kept(corpus, tmp_path):
    kept, now = tmp_path / "run.checkpoint", Steering()
    job = train(corpus, TINY, epochs=4, checkpoint=kept, steering=now)
    next(job)
    now.kl_weight = 0.5
    job.close()
    again = Steering()
    next(train(corpus, TINY, epochs=4, checkpoint=kept, resume=True, steering=again))
    assert again.kl_weight == 0.5


def test_stop_and_keep_best_ends_the_run_with_the_best_epoch_as_its_model(corpus):
    steering, bounds, models = Steering(), [[]], []
    job = train(corpus, TINY, epochs=50, steering=steering)
    while len(models) < 12:
        step = next(job)
        bounds[-1].append(step.lower_bound)
        if step.model:
            models.append(step.model)
            bounds.append([])
        if step.epoch == 6:
            steering.kl_weight = 300.0  # makes it worse
    steering.stop = "best"
    with pytest.raises(StopIteration) as end:
        next(job)
    best = max(range(12), key=lambda epoch: np.mean(bounds[epoch]))
    assert best < 11
    assert end.value.value.digest == models[best].digest
    assert end.value.value.about == models[best].about
    assert 0 < end.value.value.threshold < 1


def test_the_best_state_is_judged_by_the_windows_held_out_and_outlives_an_interruption(corpus, tmp_path):
    kept, steering = tmp_path / "run.checkpoint", Steering()
    job = train(corpus, TINY, epochs=50, held_out=0.2, checkpoint=kept, steering=steering)
    bounds = {}
    for step in job:
        if step.model and np.isfinite(step.held_out_bound):
            bounds[step.held_out_bound] = step.model
        if step.epoch == 6 and step.model:
            steering.kl_weight = 300.0
        if step.epoch == 8:
            break
    job.close()
    steering = Steering(stop="best")
    model = finish(train(corpus, TINY, epochs=50, held_out=0.2, checkpoint=kept, resume=True, steering=steering))
    assert model.digest == bounds[max(bounds)].digest
