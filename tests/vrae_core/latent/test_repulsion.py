"""The repulsion of all pairs against openTSNE's, and that by way of a grid against both."""

from __future__ import annotations

import numpy as np
import pytest
from openTSNE import TSNEEmbedding, affinity
from openTSNE.tsne import kl_divergence_bh, kl_divergence_fft

from vrae_core.latent import repulsion, tsne
from vrae_core.latent.repulsion import repulsion_by_grid, repulsion_of_all_pairs


def cloud(spread: float, points: int = 600) -> np.ndarray:
    return spread * np.random.default_rng(0).standard_normal((points, 2)) + 5.0


@pytest.mark.parametrize("spread", [1e-4, 1.0, 30.0, 3000.0])
def test_the_repulsion_of_all_pairs_is_what_a_tree_gives_that_is_searched_to_its_leaves(spread):
    mu = np.random.default_rng(0).standard_normal((200, 5))
    neighbours = affinity.PerplexityBasedNN(mu, perplexity=10, n_jobs=1, random_state=0)
    points = TSNEEmbedding(spread * np.random.default_rng(1).standard_normal((200, 2)), neighbours)
    error, gradient = kl_divergence_bh(points, neighbours.P, 1, {"theta": 0.0}, should_eval_error=True)

    own_error, own_gradient = tsne._of_all_pairs(points, neighbours.P, 1, should_eval_error=True)

    assert own_error == pytest.approx(error, rel=1e-4)
    np.testing.assert_allclose(own_gradient, gradient, atol=2e-3 * np.abs(gradient).max())


def test_points_that_lie_on_each_other_or_alone_push_nobody():
    for points in (np.zeros((70, 2)), np.ones((1, 2))):
        _, gradient = repulsion_of_all_pairs(points)
        assert np.abs(gradient).max() < 1e-6


@pytest.mark.parametrize(("spread", "within"), [(1e-4, 1e-5), (1.0, 0.002), (10.0, 0.08)])
def test_that_by_a_grid_is_nearly_that_of_all_pairs(spread, within):
    total, gradient = repulsion_of_all_pairs(cloud(spread))
    by_grid, pushed = repulsion_by_grid(cloud(spread))
    assert by_grid == pytest.approx(total, rel=within)
    assert np.linalg.norm(pushed - gradient) < within * np.linalg.norm(gradient)


@pytest.mark.parametrize("spread", [1e-4, 1.0, 30.0])
def test_that_by_a_grid_is_as_good_as_that_of_opentsne(spread):
    mu = np.random.default_rng(1).standard_normal((600, 5))
    neighbours = affinity.PerplexityBasedNN(mu, perplexity=10, n_jobs=1, random_state=0)
    points = TSNEEmbedding(cloud(spread), neighbours)
    options = {"n_interpolation_points": 3, "min_num_intervals": 50, "ints_in_interval": 1}
    error, gradient = kl_divergence_fft(points, neighbours.P, 1, options, should_eval_error=True)
    exact_error, exact = tsne._of_all_pairs(points, neighbours.P, 1, should_eval_error=True)

    own_error, own = tsne._by_grid(points, neighbours.P, 1, should_eval_error=True)

    assert abs(own_error - exact_error) <= 1.05 * abs(error - exact_error) + 1e-3
    assert np.linalg.norm(own - exact) <= 1.05 * np.linalg.norm(gradient - exact) + 1e-4 * np.linalg.norm(exact)


def test_points_that_lie_on_each_other_push_nobody_and_some_at_the_edge_are_on_the_grid():
    _, gradient = repulsion_by_grid(np.zeros((70, 2)))
    assert np.abs(gradient).max() < 1e-6
    total, gradient = repulsion_by_grid(np.array([(0.0, 0.0), (1.0, 1.0)]))
    assert total == pytest.approx(2 / 3, rel=1e-3)
    np.testing.assert_allclose(gradient, [(1 / 6, 1 / 6), (-1 / 6, -1 / 6)], rtol=2e-3)


def test_a_point_that_flew_far_away_makes_no_larger_grid(monkeypatch):
    monkeypatch.setattr(repulsion, "_MOST_BOXES", 60)
    points = np.concatenate([cloud(1.0), [(1e7, -1e7)]])
    total, gradient = repulsion_by_grid(points)
    assert np.isfinite(gradient).all()
    assert total > 0
