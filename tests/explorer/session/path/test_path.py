"""Editing the path, undoing it, and playing along it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.session.path.drawing import PathPoint
from explorer.session.path.path import LINE_PARTS, DrawnPath
from explorer.session.path.undo_stacks import UndoStacks
from vrae_core.errors import VraeError
from vrae_core.latent.map import Dimensions
from vrae_core.music.pieces import interpolate, morph


def point(x, y):
    at = np.array([x, y], np.float32)
    return PathPoint(at, at)


@pytest.fixture
def path(qapp):
    return DrawnPath(UndoStacks())


def places(path):
    return [tuple(p) for p in path.on_map.tolist()]


def draw(session, *windows):
    for window in windows:
        session.path.add(session.path.point_at(np.zeros(2, np.float32), window))


def everything(path):
    return json.dumps(path.as_plain(), sort_keys=True)


def test_points_are_added_at_the_end_and_every_step_can_be_undone_and_redone(path):
    path.add(point(0, 0))
    path.add(point(1, 0))
    path.undo_stack.undo()
    assert places(path) == [(0, 0)]
    path.undo_stack.undo()
    assert places(path) == []
    path.undo_stack.redo()
    path.undo_stack.redo()
    assert places(path) == [(0, 0), (1, 0)]


def test_a_whole_drag_is_one_step(path):
    path.add(point(0, 0))
    for x in range(1, 6):
        path.drag(0, point(x, 0))
    path.drop()
    assert places(path) == [(5, 0)]
    path.undo_stack.undo()
    assert places(path) == [(0, 0)]
    path.undo_stack.redo()
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
    path.undo_stack.undo()
    assert places(path) == [(0, 0)]


def test_clearing_is_undone_at_once(path):
    for x in range(4):
        path.add(point(x, 1))
    path.clear()
    assert places(path) == []
    path.undo_stack.undo()
    assert len(places(path)) == 4


def test_the_nearest_point_counts_only_within_reach(path):
    assert path.nearest(np.zeros(2), 1.0) is None
    path.add(point(0, 0))
    path.add(point(5, 0))
    assert path.nearest(np.array([4.5, 0]), 1.0) == 1
    assert path.nearest(np.array([2.5, 0]), 1.0) is None


def test_playing_along_it_decodes_the_morph_of_its_z(explored, qtbot):
    atlas = explored.library.atlas
    draw(explored, 0, 9, 20)
    explored.path.set_seconds(1.0)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.pieces.play_path()
    heard = explored.playback.heard
    zs = np.concatenate([interpolate(*explored.path.drawing.path.points[i : i + 2], 21)[i:] for i in (0, 1)])
    np.testing.assert_allclose(heard.probabilities, morph(atlas.model, zs), atol=1e-4)
    assert heard.arrivals == (0, 20, 40)
    assert explored.playback.player.state is State.PLAYING
    np.testing.assert_allclose(heard.place_at(20), atlas.map.points[9], atol=1e-5)
    qtbot.waitUntil(lambda: not explored.jobs.running)


def test_one_point_is_no_path_and_the_window_says_so(explored):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    explored.pieces.play_path()
    assert len(said) == 1
    assert "two points" in said[0]


def test_another_model_starts_without_a_path(explored, make_model, qtbot):
    explored.path.add(explored.path.point_at(np.zeros(2, np.float32)))
    explored.library.use_model(make_model(seed=5), "other")
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert explored.path.points == ()
    assert not explored.path.undo_stack.canUndo()


def test_clear_silences_and_clears_the_selection_and_only_then_the_path_which_can_be_brought_back(explored, qtbot):
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(0)
    explored.path.add(explored.path.point_at(np.zeros(2, np.float32)))
    explored.selection.set(np.arange(len(explored.library.atlas.corpus)) < 4)
    explored.clearing.clear()
    assert explored.playback.player.state is State.STOPPED
    assert explored.selection.windows is None
    assert len(explored.path.points) == 1
    explored.clearing.clear()
    assert explored.path.points == ()
    explored.path.undo_stack.undo()
    assert len(explored.path.points) == 1


def test_putting_and_dragging_a_point_in_one_gesture_is_one_step(path):
    path.add(point(0, 0))
    path.drag(0, point(3, 0))
    path.drop(put=True)
    assert places(path) == [(3, 0)]
    path.undo_stack.undo()
    assert places(path) == []
    path.undo_stack.redo()
    assert places(path) == [(3, 0)]


def test_inserting_a_point_leaves_the_line_and_divides_the_duration(explored):
    path = explored.path
    draw(explored, 0, 9, 20)
    before = path.line
    path.choose_segment(1)
    path.set_seconds(8)
    assert path.insert(1.25) == 2
    assert [p.seconds for p in path.points] == [None, 2, 6, None]
    np.testing.assert_allclose(path.points[2].at, before[LINE_PARTS + LINE_PARTS // 4], atol=1e-4)
    np.testing.assert_allclose(path.drawing.path.at([1.5, 2.5]), path.drawing.path.at([1.5, 2.5]))
    path.undo_stack.undo()
    assert [p.seconds for p in path.points] == [None, 8, None]


def test_every_edit_can_be_undone_and_redone_in_one_step(explored):
    path = explored.path
    draw(explored, 0, 9, 20, 12)
    path.choose_segment(1)
    edits = [
        lambda: path.insert(0.5),
        lambda: path.delete(1),
        lambda: path.set_seconds(3),
        lambda: path.set_smooth(True),
        lambda: path.set_spherical(True),
        lambda: path.set_closed(True),
        lambda: path.set_even_change(True),
        path.keep,
        lambda: path.rename("kept", 0, "A walk"),
        lambda: path.star(np.ones(2, np.float32), "Here"),
        lambda: path.rename("favourites", 0, "There"),
        path.clear,
        lambda: path.take(0),
        lambda: path.discard("kept", 0),
        lambda: path.discard("favourites", 0),
    ]
    states = [everything(path)]
    for edit in edits:
        steps = path.undo_stack.count()
        edit()
        assert path.undo_stack.count() == steps + 1
        states.append(everything(path))
    assert len(set(states)) > len(edits) - 3
    for state in reversed(states[:-1]):
        path.undo_stack.undo()
        assert everything(path) == state
    for state in states[1:]:
        path.undo_stack.redo()
        assert everything(path) == state


def test_steps_of_a_number_box_in_a_row_are_one_change(explored):
    path = explored.path
    draw(explored, 0, 9)
    for seconds in (6, 7, 8):
        path.set_seconds(seconds)
    path.choose_segment(0)
    for seconds in (1, 2):
        path.set_seconds(seconds)
    assert path.seconds == 2
    path.undo_stack.undo()
    assert path.seconds == 8
    path.undo_stack.undo()
    assert path.seconds == 5


def test_a_closed_path_leads_back_and_lasts_whole_windows(explored, qtbot):
    path = explored.path
    draw(explored, 0, 9, 20)
    path.set_seconds(1.5)
    path.set_closed(True)
    assert path.segments == [(0, 1), (1, 2), (2, 0)]
    np.testing.assert_allclose(path.line[-1], path.line[0], atol=1e-5)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.pieces.play_path()
    heard = explored.playback.heard
    assert len(heard.zs) == heard.arrivals[-1] == 80, "90 steps are rounded to four windows of twenty"
    assert path.seconds == 4.0


def test_the_place_on_the_path_under_the_mouse_is_found(explored):
    path = explored.path
    draw(explored, 0, 9, 20)
    middle = (path.on_map[1] + path.on_map[2]) / 2
    assert path.along_at(middle, 1e-3) == pytest.approx(1.5, abs=1e-3)
    assert path.along_at(middle + 100, 1.0) is None


@pytest.mark.parametrize("smooth", [False, True])
def test_on_a_tsne_map_the_line_meets_points_put_between_the_dots(session, songs, make_model, qtbot, smooth):
    session.library.add_songs(songs)
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_model(latent=5), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running, timeout=30000)
    assert session.library.atlas.map.projection == "t-SNE"
    points = session.library.atlas.map.points
    for at in (points[:4].mean(axis=0), points[5:9].mean(axis=0), points[20:22].mean(axis=0)):
        session.path.add(session.path.point_at(at))
    session.path.set_smooth(smooth)
    np.testing.assert_allclose(session.path.line[::LINE_PARTS], session.path.on_map, atol=1e-3)


def test_another_projection_keeps_the_path_and_its_undo(explored, qtbot):
    draw(explored, 0, 9, 20)
    before = explored.path.on_map
    explored.library.set_projection(Dimensions(1, 0))
    qtbot.waitUntil(lambda: not explored.jobs.running)
    np.testing.assert_allclose(explored.path.on_map, before[:, ::-1], atol=1e-5)
    explored.path.undo_stack.undo()
    np.testing.assert_allclose(explored.path.on_map, before[:2, ::-1], atol=1e-5)


def test_a_drawing_comes_back_from_json_as_it_was(explored):
    path = explored.path
    draw(explored, 0, 9, 20)
    path.set_closed(True)
    path.keep()
    path.set_smooth(True)
    path.star(np.array([0.5, -1], np.float32), "Here")
    stored = everything(path)
    path.clear()
    path.restore(json.loads(stored))
    assert everything(path) == stored
    assert not path.undo_stack.canUndo()
    np.testing.assert_allclose(path.on_map, explored.library.atlas.map.points[[0, 9, 20]], atol=1e-5)


GOOD = {"path": {"points": [], "seconds": []}, "paths": [], "favourites": [{"name": "Here", "z": [0, 1]}]}


@pytest.mark.parametrize(
    "change",
    [
        {"path": None},
        {"path": {"points": [[1, 2, 3]], "seconds": [None]}},
        {"paths": {}},
        {"paths": [3]},
        {"paths": [{"name": "A", "points": "no", "seconds": []}]},
        {"paths": [{"name": "A", "points": [], "seconds": []}] * 501},
        {"favourites": [{"name": "Here", "z": [0, float("nan")]}]},
        {"favourites": [{"name": "Here", "z": [0]}]},
        {"favourites": [{"name": "Here"}]},
        {"favourites": [{"name": 3, "z": [0, 1]}]},
        {"favourites": [{"name": "\n\t", "z": [0, 1]}]},
        {"favourites": "Here"},
    ],
)
def test_a_stored_drawing_that_is_not_one_is_refused_and_changes_nothing(explored, change):
    draw(explored, 0, 9)
    explored.path.restore(GOOD)
    before = everything(explored.path)
    with pytest.raises(VraeError, match="stored"):
        explored.path.restore(GOOD | change)
    assert everything(explored.path) == before


def test_a_name_is_one_line_of_eighty_letters(explored):
    explored.path.star(np.zeros(2, np.float32), "a\nb\x00" + 200 * "c")
    assert explored.path.drawing.favourites[0].name == "a b " + 76 * "c"


def show_model(session, model, qtbot):
    session.library.use_model(model, "another")
    qtbot.waitUntil(lambda: session.library.model is model and not session.jobs.running, timeout=20_000)


def test_what_is_drawn_and_kept_comes_back_with_its_model_and_so_does_undo(explored, make_model, qtbot):
    first, second = explored.library.model, make_model(latent=3, seed=5)
    draw(explored, 0, 9)
    explored.path.keep()
    explored.path.star(explored.path.points[0].z, "A place")
    before, steps = explored.path.as_plain(), explored.path.undo_stack.count()
    show_model(explored, second, qtbot)
    assert explored.path.drawing.is_empty
    draw(explored, 4)
    show_model(explored, make_model(seed=0), qtbot)  # the same weights, read again
    assert explored.library.model is not first
    assert explored.path.as_plain() == before
    assert explored.path.undo_stack.count() == steps
    np.testing.assert_allclose(explored.path.on_map[1], explored.library.atlas.map.points[9], atol=1e-5)
    explored.undo_stack.undo()
    assert explored.path.drawing.favourites == ()
    show_model(explored, second, qtbot)
    assert len(explored.path.points) == 1
