"""The torch model against a plain float64 NumPy transcription of the paper, and against the NumPy player."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.model.vrae import VRAE

PITCHES = (48, 52, 55, 60, 64)
PAPER = ModelConfig(window=7, hop=7, latent=2, hidden=6, encoder_hidden=6)
SHAPES = {
    "tanh": PAPER,
    "gru": replace(PAPER, cell="gru", encoder_hidden=4, z_every_step=True, reversed_input=True),
    "lstm": replace(PAPER, cell="lstm", context=3, z_every_step=True),
    "authors": replace(PAPER, silent_start=True),
    "silent gru": replace(PAPER, cell="gru", silent_start=True),
}


def model_of(config: ModelConfig) -> VRAE:
    model = VRAE.new(config, np.full(len(PITCHES), 0.2, np.float32), seed=3)
    model.precision = torch.float32
    return model


@pytest.fixture
def windows():
    return np.random.default_rng(1).random((4, 7, len(PITCHES))) < 0.3


@pytest.fixture
def noise():
    return np.random.default_rng(2).standard_normal((4, 2))


def paper_bound(w, x, noise):
    """DESIGN of the paper, section 2, one window at a time, in float64: mean lower bound over windows, nats."""
    total = 0.0
    for window, epsilon in zip(x.astype(np.float64), noise, strict=True):
        h = np.zeros(len(w["encoder.recurrent"]))
        for x_t in window:
            h = np.tanh(w["encoder.recurrent"] @ h + w["encoder.input"] @ x_t + w["encoder.bias"])
        mu = w["mean.weight"] @ h + w["mean.bias"]
        log_sigma = w["log_sigma.weight"] @ h + w["log_sigma.bias"]
        z = mu + np.exp(log_sigma) * epsilon
        total += 0.5 * np.sum(1 + 2 * log_sigma - mu**2 - np.exp(2 * log_sigma))
        h = np.tanh(w["start.weight"] @ z + w["start.bias"])
        for x_t in window:
            p = 1 / (1 + np.exp(-(w["output.weight"] @ h + w["output.bias"])))
            total += np.sum(x_t * np.log(p) + (1 - x_t) * np.log(1 - p))
            h = np.tanh(w["decoder.recurrent"] @ h + w["decoder.input"] @ p + w["decoder.bias"])
    return total / len(x)


def torch_bound(model, windows, noise):
    bound = model.bound(torch.from_numpy(windows).float(), torch.from_numpy(noise).float())
    return (bound.reconstruction - bound.kl.sum(dim=1)).mean()


def test_the_bound_is_the_papers(windows, noise):
    model = model_of(PAPER)
    exact = {name: weight.astype(np.float64) for name, weight in model.numpy_weights().items()}

    assert torch_bound(model, windows, noise).item() == pytest.approx(paper_bound(exact, windows, noise), rel=1e-5)


def test_the_gradients_are_those_of_finite_differences_of_the_papers_equations(windows, noise):
    model = model_of(PAPER)
    torch_bound(model, windows, noise).backward()
    exact = {name: weight.astype(np.float64) for name, weight in model.numpy_weights().items()}

    for name, weight in exact.items():
        for index in list(np.ndindex(weight.shape))[:: max(1, weight.size // 5)]:
            kept, step = weight[index], 1e-6
            weight[index] = kept + step
            above = paper_bound(exact, windows, noise)
            weight[index] = kept - step
            below = paper_bound(exact, windows, noise)
            weight[index] = kept
            found = model.weights[name].grad[index].item()
            assert found == pytest.approx((above - below) / (2 * step), rel=2e-3, abs=2e-4), (name, index)


@pytest.mark.parametrize("cell", SHAPES)
def test_the_player_in_numpy_agrees_with_the_model_in_torch(cell, windows, noise):
    model = model_of(SHAPES[cell])
    player = TrainedModel(model.config, PITCHES, model.numpy_weights())

    with torch.no_grad():
        mu, log_sigma = model.encode(torch.from_numpy(windows).float())
        probabilities = torch.sigmoid(model.decode(torch.from_numpy(noise).float(), 20))

    np.testing.assert_allclose(player.encode(windows).mu, mu, atol=1e-6)
    np.testing.assert_allclose(player.encode(windows).sigma, log_sigma.exp(), atol=1e-6)
    np.testing.assert_allclose(player.decode(noise, 20), probabilities, atol=1e-6)
    one_at_a_time = np.stack([np.concatenate([*islice(player.decoding(z[None]), 20)]) for z in noise])
    np.testing.assert_allclose(one_at_a_time, probabilities, atol=1e-6)


def test_products_in_bfloat16_change_the_bound_by_less_than_one_percent(windows, noise):
    exact, fast = model_of(SHAPES["gru"]), model_of(SHAPES["gru"])
    fast.precision = torch.bfloat16

    assert torch_bound(fast, windows, noise).item() == pytest.approx(
        torch_bound(exact, windows, noise).item(), rel=0.01
    )


def test_teacher_forcing_mixes_the_true_past_into_what_the_decoder_hears(windows, noise):
    model = model_of(PAPER)
    x, z = torch.from_numpy(windows).float(), torch.from_numpy(noise).float()

    free, half, told = (model.decode(z, 7, x, share) for share in (0.0, 0.5, 1.0))

    torch.testing.assert_close(free, model.decode(z, 7))
    torch.testing.assert_close(told, model.predict(x, *model.start(z)))
    assert not torch.allclose(half, free)
    assert not torch.allclose(half, told)
