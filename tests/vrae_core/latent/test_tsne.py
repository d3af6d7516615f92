"""The gradient of small t-SNE maps against openTSNE's own."""

import numpy as np
import pytest
from openTSNE import TSNEEmbedding, affinity
from openTSNE.tsne import kl_divergence_bh

from vrae_core.latent import tsne


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
        _, gradient = tsne._repulsion(points)
        assert np.abs(gradient).max() < 1e-6
