"""The comparison's page in the real window: two maps, linked, and A/B by key and click."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QApplication

from explorer.session.songs.library import OfRun
from tests.explorer.mouse import LEFT, drag, lone_dot, pixel
from tests.explorer.test_accessibility import nameless


@pytest.fixture
def page(window, make_model, qtbot, tmp_path):
    """The page, shown, with another two-dimensional model as B."""
    path = tmp_path / "other.safetensors"
    make_model(seed=5).save(path)
    window.actions_by_id["show_compare"].trigger()
    comparing = window.session.comparing
    comparing.open(path)
    qtbot.waitUntil(lambda: comparing.figures is not None and not window.session.jobs.running)
    QApplication.processEvents()
    return window.pages.compare


def click(qtbot, view, dot):
    qtbot.mouseClick(view.viewport(), LEFT, pos=pixel(view, view.points[dot]))


def test_both_maps_show_the_same_windows_and_the_table_both_models(page):
    assert len(page.maps.first.points) == len(page.maps.second.points) > 50
    values = {key: [label.text() for label in labels] for key, labels in page.figures.values.items()}
    assert values["latent"] == ["2", "2"]
    assert all("–" not in pair for pair in values.values())
    assert page.figures.shared.text().endswith("%")
    assert "other" in page.maps.captions[page.maps.second].text()


def test_a_click_on_either_map_is_heard_through_its_model_and_shown_on_both(page, qtbot, window):
    playback, comparing = window.session.playback, window.session.comparing
    for view, other in ((page.maps.second, True), (page.maps.first, False)):
        dot = lone_dot(view)
        with qtbot.waitSignal(playback.heard_changed):
            click(qtbot, view, dot)
        qtbot.waitUntil(lambda dot=dot: playback.heard.window == dot)
        assert comparing.hears_other is other
        for each in (page.maps.first, page.maps.second):
            np.testing.assert_allclose(each.marks.cursor, each.points[dot], atol=1e-5)
        assert "playing" in page.maps.captions[view].text()


def test_a_song_is_said_to_play_through_b_once_it_does(page, qtbot, window):
    session, first, second = window.session, page.maps.first, page.maps.second
    said = []
    session.playback.heard_changed.connect(lambda: said.append([c.text() for c in page.maps.captions.values()]))
    qtbot.keyClick(first, Qt.Key.Key_B)
    session.pieces.play_whole_song(1)
    qtbot.waitUntil(lambda: session.comparing.sounds_other and session.playback.heard is not None)
    qtbot.waitUntil(lambda: not session.jobs.running)
    assert ["playing" in words for words in said[0]] == [True, False], "B has to decode it first"
    assert ["playing" in page.maps.captions[view].text() for view in (first, second)] == [False, True]
    np.testing.assert_allclose(second.marks.cursor, second.points[session.playback.heard.window], atol=1e-5)


def test_b_changes_the_model_only_on_this_page(page, qtbot, window):
    comparing, action = window.session.comparing, window.actions_by_id["toggle_model"]
    window.session.playback.play_window(3)
    qtbot.waitUntil(lambda: window.session.playback.heard is not None)
    qtbot.keyClick(page.maps.first, Qt.Key.Key_B)
    assert comparing.hears_other
    assert page.heard.buttons["B"].isChecked()
    window.pages.show_explore()
    assert not comparing.hears_other
    assert not action.isEnabled()
    window.pages.show_compare()
    assert action.isEnabled()


@pytest.mark.parametrize("name", ["first", "second"])
def test_a_box_on_either_map_selects_on_both_and_in_explore(page, qtbot, window, name):
    view = getattr(page.maps, name)
    low, high = np.quantile(view.points, (0.2, 0.6), axis=0)
    drag(view, LEFT, pixel(view, low), pixel(view, high), Qt.KeyboardModifier.ShiftModifier)
    chosen = window.session.selection.windows
    assert chosen is not None
    assert 0 < chosen.sum() < len(chosen)
    for each in (page.maps.first, page.maps.second):
        np.testing.assert_array_equal(each.dots.lit, chosen)
    window.pages.show_explore()
    np.testing.assert_array_equal(window.map_panel.view.dots.lit, chosen)


def test_the_window_under_the_mouse_is_shown_on_both(page, qtbot):
    page.maps.second.set_hovered(7)
    assert all(card.isVisible() for card in page.maps.cards.values())
    picture = page.maps.first.grab().toImage()
    page.maps.second.set_hovered(-1)
    assert not any(card.isVisible() for card in page.maps.cards.values())
    assert page.maps.first.grab().toImage() != picture, "the ring is gone too"


def test_maps_that_are_laid_onto_each_other_are_panned_and_zoomed_as_one(page, window):
    page.show_way("aligned")
    laid = window.session.comparing.counterpart.laid
    np.testing.assert_array_equal(page.maps.second.points, laid)
    QApplication.processEvents()
    assert page.maps.first.plane.viewRect() == page.maps.second.plane.viewRect()
    page.maps.first.zoom_in()
    page.maps.second.pan_by(np.array([0.1, -0.2], np.float32))
    assert page.maps.first.plane.viewRect() == page.maps.second.plane.viewRect()
    page.show_way("own")
    page.maps.first.zoom_in()
    assert page.maps.first.plane.viewRect() != page.maps.second.plane.viewRect()


def test_a_click_on_the_map_that_is_laid_over_is_still_a_place_of_b(page, qtbot, window):
    page.show_way("aligned")
    dot = lone_dot(page.maps.second)
    click(qtbot, page.maps.second, dot)
    qtbot.waitUntil(lambda: window.session.playback.heard is not None)
    assert window.session.playback.heard.window == dot
    place = window.session.comparing.place()
    np.testing.assert_allclose(place, window.session.comparing.counterpart.other.map.points[dot], atol=1e-6)
    np.testing.assert_allclose(page.maps.second.marks.cursor, page.maps.second.points[dot], atol=1e-5)


def test_the_path_of_explore_is_drawn_on_both(page, window):
    session = window.session
    for dot in (3, 40):
        session.path.add(session.path.point_at(session.library.atlas.map.points[dot], dot))
    assert len(page.maps.first.marks.path) == len(page.maps.second.marks.path) == 2
    assert page.play_path.isEnabled()
    session.path.clear()
    assert len(page.maps.second.marks.path) == 0


def test_the_windows_that_moved_most_have_lines(page):
    page.show_way("moves")
    length = np.linalg.norm(page.maps.second.points - page.maps.first.points, axis=1)
    drawn = np.linalg.norm(page.maps.second._ends - page.maps.second._begins, axis=1)
    assert len(drawn) == min(60, len(length))
    assert drawn.min() >= np.sort(length)[-len(drawn)] - 1e-5
    page.show_way("aligned")
    assert len(page.maps.second._begins) == 0


def test_closing_b_leaves_one_map_and_a_choice(page, window, qtbot):
    qtbot.mouseClick(page.close_button, LEFT)
    assert page.maps.empty.isVisible()
    assert not page.maps.second.isVisible()
    assert page.model.currentIndex() == -1
    assert page.figures.shared.text() == "–"
    assert not window.session.comparing.hears_other


def test_a_model_is_chosen_from_those_on_offer_or_from_a_file(page, window, qtbot):
    words = [page.model.itemText(i) for i in range(page.model.count())]
    assert words[-1] == "Open…"
    assert "other" in words
    with qtbot.waitSignal(window.session.comparing.redrawn):
        page.model.activated.emit(page.model.findText("other"))
    asked = []
    page.model_wanted.disconnect()
    page.model_wanted.connect(lambda: asked.append(True))
    page.model.setCurrentIndex(page.model.count() - 1)
    page.model.activated.emit(page.model.currentIndex())
    assert asked == [True]
    assert page.model.currentText() == "other", "it is the one shown, until another is opened"


def test_everything_on_the_page_has_a_name_and_a_tip_and_room(page, window):
    assert "\n".join(nameless(page)) == ""
    for button in page.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.width() >= button.sizeHint().width(), button.text()
            assert button.height() >= button.sizeHint().height(), button.text()


def test_the_page_follows_the_theme(page, window):
    dark = page.maps.second.grab().toImage().pixelColor(4, 4)
    window.use_theme("light")
    QApplication.processEvents()
    assert QColor(page.maps.second.grab().toImage().pixelColor(4, 4)).lightness() > dark.lightness() + 100
    window.use_theme("dark")


def test_models_of_runs_are_offered_and_one_that_is_renamed_is_called_so_everywhere(
    page, window, make_model, tmp_path, qtbot
):
    comparing, library = window.session.comparing, window.session.library
    of_run = tmp_path / "run" / "model.safetensors"
    of_run.parent.mkdir()
    make_model(seed=7).save(of_run)
    library.offer_models_of_runs({of_run: OfRun(of_run.parent, "Reels")})
    page.model.setCurrentIndex(page.model.findText("Reels"))
    page.model.activated.emit(page.model.currentIndex())
    qtbot.waitUntil(lambda: comparing.name == "Reels" and not window.session.jobs.running)
    library.offer_models_of_runs({of_run: OfRun(of_run.parent, "Jigs")})
    assert page.model.currentText() == "Jigs"
    assert "Jigs" in page.maps.captions[page.maps.second].text()
    assert page.model.findText("Reels") < 0


def test_both_maps_are_coloured_by_the_figure_chosen_and_each_by_its_own_models(page, window, qtbot):
    session = window.session
    page.colours.choice.setCurrentIndex(page.colours.choice.findData("lower_bound"))
    page.colours.choice.activated.emit(page.colours.choice.currentIndex())
    qtbot.waitUntil(lambda: session.other_colours.meaning is not None and not session.jobs.running)
    ours, theirs = session.colouring.meaning, session.other_colours.meaning
    assert (ours.low, ours.high) == (theirs.low, theirs.high), "a colour is one number on both maps"
    assert not np.array_equal(ours.colour_of, theirs.colour_of)
    np.testing.assert_array_equal(page.maps.first.dots._scene.colour_of, ours.colour_of)
    np.testing.assert_array_equal(page.maps.second.dots._scene.colour_of, theirs.colour_of)
    session.colouring.set_colour_by("song")
    song_of = session.library.atlas.corpus.song_of
    np.testing.assert_array_equal(page.maps.second.dots._scene.colour_of, song_of)
