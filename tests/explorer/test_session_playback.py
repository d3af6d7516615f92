"""Pointing at the map: what is decoded, what the player gets, what the settings do."""

from __future__ import annotations

import dataclasses
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from explorer.player import State
from vrae_core.pieces import BEGINNING, roll_from_probabilities
from vrae_core.trained_model import TrainedModel


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
