"""The dots as an image."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.panels.map.view.raster import BIG_CROWD, CROWD, SHAPES, RasterFrame, Scene, dot_size, raster

RED, GREEN, GREY = 0xFFFF0000, 0xFF00FF00, 0xFF404040
FRAME = RasterFrame(0.0, 50.0, (1.0, 1.0), 80, 50)  # a pixel covers 1 × 1 of the map


def scene(points, lit=None, colour_of=None, shape_of=None) -> Scene:
    points = np.array(points, np.float32).reshape(-1, 2)
    lit = np.ones(len(points), bool) if lit is None else np.array(lit)
    colour_of = np.zeros(len(points), np.int64) if colour_of is None else np.array(colour_of)
    return Scene(points, colour_of, ("#ff0000", "#00ff00"), lit, shape_of, "#404040", "#000000")


def crowd(count: int) -> np.ndarray:
    """Dots all over the frame, never nearer than 5 to its edge."""
    return np.random.default_rng(0).uniform((5, 5), (75, 45), (count, 2)).astype(np.float32)


def middle_of(image: np.ndarray) -> tuple[float, float]:
    """Where the image's paint lies, weighed by its alpha: column, row."""
    alpha = (image >> 24).astype(float)
    rows, columns = np.indices(image.shape) + 0.5
    return float((alpha * columns).sum() / alpha.sum()), float((alpha * rows).sum() / alpha.sum())


@pytest.mark.parametrize("place", [(30.0, 20.0), (30.3, 20.7), (61.125, 8.875)])
def test_a_dot_lies_where_the_map_says_to_a_tenth_of_a_pixel(place):
    assert middle_of(raster(scene([place]), FRAME)) == pytest.approx((place[0], 50 - place[1]), abs=0.11)


def test_a_dot_has_its_colour_in_the_middle_and_is_soft_at_its_rim():
    image = raster(scene([(30.5, 20.5)]), FRAME)
    assert image[29, 30] == RED
    assert image[5, 5] == 0
    assert np.unique(image >> 24).size > 5


def test_every_dot_covers_as_much_as_its_size_says():
    alpha = raster(scene([(30.5, 20.5)]), FRAME) >> 24
    assert alpha.sum() / 255 == pytest.approx(np.pi * ((dot_size(1) + 0.8) / 2) ** 2, rel=0.03)


def test_the_screens_own_pixels_make_a_dot_larger_not_elsewhere():
    fine = RasterFrame(0.0, 50.0, (0.5, 0.5), 160, 100, ratio=2.0)
    plain, doubled = (raster(scene([(30, 20)]), frame) for frame in (FRAME, fine))
    assert middle_of(doubled) == pytest.approx(tuple(2 * at for at in middle_of(plain)), abs=0.3)
    assert int((doubled >> 24).sum()) == pytest.approx(4 * int((plain >> 24).sum()), rel=0.02)


def test_grey_dots_lie_below_lit_ones_whatever_their_order():
    for lit in ([True, False], [False, True]):
        assert raster(scene([(30.5, 20.5)] * 2, lit), FRAME)[29, 30] == RED
    assert raster(scene([(30.5, 20.5)], [False]), FRAME)[29, 30] == GREY


def test_of_lit_dots_the_last_lies_on_top_and_its_rim_lets_the_other_through():
    image = raster(scene([(30.5, 20.5), (34.5, 20.5)], colour_of=[0, 1]), FRAME)
    assert image[29, 34] == GREEN
    assert image[29, 27] == RED
    assert (image[29, 26:39] >> 24 == 255).all(), "no hole between them"


@pytest.mark.parametrize("count", [CROWD, BIG_CROWD])
def test_a_crowd_is_drawn_where_it_is_with_grey_below(count):
    points = crowd(count)
    lit = points[:, 0] < 40
    image = raster(scene(points, lit), FRAME)
    assert set(np.unique(image)) <= {0, RED, GREY}
    assert (image[10:40, 10:35] == RED).all()
    assert (image[10:40, 45:70] == GREY).all()
    assert not image[:, :3].any()
    straddling = scene(np.repeat([[20.5, 20.5]], count, axis=0), np.arange(count) == 0)
    assert raster(straddling, FRAME)[29, 20] == RED


def test_the_more_dots_are_seen_the_smaller_they_are_and_only_those_seen_count():
    assert dot_size(10) > dot_size(4_000) > dot_size(20_000)
    elsewhere = np.vstack([[(30.5, 20.5)], crowd(20_000) + 1000])
    np.testing.assert_array_equal(raster(scene(elsewhere), FRAME), raster(scene([(30.5, 20.5)]), FRAME))


def test_each_shape_looks_like_no_other_and_lies_at_the_same_place():
    pictures = [raster(scene([(30.5, 20.5)], shape_of=np.array([kind])), FRAME) for kind in range(len(SHAPES))]
    assert len({picture.tobytes() for picture in pictures}) == len(SHAPES)
    for name, picture in zip(SHAPES, pictures, strict=True):
        assert picture[29, 30] == RED, name
        assert middle_of(picture) == pytest.approx((30.5, 29.5), abs=1.0), name
        np.testing.assert_array_equal(picture[20:40, 21:40], picture[20:40, 39:20:-1], err_msg=name)
    upwards, downwards = pictures[SHAPES.index("triangle")], pictures[SHAPES.index("triangle down")]
    assert middle_of(upwards)[1] > 29.5 > middle_of(downwards)[1], "the heavy end is the broad one"


def test_a_dot_at_the_edge_is_cut_and_never_comes_in_at_the_other_side():
    for place in ((0, 25), (80, 25), (40, 0), (40, 50)):
        image = raster(scene([place]), FRAME)
        assert image.any(), place
        column, row = middle_of(image)
        assert abs(column - place[0]) < 4, place
        assert abs(row - (50 - place[1])) < 4, place


@pytest.mark.parametrize("count", [3, CROWD])
def test_dots_without_a_place_are_not_drawn_and_the_others_are(count):
    points = crowd(count)
    broken = np.vstack([points, [(np.nan, 20), (20, np.inf), (-np.inf, np.nan), (3e38, -3e38)]]).astype(np.float32)
    np.testing.assert_array_equal(raster(scene(broken), FRAME), raster(scene(points), FRAME))


def test_nothing_makes_an_empty_image():
    assert not raster(Scene(), FRAME).any()
    assert raster(scene([(1, 1)]), RasterFrame(0, 0, (1, 1), 0, 0)).size == 0


def test_ten_thousand_dots_at_one_place_are_one_dot():
    alone, heap = (raster(scene(np.full((count, 2), 30.5)), FRAME) for count in (1, 10_000))
    assert heap[19, 30] == alone[19, 30] == RED
    assert (heap >> 24 > 0).sum() <= (alone >> 24 > 0).sum()


def test_from_very_near_dots_still_lie_apart():
    frame = RasterFrame(1000.0, 2000.05, (0.001, 0.001), 80, 50)
    image = raster(scene([(1000.02, 2000.02), (1000.06, 2000.02)]), frame)
    assert middle_of(image)[0] == pytest.approx(40, abs=0.2)
    assert image[:, 40].any() == np.False_
