"""Laying one map onto another, and how alike two models see the windows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes

from vrae_core.latent.alignment import align, by_chance, neighbours, shared_neighbours, spread_over

CLOUD = np.random.default_rng(3).normal(0, (3, 1), (60, 2))


def turned(degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turn_a_mirroring_a_scale_and_a_shift_are_found(mirrored: bool) -> None:
    turn = turned(70) @ np.diag([1, -1 if mirrored else 1])
    there = 2.5 * CLOUD @ turn + (4, -7)
    found = align(CLOUD, there)
    np.testing.assert_allclose(found.turn, turn, atol=1e-9)
    assert found.scale == pytest.approx(2.5)
    assert found.residual == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(found.apply(CLOUD), there, atol=1e-4)


def test_new_points_go_where_the_others_went_and_back() -> None:
    found = align(CLOUD, 0.5 * CLOUD @ turned(-30) + 3)
    new = np.array([[10.0, -4.0], [0.0, 0.0]])
    np.testing.assert_allclose(found.apply(new), 0.5 * new @ turned(-30) + 3, atol=1e-5)
    np.testing.assert_allclose(found.undo(found.apply(new)), new, atol=1e-5)
    assert found.apply(new[0]).shape == (2,)


def test_the_residual_is_scipy_s_disparity() -> None:
    other = CLOUD @ turned(20) + np.random.default_rng(5).normal(0, 1, CLOUD.shape)
    assert align(CLOUD, other).residual == pytest.approx(procrustes(other, CLOUD)[2])


def test_what_fits_badly_stays_as_wide_as_what_it_is_laid_onto() -> None:
    noise = np.random.default_rng(8).normal(0, 5, CLOUD.shape)
    found = align(noise, CLOUD)
    assert found.residual > 0.8
    assert np.linalg.norm(found.apply(noise) - CLOUD.mean(axis=0)) == pytest.approx(
        np.linalg.norm(CLOUD - CLOUD.mean(axis=0)), rel=1e-5
    )


def test_rows_that_are_no_numbers_are_left_out() -> None:
    there = 2 * CLOUD @ turned(45)
    here, broken = CLOUD.copy(), there.copy()
    here[3], broken[9, 1] = np.nan, np.inf
    np.testing.assert_allclose(align(here, broken).apply(CLOUD), there, atol=1e-5)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (np.zeros((0, 2)), np.zeros((0, 2))),
        (np.array([[1.0, 2.0]]), np.array([[5.0, 5.0]])),
        (np.ones((7, 2)), np.full((7, 2), 5.0)),
        (np.full((4, 2), np.nan), np.ones((4, 2))),
    ],
)
def test_what_has_no_spread_is_only_shifted(here: np.ndarray, there: np.ndarray) -> None:
    found = align(here, there)
    assert found.residual == 0
    assert (found.turn == np.eye(2)).all()
    assert found.scale == 1
    known = np.isfinite(here).all(axis=1)
    np.testing.assert_allclose(found.apply(here[known]), there[known], atol=1e-6)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_cloud_and_a_single_place_have_nothing_in_common_and_stay_what_they_are(swapped: bool) -> None:
    pair = CLOUD, np.full(CLOUD.shape, 2.0)
    found = align(*(pair[::-1] if swapped else pair))
    assert found.residual == 1
    assert found.scale == 1
    assert np.isfinite(found.apply(CLOUD)).all()


def test_a_model_shares_all_neighbours_with_itself_however_it_is_turned() -> None:
    zs = np.random.default_rng(0).normal(0, 1, (200, 3)).astype(np.float32)
    assert shared_neighbours(zs, zs[:, ::-1] * 2 + 1) == 1


def test_two_that_know_nothing_of_each_other_share_what_chance_gives() -> None:
    source = np.random.default_rng(1)
    first, second = source.normal(0, 1, (2, 800, 2)).astype(np.float32)
    assert shared_neighbours(first, second) == pytest.approx(by_chance(800), abs=0.01)


def test_neighbours_are_found_without_the_window_itself_even_among_many_at_one_place() -> None:
    line = np.arange(10, dtype=np.float32)[:, None]
    assert sorted(neighbours(line, np.array([4]), 2)[0]) == [3, 5]
    crowd = neighbours(np.zeros((30, 2), np.float32), np.arange(30), 5)
    assert crowd.shape == (30, 5)
    assert not (crowd == np.arange(30)[:, None]).any()


def test_there_are_never_more_neighbours_than_other_windows() -> None:
    zs = np.random.default_rng(2).normal(0, 1, (4, 2)).astype(np.float32)
    assert shared_neighbours(zs, zs[::-1].copy()) == 1
    assert np.isnan(shared_neighbours(zs[:1], zs[:1]))
    assert shared_neighbours(np.vstack([zs, [[np.nan] * 2]]), np.vstack([zs, [[0, 0]]])) == 1


def test_those_asked_are_spread_over_all() -> None:
    assert spread_over(5, 100).tolist() == [0, 1, 2, 3, 4]
    assert spread_over(1_000_001, 3).tolist() == [0, 500_000, 1_000_000]


def test_a_cloud_that_is_not_resized_keeps_all_its_distances():
    points = np.random.default_rng(4).normal(size=(30, 2))
    laid = align(points, 5 * points[:, ::-1] + 3, resize=False).apply(points)
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    np.testing.assert_allclose(np.linalg.norm(laid[:, None] - laid, axis=2), apart, atol=1e-5)
    np.testing.assert_allclose(laid.mean(axis=0), (5 * points[:, ::-1] + 3).mean(axis=0), atol=1e-5)
