"""A posterior on the map is what its samples look like there."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.latent.map import Dimensions, project
from vrae_core.latent.posterior_shape import covariances, is_linear, outlines, samples
from vrae_core.progress import finish


def a_map(latent, projection, tmp_path):
    mu = np.random.default_rng(0).normal(size=(60, latent)).astype(np.float32) * np.linspace(2, 0.3, latent)
    return finish(project(mu.astype(np.float32), projection, cache_folder=tmp_path))


@pytest.mark.parametrize(("latent", "projection"), [(2, "latent"), (6, "PCA"), (6, Dimensions(4, 1))])
def test_the_ellipse_is_the_covariance_of_samples_shown_on_the_map(latent, projection, tmp_path):
    latent_map = a_map(latent, projection, tmp_path)
    assert is_linear(latent_map)
    sigma = np.linspace(0.2, 1.1, latent).astype(np.float32)
    drawn = samples(latent_map, latent_map.mu[7], sigma, 40_000, seed=1)
    np.testing.assert_allclose(drawn.mean(axis=0), latent_map.points[7], atol=0.03)
    expected = covariances(latent_map, sigma[None])[0]
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.03 * expected.max())


def test_an_outline_lies_its_number_of_sigmas_from_the_centre():
    covariance = np.array([[[2.0, 0.7], [0.7, 0.5]]], np.float32)
    centre = np.array([[3.0, -1.0]], np.float32)
    for sigmas in (1.0, 2.0):
        away = outlines(centre, covariance, sigmas)[0] - centre[0]
        lengths = np.einsum("na,ab,nb->n", away, np.linalg.inv(covariance[0]), away)
        np.testing.assert_allclose(lengths, sigmas**2, rtol=1e-4)
        np.testing.assert_allclose(away[0], away[-1], atol=1e-6)


def test_one_latent_dimension_makes_a_line(tmp_path):
    latent_map = a_map(1, "latent", tmp_path)
    line = outlines(latent_map.points[:1], covariances(latent_map, np.array([[0.5]], np.float32)), 1.0)[0]
    assert np.ptp(line[:, 0]) == pytest.approx(1.0, rel=1e-3)
    assert np.ptp(line[:, 1]) == pytest.approx(0, abs=1e-6)


def test_samples_on_a_tsne_map_lie_among_its_windows(tmp_path):
    latent_map = a_map(6, "t-SNE", tmp_path)
    assert not is_linear(latent_map)
    drawn = samples(latent_map, latent_map.mu[3], np.full(6, 0.3, np.float32), 50, seed=2)
    low, high = latent_map.points.min(axis=0), latent_map.points.max(axis=0)
    assert ((drawn >= low) & (drawn <= high)).all()
    none_at_all = samples(latent_map, latent_map.mu[3], np.zeros(6, np.float32), 4, seed=2)
    np.testing.assert_allclose(none_at_all, np.tile(latent_map.points[3], (4, 1)), atol=1e-5)
