"""Editing the path, undoing it, and playing along it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.player import State
from explorer.session.path import LatentPath, PathPoint
from vrae_core.pieces import along_path, morph


def point(x, y):
    at = np.array([x, y], np.float32)
    return PathPoint(at, at)


@pytest.fixture
def path(qapp):
    return LatentPath()


def places(path):
    return [tuple(p) for p in path.on_map.tolist()]


def test_points_are_added_at_the_end_and_every_step_can_be_undone_and_redone(path):
    path.add(point(0, 0))
    path.add(point(1, 0))
    path.undo()
    assert places(path) == [(0, 0)]
    path.undo()
    assert places(path) == []
    path.redo()
    path.redo()
    assert places(path) == [(0, 0), (1, 0)]


def test_a_whole_drag_is_one_step(path):
    path.add(point(0, 0))
    for x in range(1, 6):
        path.drag(0, point(x, 0))
    path.drop()
    assert places(path) == [(5, 0)]
    path.undo()
    assert places(path) == [(0, 0)]
    path.redo()
    assert places(path) == [(5, 0)]


def test_a_drop_without_a_drag_is_no_step(path):
    path.add(point(0, 0))
    path.drop()
    assert path.undo_stack.count() == 1


def test_the_chosen_point_is_deleted_and_a_neighbour_is_chosen(path):
    for x in range(3):
        path.add(point(x, 0))
    path.choose(1)
    path.delete_chosen()
    assert places(path) == [(0, 0), (2, 0)]
    assert path.chosen == 1
    path.delete_chosen()
    path.delete_chosen()
    path.delete_chosen()
    assert places(path) == []
    path.undo()
    assert places(path) == [(0, 0)]


def test_clearing_is_undone_at_once(path):
    for x in range(4):
        path.add(point(x, 1))
    path.clear()
    assert places(path) == []
    path.undo()
    assert len(places(path)) == 4


def test_the_nearest_point_counts_only_within_reach(path):
    assert path.nearest(np.zeros(2), 1.0) is None
    path.add(point(0, 0))
    path.add(point(5, 0))
    assert path.nearest(np.array([4.5, 0]), 1.0) == 1
    assert path.nearest(np.array([2.5, 0]), 1.0) is None


def test_the_piece_is_as_long_as_its_segments(path):
    for x in range(3):
        path.add(point(x, 0))
    path.segment_seconds = 2.0
    assert len(path.zs()) == len(path.places()) == 2 * 40 + 1


def test_playing_along_it_decodes_the_morph_of_its_z(explored, qtbot):
    atlas = explored.library.atlas
    for window in (0, 9, 20):
        explored.path.add(explored.path_point(atlas.map.points[window]))
    explored.path.segment_seconds = 1.0
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.play_path()
    heard = explored.playback.heard
    zs = along_path(np.array([p.z for p in explored.path.points]), 20)
    np.testing.assert_allclose(heard.probabilities, morph(atlas.model, zs), atol=1e-5)
    assert explored.playback.player.state is State.PLAYING
    np.testing.assert_allclose(heard.place_at(20), atlas.map.points[9], atol=1e-5)
    qtbot.waitUntil(lambda: not explored.jobs.running)


def test_one_point_is_no_path_and_the_window_says_so(explored):
    said = []
    explored.said.connect(lambda sentence, _kind: said.append(sentence))
    explored.play_path()
    assert len(said) == 1
    assert "two points" in said[0]


def test_another_model_starts_without_a_path(explored, make_model, qtbot):
    explored.path.add(explored.path_point(np.zeros(2, np.float32)))
    explored.library.use_model(make_model(seed=5), "other")
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert explored.path.points == ()
    assert not explored.path.undo_stack.canUndo()


def test_clear_silences_and_clears_but_the_path_can_be_brought_back(explored, qtbot):
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(0)
    explored.path.add(explored.path_point(np.zeros(2, np.float32)))
    explored.select(np.arange(len(explored.library.atlas.corpus)) < 4)
    explored.clear()
    assert explored.playback.player.state is State.STOPPED
    assert explored.selected is None
    assert explored.path.points == ()
    explored.path.undo()
    assert len(explored.path.points) == 1
