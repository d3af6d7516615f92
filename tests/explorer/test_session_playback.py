"""Pointing at the map: what is decoded, what the player gets, what the settings do."""

from __future__ import annotations

import dataclasses
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from explorer.player import AtEnd, State
from explorer.session.running_on import LONGEST
from explorer.session.versions import Version
from vrae_core.comparison import LOUD, SOFT
from vrae_core.pieces import BEGINNING, medley, morph, roll_from_probabilities
from vrae_core.score import SOFTEST
from vrae_core.sound import Sound, Voice
from vrae_core.trained_model import TrainedModel
from vrae_core.voices import split_voices


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
    settings = explored.playback.piece_settings()
    (track,) = settings.tracks(explored.playback.score)
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
    qtbot.waitUntil(lambda: not session.jobs.running, timeout=20_000)
    np.testing.assert_allclose(session.playback.heard.places[0], session.library.atlas.map.points[5], atol=1e-4)
    assert session.playback.heard.window == 5


# --- the sound


def test_the_player_gets_the_velocities_and_the_voices_of_the_score(explored, qtbot):
    explored.playback.set_sound(Sound((Voice(1), Voice(2), Voice(3, 0.5))))
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_threshold(0.3)
    render(explored)
    phrase, score = explored.playback.player._phrase, explored.playback.score
    assert explored.playback.player.programs == (1, 2, 3)
    assert (phrase.voices == split_voices(score.roll, score.pitches)).all()
    assert (phrase.velocities == score.velocities).all()
    assert score.velocities[score.roll & (score.voices == 0)].min() > SOFTEST


