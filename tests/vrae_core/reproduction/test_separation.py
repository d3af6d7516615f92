"""How separate the songs are."""

import numpy as np
import pytest

from vrae_core.progress import finish
from vrae_core.reproduction import separation


@pytest.fixture
def clouds():
    """Three songs of 30, 40 and 50 points (N, 3), two of them near each other, and whose each point is."""
    rng = np.random.default_rng(0)
    song_of = np.repeat([0, 1, 2], [30, 40, 50])
    return rng.normal(0, 1, (120, 3)) + np.array([[0, 0, 0], [2, 0, 0], [9, 0, 0]])[song_of], song_of


def test_the_silhouette_is_the_usual_one(clouds):
    metrics = pytest.importorskip("sklearn.metrics")
    points, song_of = clouds
    assert separation.silhouette(points, song_of) == pytest.approx(metrics.silhouette_score(points, song_of))


def test_the_silhouette_is_the_same_however_many_points_are_held_at_once(clouds, monkeypatch):
    whole = separation.silhouette(*clouds)
    monkeypatch.setattr(separation, "_AT_ONCE", 7)
    assert separation.silhouette(*clouds) == pytest.approx(whole)


def test_degenerate_clouds_do_not_fail():
    same = np.zeros((6, 2))
    assert separation.silhouette(same, np.zeros(6, int)) == 0
    assert separation.silhouette(same, np.array([0, 0, 0, 1, 1, 1])) == 0
    assert separation.silhouette(np.arange(8.0).reshape(4, 2), np.array([0, 1, 2, 3])) == 0


def test_songs_apart_are_more_separate_than_songs_dealt_anew(clouds):
    points, song_of = clouds
    found = separation.separation(points, song_of)
    dealt = separation.separation(points, np.random.default_rng(1).permutation(song_of))
    assert found.song_accuracy > dealt.song_accuracy + 0.3
    assert found.silhouette > 0.3 > dealt.silhouette


@pytest.mark.parametrize("windows", [12, 90])  # fewer and more than a window has cells
def test_principal_components_keep_the_distances_that_svd_keeps(windows):
    x = np.random.default_rng(0).random((windows, 5, 6)) < 0.4
    cells = x.reshape(windows, -1) - x.reshape(windows, -1).mean(axis=0)
    u, s, _ = np.linalg.svd(cells, full_matrices=False)
    found = separation.principal_components(x, 4)
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :4] * s[:4]), atol=1e-4)


def test_no_more_components_than_there_are(corpus):
    assert separation.principal_components(corpus.windows([0, 5]), 20).shape == (2, 2)


def test_a_map_is_measured_beside_latent_space_chance_and_principal_components(corpus):
    rng = np.random.default_rng(0)
    mu = (rng.normal(0, 0.1, (len(corpus), 4)) + corpus.song_of[:, None] * 3).astype(np.float32)
    found = finish(separation.compare(mu, mu[:, :2], corpus))

    assert set(found) == {"latent", "map", "pca", "chance"}
    assert found["latent"]["song_accuracy"] == 1
    assert found["latent"]["silhouette"] > 0.8
    assert abs(found["chance"]["silhouette"]) < 0.1
    assert found["pca"]["song_accuracy"] > 0.9  # a low song and a high one have no cell in common


def test_latent_space_that_is_the_map_is_measured_once(corpus):
    mu = np.random.default_rng(0).normal(0, 1, (len(corpus), 2)).astype(np.float32)
    assert "map" not in finish(separation.compare(mu, mu, corpus))
