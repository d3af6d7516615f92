"""Training: it learns, it resumes, it says what is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from vrae_core.bundled import bundled_songs
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import ModelFileError, TrainingError
from vrae_core.midi.song import read_song
from vrae_core.model.evaluation import evaluate
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import finish
from vrae_core.training.run import TrainingRun
from vrae_core.training.train import train

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=32, encoder_hidden=16, cell="gru", z_every_step=True),
    TrainingConfig(epochs=6, batch=16, learning_rate=1e-2, muon_learning_rate=0.02, kl_warm_up=0.5, clip=1.0),
)


def steps_of(job):
    """Everything a training yields, and the model it returns."""
    steps = []
    while True:
        try:
            steps.append(next(job))
        except StopIteration as end:
            return steps, end.value


def test_three_hundred_updates_on_two_songs_beat_a_stated_bound():
    """Updates, not seconds: what a minute comes to depends on the processor."""
    songs = [read_song(path) for path in bundled_songs()[:2]]
    fast = RECIPES["fast-20d"]
    recipe = replace(fast, model=replace(fast.model, hidden=192, encoder_hidden=96))
    corpus = build_corpus(songs, recipe.model.window, recipe.model.hop)
    model = finish(train(corpus, recipe, epochs=100))
    figures = finish(evaluate(model, corpus))

    assert figures.lower_bound > -7.0
    assert figures.lower_bound > figures.baseline_per_song + 1
    assert figures.frame_f1 > 0.4
    assert figures.frame_f1_shuffled_z < figures.frame_f1 - 0.2


def test_an_epoch_ends_with_a_snapshot_that_can_be_played(corpus):
    steps, model = steps_of(train(corpus, TINY, epochs=2))

    snapshots = [step for step in steps if step.model]
    assert [step.epoch for step in snapshots] == [1, 2]
    assert snapshots[0].model.decode(np.zeros((1, 2))).shape == (1, 20, len(corpus.pitches))
    assert steps[-1].done == 1.0
    assert model.digest == snapshots[-1].model.digest
    assert 0 < model.threshold < 1


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(corpus, tmp_path):
    whole = finish(train(corpus, TINY, epochs=6))

    kept = tmp_path / "run.checkpoint"
    interrupted = train(corpus, TINY, epochs=6, checkpoint=kept)
    while next(interrupted).epoch < 3:
        pass
    interrupted.close()
    resumed = finish(train(corpus, TINY, epochs=6, checkpoint=kept, resume=True))

    assert resumed.digest == whole.digest


def test_a_checkpoint_of_other_songs_is_refused(corpus, two_songs, tmp_path):
    kept = tmp_path / "run.checkpoint"
    finish(train(corpus, TINY, epochs=1, checkpoint=kept))

    with pytest.raises(ModelFileError, match="other songs"):
        next(train(build_corpus(two_songs[:1], 20, 10), TINY, checkpoint=kept, resume=True))


def test_a_damaged_checkpoint_is_refused(corpus, tmp_path):
    kept = tmp_path / "run.checkpoint"
    finish(train(corpus, TINY, epochs=1, checkpoint=kept))
    kept.write_bytes(kept.read_bytes()[:-9])

    with pytest.raises(ModelFileError, match="damaged"):
        next(train(corpus, TINY, checkpoint=kept, resume=True))


def test_a_run_by_the_clock_ends_by_the_clock(corpus):
    steps, _ = steps_of(train(corpus, TINY, minutes=0.02))

    assert steps[-1].done == 1.0
    assert steps[-1].seconds >= 1.2


def test_a_run_that_collapses_goes_back_with_half_the_learning_rate_and_says_so(corpus):
    run = TrainingRun.begin(corpus, TINY, 0, None)
    run.last_update = 12 * run.updates_per_epoch
    steps = []
    for step in run.steps():
        steps.append(step)
        if step.epoch == 4 and not run.retreats:  # an explosion, which no machine's rounding can prevent
            with torch.no_grad():
                run.vrae.weights["output.weight"].mul_(1000)

    notes = [step.note for step in steps if step.note]
    assert len(notes) == 1
    assert "now with 0.5 of the learning rate" in notes[0]
    assert steps[-1].learning_rate <= TINY.training.learning_rate_at(steps[-1].done) / 2
    assert steps[-1].lower_bound > steps[0].lower_bound
    assert np.isfinite(steps[-1].model.decode(np.zeros((1, 2)))).all()


def test_where_an_epoch_is_one_update_the_first_may_overshoot(corpus):
    at_once = replace(TINY, training=replace(TINY.training, batch=len(corpus)))
    run = TrainingRun.begin(corpus, at_once, 0, None)
    run.last_update = 12
    notes = []
    for step in run.steps():
        notes.append(step.note)
        if step.updates in (1, 3):  # far off, and back
            with torch.no_grad():
                run.vrae.weights["output.weight"].mul_(1000 if step.updates == 1 else 0.001)
    assert notes == [""] * 12


def test_a_run_that_never_stops_collapsing_gives_up_in_words(corpus):
    hopeless = replace(TINY, training=replace(TINY.training, learning_rate=1e30, clip=None, muon_learning_rate=None))

    with pytest.raises(TrainingError, match="keeps collapsing"):
        finish(train(corpus, hopeless, epochs=40))


def test_a_decoder_that_is_told_less_and_less_of_the_past_runs_freely_from_the_middle_of_the_run_on(corpus):
    told = replace(TINY, training=replace(TINY.training, teacher_forcing=0.8))
    steps, model = steps_of(train(corpus, told, epochs=40))

    shares = [step.teacher_forcing for step in steps]
    assert shares[0] == pytest.approx(0.8, abs=0.05)
    assert shares == sorted(shares, reverse=True)
    assert all((step.teacher_forcing == 0) == (step.done >= 0.5) for step in steps)
    assert not any(step.note for step in steps)  # the bound that falls as the forcing ends is no collapse
    assert finish(evaluate(model, corpus)).lower_bound > steps[0].lower_bound


def test_fewer_windows_than_a_batch_make_one_smaller_batch(corpus):
    steps, _ = steps_of(train(corpus.take([0, 1, 2]), TINY, epochs=2))

    assert steps[-1].updates == 2


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipes_schedules_run_from_its_first_learning_rate_to_its_last(name):
    settings = RECIPES[name].training

    assert settings.learning_rate_at(settings.warm_up) == pytest.approx(settings.learning_rate, rel=0.01)
    assert settings.learning_rate_at(1.0) == pytest.approx(settings.final_learning_rate)
    assert settings.kl_weight_at(1.0) == settings.kl_weight


def test_a_linear_schedule_stays_where_it_is_and_then_falls_evenly_to_the_end():
    settings = replace(
        TINY.training, learning_rate=0.1, final_learning_rate=0.02, schedule="linear", step_at=0.6, warm_up=0.0
    )

    rates = [settings.learning_rate_at(done) for done in (0, 0.3, 0.6, 0.7, 0.8, 1)]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.08, 0.06, 0.02])
    never = replace(settings, step_at=1.0)
    assert {never.learning_rate_at(done) for done in (0, 0.5, 1)} == {0.1}


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains_on_two_songs(name, two_songs):
    recipe = replace(RECIPES[name], model=replace(RECIPES[name].model, hidden=16, encoder_hidden=16))
    corpus = build_corpus(two_songs, recipe.model.window, recipe.model.hop)

    assert finish(train(corpus, recipe, epochs=1)).config == recipe.model


def test_a_model_that_counts_beats_says_how_most_of_its_songs_are_played(band_corpus, corpus):
    shape = replace(TINY.model, window=16, hop=16, steps_per_beat=4, parts=True)
    about = finish(train(band_corpus.take(range(5)), replace(TINY, model=shape), epochs=1)).about
    assert (about["tempo"], about["meter"]) == ("90.0", "4/4")
    assert "meter" not in finish(train(corpus, TINY, epochs=1)).about


def test_a_single_window_is_learnt_to_the_end_though_the_noise_in_z_moves_its_bound_at_every_update(corpus):
    hot = replace(TINY, training=replace(TINY.training, learning_rate=3e-2, muon_learning_rate=0.06))
    steps, model = steps_of(train(corpus.take([3]), hot, epochs=400))

    assert steps[-1].updates == 400
    assert model.about["lower bound"].startswith("-")


def test_a_run_that_is_over_before_it_was_watched_says_what_it_has_reached(corpus):
    _, model = steps_of(train(corpus.take([3]), TINY, epochs=2))
    assert model.about["lower bound"].startswith("-")
