"""The drunk walk."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.latent.map import project
from vrae_core.latent.wandering import Wanderer
from vrae_core.progress import finish


@pytest.fixture
def latent_map():
    mu = np.random.default_rng(3).normal(0, 1, (120, 6)).astype(np.float32)
    return finish(project(mu, "PCA"))


def walk(latent_map, seed: int, steps: int, length: float = 0.2, start=None) -> np.ndarray:
    wanderer = Wanderer(latent_map, latent_map.mu[0] if start is None else start, seed)
    return np.array([wanderer.step(length) for _ in range(steps)])


def test_a_seed_gives_one_walk_and_another_seed_another(latent_map) -> None:
    np.testing.assert_array_equal(walk(latent_map, 1, 50), walk(latent_map, 1, 50))
    assert not np.allclose(walk(latent_map, 1, 50), walk(latent_map, 2, 50))


def test_it_gets_about_and_never_far_from_the_windows(latent_map) -> None:
    zs = walk(latent_map, 5, 3000, length=0.5)
    far = np.array([latent_map.nearest_in_z(z)[1][0] for z in zs]) / latent_map.spacing_in_z
    assert far.max() < 2.5
    assert len({int(latent_map.nearest_in_z(z)[0][0]) for z in zs}) > 20


def test_it_goes_on_in_about_the_direction_it_came(latent_map) -> None:
    steps = np.diff(walk(latent_map, 7, 400, length=0.05), axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    assert (steps[1:] * steps[:-1]).sum(axis=1).mean() > 0.5


def test_lost_far_away_it_comes_back(latent_map) -> None:
    zs = walk(latent_map, 1, 60, start=np.full(6, 50.0))
    assert latent_map.nearest_in_z(zs[-1])[1][0] < 2.5 * latent_map.spacing_in_z


def test_a_single_window_is_stayed_at() -> None:
    alone = finish(project(np.ones((1, 3), np.float32), "PCA"))
    np.testing.assert_allclose(walk(alone, 1, 20), 1.0)
