"""Which dot is where, and dots that are no good."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from explorer.panels.map.view import survey as map_survey
from explorer.panels.map.view.raster import Scene
from explorer.panels.map.view.view import MapView
from explorer.qt.background import anything_running, cancel_all
from explorer.qt.theme import DARK, qpalette

NOWHERE = np.array([(np.nan, 0), (0, np.inf), (-np.inf, np.nan)], np.float32)


def scene(points, lit=None) -> Scene:
    points = np.array(points, np.float32)
    return Scene(
        points, np.zeros(len(points), np.int64), ("#ff0000",), np.ones(len(points), bool) if lit is None else lit
    )


@pytest.fixture
def view(qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.setPalette(qpalette(DARK))
    holder.resize(400, 300)
    made = MapView()
    QVBoxLayout(holder).addWidget(made)
    holder.show()
    QApplication.processEvents()
    yield made
    cancel_all()
    qtbot.waitUntil(lambda: not anything_running())


def show(view, points, qtbot, colours=("#ff0000",)):
    """Show dots and wait until they are drawn and known."""
    points = np.array(points, np.float32)
    view.show_dots(points, np.arange(len(points)) % len(colours), colours)
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    view.grab()


def red_at(view, point) -> bool:
    """Whether the screen shows a red dot at a map point."""
    colour = view.grab().toImage().pixelColor(view.to_pixels(point).toPoint())
    return colour.red() > 180 and colour.green() < 60


@pytest.mark.parametrize("known", [False, True])
def test_the_nearest_is_the_same_with_and_without_a_tree(known):
    source = np.random.default_rng(1)
    points = np.vstack([source.normal(size=(3000, 2)), NOWHERE]).astype(np.float32)
    dots = scene(points, source.random(3003) < 0.5)
    survey = map_survey.survey((dots, dots)) if known else None
    for point in source.normal(size=(40, 2)).astype(np.float32):
        away = np.where(dots.lit, np.hypot(*(points - point).T), np.inf)
        expected = int(np.nanargmin(np.where(np.isfinite(away), away, np.inf)))
        assert map_survey.nearest(dots, survey, point, 10.0) == expected
        assert map_survey.nearest(dots, survey, point, 0.9 * away[expected]) == -1


@pytest.mark.parametrize("known", [False, True])
def test_the_nearest_in_a_direction_lies_within_45_degrees_of_it(known):
    source = np.random.default_rng(2)
    points = np.vstack([source.normal(size=(3000, 2)), NOWHERE]).astype(np.float32)
    dots = scene(points, source.random(3003) < 0.5)
    survey = map_survey.survey((dots, None)) if known else None
    for way in np.array([(1, 0), (-1, 0), (0, 1), (0, -1)], np.float32):
        for point in np.vstack([source.normal(size=(20, 2)), 10 * way]).astype(np.float32):
            with np.errstate(invalid="ignore"):
                ahead, aside = (points - point) @ way, np.abs((points - point) @ way[::-1])
            there = dots.lit & (aside <= ahead) & (ahead > 0.1)
            found = map_survey.towards(dots, survey, point, way, 0.1)
            if not there.any():
                assert found is None
            else:
                assert found == np.where(there, np.hypot(*(points - point).T), np.inf).argmin()


@pytest.mark.parametrize("known", [False, True])
def test_of_dots_at_one_place_the_first_lit_one_is_found(known):
    dots = scene(np.ones((500, 2)), np.arange(500) >= 7)
    survey = map_survey.survey((dots, dots)) if known else None
    assert map_survey.nearest(dots, survey, np.array([1, 1], np.float32), 0.0) == 7
    assert map_survey.towards(dots, survey, np.array([0, 1], np.float32), np.array([1, 0], np.float32), 0.1) == 7
    assert map_survey.towards(dots, survey, np.array([1, 1], np.float32), np.array([1, 0], np.float32), 0.1) is None


def test_where_two_songs_meet_the_glow_has_the_colours_of_both():
    points = np.array([(-1, 0), (0, 0), (0, 0), (1, 0)] * 25, np.float32)
    glow, (left, _, side, _) = map_survey._glow(
        Scene(points, np.tile([0, 0, 1, 1], 25), ("#ff0000", "#0000ff"), np.ones(100, bool))
    )
    row = glow[map_survey.GLOW_CELLS // 2]
    cells = [int((x - left) / side * map_survey.GLOW_CELLS) for x in (-1, 0, 1)]
    reds, blues = row[cells, 0].astype(int), row[cells, 2].astype(int)
    assert reds[0] > 250 > reds[1] > 50 > reds[2]
    assert blues[2] > 250 > blues[1] > 50 > blues[0]
    assert row[cells[0], 3] > row[0, 3]


def test_the_glow_is_of_what_is_lit_and_has_a_place():
    points = np.vstack([NOWHERE, [(0, 0), (1, 1)]])
    lit = np.array([True, True, True, True, False])
    glow, area = map_survey._glow(scene(points, lit))
    assert np.isfinite(area).all()
    assert glow[..., 3].any()
    assert map_survey._glow(scene(points, np.zeros(5, bool)))[0] is None
    assert map_survey._glow(scene(NOWHERE))[0] is None


def test_dots_are_seen_where_the_map_says_and_after_a_pan_and_a_zoom(view, qtbot):
    points = [(0, 0), (2, 1), (1, 0.3)]
    show(view, points, qtbot)
    assert all(red_at(view, point) for point in points)
    view.pan_by(np.array([0.7, 0.1], np.float32))
    assert red_at(view, points[1]), "the last image is moved along at once"
    view._zoom(3.0, np.array(points[1], np.float32))
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    assert red_at(view, points[1])
    assert not red_at(view, (1.9, 0.9))


def test_a_small_pan_asks_for_no_other_image_and_a_large_one_does(view, qtbot):
    show(view, [(0, 0), (2, 1)], qtbot)
    before = view.dots._item._asked
    width = view.map_per_pixel() * view.width()
    view.pan_by(np.array([0.05 * width, 0], np.float32))
    view.grab()
    assert view.dots._item._asked is before
    view.pan_by(np.array([0.5 * width, 0], np.float32))
    view.grab()
    assert view.dots._item._asked is not before


def test_dots_that_are_moved_recoloured_or_greyed_are_drawn_so(view, qtbot):
    show(view, [(0, 0), (2, 1)], qtbot, ("#ff0000", "#0000ff"))
    assert not red_at(view, (2, 1))
    view.dots.recolour(np.zeros(2, np.int64), ("#ff0000",))
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    assert red_at(view, (2, 1))
    view.dots.set_lit(np.array([True, False]))
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    assert not red_at(view, (2, 1))
    assert view.dot_at(np.array([2, 1], np.float32)) == -1
    view.move_dots(np.array([(0, 1), (2, 0)], np.float32))
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    assert red_at(view, (0, 1))
    assert view.dot_at(np.array([0, 1], np.float32)) == 0


def test_dots_without_a_place_are_neither_drawn_nor_found_and_the_others_are(view, qtbot):
    points = np.vstack([NOWHERE, [(0, 0), (2, 1)]])
    show(view, points, qtbot)
    assert red_at(view, points[3])
    assert view.dot_at(points[3]) == 3
    assert view.dot_at(points[0]) == view.dot_at(points[1]) == -1
    assert view.dot_towards(points[3], np.array([1, 0], np.float32)) == 4
    view.zoom_in()
    assert np.isfinite(view.map_per_pixel())


@pytest.mark.parametrize("points", [NOWHERE, np.zeros((1, 2)), np.full((200, 2), 3.0), np.zeros((0, 2))])
def test_a_map_of_one_place_or_of_none_can_be_used(view, qtbot, points):
    points = np.array(points, np.float32)
    view.show_dots(points, np.zeros(len(points), np.int64), ["#ff0000"])
    for change in (view.zoom_in, view.zoom_out, view.reset_view):
        change()
        view.grab()
        QApplication.processEvents()
    qtbot.waitUntil(lambda: view.dots._known is not None)
    place = points[-1] if len(points) else np.zeros(2, np.float32)
    assert view.dot_at(place) == (0 if len(points) and np.isfinite(place).all() else -1)
    assert view.dot_towards(np.zeros(2, np.float32), np.array([-1, 0], np.float32)) is None


def test_a_map_of_one_place_shows_it_in_its_middle_with_room_to_drag(view, qtbot):
    view.show_dots(np.full((3, 2), 5, np.float32), np.zeros(3, np.int64), ["#ff0000"])
    view.reset_view()
    left, right = (view.to_map(QPointF(x, 0))[0] for x in (0, view.viewport().width()))
    assert right - left > 1
    assert (left + right) / 2 == pytest.approx(5, abs=0.01)
    qtbot.waitUntil(lambda: view.dots._known is not None)


def test_other_marker_shapes_are_other_pictures(view, qtbot):
    show(view, [(0, 0), (2, 1)], qtbot)
    circles = view.grab().toImage()
    view.dots.set_shapes(np.array([1, 2]))
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    assert view.grab().toImage() != circles
    view.dots.set_shapes(None)
    view.grab()
    qtbot.waitUntil(lambda: view.dots.settled)
    assert view.grab().toImage() == circles


def test_the_threads_end_with_the_view(qtbot):
    view = MapView()
    view.resize(200, 200)
    view.show()
    show(view, [(0, 0), (2, 1)], qtbot)
    assert anything_running()
    view.deleteLater()
    del view
    qtbot.waitUntil(lambda: not anything_running())


def test_the_threads_end_with_the_window_and_the_last_image_stays(view, qtbot):
    show(view, [(0, 0), (2, 1)], qtbot)
    cancel_all()
    qtbot.waitUntil(lambda: not anything_running())
    view.pan_by(np.array([5, 5], np.float32))
    view.grab()
    assert not anything_running()


def test_while_one_zooms_the_image_is_stretched_and_at_rest_it_is_drawn_anew(view, qtbot):
    show(view, [(0, 0), (2, 1)], qtbot)
    before = view.dots._item._asked
    for _ in range(3):
        view._zoom(1.05, np.array((2, 1), np.float32))
        assert red_at(view, (2, 1))
        assert not view.dots.settled
    assert view.dots._item._asked is before
    qtbot.waitUntil(lambda: view.dots.settled)
    assert view.dots._item._asked is not before
    assert red_at(view, (2, 1))
