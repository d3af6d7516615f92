"""The legend of the songs, the model and its map, and what is kept below them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QMenu

from explorer.panels.map.songs import SongsPanel
from explorer.panels.playing.parts_dialog import CHOICES, PartsDialog
from explorer.session.songs.library import OfRun
from tests.bands import played, scale_song
from tests.explorer.conftest import click_row, hear, rows, settle, shown_panel
from vrae_core.columns import Part

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def legend(explored, qtbot):
    return shown_panel(SongsPanel, explored, qtbot, 220, 600)


def test_the_legend_names_every_song_with_its_colour_and_count(legend, explored):
    atlas = explored.library.atlas
    assert [(r.name, r.colour, r.right) for r in rows(legend.list)] == [
        (name, colour, str(count))
        for name, colour, count in zip(atlas.corpus.names, atlas.colours, atlas.counts, strict=True)
    ]


def click_eye(qtbot, row_list, row):
    at = row_list.visualRect(row_list.rows.index(row))
    qtbot.mouseClick(row_list.viewport(), LEFT, pos=at.topRight() + QPoint(-12, 12))


def test_a_click_on_a_song_selects_its_windows_and_plays_it_from_its_beginning(legend, explored, qtbot):
    hear(explored, qtbot, lambda: click_row(qtbot, legend.list, 1))
    corpus, heard = explored.library.atlas.corpus, explored.playback.heard
    np.testing.assert_array_equal(explored.selection.windows, corpus.song_of == 1)
    assert heard.window == np.flatnonzero(corpus.song_of == 1)[0]
    assert corpus.song_of[heard.windows].tolist() == [1] * len(heard.windows)
    assert [r.on for r in rows(legend.list)] == [True, True, True]


def test_a_hidden_song_that_is_played_is_seen_again(legend, explored, qtbot):
    explored.library.lit.toggle(1)
    hear(explored, qtbot, lambda: click_row(qtbot, legend.list, 1))
    assert explored.library.lit.mask.tolist() == [True, True, True]


def test_return_plays_a_song_and_space_hides_it_or_shows_it(legend, explored, qtbot):
    legend.list.setCurrentIndex(legend.list.rows.index(2))
    qtbot.keyClick(legend.list, Qt.Key.Key_Space)
    assert explored.library.lit.mask.tolist() == [True, True, False]
    assert explored.playback.heard is None
    index = legend.list.rows.index(2)
    assert "hidden" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.keyClick(legend.list, Qt.Key.Key_Space)
    assert explored.library.lit.mask.all()
    hear(explored, qtbot, lambda: qtbot.keyClick(legend.list, Qt.Key.Key_Return))
    assert explored.library.atlas.corpus.song_of[explored.playback.heard.window] == 2


def test_the_eye_hides_a_song_or_shows_it_and_a_double_click_hides_all_others(legend, explored, qtbot):
    click_eye(qtbot, legend.list, 1)
    assert [(r.on, r.eye) for r in rows(legend.list)] == [(True, True), (False, False), (True, True)]
    assert explored.playback.heard is None
    click_eye(qtbot, legend.list, 1)
    assert explored.library.lit.mask.all()
    at = legend.list.visualRect(legend.list.rows.index(0)).center()
    qtbot.mouseClick(legend.list.viewport(), LEFT, pos=at)
    qtbot.mouseDClick(legend.list.viewport(), LEFT, pos=at)
    qtbot.mouseRelease(legend.list.viewport(), LEFT, pos=at)
    assert explored.library.lit.mask.tolist() == [True, False, False]


def test_the_search_leaves_the_songs_that_match_and_clicks_still_mean_them(legend, explored, qtbot):
    qtbot.keyClicks(legend.search, "hi")
    assert [r.name for r in rows(legend.list)] == ["High"]
    click_eye(qtbot, legend.list, 0)
    assert explored.library.lit.mask.tolist() == [True, True, False]


def test_a_search_that_no_song_matches_says_so_until_one_does(legend, qtbot):
    assert legend.none.isHidden()
    qtbot.keyClicks(legend.search, "hix")
    assert not rows(legend.list)
    assert not legend.none.isHidden()
    qtbot.keyClick(legend.search, Qt.Key.Key_Backspace)
    assert [r.name for r in rows(legend.list)] == ["High"]
    assert legend.none.isHidden()


def test_a_model_is_chosen_from_those_on_offer(legend, explored, make_model, tmp_path, qtbot):
    make_model(seed=3).save(tmp_path / "other.safetensors")
    explored.library.offer_models([tmp_path / "other.safetensors"])
    assert [legend.model.itemText(i) for i in range(legend.model.count())] == ["other", "chance"]
    assert legend.model.currentText() == "chance"
    legend.model.setCurrentIndex(0)
    legend.model.activated.emit(0)
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert legend.model.currentText() == "other"


def test_a_2_d_model_is_shown_as_it_is(legend):
    box = legend.projection
    assert [box.kind.itemData(i) for i in range(box.kind.count())] == ["latent"]
    assert box.across.isHidden()
    assert box.perplexity.isHidden()


def test_a_deeper_model_can_be_shown_in_three_ways(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running)
    box = legend.projection
    assert [box.kind.itemData(i) for i in range(box.kind.count())] == ["t-SNE", "PCA", "dimensions"]
    assert not box.perplexity.isHidden()
    choose(box.kind, "dimensions")
    assert not box.across.isHidden()
    qtbot.waitUntil(lambda: not explored.jobs.running)
    first, second = (box.across.itemData(i) for i in (0, 1))
    assert explored.library.atlas.map.projection == (first, second)
    choose(box.across, box.across.itemData(3))
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert explored.library.atlas.map.projection == (box.across.itemData(3), second)


def test_models_of_runs_stand_below_those_in_files_and_choosing_one_opens_its_run(
    legend, explored, tmp_path, monkeypatch
):
    library, used = explored.library, []
    monkeypatch.setattr(explored.run_models, "use", lambda run: used.append(run.path))
    library.offer_models([tmp_path / "mine.safetensors"])
    run = tmp_path / "a run"
    library.offer_models_of_runs({run / "model.safetensors": OfRun(run, "Reels")})
    assert [legend.model.itemText(i) for i in range(legend.model.count())] == ["mine", "chance", "", "Reels"]
    assert legend.model.currentText() == "chance"
    choose(legend.model, str(run / "model.safetensors"))
    assert used == [run]
    assert legend.model.currentText() == "chance", "until it is there"


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_dimensions_come_with_what_they_carry_the_most_first(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running)
    box = legend.projection.across
    kl = explored.library.atlas.kl
    assert [box.itemData(i) for i in range(6)] == np.argsort(-kl).tolist()
    assert box.itemText(0) == f"z{kl.argmax()} · {kl.max():.1f}"


def test_another_perplexity_draws_another_map(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running)
    before = explored.library.atlas.map.points
    legend.projection.perplexity.setValue(5)
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert not np.allclose(explored.library.atlas.map.points, before)
    assert explored.library.perplexity == 5
    assert legend.projection.perplexity.text() == "perplexity 5"


def test_a_perplexity_that_is_too_large_for_the_windows_says_which_was_used(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running)
    legend.projection.perplexity.setValue(900)
    qtbot.waitUntil(lambda: not explored.jobs.running)
    used = (len(explored.library.atlas.corpus) - 1) / 3
    assert explored.library.atlas.map.perplexity == used
    assert legend.projection.perplexity.text() == f"perplexity 900, {used:.3g} used"


def test_a_song_joins_the_map_and_moves_no_dot_until_it_is_drawn_anew(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running)
    before = explored.library.atlas.map.points
    explored.library.add_songs([scale_song("Higher", 72, 25)])
    qtbot.waitUntil(lambda: len(explored.library.songs) == 4 and not explored.jobs.running)
    after = explored.library.atlas.map.points
    assert len(after) > len(before)
    np.testing.assert_array_equal(after[: len(before)], before)
    assert legend.projection.recompute.text().startswith(f"{len(after) - len(before)} added")

    legend.projection.recompute.click()
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert not np.allclose(explored.library.atlas.map.points[: len(before)], before)
    assert legend.projection.recompute.isHidden()


# --- what is kept


def names(row_list):
    return [row.name for row in rows(row_list)]


@pytest.fixture
def kept(legend, explored):
    for window in (0, 9):
        explored.path.add(explored.path.point_at(np.zeros(2, np.float32), window))
    explored.path.keep()
    explored.path.star(explored.library.atlas.posterior.mu[20], "Twenty")
    return legend.kept


def test_paths_and_favourites_are_listed_once_there_are_some(legend, kept, explored):
    assert not kept.isHidden()
    assert [(r.name, r.right) for r in rows(kept.list)] == [("Path 1", "5 s"), ("Twenty", "★")]
    for _ in range(2):
        explored.path.undo_stack.undo()
    assert kept.isHidden()


def test_a_click_draws_a_kept_path_or_plays_a_favourite(kept, explored, qtbot):
    explored.path.clear()
    click_row(qtbot, kept.list, 0)
    assert len(explored.path.points) == 2
    hear(explored, qtbot, lambda: click_row(qtbot, kept.list, 1))
    np.testing.assert_allclose(explored.playback.heard.zs[0], explored.library.atlas.posterior.mu[20], atol=1e-5)


def test_a_favourite_off_the_dots_is_the_same_z_again(legend, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_at((0.2, 0.1)))
    explored.favourites.add()
    probabilities = explored.playback.heard.probabilities
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    hear(explored, qtbot, lambda: click_row(qtbot, legend.kept.list, 0))
    np.testing.assert_allclose(explored.playback.heard.probabilities, probabilities, atol=1e-6)
    np.testing.assert_allclose(explored.playback.heard.places, [(0.2, 0.1)], atol=1e-6)


def test_f2_renames_and_delete_deletes_what_is_kept(kept, explored, qtbot):
    kept.list.setFocus()
    kept.list.setCurrentIndex(kept.list.rows.index(1))
    qtbot.keyClick(kept.list, Qt.Key.Key_F2)
    editor = kept.list.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Best")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(kept.list) == ["Path 1", "Best"])
    kept.list.setCurrentIndex(kept.list.rows.index(0))
    qtbot.keyClick(kept.list, Qt.Key.Key_Delete)
    assert names(kept.list) == ["Best"]
    explored.path.undo_stack.undo()
    explored.path.undo_stack.undo()
    assert names(kept.list) == ["Path 1", "Twenty"]


def test_f2_renames_a_song_and_delete_removes_it(legend, explored, qtbot):
    legend.list.setCurrentIndex(legend.list.rows.index(0))
    qtbot.keyClick(legend.list, Qt.Key.Key_F2)
    name = legend.list.findChild(QLineEdit)
    name.setText("Lower")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(legend.list) == ["Lower", "Middle", "High"])
    settle(explored, qtbot)
    legend.list.setCurrentIndex(legend.list.rows.index(1))
    qtbot.keyClick(legend.list, Qt.Key.Key_Delete)
    settle(explored, qtbot)
    assert [row.name for row in rows(legend.list)] == ["Lower", "High"]


def test_a_name_that_is_being_written_stays_when_the_songs_are_shown_anew(legend, explored, qtbot):
    legend.list.setCurrentIndex(legend.list.rows.index(0))
    qtbot.keyClick(legend.list, Qt.Key.Key_F2)
    qtbot.keyClicks(legend.list.findChild(QLineEdit), "Low")
    explored.library.lit.toggle(1)
    qtbot.keyClicks(legend.list.findChild(QLineEdit), "er")
    explored.library.lit.toggle(1)
    qtbot.keyClick(legend.list.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(legend.list) == ["Lower", "Middle", "High"])


def test_a_right_click_offers_what_can_be_done_with_a_song(legend, explored, qtbot):
    legend.list.customContextMenuRequested.emit(legend.list.visualRect(legend.list.rows.index(2)).center())
    menu = legend.findChild(QMenu)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Play", "Hide", "Hide all others, or show all", "Rename\tF2", "Remove from the map\tDel"]
    menu.actions()[-1].trigger()
    settle(explored, qtbot)
    assert [row.name for row in rows(legend.list)] == ["Low", "Middle"]
    menu.close()


@pytest.fixture
def legend_in_bars(in_bars, qtbot):
    """The legend of a model of parts with a third song, which keeps to no beats of its file."""
    panel = shown_panel(SongsPanel, in_bars, qtbot, 900, 600)
    in_bars.library.add_songs([played()[1]])
    settle(in_bars, qtbot)
    return panel


def offered(legend, row):
    """The menu of a song."""
    legend.list.customContextMenuRequested.emit(legend.list.visualRect(legend.list.rows.index(row)).center())
    return {action.text(): action for action in legend.findChildren(QMenu)[-1].actions()}


def test_the_parts_of_a_song_are_heard_and_corrected_from_its_menu(legend_in_bars, in_bars, qtbot):
    offered(legend_in_bars, 1)["Parts…"].trigger()
    page = legend_in_bars.window().findChild(PartsDialog)
    assert page.windowTitle() == "Parts of Fast"
    page.hear[3].click()
    qtbot.waitUntil(lambda: in_bars.preview.track is not None)
    page.choices[1].setCurrentIndex(CHOICES.index(None))
    page.accept()
    settle(in_bars, qtbot)
    assert in_bars.preview.track is None
    assert in_bars.library.songs[1].parts == (Part.MELODY, None, Part.BASS, Part.DRUMS)
    offered(legend_in_bars, 1)["Parts…"].trigger()
    assert legend_in_bars.window().findChildren(PartsDialog)[-1].parts == in_bars.library.songs[1].parts


def test_the_beats_of_a_song_can_be_estimated_where_its_notes_keep_to_none(legend_in_bars, in_bars, qtbot):
    assert "Estimate its beats" not in offered(legend_in_bars, 0)
    offered(legend_in_bars, 2)["Estimate its beats"].trigger()
    settle(in_bars, qtbot)
    assert in_bars.library.songs[2].estimated_beats
    assert "Estimate its beats" not in offered(legend_in_bars, 2)
