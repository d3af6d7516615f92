"""The page of sliders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from explorer.panels.latent.directions import about
from explorer.panels.latent.panel import LatentPanel
from explorer.session.map.latent import LEARNING
from tests.explorer.conftest import given_parts, shown_panel
from vrae_core.model.evaluation import kl_divergence

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(explored, qtbot):
    """The page as it opens, with what it learns."""
    made = shown_panel(LatentPanel, explored, qtbot, 340, 600)
    qtbot.waitUntil(lambda: bool(explored.latent.directions))
    return made


def use(session, model, qtbot):
    session.library.use_model(model, "other")
    qtbot.waitUntil(lambda: session.library.atlas.model is model and not session.jobs.running)


def test_dimensions_are_sorted_by_what_they_carry_and_idle_ones_are_folded_up(page, explored, make_model, qtbot):
    model = make_model(latent=6)
    weights = dict(model.weights)
    for name in ("mean.weight", "mean.bias", "log_sigma.weight", "log_sigma.bias"):
        weights[name] = weights[name].copy()
        weights[name][[1, 4]] = 0  # μ = 0 and σ = 1: the prior itself
    use(explored, replace(model, weights=weights), qtbot)
    kl = kl_divergence(explored.library.atlas.posterior).mean(axis=0)
    sliders = page.dimensions
    assert sliders.order == np.argsort(-kl, kind="stable").tolist()
    assert set(sliders.inactive) == {1, 4}
    assert sliders.order[-2:] == sliders.inactive
    assert sliders.fold.text() == "▸ 2 inactive dimensions"
    assert {d for d, slider in sliders.sliders.items() if slider.isVisible()} == {0, 2, 3, 5}
    sliders.fold.click()
    assert all(slider.isVisible() for slider in sliders.sliders.values())
    assert "inactive" in sliders.sliders[1].toolTip()


def test_a_model_of_a_hundred_dimensions_has_a_slider_for_each(page, explored, make_model, qtbot):
    use(explored, make_model(latent=100), qtbot)
    assert len(page.dimensions.sliders) == 100
    assert page.verticalScrollBar().maximum() > 0
    assert page.widget().width() <= page.viewport().width()


def test_sliders_show_the_point_heard_and_showing_it_moves_nothing(page, explored, qtbot):
    explored.playback.play_window(7)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    mu = explored.library.atlas.posterior.mu[7]
    for dimension, slider in page.dimensions.sliders.items():
        assert slider.value() / 100 == pytest.approx(mu[dimension], abs=0.006)
    np.testing.assert_array_equal(explored.latent.z, mu)
    assert len(explored.history.entries) == 1


def test_windows_beyond_three_are_within_reach(page, explored):
    atlas = explored.library.atlas
    for dimension, slider in page.dimensions.sliders.items():
        assert slider.maximum() >= 100 * max(3, np.abs(atlas.posterior.mu[:, dimension]).max())


def test_a_drag_is_heard_and_is_one_entry(page, explored, qtbot):
    explored.playback.play_window(7)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    slider = page.dimensions.sliders[0]
    qtbot.mousePress(slider, LEFT, pos=QPoint(slider.width() // 2, 10))
    for x in range(slider.width() // 2, slider.width(), 9):
        qtbot.mouseMove(slider, QPoint(x, 10))
    qtbot.mouseRelease(slider, LEFT, pos=QPoint(slider.width(), 10))
    qtbot.waitUntil(lambda: np.array_equal(explored.playback.heard.zs[0], explored.latent.z))
    assert explored.latent.z[0] > 2
    assert len(explored.history.entries) == 2


def test_keys_move_a_slider_and_send_it_home(page, explored, qtbot):
    explored.playback.play_window(7)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    home = explored.latent.z.copy()
    slider = page.dimensions.sliders[1]
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert explored.latent.z[1] == pytest.approx(home[1] + 0.1, abs=0.006)
    qtbot.keyClick(slider, Qt.Key.Key_Backspace)
    np.testing.assert_array_equal(explored.latent.z, home)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_0)
    assert explored.latent.z[1] == 0
    qtbot.mouseDClick(slider, LEFT)
    qtbot.mouseRelease(slider, LEFT)
    np.testing.assert_array_equal(explored.latent.z, home)


def test_each_direction_says_what_it_was_measured_to_do(page, explored):
    directions = explored.latent.directions
    assert [slider.accessibleName() for slider in page.directions.sliders] == [d.attribute.name for d in directions]
    tip = page.directions.sliders[0].toolTip()
    assert "R²" in tip
    assert directions[0].attribute.more in tip


def test_a_direction_that_a_song_left_out_contradicts_is_off_and_says_why(page, explored):
    good, other = explored.latent.directions[0], explored.latent.directions[0]
    explored.latent.directions = (good._replace(r2_new_song=0.05), other._replace(r2=0.9, r2_new_song=0.04))
    explored.latent.steps = np.zeros(2)
    page.directions.rebuild()
    assert [slider.isEnabled() for slider in page.directions.sliders] == [True, False]
    assert "so the slider is off" in page.directions.sliders[1].toolTip()
    first, second = explored.latent.directions
    assert about(second) == "not reliable: held-out songs say otherwise" != about(first)


def test_a_direction_shown_is_gone_and_zero_is_the_point_again(page, explored, qtbot):
    explored.playback.play_window(7)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    slider = page.directions.sliders[0]
    slider.setValue(150)
    assert explored.latent.steps[0] == 1.5
    shown = page.dimensions.sliders[0]
    within = np.clip(100 * explored.latent.z[0], shown.minimum(), shown.maximum())  # what lies beyond is at its end
    assert shown.value() == pytest.approx(within, abs=0.6)
    slider.setValue(0)
    np.testing.assert_array_equal(explored.latent.z, explored.library.atlas.posterior.mu[7])


def test_the_page_learns_only_once_it_is_seen(explored, qtbot):
    made = given_parts(LatentPanel, explored)
    qtbot.addWidget(made)
    assert not explored.latent.learning
    assert not made.dimensions.sliders
    made.show()
    assert explored.latent.learning
    qtbot.waitUntil(lambda: not explored.latent.learning)


def test_a_song_of_one_window_teaches_no_direction_and_the_page_says_so(session, songs, make_model, qtbot):
    session.library.add_songs([replace(songs[0], notes=songs[0].notes[:2])])
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_model(), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    made = given_parts(LatentPanel, session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: session.latent.known)
    assert "do not differ" in made.directions.state.text()
    assert made.directions.state.isVisible()
    assert not made.directions.learn.isVisible()
    assert len(made.dimensions.sliders) == 2


def test_learning_that_was_cancelled_can_be_asked_for(page, explored, make_model, qtbot):
    cancelled = []

    def cancel_at_once():  # it is over soon
        if explored.jobs.is_running(LEARNING) and not cancelled:
            cancelled.append(True)
            explored.jobs.cancel(LEARNING)

    explored.jobs.changed.connect(cancel_at_once)
    explored.library.use_model(make_model(seed=5), "other")
    qtbot.waitUntil(lambda: bool(cancelled) and page.directions.learn.isVisible())
    page.directions.learn.click()
    qtbot.waitUntil(lambda: bool(explored.latent.directions))
    assert not page.directions.learn.isVisible()


def test_a_slots_menu_offers_what_there_is_and_fills_it(page, explored, qtbot):
    explored.playback.play_window(7)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    row = page.arithmetic
    for slot, words in zip("ABC", ("What is heard", "The song heard", "What is heard"), strict=True):
        menu = row.slots[slot].menu()
        menu.aboutToShow.emit()
        offers = {action.text(): action for action in menu.actions()}
        assert not offers["The selection"].isEnabled()
        assert row.hear.isEnabled() is False
        offers[words].trigger()
    assert explored.arithmetic.terms["A"].name == explored.library.atlas.title(7)
    assert explored.arithmetic.terms["B"].name.startswith("Average of ")
    assert row.hear.isEnabled()
    menu = row.slots["C"].menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Empty").trigger()
    assert not row.hear.isEnabled()


def test_tab_goes_through_the_page_from_above_to_below(window, explored, qtbot):
    window.explore.right.show_page(window.explore.latent)
    page = window.explore.latent
    qtbot.waitUntil(lambda: bool(page.directions.sliders) and page.directions.sliders[0].isVisible())
    window.explore.right.tabs.setFocus()
    reached = []
    while (now := QApplication.focusWidget()) not in reached:
        reached.append(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    inside = [widget for widget in reached if page.isAncestorOf(widget)]
    assert reached[1 : 1 + len(inside)] == inside
    usable = {slider for slider in page.directions.sliders if slider.isEnabled()}
    assert {*usable, *page.dimensions.sliders.values()} <= set(inside)
    heights = [widget.mapTo(page.widget(), QPoint(0, 0)).y() for widget in inside]
    assert heights == sorted(heights)
    assert all(widget.toolTip() and (widget.accessibleName() or widget.text()) for widget in inside)