def test_a_scale_moves_what_is_played_and_shown_and_off_brings_it_back(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    before = explored.playback.score
    explored.playback.set_sound(Sound(scale="major pentatonic", tonic=9))
    render(explored)
    assert {(pitch - 9) % 12 for pitch in explored.playback.player._phrase.pitches} <= {0, 2, 4, 7, 9}
    assert explored.playback.roll.shape == explored.playback.score.probabilities.shape
    explored.playback.set_sound(Sound())
    assert explored.playback.score.pitches == before.pitches
    assert (explored.playback.roll == before.roll).all()


def test_the_threshold_offered_in_silence_is_one_for_the_scale_too(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_sound(Sound(scale="minor pentatonic", tonic=1))
    explored.playback.set_threshold(1.0)
    assert explored.playback.is_silent
    explored.playback.set_threshold(explored.playback.audible_threshold())
    assert not explored.playback.is_silent


# --- once, in a loop, or running on


def play_on(session, qtbot, until):
    """Render, as a device would, until something has come about."""

    def rendered():
        render(session, 0.05)
        return until()

    qtbot.waitUntil(rendered, timeout=20_000)


def test_running_on_plays_the_medley_that_the_decoder_makes_of_the_point(explored, qtbot):
    model = explored.library.model
    explored.playback.run_on()
    heard = hear(explored, qtbot, lambda: explored.playback.play_window(7))
    z = heard.zs[0]
    play_on(explored, qtbot, lambda: explored.playback.player.position > 150)
    assert explored.playback.player.state is State.PLAYING
    heard = explored.playback.heard
    assert heard.own_steps == model.config.window
    np.testing.assert_allclose(heard.probabilities, medley(model, z, len(heard.probabilities)), atol=1e-5)
    assert len(explored.playback.roll) == len(heard.probabilities), "and this is what is saved"


def test_more_is_ready_long_before_it_is_needed(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    qtbot.waitUntil(lambda: len(explored.playback.heard.probabilities) >= 120)


def test_a_path_runs_on_from_its_last_point_at_the_row_it_has_come_to(explored, qtbot):
    atlas = explored.library.atlas
    for window in (0, 20):
        explored.path.add(explored.path_point(atlas.map.points[window]))
    explored.path.set_seconds(1.65)
    explored.playback.run_on()
    hear(explored, qtbot, explored.play_path)
    zs = explored.playback.heard.zs
    assert len(zs) % atlas.model.config.window
    qtbot.waitUntil(lambda: explored.playback.heard.ran_on > 0)
    heard = explored.playback.heard
    row = len(zs) % atlas.model.config.window
    expected = medley(atlas.model, zs[-1], row + heard.ran_on)[row:]
    np.testing.assert_allclose(heard.probabilities[: len(zs)], morph(atlas.model, zs), atol=1e-5)
    np.testing.assert_allclose(heard.probabilities[len(zs) :], expected, atol=1e-5)


def test_the_loop_after_running_on_is_the_window_again(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    play_on(explored, qtbot, lambda: explored.playback.player.position > 60)
    explored.playback.loop()
    render(explored)
    assert len(explored.playback.roll) == explored.library.model.config.window
    assert explored.playback.player.position < explored.library.model.config.window
    play_on(explored, qtbot, lambda: explored.playback.player.position > 15)
    assert explored.playback.player.state is State.PLAYING


def test_changing_to_the_loop_and_back_before_more_has_come_runs_on_all_the_same(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.run_on()
    explored.playback.loop()
    qtbot.wait(100)  # what was asked for comes, and is wanted no more
    assert explored.playback.heard.ran_on == 0
    explored.playback.run_on()
    qtbot.waitUntil(lambda: explored.playback.heard.ran_on > 0)


def test_running_on_ends_after_its_stated_time(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_tempo(300)

    def ended():
        render(explored, 2.0)
        return explored.playback.player.state is State.FINISHED

    qtbot.waitUntil(ended, timeout=60_000)
    assert explored.playback.heard.ran_on == LONGEST
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert explored.playback.player.at_end is AtEnd.RUN_ON


def test_a_drag_while_running_on_goes_on_from_the_new_point(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    play_on(explored, qtbot, lambda: explored.playback.player.position > 45)
    hear(explored, qtbot, lambda: explored.playback.morph_to((0.3, 0.3)))
    z = explored.playback.heard.zs[0]
    play_on(explored, qtbot, lambda: 30 < explored.playback.player.position < 45)
    heard = explored.playback.heard
    np.testing.assert_allclose(
        heard.probabilities, medley(explored.library.model, z, len(heard.probabilities)), atol=1e-5
    )


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
    assert set(player._sounding) == set(player._phrase.notes_at(int(held)))
    explored.playback.stop()
    assert not player.hold


def test_a_panic_stops(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(1))
    explored.playback.panic()
    assert explored.playback.player.state is State.STOPPED


class Halting(TrainedModel):
    """Decodes its first steps and then waits for the test."""

    def decoding(self, z, heard=None):
        for step, row in enumerate(super().decoding(z, heard)):
            if step == BEGINNING:
                self.go_on.wait(10)
            self.decoded.append(step)
            yield row


@pytest.fixture
def halting(explored):
    atlas = explored.library.atlas
    model = Halting(**{field.name: getattr(atlas.model, field.name) for field in dataclasses.fields(atlas.model)})
    object.__setattr__(model, "go_on", threading.Event())
    object.__setattr__(model, "decoded", [])
    explored.playback.show_atlas(replace(atlas, model=model))
    explored.playback.player.render(1)
    yield explored
    model.go_on.set()


@pytest.fixture
def given(explored, monkeypatch):
    """The phrases that the player is given."""
    player, phrases = explored.playback.player, []
    for verb in ("play", "morph"):
        usual = getattr(player, verb)
        monkeypatch.setattr(
            player, verb, lambda phrase, verb=verb, usual=usual: phrases.append((verb, phrase)) or usual(phrase)
        )
    return phrases


def wait_without_events(condition):
    """As a window that is busy does."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_press_is_played_at_once_first_its_beginning_then_though_the_window_is_busy_the_whole(halting, given, qtbot):
    model, point = halting.playback.atlas.model, np.array([0.1, -0.2], np.float32)
    halting.playback.play_at(point)
    assert [verb for verb, _ in given] == ["play"]
    assert halting.playback.player.state is State.PLAYING
    assert len(model.decoded) == BEGINNING
    model.go_on.set()
    wait_without_events(lambda: len(given) == 2)
    qtbot.waitUntil(lambda: halting.playback.heard is not None)
    (_, beginning), (_, whole) = given
    assert [verb for verb, _ in given] == ["play", "morph"]
    assert len(beginning) == len(whole) == model.config.window, "so that the place in the music means the same"
    assert whole.roll[:BEGINNING].any()
    assert (beginning.roll[:BEGINNING] == whole.roll[:BEGINNING]).all()
    assert not beginning.roll[BEGINNING:].any()
    assert (whole.roll == halting.playback.roll).all()
    assert model.decoded == list(range(model.config.window)), "nothing was decoded twice"


def test_a_drag_overtakes_a_press_between_its_beginning_and_the_whole(halting, given, qtbot):
    playback, there = halting.playback, np.array([0.4, 0.4], np.float32)
    playback.play_at((0.1, -0.2))
    playback.morph_to((0.2, 0.2))
    playback.morph_to(there)
    playback.atlas.model.go_on.set()
    qtbot.waitUntil(lambda: playback.heard is not None)
    np.testing.assert_array_equal(playback.heard.places[0], there)
    assert [verb for verb, _ in given] == ["play", "morph"]
    assert (given[-1][1].roll == playback.roll).all()


@pytest.mark.parametrize(("verb", "whole"), [("stop", ["morph"]), ("clear", [])])
def test_after_a_stop_the_rest_of_a_press_does_not_begin_again(halting, given, qtbot, verb, whole):
    playback = halting.playback
    playback.play_at((0.1, -0.2))
    getattr(playback, verb)()
    playback.atlas.model.go_on.set()
    wait_without_events(lambda: len(playback.atlas.model.decoded) >= BEGINNING + bool(whole))
    hear(halting, qtbot, lambda: playback.morph_to((0.0, 0.0)))
    render(halting)
    assert playback.player.state is State.STOPPED
    assert [verb for verb, _ in given] in (["play", *whole, "morph"], ["play", "morph"])


def test_a_slider_that_moves_while_a_point_is_decoded_counts(halting, given, qtbot):
    playback = halting.playback
    playback.play_at((0.1, -0.2))
    playback.set_threshold(0.05)
    playback.atlas.model.go_on.set()
    qtbot.waitUntil(lambda: playback.heard is not None)
    assert (playback.roll == roll_from_probabilities(playback.heard.probabilities, 0.05)).all()
    assert (given[-1][1].roll == playback.roll).all()


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
    tracks = playback.piece_settings().tracks(playback.score)
    assert {note.velocity for track in tracks for note in track.notes} == {SOFT, LOUD}
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
