"""Selecting: by mouse and keyboard, what stays as songs come and go, the page of it, and its files."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from explorer.session.songs.sources import SongSource
from tests.explorer.conftest import saved
from tests.explorer.mouse import LEFT, drag, lone_dot, move, pixel
from vrae_core.midi.song import read_song
from vrae_core.music.piece_recipe import LONGEST_PIECE

NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def click(panel, window, modifiers=NONE):
    QTest.mouseClick(panel.view.viewport(), LEFT, modifiers, pixel(panel.view, panel.view.points[window]))


def first(session, count):
    return np.arange(len(session.library.atlas.corpus)) < count


# --- the mouse


def test_a_click_on_a_dot_selects_it_and_a_click_on_nothing_clears(panel, explored, qtbot):
    panel.use_tool("select")
    window = lone_dot(panel.view)
    click(panel, window)
    (selected,) = explored.selection.indices
    np.testing.assert_allclose(panel.view.points[selected], panel.view.points[window], atol=1e-5)
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(3, 690))
    assert explored.selection.windows is None


@pytest.mark.parametrize("tool", ["play", "path", "select", "lasso"])
def test_shift_click_adds_a_greyed_dot_and_takes_it_out_again(panel, explored, tool):
    panel.use_tool(tool)
    window = lone_dot(panel.view)
    away = np.linalg.norm(panel.view.points - panel.view.points[window], axis=1)  # some windows are alike
    explored.selection.set(away == away.max())
    before = set(explored.selection.indices.tolist())
    click(panel, window, SHIFT)
    (added,) = set(explored.selection.indices.tolist()) - before
    assert away[added] < 1e-5
    click(panel, window, SHIFT)
    assert set(explored.selection.indices.tolist()) == before


def test_with_the_select_tool_shift_adds_a_box_and_ctrl_removes_one(panel, explored):
    panel.use_tool("select")
    at_left = np.array([pixel(panel.view, p).x() <= 450 for p in panel.view.points])
    drag(panel.view, LEFT, QPoint(5, 5), QPoint(450, 690))
    drag(panel.view, LEFT, QPoint(451, 5), QPoint(895, 690), SHIFT)
    assert explored.selection.windows.all()
    drag(panel.view, LEFT, QPoint(5, 5), QPoint(450, 690), CONTROL)
    assert (explored.selection.windows == ~at_left).all()


def test_a_lasso_selects_what_it_goes_around_but_for_greyed_songs(panel, explored, qtbot):
    explored.library.lit.toggle(1)
    panel.use_tool("lasso")
    line = [QPoint(5, 5), QPoint(895, 5), QPoint(450, 690)]  # a triangle
    QTest.mousePress(panel.view.viewport(), LEFT, NONE, line[0])
    for place in line[1:]:
        move(panel.view, QPointF(place), LEFT)
    assert len(panel.view.marks.lasso) == 3
    panel.view.grab()  # it can be drawn
    with qtbot.waitSignal(explored.selection.changed):
        QTest.mouseRelease(panel.view.viewport(), LEFT, NONE, line[-1])
    x, y = np.array([(p.x(), p.y()) for p in map(panel.view.to_pixels, panel.view.points)]).T
    triangle = (y >= 5) & (x - 5 >= (y - 5) * 445 / 685) & (x <= 895 - (y - 5) * 445 / 685)
    assert (explored.selection.windows == (triangle & explored.library.lit.windows())).all()
    assert len(panel.view.marks.lasso) == 0


# --- verbs


def test_by_keys_one_selects_all_inverts_toggles_the_window_heard_and_clears(window, qtbot):
    session, view = window.session, window.map_panel.view
    qtbot.keyClick(view, Qt.Key.Key_A, CONTROL)
    assert session.selection.windows.all()
    qtbot.keyClick(view, Qt.Key.Key_I, CONTROL)
    assert session.selection.windows is None
    with qtbot.waitSignal(session.playback.heard_changed):
        session.playback.play_window(5)
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert session.selection.indices.tolist() == [5]
    qtbot.keyClick(view, Qt.Key.Key_G, CONTROL)
    assert session.selection.indices.tolist() == [4, 5, 6]
    qtbot.keyClick(view, Qt.Key.Key_X, SHIFT)
    assert (session.selection.windows == (session.library.atlas.corpus.song_of == 0)).all()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert session.selection.windows is None


def test_growing_stops_at_the_ends_of_songs(explored):
    last = int((explored.library.atlas.corpus.song_of == 0).sum()) - 1
    explored.selection.toggle(last)
    explored.selection.grow()
    assert explored.selection.indices.tolist() == [last - 1, last]


# --- undo


def test_selecting_and_drawing_are_undone_together_in_the_order_in_which_they_were_done(window, qtbot):
    session, undo = window.session, window.actions_by_id["undo"]
    session.selection.set(first(session, 3))
    session.path.add(session.path.point_at(session.library.atlas.map.points[0], 0))
    session.selection.add(np.arange(len(session.library.atlas.corpus)) == 7)
    for text in ("Undo select 1 more window", "Undo add a point", "Undo select 3 windows"):
        assert undo.text() == text
        qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Z, CONTROL)
    assert session.selection.windows is None
    assert not session.path.points
    assert not undo.isEnabled()
    for _ in range(3):
        qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert session.selection.indices.tolist() == [0, 1, 2, 7]
    assert len(session.path.points) == 1
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Escape)
    assert undo.text() == "Undo clear the selection"
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Z, CONTROL)
    assert session.selection.indices.tolist() == [0, 1, 2, 7]


def test_what_does_not_change_the_selection_is_no_step_of_undo(explored):
    explored.selection.set(first(explored, 3))
    explored.selection.add(first(explored, 2))
    explored.selection.remove(~first(explored, 3))
    assert explored.undo_stack.count() == 1
    explored.selection.remove(first(explored, 2))
    assert explored.undo_stack.undoText() == "deselect 2 windows"


def test_an_undone_selection_leaves_out_windows_whose_song_has_gone(explored, songs, write_song, qtbot):
    corpus = explored.library.atlas.corpus
    explored.selection.set(np.isin(corpus.song_of, [0, 2]))
    titles = [explored.library.atlas.title(window) for window in explored.selection.indices]
    explored.selection.clear()
    files = [SongSource(str(write_song(song))) for song in songs[1:]]
    explored.library.reopen(None, files, None, lambda _opened: None)
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 2 and not explored.jobs.running)
    explored.undo_stack.undo()
    left = [explored.library.atlas.title(window) for window in explored.selection.indices]
    assert left == [title for title in titles if title.startswith(songs[2].name)]
    explored.library.add_songs((songs[0],))
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 3 and not explored.jobs.running)
    explored.undo_stack.redo()
    explored.undo_stack.undo()  # it is back, and selected again
    assert sorted(explored.library.atlas.title(window) for window in explored.selection.indices) == sorted(titles)


# --- what stays


def test_windows_stay_selected_as_another_song_joins(explored, songs, qtbot):
    chosen = [1, 2, 5, len(explored.library.atlas.corpus) - 1]
    explored.selection.set(np.isin(np.arange(len(explored.library.atlas.corpus)), chosen))
    titles = [explored.library.atlas.title(window) for window in explored.selection.indices]
    explored.library.add_songs((replace(songs[0], name="Newcomer"),))
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 4 and not explored.jobs.running)
    assert [explored.library.atlas.title(window) for window in explored.selection.indices] == titles


def test_the_dots_of_before_are_never_lit_as_those_of_a_map_that_is_still_to_come(panel, explored, songs, qtbot):
    explored.selection.set(np.arange(len(explored.library.atlas.corpus)) < 5)
    set_lit, lengths = panel.view.dots.set_lit, []

    def check(lit):
        lengths.append((len(lit), len(panel.view.points)))
        set_lit(lit)

    panel.view.dots.set_lit = check
    explored.library.add_songs((replace(songs[0], name="Newcomer"),))
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 4 and not explored.jobs.running)
    assert lengths
    assert all(lit == dots for lit, dots in lengths)
    assert panel.view.dots.lit.sum() == 5


def test_a_session_file_keeps_the_selection(explored, tmp_path, qtbot, write_song, songs, make_model):
    make_model().save(tmp_path / "two.safetensors")
    files = [SongSource(str(write_song(song))) for song in songs]
    explored.library.reopen(tmp_path / "two.safetensors", files, None, lambda _opened: None)
    qtbot.waitUntil(lambda: not explored.jobs.running)
    explored.selection.set(first(explored, 3))
    with qtbot.waitSignal(explored.keeping.used):
        explored.keeping.save(tmp_path / "kept.vrae-session")
    explored.selection.clear()
    with qtbot.waitSignal(explored.keeping.used):
        explored.keeping.open(tmp_path / "kept.vrae-session")
    assert explored.selection.indices.tolist() == [0, 1, 2]


# --- the page


def test_the_page_says_how_to_select_then_lists_windows_songs_and_differences(window, qtbot):
    session, page = window.session, window.explore.selection
    window.pages.show_selection()
    assert page.empty.isVisible()
    session.selection.set(session.library.atlas.corpus.song_of == 2)
    assert not page.empty.isVisible()
    count = int(session.selection.windows.sum())
    assert page.count.text().startswith(f"{count} of ")
    assert page.windows.rows.rowCount() == count
    with qtbot.waitSignal(session.playback.heard_changed):
        page.windows.picked.emit(3)
    assert session.playback.heard.window == session.selection.indices[3]
    page.views.buttons["songs"].click()
    row = page.songs.rows.row(page.songs.rows.index(0))
    assert (row.name, row.middle, row.share) == ("High", str(count), 1.0)
    page.views.buttons["rest"].click()
    qtbot.waitUntil(lambda: session.selection_figures.statistics is not None)
    words = [page.rest.rows.row(page.rest.rows.index(i)).name for i in range(page.rest.rows.rowCount())]
    assert "Higher" in words
    session.selection.select_all()
    assert "nothing is left" in page.about.text()


def test_the_newest_selection_is_the_one_that_is_compared(explored, qtbot):
    explored.selection_figures.want(True)
    for count in (3, 9, 5):
        explored.selection.set(first(explored, count))
    qtbot.waitUntil(lambda: explored.selection_figures.statistics is not None and not explored.jobs.running)
    assert explored.selection_figures.statistics.music[0].selected_windows == 5


# --- files


def test_the_table_has_mu_and_sigma_of_every_selected_window(explored, tmp_path, qtbot):
    explored.selection.set(first(explored, 2))
    saved(explored, qtbot, lambda: explored.exports.save_table(tmp_path / "table.csv", explored.selection.indices))
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text("utf-8-sig").splitlines()))
    assert list(rows[0]) == ["song", "window", "start_s", "mu_0", "mu_1", "sigma_0", "sigma_1"]
    assert [(row["song"], row["start_s"]) for row in rows] == [("Low", "0.00"), ("Low", "0.50")]
    read = np.array([[row["mu_0"], row["mu_1"]] for row in rows], np.float32)
    assert (read == explored.library.atlas.posterior.mu[:2]).all()


def test_a_selection_is_one_piece_of_its_windows_in_order(explored, tmp_path, qtbot):
    explored.playback.set_tempo(150)
    explored.playback.set_threshold(0.3)
    saved(explored, qtbot, lambda: explored.exports.save_selection(tmp_path / "piece.mid", np.array([0, 20])))
    roll = read_song(tmp_path / "piece.mid").roll
    atlas = explored.library.atlas
    for window, part in ((0, roll[:20]), (20, roll[20:40])):
        decoded = atlas.model.decode(atlas.posterior.mu[[window]])[0] >= 0.3
        expected = np.zeros((20, 88), bool)
        expected[:, np.array(atlas.corpus.pitches) - 21] = decoded
        assert (part == expected[: len(part)]).all()


def test_a_selection_that_lasts_for_hours_is_refused_in_one_sentence(explored, tmp_path, qtbot):
    most = LONGEST_PIECE // explored.library.model.config.window
    with qtbot.waitSignal(explored.messages.said) as told:
        explored.exports.save_selection(tmp_path / "piece.mid", np.zeros(most + 1, np.int64))
    assert f"select {most} of them" in told.args[0]
    assert not (tmp_path / "piece.mid").exists()
