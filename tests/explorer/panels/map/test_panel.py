"""The mouse on the map: what each tool makes of it, and what the map shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from explorer.panels.map.panel import MapPanel
from tests.bands import scale_song
from tests.explorer.conftest import given_parts, settled_picture
from tests.explorer.mouse import LEFT, MIDDLE, RIGHT, drag, lone_dot, move, pixel


def test_a_click_on_a_dot_plays_its_window(panel, explored, qtbot):
    window = lone_dot(panel.view)
    with qtbot.waitSignal(explored.playback.heard_changed):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=pixel(panel.view, panel.view.points[window]))
    assert explored.playback.heard.window == window


def test_a_click_beside_the_dots_plays_that_very_point(panel, explored, qtbot):
    corner = QPoint(40, 660)
    with qtbot.waitSignal(explored.playback.heard_changed):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=corner)
    assert explored.playback.heard.window is None
    np.testing.assert_allclose(explored.playback.heard.places[0], panel.view.to_map(QPointF(corner)), atol=1e-5)


@pytest.mark.parametrize("tool", ["play", "path"])
def test_while_the_dots_move_a_click_beside_them_means_the_place_of_the_nearest(panel, explored, qtbot, tool):
    corner, known = QPoint(40, 660), explored.library.atlas.map.points
    explored.library.dots_moved.emit(-known)  # as t-SNE settles, which mirrors them
    explored.library.dots_moved.emit(-2 * known)
    away = np.linalg.norm(panel.view.points - panel.view.to_map(QPointF(corner)), axis=1)
    panel.use_tool(tool)
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=corner)
    if tool == "play":
        qtbot.waitUntil(lambda: explored.playback.heard is not None)
        found = explored.playback.heard.places[0]
    else:
        found = explored.path.on_map[0]
    np.testing.assert_allclose(found, known[away.argmin()], atol=1e-5)


def test_a_drag_morphs_to_where_it_ends(panel, explored, qtbot):
    end = QPoint(500, 600)
    drag(panel.view, LEFT, QPoint(200, 200), end)
    target = panel.view.to_map(QPointF(end))
    qtbot.waitUntil(
        lambda: explored.playback.heard and np.allclose(explored.playback.heard.places[0], target, atol=1e-5)
    )


@pytest.mark.parametrize("button", [MIDDLE, RIGHT])
def test_a_middle_or_right_drag_pans_and_plays_nothing(panel, explored, button):
    under_hand = panel.view.to_map(QPointF(200, 200))
    drag(panel.view, button, QPoint(200, 200), QPoint(320, 260))
    np.testing.assert_allclose(panel.view.to_map(QPointF(320, 260)), under_hand, atol=2 * panel.view.map_per_pixel())
    assert explored.playback.heard is None


def turn_wheel(view, at, notches):
    event = QWheelEvent(
        QPointF(at), view.viewport().mapToGlobal(QPointF(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_zooms_and_keeps_what_is_under_the_mouse(panel):
    at = QPoint(300, 250)
    under_mouse, scale = panel.view.to_map(QPointF(at)), panel.view.map_per_pixel()
    turn_wheel(panel.view, at, 3)
    assert panel.view.map_per_pixel() < 0.7 * scale
    np.testing.assert_allclose(panel.view.to_map(QPointF(at)), under_mouse, atol=2 * panel.view.map_per_pixel())


def test_nobody_gets_lost_by_zooming_for_ever(panel):
    for notches in (-1, 1):
        for _ in range(200):
            turn_wheel(panel.view, QPoint(300, 250), notches)
        assert np.isfinite(panel.view.map_per_pixel())
    panel.view.reset_view()
    inside = [panel.view.viewport().rect().contains(pixel(panel.view, p)) for p in panel.view.points]
    assert all(inside)


def test_a_double_click_shows_the_whole_map_again(panel, qtbot):
    scale = panel.view.map_per_pixel()
    turn_wheel(panel.view, QPoint(300, 250), 5)
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=QPoint(300, 250))
    qtbot.mouseRelease(panel.view.viewport(), LEFT, pos=QPoint(300, 250))
    assert panel.view.map_per_pixel() == pytest.approx(scale)


def test_the_dots_leave_room_for_what_lies_over_the_map(panel):
    ys = [pixel(panel.view, p).y() for p in panel.view.points]
    assert min(ys) >= panel.view.margins[0]
    assert max(ys) <= panel.view.height() - panel.view.margins[1]


def test_the_path_tool_places_moves_and_deletes_points(panel, explored, qtbot):
    panel.use_tool("path")
    viewport, first, second = panel.view.viewport(), QPoint(200, 300), QPoint(500, 400)
    qtbot.mouseClick(viewport, LEFT, pos=first)
    qtbot.mouseClick(viewport, LEFT, pos=second)
    assert len(explored.path.points) == 2
    drag(panel.view, LEFT, second, QPoint(520, 300))
    assert len(explored.path.points) == 2
    np.testing.assert_allclose(explored.path.on_map[1], panel.view.to_map(QPointF(520, 300)), atol=1e-5)
    explored.path.undo_stack.undo()
    np.testing.assert_allclose(explored.path.on_map[1], panel.view.to_map(QPointF(second)), atol=1e-5)
    qtbot.mouseClick(viewport, RIGHT, pos=first)
    assert len(explored.path.points) == 1
    assert explored.playback.heard is None, "drawing a path plays nothing"


def test_a_click_on_the_path_inserts_a_point_and_a_drag_of_it_is_the_same_step(panel, explored, qtbot):
    panel.use_tool("path")
    explored.path.set_snap(False)
    viewport = panel.view.viewport()
    for place in (QPoint(200, 600), QPoint(600, 600)):
        qtbot.mouseClick(viewport, LEFT, pos=place)
    drag(panel.view, LEFT, QPoint(400, 601), QPoint(400, 500))
    assert [round(panel.view.to_pixels(p).x()) for p in explored.path.on_map] == [200, 400, 600]
    np.testing.assert_allclose(explored.path.on_map[1], panel.view.to_map(QPointF(400, 500)), atol=1e-5)
    explored.path.undo_stack.undo()
    assert len(explored.path.points) == 2


def test_a_point_dropped_near_a_dot_is_put_on_its_window_unless_alt_is_held(panel, explored, qtbot):
    panel.use_tool("path")
    atlas, window = explored.library.atlas, lone_dot(panel.view)
    near = pixel(panel.view, atlas.map.points[window]) + QPoint(3, 2)
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(40, 660))
    drag(panel.view, LEFT, QPoint(40, 660), near)
    np.testing.assert_array_equal(explored.path.points[0].z, atlas.posterior.mu[window])
    np.testing.assert_array_equal(explored.path.on_map[0], atlas.map.points[window])
    drag(panel.view, LEFT, near, near, Qt.KeyboardModifier.AltModifier)
    np.testing.assert_allclose(explored.path.on_map[0], panel.view.to_map(QPointF(near)), atol=1e-5)
    explored.path.set_snap(False)
    drag(panel.view, LEFT, near, near, Qt.KeyboardModifier.AltModifier)
    np.testing.assert_array_equal(explored.path.points[0].z, atlas.posterior.mu[window])


def test_the_length_of_a_path_is_told_to_a_tenth_of_a_second(panel, explored, qtbot, monkeypatch):
    monkeypatch.setattr(type(explored.path), "seconds", property(lambda _: 4.99999))
    panel.use_tool("path")
    for place in (QPoint(200, 600), QPoint(400, 600)):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=place)
    assert panel.path_bar.words.text() == "2 points\n5 s"


def test_a_segment_chosen_with_control_gets_a_duration_of_its_own(panel, explored, qtbot):
    panel.use_tool("path")
    explored.path.set_snap(False)
    viewport, bar = panel.view.viewport(), panel.path_bar
    for place in (QPoint(200, 600), QPoint(400, 600), QPoint(600, 600)):
        qtbot.mouseClick(viewport, LEFT, pos=place)
    qtbot.mouseClick(viewport, LEFT, Qt.KeyboardModifier.ControlModifier, QPoint(500, 600))
    assert bar.segment.currentText() == "2 → 3"
    bar.seconds.setValue(9)
    assert [p.seconds for p in explored.path.points] == [None, 9, None]
    assert bar.words.text() == "3 points\n14 s"
    qtbot.mouseClick(viewport, LEFT, Qt.KeyboardModifier.ControlModifier, QPoint(500, 300))
    assert bar.segment.currentText() == "Each"
    bar.seconds.setValue(2)
    assert explored.path.seconds == 11
    assert len(explored.path.points) == 3


def test_a_double_click_with_the_path_tool_places_one_point_and_keeps_the_view(panel, explored, qtbot):
    panel.use_tool("path")
    scale = panel.view.map_per_pixel()
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(300, 300))
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=QPoint(300, 300))
    qtbot.mouseRelease(panel.view.viewport(), LEFT, pos=QPoint(300, 300))
    assert len(explored.path.points) == 1
    assert panel.view.map_per_pixel() == scale


@pytest.mark.parametrize(
    ("tool", "modifier"), [("select", Qt.KeyboardModifier.NoModifier), ("play", Qt.KeyboardModifier.ShiftModifier)]
)
def test_a_box_selects_the_windows_inside_it(panel, explored, tool, modifier):
    panel.use_tool(tool)
    drag(panel.view, LEFT, QPoint(5, 5), QPoint(450, 690), modifier)
    inside = np.array([5 <= pixel(panel.view, p).x() <= 450 for p in panel.view.points])
    assert inside.any()
    assert (explored.selection.windows == inside).all()
    assert (panel.view.dots.lit == inside).all()


def test_a_click_with_the_select_tool_selects_nothing_again(panel, explored, qtbot):
    panel.use_tool("select")
    drag(panel.view, LEFT, QPoint(5, 5), QPoint(450, 690))
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(300, 300))
    assert explored.selection.windows is None
    assert panel.view.dots.lit.all()


def test_the_pan_tool_pans_with_the_left_button(panel, explored):
    panel.use_tool("pan")
    under_hand = panel.view.to_map(QPointF(200, 200))
    drag(panel.view, LEFT, QPoint(200, 200), QPoint(260, 240))
    np.testing.assert_allclose(panel.view.to_map(QPointF(260, 240)), under_hand, atol=2 * panel.view.map_per_pixel())
    assert explored.playback.heard is None


def test_hovering_over_a_dot_shows_its_card_and_leaving_hides_it(panel, explored):
    window = lone_dot(panel.view)
    move(panel.view, panel.view.to_pixels(panel.view.points[window]), Qt.MouseButton.NoButton)
    assert not panel.card.isHidden()
    assert panel.card._title.text() == explored.library.atlas.title(window)
    panel.view.set_hovered(-1)
    assert panel.card.isHidden()


def test_a_greyed_song_is_neither_hovered_nor_clicked(panel, explored):
    window = lone_dot(panel.view)
    explored.library.lit.toggle(int(explored.library.atlas.corpus.song_of[window]))
    assert panel.view.dot_at(panel.view.points[window], within=1) == -1


def test_the_hint_goes_with_the_first_click(panel, explored, qtbot):
    assert not panel._hint.isHidden()
    with qtbot.waitSignal(explored.playback.heard_changed):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(300, 300))
    assert panel._hint.isHidden()


def test_without_a_model_the_map_says_so_and_offers_to_train(session, qtbot):
    panel = given_parts(MapPanel, session)
    qtbot.addWidget(panel)
    panel.show()
    assert "no model" in panel.empty.words.text()
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(30, 100))
    with qtbot.waitSignal(panel.train_wanted):
        panel.empty._buttons.layout().itemAt(1).widget().click()


def test_what_is_about_to_be_opened_is_not_said_to_be_missing(session, qtbot):
    session.library.awaits_start = True
    panel = given_parts(MapPanel, session)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.words.text() == "Opening the songs and the model…"
    assert panel.empty._buttons.isHidden()
    session.library.open(None, [])
    qtbot.waitUntil(lambda: "no model" in panel.empty.words.text(), timeout=20_000)
    assert not panel.empty._buttons.isHidden()


@pytest.mark.parametrize("what", ["time", "density", "register", "song"])
def test_dots_can_be_coloured_by_a_measure(panel, explored, qtbot, what):
    before = settled_picture(panel, qtbot)
    for each in ("polyphony", what):
        explored.colouring.set_colour_by(each)
        qtbot.waitUntil(lambda: not explored.jobs.running)
    assert (settled_picture(panel, qtbot) == before) == (what == "song")


@pytest.mark.parametrize("points", [np.zeros((1, 2)), np.zeros((5, 2)), np.array([[0, 0], [1e-30, 0]])])
def test_a_map_of_one_place_can_be_shown_and_looked_at(panel, points):
    panel.view.show_dots(points.astype(np.float32), np.zeros(len(points), int), ["#ffffff"])
    panel.grab()
    assert np.isfinite(panel.view.to_map(QPointF(10, 10))).all()


def test_the_music_wanders_until_a_click_on_the_map(panel, explored, qtbot):
    panel.wander.click()
    assert explored.wandering.running
    assert not panel.wander_bar.isHidden()
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    with qtbot.waitSignal(explored.playback.heard_changed):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(40, 660))
    assert not explored.wandering.running
    assert not panel.wander.isChecked()
    assert panel.wander_bar.isHidden()


def test_what_is_lit_of_other_windows_waits_for_their_dots(panel, explored):
    before = panel.view.dots.lit
    library = explored.library
    library.atlas = replace(library.atlas, corpus=library.atlas.corpus.take(np.arange(3)))
    library.lit.take_atlas(library.atlas)
    library.lit.changed.emit()
    assert panel.view.dots.lit is before


def test_songs_that_join_the_map_leave_the_part_that_somebody_looks_at_and_others_show_all_of_theirs(
    panel, explored, songs, qtbot
):
    panel.view.zoom_in()
    seen = panel.view.area
    explored.library.add_songs((scale_song("Another", 50),))
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 4 and not explored.jobs.running)
    assert panel.view.area == seen
    explored.song_changes.show_only(songs[1:])
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 2 and not explored.jobs.running)
    assert panel.view.area is None
