"""The fast loops of a trained model against the plain ones, which state the equations."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from tests.vrae_core.conftest import random_model
from vrae_core.model import fast_steps
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel

PITCHES = tuple(range(48, 57))
PAPER = ModelConfig(window=7, hop=7, latent=3, hidden=6, encoder_hidden=5)
SHAPES = {
    "tanh": PAPER,
    "gru": replace(PAPER, cell="gru", z_every_step=True, reversed_input=True),
    "lstm": replace(PAPER, cell="lstm", context=3, z_every_step=True),
    "silent gru": replace(PAPER, cell="gru", silent_start=True),
}


@pytest.fixture(params=SHAPES)
def model(request):
    return random_model(SHAPES[request.param], PITCHES)


@pytest.fixture
def roll():
    """Music that holds its notes, comes back and falls silent, so that windows have much in common."""
    source = np.random.default_rng(1)
    tune = np.repeat(source.random((30, len(PITCHES))) < 0.3, source.integers(1, 5, 30), axis=0)
    return np.concatenate([tune, tune, np.zeros((20, len(PITCHES)), bool), tune[::-1]])


def plain(model, windows):
    return model._posterior(model._read(windows.astype(np.float32)))


def assert_alike(posterior, expected):
    np.testing.assert_allclose(posterior.mu, expected.mu, atol=2e-6)
    np.testing.assert_allclose(posterior.sigma, expected.sigma, rtol=1e-5)


@pytest.mark.parametrize("hop", [1, 3, 9])
def test_windows_of_a_roll_have_the_posteriors_of_the_equations(model, roll, hop):
    offsets = np.arange(0, len(roll) - 7, hop)
    windows = roll[offsets[:, None] + np.arange(7)]
    assert_alike(model.encode_cut(roll, offsets, 7), plain(model, windows))
    assert_alike(model.encode(windows), plain(model, windows))


@pytest.mark.parametrize(("chunk", "rows", "part"), [(1, 1, 1), (3, 20, 9), (64, 8, 20)])
def test_it_does_not_matter_how_many_windows_are_read_at_once(model, roll, chunk, rows, part, monkeypatch):
    offsets = np.random.default_rng(2).permutation(len(roll) - 7)[:100]
    windows = roll[offsets[:, None] + np.arange(7)]
    monkeypatch.setattr(fast_steps, "_CHUNK", chunk)
    monkeypatch.setattr(fast_steps, "_ROWS", rows)
    monkeypatch.setattr(fast_steps, "_PART", part)
    assert_alike(model.encode_cut(roll, offsets, 7), plain(model, windows))


def test_windows_of_more_columns_than_a_word_has_bits_are_told_apart():
    model = random_model(PAPER, tuple(range(130)))
    windows = np.zeros((131, 7, 130), bool)
    windows[np.arange(130), 3, np.arange(130)] = True
    assert_alike(model.encode(windows), plain(model, windows))


def test_no_windows_and_windows_of_no_steps_are_encoded_too(model):
    assert model.encode(np.zeros((0, 7, len(PITCHES)), bool)).mu.shape == (0, 3)
    empty = np.zeros((2, 0, len(PITCHES)), bool)
    assert_alike(model.encode(empty), plain(model, empty))


@pytest.mark.parametrize(("count", "part"), [(0, 9), (1, 1 << 15), (5, 1 << 15), (5, 9)])
def test_the_decoder_gives_the_probabilities_of_the_equations(model, count, part, monkeypatch):
    monkeypatch.setattr(fast_steps, "_PART", part)
    z = np.random.default_rng(3).standard_normal((count, 3)).astype(np.float32)
    heard = np.random.default_rng(4).random((count, 20, len(PITCHES))) < 0.3
    free, told = model.decode(z, 20), model.decode(z, 20, heard)
    one_by_one = np.stack(list(islice(model.decoding(z), 20)), axis=1)
    monkeypatch.setattr(model._fast_decoder, "decoding", model._decoding)
    np.testing.assert_allclose(free, model.decode(z, 20), atol=2e-6)
    np.testing.assert_allclose(told, model.decode(z, 20, heard), atol=2e-6)
    np.testing.assert_array_equal(one_by_one, free)


def test_weights_beyond_what_exp_can_hold_saturate_as_the_equations_do(model, roll):
    loud = TrainedModel(model.config, PITCHES, {name: 300 * weight for name, weight in model.weights.items()})
    offsets = np.arange(0, 90, 10)
    windows = roll[offsets[:, None] + np.arange(7)].astype(np.float32)
    np.testing.assert_allclose(loud._fast_encoder.read(roll, offsets, 7), loud._read(windows), atol=1e-5)
    z = np.ones((2, 3), np.float32)
    one_by_one = np.stack(list(islice(loud.decoding(z), 9)), axis=1)
    assert np.isfinite(one_by_one).all()
    np.testing.assert_array_equal(one_by_one, loud.decode(z, 9))


def test_what_was_given_is_not_written_to(model, roll):
    weights = {name: weight.copy() for name, weight in model.weights.items()}
    model.encode_cut(roll, np.arange(20), 7)
    first = next(decoding := model.decoding(np.ones((2, 3), np.float32)))
    kept = first.copy()
    next(decoding)
    np.testing.assert_array_equal(first, kept)
    for name, weight in weights.items():
        np.testing.assert_array_equal(model.weights[name], weight)
