"""Pointing at the map: what is decoded, what the player gets, what the settings do."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.phrase import Phrase
from explorer.audio.player import State
from tests.explorer.conftest import hear, render, tracks_of
from vrae_core.corpus.voices import split_voices
from vrae_core.music.pieces import roll_from_probabilities
from vrae_core.music.score import SOFTEST
from vrae_core.music.sound import Sound, Voice


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
    assert (explored.playback.player.sequencer.phrase.roll == expected).all()


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
    explored.playback.set_threshold(explored.playback.score.audible_threshold())
    assert not explored.playback.is_silent


def test_notes_that_are_no_place_of_the_map_are_paused_and_go_on(explored):
    playback, player = explored.playback, explored.playback.player
    playback.play_notes(Phrase(np.ones((40, 2), bool), (60, 64)))
    states = [player.state]
    for _ in range(2):
        playback.toggle()
        states.append(player.state)
    assert states == [State.PLAYING, State.PAUSED, State.PLAYING]


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
    explored.playback.play_once()
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
    explored.playback.set_sound(Sound((Voice(11), Voice(12), Voice(13)), split=False))
    (track,) = tracks_of(explored)
    assert track.program == 11
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
    qtbot.waitUntil(lambda: not session.jobs.running)
    np.testing.assert_allclose(session.playback.heard.places[0], session.library.atlas.map.points[5], atol=1e-4)
    assert session.playback.heard.window == 5


# --- the sound


def test_the_player_gets_the_velocities_and_the_voices_of_the_score(explored, qtbot):
    explored.playback.set_sound(Sound((Voice(1), Voice(2), Voice(3, 0.5))))
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_threshold(0.3)
    render(explored)
    phrase, score = explored.playback.player.sequencer.phrase, explored.playback.score
    assert explored.playback.player.programs == (1, 2, 3)
    assert (phrase.voices == split_voices(score.roll, score.pitches)).all()
    assert (phrase.velocities == score.velocities).all()
    assert score.velocities[score.roll & (score.voices == 0)].min() > SOFTEST


def test_a_scale_moves_what_is_played_and_shown_and_off_brings_it_back(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    before = explored.playback.score
    explored.playback.set_sound(Sound(scale="major pentatonic", tonic=9))
    render(explored)
    assert {(pitch - 9) % 12 for pitch in explored.playback.player.sequencer.phrase.pitches} <= {0, 2, 4, 7, 9}
    assert explored.playback.roll.shape == explored.playback.score.probabilities.shape
    explored.playback.set_sound(Sound())
    assert explored.playback.score.pitches == before.pitches
    assert (explored.playback.roll == before.roll).all()


def test_the_threshold_offered_in_silence_is_one_for_the_scale_too(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_sound(Sound(scale="minor pentatonic", tonic=1))
    explored.playback.set_threshold(1.0)
    assert explored.playback.is_silent
    explored.playback.set_threshold(explored.playback.score.audible_threshold())
    assert not explored.playback.is_silent


# --- hold and panic


def test_on_hold_a_drag_changes_what_sounds_but_not_the_place_and_a_stop_lets_go(explored, qtbot):
    player = explored.playback.player
    hear(explored, qtbot, lambda: explored.playback.play_window(1))
    render(explored, 0.4)
    explored.playback.set_hold(True)
    render(explored, 1.0)
    held = player.position
    hear(explored, qtbot, lambda: explored.playback.morph_to((0.3, 0.3)))
    render(explored, 1.0)
    assert player.position == held
    assert player.sequencer.notes.columns == set(player.sequencer.phrase.notes_at(int(held)))
    explored.playback.stop()
    assert not player.hold


def test_a_panic_stops(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(1))
    explored.playback.panic()
    assert explored.playback.player.state is State.STOPPED
