"""The keyboard on the map: the arrow keys move what is heard, a point of the path, or the map."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from explorer.audio.player import State
from explorer.panels.map import keys as map_keys
from explorer.panels.map.keys import FINE_STEP, STEP
from explorer.panels.map.panel import MapPanel
from tests.explorer.conftest import given_parts, hear_window

Key = Qt.Key
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def press(panel, qtbot):
    """Press a key on the map."""
    return lambda key, modifiers=Qt.KeyboardModifier.NoModifier: qtbot.keyClick(panel.view, key, modifiers)


@pytest.mark.parametrize(
    ("key", "way"), [(Key.Key_Left, (-1, 0)), (Key.Key_Right, (1, 0)), (Key.Key_Up, (0, 1)), (Key.Key_Down, (0, -1))]
)
@pytest.mark.parametrize(("modifiers", "pixels"), [(Qt.KeyboardModifier.NoModifier, STEP), (SHIFT, FINE_STEP)])
def test_an_arrow_key_moves_the_point_heard(panel, press, explored, qtbot, key, way, modifiers, pixels):
    hear_window(explored, qtbot)
    before = explored.playback.heard.places[0]
    with qtbot.waitSignal(explored.playback.heard_changed):
        press(key, modifiers)
    moved = explored.playback.heard.places[0] - before
    np.testing.assert_allclose(moved, np.array(way) * pixels * panel.view.map_per_pixel(), rtol=1e-3, atol=1e-5)
    assert explored.playback.heard.window is None


def test_a_held_arrow_key_morphs_and_the_music_goes_on_where_it_is(panel, explored, qtbot):
    hear_window(explored, qtbot)
    player = explored.playback.player
    player.render(20_000)
    position, start = player.position, explored.playback.heard.places[0]
    for _ in range(10):
        qtbot.keyPress(panel.view, Key.Key_Right)  # without a release, as a keyboard repeats
    qtbot.keyRelease(panel.view, Key.Key_Right)
    aim = start[0] + 10 * STEP * panel.view.map_per_pixel()
    qtbot.waitUntil(lambda: explored.playback.heard.places[0][0] == pytest.approx(aim, rel=1e-3))
    assert player.position >= position > 0
    assert player.state is State.PLAYING


def test_control_and_an_arrow_hears_the_nearest_window_in_that_direction(panel, press, explored, qtbot):
    points = panel.view.points
    leftmost = int(points[:, 0].argmin())
    hear_window(explored, qtbot, leftmost)
    with qtbot.waitSignal(explored.playback.heard_changed):
        press(Key.Key_Right, CONTROL)
    heard = explored.playback.heard
    away = heard.places[0] - points[leftmost]
    assert heard.window not in (None, leftmost)
    assert abs(away[1]) <= away[0]
    hear_window(explored, qtbot, leftmost)
    press(Key.Key_Left, CONTROL)
    assert panel.view.dot_towards(points[leftmost], np.array((-1, 0))) is None


def test_an_arrow_key_before_anything_is_heard_begins_in_the_middle(panel, press, explored, qtbot):
    with qtbot.waitSignal(explored.playback.heard_changed):
        press(Key.Key_Up)
    away = np.linalg.norm(panel.view.points - panel.view.middle(), axis=1)
    assert explored.playback.heard.window == int(away.argmin())


def test_an_arrow_key_ends_the_idle_walk(panel, press, explored, qtbot):
    explored.wandering.set_running(True)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    press(Key.Key_Left)
    assert not explored.wandering.running


def test_the_map_follows_the_point_that_is_moved_out_of_sight(panel, press, explored, qtbot):
    hear_window(explored, qtbot)
    for _ in range(6):
        panel.view.zoom_in()
    for _ in range(60):
        press(Key.Key_Right)
        QApplication.processEvents()
    QApplication.processEvents()
    qtbot.waitUntil(
        lambda: panel.view.viewport().rect().contains(panel.view.to_pixels(explored.playback.heard.places[0]).toPoint())
    )


@pytest.mark.parametrize("tool", ["select", "lasso"])
def test_insert_and_arrows_select_what_a_mouse_would(panel, press, explored, qtbot, tool):
    panel.use_tool(tool)
    points = panel.view.points
    start = int((points[:, 0] + points[:, 1]).argmin())
    hear_window(explored, qtbot, start)
    press(Key.Key_Insert)
    corner, across = points[start], np.ptp(points, axis=0).max() / 3
    for key in (Key.Key_Right, Key.Key_Up, *([Key.Key_Left] if tool == "lasso" else [])):
        for _ in range(int(across / (STEP * panel.view.map_per_pixel()))):
            qtbot.keyPress(panel.view, key)  # held
    assert explored.selection.windows is None
    with qtbot.waitSignal(explored.selection.changed):
        press(Key.Key_Insert)
    selected = points[explored.selection.indices]
    assert (selected >= corner - 1e-5).all()
    assert (selected <= corner + across + 1e-5).all()
    assert explored.undo_stack.count() == 1
    before = explored.selection.indices.tolist()
    press(Key.Key_Insert, SHIFT)
    press(Key.Key_Up)
    assert panel.view.marks.band is not None or len(panel.view.marks.lasso)
    press(Key.Key_Escape)  # drops it, and leaves sound and selection alone
    assert panel.view.marks.band is None
    assert not len(panel.view.marks.lasso)
    assert explored.playback.heard is not None
    assert explored.selection.indices.tolist() == before


def test_a_path_point_moved_by_keys_is_one_undo_step(panel, press, explored):
    panel.use_tool("path")
    press(Key.Key_Insert)
    press(Key.Key_Insert)
    press(Key.Key_BracketLeft)
    assert explored.path.chosen == 0
    steps, start = explored.path.undo_stack.count(), explored.path.on_map.copy()
    for _ in range(5):
        press(Key.Key_Up)
    press(Key.Key_Left, SHIFT)
    moved = np.array((-FINE_STEP, 5 * STEP)) * panel.view.map_per_pixel()
    np.testing.assert_allclose(explored.path.on_map[0] - start[0], moved, rtol=1e-3, atol=1e-5)
    explored.path.undo_stack.undo()
    np.testing.assert_allclose(explored.path.on_map, start)
    assert explored.path.undo_stack.count() == steps + 1


def test_presses_after_a_pause_are_another_undo_step(panel, press, explored, monkeypatch):
    panel.use_tool("path")
    press(Key.Key_Insert)
    monkeypatch.setattr(map_keys, "RUN_SECONDS", -1.0)
    press(Key.Key_Up)
    press(Key.Key_Up)
    assert explored.path.undo_stack.count() >= 2
    explored.path.undo_stack.undo()
    assert len(explored.path.points) == 1


def test_insert_puts_a_point_where_the_music_is_and_then_beside_it(panel, press, explored, qtbot):
    panel.use_tool("path")
    hear_window(explored, qtbot, 4)
    press(Key.Key_Insert)
    press(Key.Key_Insert)
    np.testing.assert_array_equal(explored.path.points[0].z, explored.library.atlas.posterior.mu[4])
    assert explored.path.chosen == 1
    assert explored.path.on_map[1][0] > explored.path.on_map[0][0]


def test_brackets_and_page_keys_choose_a_point_of_the_path(panel, press, explored):
    panel.use_tool("path")
    for _ in range(3):
        press(Key.Key_Insert)
    chosen = []
    for key in (Key.Key_BracketRight, Key.Key_BracketRight, Key.Key_BracketLeft, Key.Key_PageUp, Key.Key_PageDown):
        press(key)
        chosen.append(explored.path.chosen)
    assert chosen == [0, 1, 0, 2, 0]


def test_control_and_an_arrow_puts_a_path_point_on_a_window(panel, press, explored):
    panel.use_tool("path")
    press(Key.Key_Insert)
    press(Key.Key_Left, CONTROL)
    mu = explored.library.atlas.posterior.mu
    assert (explored.path.points[0].z == mu).all(axis=1).any()


def test_arrow_keys_pan_with_the_pan_tool_and_home_shows_everything(panel, press, explored):
    panel.use_tool("pan")
    middle, scale = panel.view.middle(), panel.view.map_per_pixel()
    press(Key.Key_Right)
    assert panel.view.middle()[0] > middle[0]
    assert explored.playback.heard is None
    panel.view.zoom_in()
    assert panel.view.map_per_pixel() < scale
    panel.view.zoom_out()
    assert panel.view.map_per_pixel() == pytest.approx(scale)
    press(Key.Key_Home)
    np.testing.assert_allclose(panel.view.middle(), middle, atol=scale)


def test_no_key_of_the_map_is_also_a_shortcut(window):
    taken = {action.shortcut() for action in window.actions_by_id.values() if not action.shortcut().isEmpty()}
    for key in (*map_keys.ARROWS, *map_keys.CHOOSERS, Key.Key_Home, Key.Key_Insert, Key.Key_Enter):
        for modifiers in (0, SHIFT.value, CONTROL.value):
            assert QKeySequence(key.value | modifiers) not in taken


def test_without_a_map_no_key_does_anything(session, qtbot):
    panel = given_parts(MapPanel, session)
    qtbot.addWidget(panel)
    panel.show()
    for key in (*map_keys.ARROWS, Key.Key_Home, Key.Key_Insert):
        qtbot.keyClick(panel.view, key)
    assert session.playback.heard is None
