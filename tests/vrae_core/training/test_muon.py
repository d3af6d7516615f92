"""Muon: the recurrent matrices' optimiser is torch's, in a precision that the processor has."""

import pytest
import torch

from vrae_core.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(12, 4), (4, 12), (8, 8)])
def test_an_update_has_singular_values_of_about_one(shape):
    found = torch.linalg.svdvals(orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(1))).float())
    assert found.min() > 0.5
    assert found.max() < 1.35


def test_it_changes_matrices_as_torchs_own_does():
    source = torch.Generator().manual_seed(2)
    start = torch.randn(48, 16, generator=source)
    gradients = [torch.randn(48, 16, generator=source) for _ in range(5)]
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimisers = Muon([ours], lr=0.02), torch.optim.Muon([theirs], lr=0.02)
    for gradient in gradients:
        for matrix, optimiser in zip((ours, theirs), optimisers, strict=True):
            matrix.grad = gradient.clone()
            optimiser.step()
    moved = (theirs - start).norm()
    assert moved > 0.1
    assert (ours - theirs).norm() < 0.02 * moved  # theirs rounds to bfloat16


def test_a_gradient_of_nothing_moves_nothing_but_by_decay():
    matrix = torch.nn.Parameter(torch.ones(3, 3))
    matrix.grad = torch.zeros(3, 3)
    Muon([matrix], lr=0.1, weight_decay=0.1).step()
    assert torch.allclose(matrix, torch.full((3, 3), 0.99))
