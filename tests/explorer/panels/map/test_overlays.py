"""What lies under and over the dots: threads, posteriors, the decoded field, the word where the data end."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from explorer.panels.map import overlays as map_reading
from explorer.panels.map.overlays import FAR_WORDS
from explorer.panels.map.panel import MapPanel
from explorer.panels.map.view.field import in_words, value_range
from explorer.preferences import Preferences
from explorer.session.map.layers import CHOICES, FIELD
from tests.explorer.conftest import given_parts, hear_window, let_play, windows_of
from vrae_core.latent.posterior_shape import covariances

# --- threads


def test_a_song_that_is_heard_shows_its_windows_as_one_line_in_their_order(panel, explored, qtbot):
    assert panel.reading.threads.shown == []
    window = int(windows_of(explored, 1)[3])
    hear_window(explored, qtbot, window)
    whole, near = panel.reading.threads.shown
    points = panel.view.points
    np.testing.assert_allclose(whole, points[windows_of(explored, 1)])
    assert len(near) < len(whole) or len(whole) < 12
    assert (near == points[window]).all(axis=1).any()


def test_threads_can_be_switched_off_and_shown_for_all_coloured_songs(panel, explored, qtbot, monkeypatch):
    hear_window(explored, qtbot, 2)
    explored.layers.choose("threads", "off")
    assert panel.reading.threads.shown == []
    explored.layers.choose("threads", "lit")
    songs = len(explored.library.atlas.corpus.names)
    assert len(panel.reading.threads.shown) == songs + 1, "that which is heard has a strong part"
    monkeypatch.setattr(map_reading, "MOST_THREADS", songs - 1)
    explored.library.lit.toggle(0)
    explored.library.lit.toggle(0)
    assert len(panel.reading.threads.shown) == 2, "too many: only the one that is heard"


def test_a_song_alone_shows_its_thread_though_nothing_is_heard(panel, explored):
    explored.library.lit.solo(2)
    (line,) = panel.reading.threads.shown
    np.testing.assert_allclose(line, panel.view.points[windows_of(explored, 2)])
    explored.library.lit.light_all()
    assert panel.reading.threads.shown == []


def test_a_long_song_shows_its_thread_around_what_is_heard_only(panel, explored, qtbot, monkeypatch):
    atlas = explored.library.atlas
    window = int(windows_of(explored, 2)[10])
    curve = map_reading._thread(atlas, 2, window, panel.palette().color(QPalette.ColorRole.Text), 1.0, 3, 5)
    np.testing.assert_allclose(curve.points, atlas.map.points[window - 3 : window + 6])


def test_the_head_runs_along_the_thread_between_the_windows_while_one_plays(panel, explored, qtbot):
    atlas = explored.library.atlas
    window, hop = int(windows_of(explored, 1)[2]), int(atlas.corpus.start_of[1])
    hear_window(explored, qtbot, window)
    for steps, following in ((0.4 * hop, 0), (1.1 * hop, 1)):  # a window is two hops long here
        share = let_play(explored, steps) / hop - following
        assert 0 < share < 1
        expected = (1 - share) * atlas.map.points[window + following] + share * atlas.map.points[window + following + 1]
        tolerance = panel.view.map_per_pixel()
        np.testing.assert_allclose(panel.reading.head.points[0], expected, atol=tolerance)
    explored.playback.clear()
    assert not len(panel.reading.head.points)


def test_nothing_is_drawn_while_the_dots_move(panel, explored, qtbot):
    hear_window(explored, qtbot, 4)
    explored.layers.choose("ellipses", "pointed")
    explored.library.dots_moved.emit(panel.view.points + 1)
    assert panel.reading.threads.shown == []
    assert panel.reading.ellipses.lines == []
    explored.library.atlas_changed.emit()
    assert panel.reading.threads.shown
    assert panel.reading.ellipses.lines


# --- posteriors


def test_the_posterior_of_the_window_heard_is_two_ellipses_of_its_covariance(panel, explored, qtbot):
    explored.layers.choose("ellipses", "pointed")
    assert panel.reading.ellipses.lines == []
    hear_window(explored, qtbot, 7)
    atlas = explored.library.atlas
    covariance = covariances(atlas.map, atlas.posterior.sigma[[7]])[0]
    for sigmas, line in zip((1, 2), panel.reading.ellipses.lines, strict=True):
        away = line - atlas.map.points[7]
        np.testing.assert_allclose(
            np.einsum("na,ab,nb->n", away, np.linalg.inv(covariance), away), sigmas**2, rtol=1e-2
        )
    panel.view.set_hovered(int(windows_of(explored, 2)[0]))
    assert len(panel.reading.ellipses.lines) == 4
    explored.layers.choose("ellipses", "off")
    assert panel.reading.ellipses.lines == []


def test_all_coloured_and_selected_windows_show_their_posterior_if_they_are_few(panel, explored, monkeypatch):
    explored.layers.choose("ellipses", "lit")
    of_all = sum(len(line) for line in panel.reading.ellipses.lines)
    assert of_all == 2 * 49 * len(panel.view.points)
    selected = np.zeros(len(panel.view.points), bool)
    selected[:5] = True
    explored.selection.set(selected)
    assert sum(len(line) for line in panel.reading.ellipses.lines) == 2 * 49 * 5
    monkeypatch.setattr(map_reading, "MOST_ELLIPSES", 20)
    explored.selection.clear()
    assert panel.reading.ellipses.lines == []


def test_a_selection_that_is_yet_to_hear_of_another_map_lights_none_of_its_ellipses(explored, panel, monkeypatch):
    explored.layers.choose("ellipses", "lit")
    monkeypatch.setattr(explored.selection, "windows", np.ones(3, bool), raising=False)
    panel.reading._show_ellipses()
    assert len(panel.reading._drawn) == len(explored.library.atlas.corpus)


def test_on_a_tsne_map_samples_of_the_posterior_stand_for_the_ellipse(panel, explored, make_model, qtbot):
    explored.library.use_model(make_model(latent=4), "more dimensions")
    qtbot.waitUntil(lambda: explored.library.atlas.map.projection == "t-SNE" and not explored.jobs.running)
    explored.layers.choose("ellipses", "pointed")
    hear_window(explored, qtbot, 7)
    qtbot.waitUntil(lambda: len(panel.reading.ellipses.samples) == map_reading.SAMPLES)
    assert panel.reading.ellipses.lines == []
    explored.layers.choose("ellipses", "off")
    assert not len(panel.reading.ellipses.samples)


# --- the field


def test_the_field_of_the_part_that_is_seen_is_decoded_and_another_measure_is_there_at_once(panel, explored, qtbot):
    assert panel.reading.legend.isHidden()
    explored.layers.choose("field", "density")
    assert not panel.reading.legend.isHidden()
    qtbot.waitUntil(lambda: explored.field.field is not None and not explored.jobs.running)
    field, seen = explored.field.field, panel.view.plane.viewRect()
    assert field.area.left <= seen.left()
    assert field.area.left + field.area.width >= seen.right()
    assert (panel.reading.field.image.width(), panel.reading.field.image.height()) == field.values.shape[1::-1]
    density = panel.reading.field.image.copy()
    explored.layers.choose("field", "originality")
    assert explored.field.field is field
    assert panel.reading.field.image != density
    assert "Originality" in panel.reading.legend.accessibleName()
    explored.layers.choose("field", "off")
    assert panel.reading.field.image.isNull()
    assert panel.reading.legend.isHidden()


def test_a_pan_and_another_threshold_have_the_field_decoded_anew_and_no_field_means_no_work(panel, explored, qtbot):
    panel.view.pan_by(np.array([1.0, 0.0], np.float32))
    qtbot.wait(300)
    assert not explored.jobs.is_running(FIELD)
    assert explored.field.field is None
    explored.layers.choose("field", "density")
    qtbot.waitUntil(lambda: explored.field.field is not None and not explored.jobs.running)
    first = explored.field.field
    panel.view.pan_by(np.array([5.0, 0.0], np.float32))
    qtbot.waitUntil(lambda: explored.field.field.area.left > first.area.left and not explored.jobs.running)
    explored.playback.set_threshold(1.0)
    qtbot.waitUntil(lambda: not explored.field.field.of("density").any() and not explored.jobs.running)


def test_without_a_map_the_field_is_not_decoded(session, qtbot):
    panel = given_parts(MapPanel, session)
    qtbot.addWidget(panel)
    panel.show()
    session.layers.choose("field", "density")
    qtbot.wait(300)
    assert not session.jobs.running
    assert panel.reading.legend.isHidden()


def test_the_legend_lies_above_the_hint_and_the_bar_of_the_path(panel, explored, qtbot):
    explored.layers.choose("field", "density")
    for width in (600, 1000):
        panel.resize(width, 500)
        qtbot.waitUntil(lambda: not panel.reading.legend.isHidden())
        assert not panel.reading.legend.geometry().intersects(panel._hint.geometry())
        panel.use_tool("path")
        qtbot.waitUntil(panel.path_bar.isVisible)
        qtbot.waitUntil(lambda: not panel.reading.legend.geometry().intersects(panel.path_bar.geometry()))
        panel.use_tool("play")


def test_the_legend_makes_way_for_the_point_that_is_heard(panel, explored, qtbot):
    explored.layers.choose("field", "density")
    panel.reading._place_legend()
    right = panel.reading.legend.pos()
    centre = panel.reading.legend.geometry().center()
    explored.playback.play_at(panel.view.to_map(centre.toPointF()))
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    assert panel.reading.legend.x() < right.x()


def test_values_are_written_as_musicians_do():
    assert in_words("register", 60.2) == "C4"
    assert in_words("register", 69) == "A4"
    assert in_words("density", 2.345) == "2.3"
    assert in_words("originality", 0.5) == "0.50"
    assert value_range(np.array([np.nan, 1.0, 3.0])) == pytest.approx((1.02, 2.98))
    assert value_range(np.array([np.nan])) is None


# --- where the data end


def test_a_point_far_from_the_songs_says_so_beside_it_and_only_well_inside_no_more(panel, explored, qtbot, monkeypatch):
    atlas = explored.library.atlas
    farness = {"now": 0.95}
    monkeypatch.setattr(type(atlas), "farness", lambda _atlas, _point, _z=None: farness["now"])
    far_away = np.asarray(panel.view.points.max(axis=0) + 1, np.float32)
    explored.playback.play_at(far_away)
    seen = []
    for now in (0.95, 1.05, 0.95, 0.8, 0.95):
        farness["now"] = now
        heard = explored.playback.heard
        explored.playback.morph_to(far_away)
        qtbot.waitUntil(lambda heard=heard: explored.playback.heard not in (None, heard))
        seen.append(panel.view.marks.warning)
    assert seen == ["", FAR_WORDS, FAR_WORDS, "", ""]


def test_no_window_is_far_and_the_corner_of_a_wide_view_is(panel, explored, qtbot):
    atlas = explored.library.atlas
    explored.playback.play_at(atlas.map.points.max(axis=0) + 3 * atlas.extent)
    qtbot.waitUntil(lambda: panel.view.marks.warning == FAR_WORDS)
    for window in (0, 20, 40):
        hear_window(explored, qtbot, window)
        assert panel.view.marks.warning == ""


def test_the_word_beside_the_point_is_painted_in_the_view_s_corners_too(panel, explored):
    for place in ((5, 5), (890, 690)):
        panel.view.marks.set_cursor(panel.view.to_map(QPointF(*place)))
        panel.view.marks.set_warning("")
        before = panel.view.grab().toImage()
        panel.view.marks.set_warning(FAR_WORDS)
        assert panel.view.grab().toImage() != before


# --- the choices


def test_each_choice_is_a_command_of_the_map_menu_and_is_ticked(window, explored):
    for what, choices in CHOICES.items():
        for one in choices:
            window.actions_by_id[f"{what}_{one}"].trigger()
            assert getattr(explored.layers, what) == one
            ticked = [other for other in choices if window.actions_by_id[f"{what}_{other}"].isChecked()]
            assert ticked == [one]
    explored.layers.choose("field", "off")


def test_the_choices_are_remembered_and_those_of_another_version_forgotten(explored):
    preferences = Preferences(map_threads="lit", map_ellipses="lit", map_field="no such thing")
    explored.layers.restore(preferences)
    assert (explored.layers.threads, explored.layers.ellipses, explored.layers.field) == ("lit", "lit", "off")
    explored.layers.choose("threads", "off")
    explored.layers.remember(preferences)
    assert (preferences.map_threads, preferences.map_ellipses, preferences.map_field) == ("off", "lit", "off")


def test_the_layers_take_the_colours_of_another_theme(window, explored, qtbot):
    explored.layers.choose("field", "density")
    qtbot.waitUntil(lambda: explored.field.field is not None and not explored.jobs.running)
    dark = window.map_panel.reading.field.image.copy()
    window.use_theme("light")
    QApplication.processEvents()
    assert window.map_panel.reading.field.image != dark
    window.use_theme("dark")
    explored.layers.choose("field", "off")
