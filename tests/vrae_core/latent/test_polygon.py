"""Points inside a line drawn around them."""

from __future__ import annotations

import numpy as np

from vrae_core.latent.polygon import inside


def test_points_in_a_square_are_inside_and_those_beside_it_are_not():
    square = np.array([(0, 0), (2, 0), (2, 2), (0, 2)], np.float32)
    points = np.array([(1, 1), (0.1, 1.9), (-0.1, 1), (2.1, 1), (1, 2.1), (1, -0.1)], np.float32)
    assert inside(points, square).tolist() == [True, True, False, False, False, False]


def test_a_star_agrees_with_the_winding_of_each_side_point_by_point():
    rng = np.random.default_rng(0)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
    radii = rng.uniform(0.2, 1, 40)
    star = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1).astype(np.float32)
    points = rng.uniform(-1, 1, (2000, 2)).astype(np.float32)
    at = (np.arctan2(points[:, 1], points[:, 0]) + 2 * np.pi) % (2 * np.pi)  # which side a point sees from the middle
    side = np.searchsorted(angles, at)
    a, b = star[side - 1].astype(float), star[side % 40].astype(float)
    left = (b[:, 0] - a[:, 0]) * (points[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (points[:, 0] - a[:, 0]) > 0
    found = inside(points, star)
    assert 0 < found.sum() < 2000
    assert (found == left).all()


def test_what_a_line_goes_around_twice_is_outside():
    twice = np.array([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (3, 1), (3, 3), (1, 3), (1, 1), (3, 1)], np.float32)
    assert inside(np.array([(2, 2), (3.5, 3.5)], np.float32), twice).tolist() == [False, True]


def test_a_line_of_two_points_holds_nothing_and_places_that_are_no_numbers_are_outside():
    assert not inside(np.zeros((3, 2), np.float32), np.array([(-1, 0), (1, 0)], np.float32)).any()
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
    assert inside(np.array([(np.nan, 0), (0, np.nan), (0, 0)], np.float32), square).tolist() == [False, False, True]
