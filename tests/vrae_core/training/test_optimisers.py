"""Adam and Muon are PyTorch's, to rounding, and training needs nothing of PyTorch's compiler."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from vrae_core.model.recipes import ModelConfig, TrainingConfig
from vrae_core.model.vrae import VRAE
from vrae_core.training.optimisers import (
    MUON_DECAY,
    Adam,
    Muon,
    Optimiser,
    moments_of,
    optimisers_for,
    restore_moments,
)


def moved_by(kinds, shape, updates=5):
    """What two optimisers make of equal weights by equal gradients."""
    source = torch.Generator().manual_seed(2)
    start = torch.randn(shape, generator=source)
    gradients = [torch.randn(shape, generator=source) * 10.0**-i for i in range(updates)]
    weights = [torch.nn.Parameter(start.clone()) for _ in kinds]
    optimisers = [kind([weight]) for kind, weight in zip(kinds, weights, strict=True)]
    for gradient in gradients:
        for weight, optimiser in zip(weights, optimisers, strict=True):
            weight.grad = gradient.clone()
            optimiser.step()
    return start, *(weight.detach() for weight in weights)


@pytest.mark.parametrize("shape", [(7,), (12, 5)])
def test_adam_changes_weights_as_torchs_own_does(shape):
    ours, theirs = (lambda w: Adam(w, 0.05, (0.8, 0.95))), (lambda w: torch.optim.Adam(w, lr=0.05, betas=(0.8, 0.95)))
    start, found, expected = moved_by((ours, theirs), shape)
    assert (expected - start).norm() > 0.1
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_muon_changes_matrices_as_torchs_own_does():
    ours, theirs = (lambda w: Muon(w, 0.02)), (lambda w: torch.optim.Muon(w, lr=0.02))
    start, found, expected = moved_by((ours, theirs), (48, 16))
    moved = (expected - start).norm()
    assert moved > 0.1
    assert (found - expected).norm() < 0.02 * moved  # theirs rounds to bfloat16


def test_the_recipe_says_how_long_muon_remembers():
    share = np.full(3, 0.5, np.float32)
    moved = []
    for momentum in (0.0, 0.9):
        vrae = VRAE.new(ModelConfig(hidden=4, encoder_hidden=4), share)
        matrix = vrae.weights["decoder.recurrent"]
        muon = optimisers_for(vrae, TrainingConfig(epochs=1, muon_learning_rate=0.1, muon_momentum=momentum))[1]
        for gradient in (torch.eye(4), torch.zeros(4, 4)):
            before = matrix.detach().clone()
            matrix.grad = gradient.clone()
            muon.step()
        moved.append((matrix.detach() - before * (1 - 0.1 * MUON_DECAY)).norm())
    assert moved[0] < 1e-5
    assert moved[1] > 0.1


def test_a_gradient_of_nothing_moves_nothing_but_by_decay():
    matrix = torch.nn.Parameter(torch.ones(3, 3))
    matrix.grad = torch.zeros(3, 3)
    Muon([matrix], 0.1, decay=0.1).step()
    assert torch.allclose(matrix, torch.full((3, 3), 0.99))


@pytest.mark.parametrize("kind", [Adam, Muon])
def test_half_the_rate_moves_half_as_far_and_a_weight_without_a_gradient_stays(kind):
    moved, still = [], torch.nn.Parameter(torch.ones(2, 2))
    for share in (1.0, 0.5):
        weight = torch.nn.Parameter(torch.zeros(4, 3))
        weight.grad = torch.arange(12.0).view(4, 3)
        kind([weight, still], 0.1).step(share)
        moved.append(weight.detach())
    torch.testing.assert_close(moved[1], moved[0] / 2)
    assert (still == 1).all()


def two_optimisers() -> list[Optimiser]:
    weights = [torch.nn.Parameter(torch.ones(shape)) for shape in ((3,), (4, 2), (5, 5))]
    for weight in weights:
        weight.grad = torch.full_like(weight, 0.5)
    return [Adam(weights[:2], 0.01), Muon(weights[2:], 0.02)]


def test_with_its_moments_back_an_optimiser_goes_on_as_if_it_had_never_stopped():
    going_on, stopped = two_optimisers(), two_optimisers()
    for optimiser in (*going_on, *stopped):
        optimiser.step()
    again = two_optimisers()
    for before, after in zip(stopped, again, strict=True):
        for weight, kept in zip(after.weights, before.weights, strict=True):
            weight.data.copy_(kept)
    restore_moments(again, moments_of(stopped))
    for optimiser in (*going_on, *again):
        optimiser.step()
    for one, other in zip(going_on, again, strict=True):
        for weight, expected in zip(other.weights, one.weights, strict=True):
            assert torch.equal(weight, expected)


@pytest.mark.parametrize("name", ["surprise", "0/7/exp_avg", "5/0/exp_avg", "0/-1/exp_avg", "0/1/exp_avg", "0/0/step"])
def test_moments_that_fit_no_weight_are_refused(name):
    with pytest.raises((ValueError, KeyError, RuntimeError)):
        restore_moments(two_optimisers(), {name: np.zeros((9, 9), np.float32)})


def test_training_does_not_load_the_compiler():
    code = (
        "import sys, torch\n"
        "from vrae_core.training.optimisers import Adam\n"
        "weight = torch.nn.Parameter(torch.ones(2)); weight.grad = torch.ones(2)\n"
        "Adam([weight], 0.1).step()\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
