"""Editing the path, undoing it, and playing along it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.session.path.drawing import LINE_PARTS
from tests.explorer.session.path.conftest import draw, everything, places, point
from vrae_core.latent.map import Dimensions
from vrae_core.latent.path import LatentPath
from vrae_core.music.pieces import interpolate, morph


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
    before = path.drawing.line
    path.choose_segment(1)
    path.set_seconds(8)
    z = path.drawing.path.at([1.125, 1.625])
    assert path.insert(1.25) == 2
    assert [p.seconds for p in path.points] == [None, 2, 6, None]
    np.testing.assert_allclose(path.points[2].at, before[LINE_PARTS + LINE_PARTS // 4], atol=1e-4)
    np.testing.assert_allclose(path.drawing.path.at([1.5, 2.5]), z, atol=1e-5)
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
    np.testing.assert_allclose(path.drawing.line[-1], path.drawing.line[0], atol=1e-5)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.pieces.play_path()
    heard = explored.playback.heard
    assert len(heard.zs) == heard.arrivals[-1] == 80, "90 steps are rounded to four windows of twenty"
    assert path.seconds == 4.0


def test_another_projection_keeps_the_path_and_its_undo(explored, qtbot):
    draw(explored, 0, 9, 20)
    before = explored.path.on_map
    explored.library.set_projection(Dimensions(1, 0))
    qtbot.waitUntil(lambda: not explored.jobs.running)
    np.testing.assert_allclose(explored.path.on_map, before[:, ::-1], atol=1e-5)
    explored.path.undo_stack.undo()
    np.testing.assert_allclose(explored.path.on_map, before[:2, ::-1], atol=1e-5)


def show_model(session, model, qtbot):
    session.library.use_model(model, "another")
    qtbot.waitUntil(lambda: session.library.model is model and not session.jobs.running)


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


def test_a_slow_song_takes_its_share_of_the_time_that_a_path_lasts(in_bars, monkeypatch):
    atlas = in_bars.library.atlas
    per_beat = atlas.corpus.grid.steps_per_beat
    monkeypatch.setattr(type(atlas), "_tempos_at", lambda _atlas, _zs: np.array([90] * 5 + [150] * 4, np.float32))
    path = LatentPath(np.zeros((3, 2), np.float32), (None, None, None))
    of_one, slow_then_fast = atlas.rates_over(path) * 60 / per_beat
    assert of_one == pytest.approx(90)
    assert slow_then_fast == pytest.approx(1 / (0.125 / 90 + 0.875 / 150))


def test_where_a_step_lasts_50_ms_every_segment_has_twenty_a_second(explored):
    path = LatentPath(np.zeros((4, 2), np.float32), (None,) * 4)
    assert explored.library.atlas.rates_over(path).tolist() == [20, 20, 20]
