"""The idle walk."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.path.wandering import POINT_EVERY


@pytest.fixture
def walk(explored, qtbot):
    """A walk whose steps the test takes itself, from the first window."""
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(0)
    explored.wandering._timer.setInterval(1_000_000)
    explored.wandering.set_running(True)
    return explored.wandering


def settle(session, qtbot):
    """Wait until the newest step of the walk is heard."""
    newest = session.wandering._trail[-1]
    qtbot.waitUntil(lambda: np.array_equal(session.playback.heard.zs[0], newest))


def test_it_sets_out_from_what_is_heard_and_goes_on_in_small_steps(explored, walk, qtbot):
    atlas = explored.library.atlas
    np.testing.assert_array_equal(walk._trail[0], atlas.posterior.mu[0])
    for _ in range(5):
        walk.step()
        settle(explored, qtbot)
    assert walk.running
    steps = np.linalg.norm(np.diff([*walk._trail], axis=0), axis=1)
    assert (steps > 0).all()
    np.testing.assert_allclose(explored.playback.heard.places[0], atlas.map.point_of(walk._trail[-1]), atol=1e-5)


def test_a_faster_walk_takes_longer_steps(walk):
    lengths = []
    for speed in (0.1, 1.0):
        walk.set_speed(speed)
        for _ in range(30):
            walk.step()
        lengths.append(np.linalg.norm(np.diff([*walk._trail][-30:], axis=0), axis=1).mean())
    assert lengths[1] > 3 * lengths[0]


def test_it_ends_when_something_else_is_pointed_at(explored, walk, qtbot):
    walk.step()
    settle(explored, qtbot)
    explored.playback.play_window(9)
    qtbot.waitUntil(lambda: not walk.running)
    assert explored.playback.heard.window == 9


@pytest.mark.parametrize("end", ["clear", "pause", "stop"])
def test_it_ends_with_escape_a_pause_or_a_stop(explored, walk, end, qtbot):
    walk.step()
    settle(explored, qtbot)
    {"clear": explored.clearing.clear, "pause": explored.playback.toggle, "stop": explored.playback.stop}[end]()
    assert not walk.running


def test_changing_a_setting_does_not_end_it(explored, walk, qtbot):
    walk.step()
    settle(explored, qtbot)
    explored.playback.set_threshold(0.3)
    assert walk.running


def test_with_nothing_heard_it_sets_out_from_a_window_and_plays(explored, qtbot):
    explored.wandering.set_running(True)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    assert any(np.array_equal(explored.playback.heard.zs[0], mu) for mu in explored.library.atlas.posterior.mu)
    assert explored.wandering.running
    explored.wandering.stop()


def test_without_a_map_it_does_not_begin(session):
    session.wandering.set_running(True)
    assert not session.wandering.running


def test_its_trail_can_be_kept_as_a_path(explored, walk):
    for _ in range(4 * POINT_EVERY):
        walk.step()
    walk.keep_trail()
    walk.stop()
    name, path = explored.path.drawing.kept[0]
    assert name == "Walk 1"
    np.testing.assert_array_equal(path.points, [*walk._trail][::POINT_EVERY])
    assert path.manner.smooth
    assert sum(path.steps(20)) == 4 * 2 * 20
    explored.path.undo_stack.undo()
    assert not explored.path.drawing.kept
