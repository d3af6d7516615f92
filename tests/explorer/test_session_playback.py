"""Pointing at the map: what is decoded, what the player gets, what the settings do."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.player import State
from explorer.session.playback import Version
from vrae_core.comparison import LOUD, SOFT
from vrae_core.pieces import roll_from_probabilities


def hear(session, qtbot, action):
    with qtbot.waitSignal(session.playback.heard_changed):
        action()
    return session.playback.heard


def render(session, seconds=0.1):
    session.playback.player.render(int(seconds * session.playback.player.sample_rate))


def test_a_window_is_heard_as_its_own_mean_decodes(explored, qtbot):
    atlas = explored.library.atlas
    heard = hear(explored, qtbot, lambda: explored.playback.play_window(7))
    np.testing.assert_allclose(heard.probabilities, atlas.model.decode(atlas.posterior.mu[7:8])[0], atol=1e-6)
    assert heard.window == 7
    assert explored.playback.player.state is State.PLAYING


def test_a_point_is_heard_as_the_map_s_z_decodes(explored, qtbot):
    atlas, point = explored.library.atlas, np.array([0.1, -0.2], np.float32)
    heard = hear(explored, qtbot, lambda: explored.playback.play_at(point))
    np.testing.assert_allclose(heard.probabilities, atlas.model.decode(atlas.map.z_at(point)[None])[0], atol=1e-6)
    assert heard.window is None


def test_the_player_gets_the_cells_above_the_threshold(explored, qtbot):
    heard = hear(explored, qtbot, lambda: explored.playback.play_window(7))
    expected = roll_from_probabilities(heard.probabilities, explored.library.model.threshold)
    assert (explored.playback.roll == expected).all()
    render(explored)
    assert (explored.playback.player._phrase.roll == expected).all()


def test_a_drag_goes_on_in_time_and_a_click_begins_anew(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(1))
    render(explored, 0.4)
    before = explored.playback.player.position
    assert before > 5
    hear(explored, qtbot, lambda: explored.playback.morph_to((0.3, 0.3)))
    render(explored, 0.01)
    assert explored.playback.player.position >= before
    hear(explored, qtbot, lambda: explored.playback.play_window(2))
    render(explored, 0.01)
    assert explored.playback.player.position < before


def test_a_click_overtaken_by_a_drag_still_starts(explored, qtbot):
    explored.playback.play_at((0.0, 0.0))
    for i in range(20):
        explored.playback.morph_to((0.01 * i, 0.0))
    qtbot.waitUntil(lambda: explored.playback.heard is not None and explored.playback.heard.places[0][0] > 0.18)
    assert explored.playback.player.state is State.PLAYING


def test_the_threshold_of_another_model_comes_with_it(explored):
    assert explored.playback.threshold == explored.library.model.threshold


def test_moving_the_threshold_changes_the_notes_that_sound(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_threshold(0.95)
    few = explored.playback.roll.sum()
    explored.playback.set_threshold(0.05)
    assert explored.playback.roll.sum() > few


def test_where_nothing_sounds_a_threshold_is_offered_at_which_something_does(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_threshold(0.99)
    explored.playback.set_threshold(1.0)
    assert explored.playback.is_silent
    explored.playback.set_threshold(explored.playback.audible_threshold())
    assert not explored.playback.is_silent


def test_play_and_pause_and_stop(explored, qtbot):
    playback, player = explored.playback, explored.playback.player
    playback.toggle()
    assert player.state is State.STOPPED, "there is nothing to play yet"
    hear(explored, qtbot, lambda: playback.play_window(0))
    playback.toggle()
    assert player.state is State.PAUSED
    playback.toggle()
    assert player.state is State.PLAYING
    playback.stop()
    assert player.state is State.STOPPED
    assert playback.heard is not None, "what was heard can be played again"
    playback.clear()
    assert playback.heard is None


def test_the_play_head_is_told_while_it_plays_and_the_end_is_noticed(explored, qtbot):
    explored.playback.set_loop(False)
    states = []
    explored.playback.state_changed.connect(states.append)
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    with qtbot.waitSignal(explored.playback.moved):
        render(explored, 0.2)
    render(explored, 2.0)
    qtbot.waitUntil(lambda: states[-1:] == [State.FINISHED])
    assert states == [State.PLAYING, State.FINISHED]


def test_the_temperature_draws_other_notes_but_the_same_for_one_click(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_temperature(1.0)
    drawn = explored.playback.roll
    explored.playback.set_temperature(0.0)
    explored.playback.set_temperature(1.0)
    assert (explored.playback.roll == drawn).all()


def test_the_track_has_the_tempo_s_seconds(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_threshold(0.3)
    explored.playback.set_tempo(75)
    explored.playback.set_program(80)
    settings = explored.playback.piece_settings()
    track = settings.tracks(explored.playback.roll)[0]
    assert track.program == 80
    assert track.notes
    steps = np.array([note.start for note in track.notes]) / 0.1
    assert steps == pytest.approx(np.rint(steps))


def test_another_drawing_of_the_map_keeps_what_is_heard_where_it_belongs(session, songs, make_model, qtbot):
    session.library.add_songs(songs)
    qtbot.waitUntil(lambda: not session.jobs.running and bool(session.library.songs))
    session.library.use_model(make_model(4), "four")
    qtbot.waitUntil(lambda: session.library.atlas is not None)
    hear(session, qtbot, lambda: session.playback.play_window(5))
    session.library.set_projection("PCA")
    qtbot.waitUntil(lambda: not session.jobs.running, timeout=20_000)
    np.testing.assert_allclose(session.playback.heard.places[0], session.library.atlas.map.points[5], atol=1e-4)
    assert session.playback.heard.window == 5


def test_original_and_model_change_places_while_the_music_goes_on(explored, qtbot):
    playback, atlas = explored.playback, explored.library.atlas
    hear(explored, qtbot, lambda: playback.play_window(7))
    render(explored, 0.4)
    for version in (Version.ORIGINAL, Version.MODEL, Version.ORIGINAL):
        before = playback.player.position
        playback.toggle_original()
        assert playback.version is version
        render(explored, 0.02)
        assert before <= playback.player.position < before + 2
        expected = atlas.roll(7) if version is Version.ORIGINAL else playback.comparison.model
        assert (playback.player._phrase.roll == expected).all()
        assert (playback.roll == expected).all(), "what is saved is what is heard"


def test_the_difference_is_heard_softly_where_the_model_is_right_and_loud_where_not(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_threshold(0.1)
    playback.toggle_difference()
    render(explored)
    phrase, comparison = playback.player._phrase, playback.comparison
    assert (phrase.velocities[phrase.roll & comparison.hit] == SOFT).all()
    assert (phrase.velocities[phrase.roll & ~comparison.hit] == LOUD).all()
    track = playback.piece_settings().tracks(playback.roll, playback.velocities)[0]
    assert {note.velocity for note in track.notes} == {SOFT, LOUD}
    playback.toggle_difference()
    assert playback.version is Version.MODEL


def test_the_comparison_follows_the_threshold(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_version(Version.DIFFERENCE)
    playback.set_threshold(1.0)
    assert not playback.comparison.hit.any()
    assert (playback.comparison.miss == explored.library.atlas.roll(7)).all()
    assert not playback.is_silent, "what the model misses is heard"
    playback.set_threshold(0.0)
    assert not playback.comparison.miss.any()


def test_only_a_window_s_own_point_can_be_compared(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_at((0.21, 0.13)))
    playback.toggle_original()
    assert playback.comparison is None
    assert playback.version is Version.MODEL
    for window in (0, 9):
        explored.path.add(explored.path_point(explored.library.atlas.map.points[window]))
    hear(explored, qtbot, explored.play_path)
    assert playback.comparison is None


def test_stopping_and_clearing_forgets_the_version(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_version(Version.ORIGINAL)
    playback.clear()
    hear(explored, qtbot, lambda: playback.play_window(7))
    assert playback.version is Version.MODEL
