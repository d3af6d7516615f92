"""Going back to what one heard: the same notes, with the settings that made them."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from explorer.session.playing import history as history_module
from explorer.session.playing.versions import Version
from tests.explorer.conftest import hear_window
from vrae_core.latent.map import Dimensions
from vrae_core.music.sound import Sound


def hear(session, qtbot, window):
    hear_window(session, qtbot, window)
    return session.playback.roll


def zs(session):
    return [entry.heard.zs[0].tolist() for entry in session.history.entries]


def mu(session, window):
    return session.library.atlas.posterior.mu[window].tolist()


def test_back_gives_the_identical_notes_and_settings_although_all_are_changed_since(explored, qtbot):
    playback = explored.playback
    playback.set_threshold(0.3)
    playback.set_temperature(0.7)
    playback.set_tempo(111)
    playback.set_sound(Sound(scale="dorian", tonic=3))
    before, settings = hear(explored, qtbot, 5), playback.piece_settings()
    assert before.any()
    hear(explored, qtbot, 30)
    playback.set_temperature(0)
    playback.set_threshold(0.8)
    playback.set_tempo(200)
    playback.set_sound(Sound())
    after = playback.roll
    explored.history.back()
    np.testing.assert_array_equal(playback.roll, before)
    assert playback.piece_settings() == settings
    assert playback.player.programs == tuple(voice.program for voice in settings.sound.voices)
    assert not np.array_equal(before, after)
    explored.history.forward()
    np.testing.assert_array_equal(playback.roll, after)
    assert (playback.threshold, playback.temperature, playback.player.tempo) == (0.8, 0, 200)


def test_a_window_comes_back_as_the_original_that_was_heard(explored, qtbot):
    hear(explored, qtbot, 5)
    explored.playback.set_version(Version.ORIGINAL)
    original = explored.playback.roll
    explored.playback.set_version(Version.ORIGINAL)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_at(explored.library.atlas.map.points[30] + np.float32(0.05))
    explored.history.back()
    assert explored.playback.version is Version.ORIGINAL
    assert explored.playback.heard.window == 5
    np.testing.assert_array_equal(explored.playback.roll, original)


def test_a_path_comes_back_with_all_its_notes(explored, qtbot):
    for window in (0, 9, 20):
        explored.path.add(explored.path.point_at(explored.library.atlas.map.points[window]))
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.pieces.play_path()
    piece = explored.playback.roll
    assert explored.history.entries[-1].title == "Path of 3 points"
    hear(explored, qtbot, 3)
    explored.history.back()
    np.testing.assert_array_equal(explored.playback.roll, piece)


def test_a_drag_is_one_entry_where_it_ended_and_a_place_pressed_twice_is_one(explored, qtbot):
    hear(explored, qtbot, 5)
    points = explored.library.atlas.map.points
    for target in (6, 7, 8):
        with qtbot.waitSignal(explored.playback.heard_changed):
            explored.playback.morph_to(points[target])
    ended = explored.playback.heard.zs[0].tolist()
    hear(explored, qtbot, 30)
    hear(explored, qtbot, 30)
    assert zs(explored) == [ended, mu(explored, 30)]


def test_what_one_has_gone_back_to_is_what_one_just_heard_when_something_new_follows(explored, qtbot):
    for window in (1, 12, 23):
        hear(explored, qtbot, window)
    explored.history.back()
    explored.history.back()
    assert explored.playback.heard.window == 1
    hear(explored, qtbot, 34)
    assert zs(explored) == [mu(explored, window) for window in (12, 23, 1, 34)], "nothing is lost"
    explored.history.back()
    assert explored.playback.heard.window == 1


def test_what_can_be_done_follows_the_place_in_the_history(explored, qtbot):
    history = explored.history

    def possible():
        return history.can_go_back, history.can_go_forward

    assert possible() == (False, False)
    hear(explored, qtbot, 1)
    assert possible() == (False, False)
    hear(explored, qtbot, 12)
    assert possible() == (True, False)
    history.back()
    assert possible() == (False, True)
    explored.clearing.clear()
    assert possible() == (True, True), "back is to what was cleared"
    history.back()
    assert explored.playback.heard.window == 1


def test_the_oldest_go_when_there_are_many_or_they_are_long(explored, qtbot, monkeypatch):
    monkeypatch.setattr(history_module, "MOST_ENTRIES", 3)
    for window in (1, 12, 23, 34):
        hear(explored, qtbot, window)
    assert zs(explored) == [mu(explored, window) for window in (12, 23, 34)]
    monkeypatch.setattr(history_module, "MOST_STEPS", 45)
    hear(explored, qtbot, 5)
    assert zs(explored) == [mu(explored, window) for window in (34, 5)]


def test_another_model_begins_another_history(explored, make_model, qtbot):
    hear(explored, qtbot, 1)
    explored.library.use_model(make_model(seed=1), "other")
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert explored.history.entries == []
    assert not explored.history.can_go_back


def test_maps_that_are_not_shown_any_more_are_not_kept_and_what_was_heard_on_them_is_heard_again(explored, qtbot):
    library, atlases, rolls = explored.library, [], []
    for turn, projection in enumerate((Dimensions(1, 0), Dimensions(0, 1)) * 4):
        library.set_projection(projection)
        qtbot.waitUntil(lambda p=projection: library.atlas.map.projection == p and not explored.jobs.running)
        rolls.append(hear(explored, qtbot, 3 * turn))
        atlases.append(weakref.ref(library.atlas))
    assert [entry.heard.window for entry in explored.history.entries] == list(range(0, 24, 3))
    gc.collect()
    assert sum(atlas() is not None for atlas in atlases) <= 2
    explored.history.go(0)
    assert explored.playback.heard.window == 0
    np.testing.assert_array_equal(explored.playback.roll, rolls[0])
    np.testing.assert_allclose(explored.playback.heard.places[0], library.atlas.map.points[0], atol=1e-5)


@pytest.mark.parametrize("place", [-1, 7])
def test_a_place_that_is_not_there_changes_nothing(explored, qtbot, place):
    hear(explored, qtbot, 1)
    heard = explored.playback.heard
    explored.history.go(place)
    assert explored.playback.heard is heard
