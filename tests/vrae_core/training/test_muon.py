"""Muon's orthogonal updates, in a precision that the processor has."""

import math

import pytest
import torch

from vrae_core.training import muon
from vrae_core.training.muon import orthogonal


@pytest.mark.parametrize("shape", [(12, 4), (4, 12), (8, 8)])
def test_an_update_has_singular_values_of_about_one(shape):
    found = torch.linalg.svdvals(orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(1))).float())
    assert found.min() > 0.5
    assert found.max() < 1.35


@pytest.mark.parametrize("shape", [(12, 4), (4, 12), (60, 60)])
@pytest.mark.parametrize("rank", [2, 60])
def test_what_is_worked_out_from_the_gram_matrix_is_what_iterating_gives(shape, rank, monkeypatch):
    source = torch.Generator().manual_seed(3)
    matrix = torch.randn(shape[0], rank, generator=source) @ torch.randn(rank, shape[1], generator=source)
    monkeypatch.setattr(muon, "native_precision", lambda device: torch.float32)
    found = orthogonal(matrix)
    monkeypatch.setattr(muon, "native_precision", lambda device: torch.float64)
    expected = orthogonal(matrix)
    assert expected.dtype == torch.float64
    torch.testing.assert_close(found, expected.float(), atol=3e-4, rtol=0)


def test_a_gradient_that_is_no_number_gives_none_and_stops_nothing():
    assert orthogonal(torch.tensor([[1.0, math.nan], [0.0, 1.0]])).isnan().all()
