"""Runs that begin from a trained model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.bands import scale_song
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import TrainingError
from vrae_core.model.evaluation import sampled_lower_bound
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import FAST, ModelConfig, Recipe
from vrae_core.model.vrae import VRAE
from vrae_core.progress import finish
from vrae_core.training.fine_tuning import NEW_PITCH, check_fits, fine_tuning_recipe, starting_weights
from vrae_core.training.train import train

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=24, encoder_hidden=16, cell="gru", z_every_step=True),
    replace(FAST, batch=24, learning_rate=1e-2),
)


def test_pitches_both_know_keep_their_weights_and_new_ones_begin_small_at_their_log_odds(model):
    pitches = (model.pitches[3], model.pitches[1] + 1, model.pitches[5])  # out of the model's order; one is new
    source = np.random.default_rng(1)
    fresh = {
        name: source.normal(size=shape).astype(np.float32) for name, shape in weight_shapes(model.config, 3).items()
    }
    weights = starting_weights(model, model.config, pitches, fresh)
    assert {name: value.shape for name, value in weights.items()} == weight_shapes(model.config, 3)
    for name, axis in {"encoder.input": 1, "decoder.input": 1, "output.weight": 0}.items():
        mapped, old, new = (np.moveaxis(array[name], axis, 0) for array in (weights, model.weights, fresh))
        np.testing.assert_array_equal(mapped[[0, 2]], old[[3, 5]])
        np.testing.assert_array_equal(mapped[1], np.float32(NEW_PITCH) * new[1])
    assert weights["output.bias"].tolist() == [
        model.weights["output.bias"][3], fresh["output.bias"][1], model.weights["output.bias"][5]
    ]  # fmt: skip
    np.testing.assert_array_equal(weights["decoder.recurrent"], model.weights["decoder.recurrent"])


def test_with_the_same_pitches_nothing_changes(model):
    fresh = {name: np.zeros_like(value) for name, value in model.weights.items()}
    weights = starting_weights(model, model.config, model.pitches, fresh)
    assert all(np.array_equal(weights[name], value) for name, value in model.weights.items())


def test_for_another_z_the_decoder_hears_the_parents_as_one_projection_of_it(model):
    config = replace(model.config, latent=1, context=5)
    fresh = VRAE.new(config, np.full(len(model.pitches), 0.1, np.float32)).numpy_weights()
    weights = starting_weights(model, config, model.pitches, fresh)
    assert {name: value.shape for name, value in weights.items()} == weight_shapes(config, len(model.pitches))
    for name in ("mean.weight", "log_sigma.bias", "context.1.weight"):
        np.testing.assert_array_equal(weights[name], fresh[name])
    for name in ("encoder.input", "decoder.recurrent", "output.weight"):
        np.testing.assert_array_equal(weights[name], model.weights[name])
    projection = np.linalg.lstsq(model.weights["start.weight"], weights["start.weight"])[0]  # (2, 5)
    np.testing.assert_allclose(model.weights["decoder.latent"] @ projection, weights["decoder.latent"], atol=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden": 9}, "has 8 units in its decoder, but 9 are asked for"),
        ({"cell": "lstm"}, "has a gru cell, but lstm is asked for"),
        ({"reversed_input": True}, "reads its windows forwards, but backwards is asked for"),
        ({"z_every_step": False}, "hears z at every step, but at its start alone is asked for"),
        ({"silent_start": True}, "starts without silence, but with silence is asked for"),
    ],
)
def test_a_model_of_another_shape_is_refused_in_a_sentence(model, change, words):
    with pytest.raises(TrainingError, match=words):
        check_fits(model, replace(model.config, **change))


def test_windows_of_another_length_fit(model, two_songs):
    longer = replace(TINY, model=replace(model.config, window=30, hop=15))
    corpus = build_corpus(two_songs, 30, 15)
    tuned = finish(train(corpus, longer, epochs=1, start_from=model))
    assert tuned.config.window == 30


def test_a_recipe_for_fine_tuning_has_the_models_shape_its_own_windows_and_no_warm_up_of_the_kl(model):
    recipe = fine_tuning_recipe(replace(TINY, model=ModelConfig(window=50, hop=25, latent=20)), model)
    assert recipe.model == replace(model.config, window=50, hop=25)
    assert recipe.training.kl_weight_at(0) == recipe.training.kl_weight
    assert recipe.training.learning_rate < TINY.training.learning_rate
    check_fits(model, recipe.model)


@pytest.fixture(scope="module")
def parents():
    songs = [scale_song("Low", 40), scale_song("High", 60, seconds=30, step=1)]
    corpus = build_corpus(songs, 20, 10, equal_share=False)
    return corpus, finish(train(corpus, TINY, epochs=60))


def test_a_fine_tuned_model_starts_near_its_parents_bound_on_its_parents_songs(parents):
    corpus, parent = parents
    reached = sampled_lower_bound(parent, corpus)
    step = next(train(corpus, fine_tuning_recipe(TINY, parent), epochs=20, start_from=parent))
    fresh = next(train(corpus, TINY, epochs=20))
    assert abs(step.lower_bound - reached) < 0.25 * abs(fresh.lower_bound - reached)


def test_a_line_is_learnt_faster_by_a_model_that_has_learnt_the_plane(parents):
    corpus, parent = parents
    line = replace(TINY, model=replace(TINY.model, latent=1))
    tuned = finish(train(corpus, line, epochs=8, start_from=parent))
    fresh = finish(train(corpus, line, epochs=8))
    assert sampled_lower_bound(tuned, corpus) > sampled_lower_bound(fresh, corpus) + 0.1


def test_a_fine_tuned_model_learns_a_new_song_faster_than_a_new_one(parents):
    """The song moves as the parent's do, a whole tone higher: some of its pitches are new."""
    _, parent = parents
    corpus = build_corpus([scale_song("New", 42, seconds=25), scale_song("Newer", 61, seconds=25, step=1)], 20, 10)
    assert set(corpus.pitches) - set(parent.pitches)
    tuned = finish(train(corpus, fine_tuning_recipe(TINY, parent), epochs=8, start_from=parent))
    fresh = finish(train(corpus, TINY, epochs=8))
    assert sampled_lower_bound(tuned, corpus) > sampled_lower_bound(fresh, corpus) + 0.3
