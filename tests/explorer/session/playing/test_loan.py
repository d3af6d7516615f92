"""The player lent to whoever plays something that is not on the map, and given back as it was."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.session.playing.pressing import phrase_of
from vrae_core.music.score import make_score
from vrae_core.music.sound import Sound


def phrase(pitch_column=0, steps=6):
    roll = np.zeros((steps, 2), np.float32)
    roll[:, pitch_column] = 1
    return phrase_of(make_score(roll, (60, 64), Sound(), 0.5))


@pytest.fixture
def playback(explored, qtbot):
    """A window is being played, in a loop, and has come to its fourth step."""
    explored.playback.play_window(4)
    qtbot.waitUntil(lambda: explored.playback.score is not None)
    play_to(explored.playback.player, 4)
    return explored.playback


@pytest.fixture
def loan(explored):
    return explored.loan


def play_to(player, step):
    player.render(64)
    while player.state is State.PLAYING and player.sequencer.next_step < step:
        player.render(256)


def rendered(playback):
    playback.player.render(64)
    return playback.player.sequencer.phrase


def test_it_is_played_once_and_then_the_music_goes_on_where_it_was(playback, loan, qtbot):
    before, place, lent = playback.heard, playback.player.sequencer.next_step, phrase()
    loan.play("probe", lent)
    assert rendered(playback) is lent
    assert playback.heard is before
    assert playback.player.position == pytest.approx(place - 1)
    while loan.key is not None:
        playback.player.render(256)
    playback.player.render(64)
    assert (playback.player.sequencer.phrase.roll == playback.score.roll).all()
    assert playback.player.state is State.PLAYING
    assert playback.player.sequencer.next_step == place
    assert playback.player.at_end is AtEnd.LOOP


def test_what_was_paused_is_paused_at_its_place_again(playback, loan):
    playback.toggle()
    playback.player.render(64)
    place = playback.player.sequencer.next_step
    loan.play("probe", phrase())
    rendered(playback)
    loan.give_back()
    assert (rendered(playback).roll == playback.score.roll).all()
    assert playback.player.state is State.PAUSED
    assert playback.player.position == place == playback.player.sequencer.next_step
    playback.toggle()
    playback.player.render(64)
    assert playback.player.sequencer.next_step == place + 1


def test_what_was_stopped_is_stopped_again(playback, loan):
    playback.stop()
    loan.play("probe", phrase())
    assert playback.player.render(2048).shape
    loan.give_back()
    playback.player.render(2048)
    assert playback.player.state is State.STOPPED
    assert playback.player.position == 0


def test_the_newest_borrower_wins_and_gives_back_what_was_heard_before_both(playback, loan, qtbot):
    place, first, second = playback.player.sequencer.next_step, phrase(0), phrase(1)
    loan.play("first", first)
    assert rendered(playback) is first
    loan.play("second", second)
    assert loan.key == "second"
    assert rendered(playback) is second
    loan.give_back()
    assert loan.key is None
    assert (rendered(playback).roll == playback.score.roll).all()
    assert playback.player.sequencer.next_step == place


def test_who_borrows_again_before_the_music_was_back_takes_nothing_from_it(playback, loan):
    place = playback.player.sequencer.next_step
    for key in ("first", "second", "third"):
        loan.play(key, phrase())
        loan.give_back()
    assert (rendered(playback).roll == playback.score.roll).all()
    assert playback.player.sequencer.next_step == place


def test_a_click_on_the_map_takes_over_and_nothing_is_given_back(playback, loan, qtbot):
    loan.play("probe", phrase())
    rendered(playback)
    with qtbot.waitSignal(playback.heard_changed):
        playback.play_window(9)
    assert loan.key is None
    playback.player.render(64)
    assert playback.heard.window == 9
    assert (playback.player.sequencer.phrase.roll == playback.score.roll).all()
    assert playback.player.sequencer.next_step == 1
    assert playback.player.state is State.PLAYING


def test_the_music_is_dropped_with_its_model_and_not_put_on_another_map(explored, playback, loan, make_model, qtbot):
    loan.play("probe", phrase())
    rendered(playback)
    explored.library.use_model(make_model(seed=1), "other")
    qtbot.waitUntil(lambda: playback.heard is None)
    assert loan.key is None
    loan.give_back()
    playback.player.render(2048)
    assert playback.player.state is State.STOPPED
    assert playback.heard is None


def test_notes_that_change_meanwhile_are_what_is_given_back(playback, loan):
    lent, place = phrase(), playback.player.sequencer.next_step
    loan.play("probe", lent)
    playback.set_threshold(0.1)
    assert rendered(playback) is lent
    assert loan.key == "probe"
    loan.give_back()
    assert (rendered(playback).roll == playback.score.roll).all()
    assert playback.player.sequencer.next_step == place


def test_a_walk_waits_and_then_goes_on(explored, playback, loan, qtbot):
    walk = explored.wandering
    walk.set_running(True)
    qtbot.waitUntil(lambda: len(walk._trail) > 1)
    loan.play("probe", phrase())
    steps = len(walk._trail)
    walk.step()
    assert len(walk._trail) == steps
    loan.give_back()
    assert walk.running
    walk.step()
    assert len(walk._trail) == steps + 1
    assert playback.player.state is State.PLAYING


def test_music_that_continues_past_its_end_does_so_again(playback, loan, qtbot):
    playback.run_on()
    qtbot.waitUntil(lambda: playback.heard.ran_on > 0)
    place, lent = playback.player.sequencer.next_step, phrase()
    loan.play("probe", lent)
    assert rendered(playback) is lent
    while loan.key is not None:
        playback.player.render(256)
    assert playback.player.at_end is AtEnd.RUN_ON
    play_to(playback.player, 25)
    assert playback.player.sequencer.next_step >= 25 > playback.heard.own_steps
    assert playback.player.state is State.PLAYING
    assert place < 25


def test_what_decodes_meanwhile_waits_too(playback, loan, qtbot):
    playback.morph_to(playback.atlas.map.points[9], 9)  # its answer comes while the player is lent
    lent = phrase()
    loan.play("probe", lent)
    qtbot.waitUntil(lambda: playback.heard.window == 9)
    assert rendered(playback) is lent
    loan.give_back()
    assert (rendered(playback).roll == playback.score.roll).all()


def test_moving_what_is_heard_ends_it(playback, loan, qtbot):
    loan.play("probe", phrase())
    rendered(playback)
    playback.morph_to(playback.atlas.map.points[9], 9)
    assert loan.key is None
    qtbot.waitUntil(lambda: playback.heard.window == 9)
    assert (rendered(playback).roll == playback.score.roll).all()


def test_the_transport_ends_it_with_silence(playback, loan):
    loan.play("probe", phrase())
    rendered(playback)
    playback.toggle()
    assert loan.key is None
    assert playback.player.state is State.PAUSED
    assert (rendered(playback).roll == playback.score.roll).all()
    loan.play("probe", phrase())
    rendered(playback)
    playback.toggle()  # silence again, not the music that was paused
    assert loan.key is None
    assert playback.player.state is State.PAUSED


def test_it_sounds_though_time_stands_still_for_the_music(playback, loan):
    playback.set_hold(True)
    loan.play("probe", phrase())
    while loan.key is not None:
        playback.player.render(256)
    assert playback.player.hold


def test_it_can_go_round_until_it_is_ended(playback, loan):
    lent = phrase(steps=2)
    loan.play("probe", lent, loops=True)
    for _ in range(100):
        playback.player.render(1024)
    assert loan.key == "probe"
    assert playback.player.sequencer.phrase is lent


def test_where_it_is_is_said_while_it_sounds(playback, loan, qtbot):
    loan.play("probe", phrase())
    playback.player.render(4096)
    with qtbot.waitSignal(loan.moved) as moved:
        pass
    assert moved.args[0] == pytest.approx(playback.player.borrowed_position, abs=1)
    with qtbot.waitSignal(loan.changed):
        loan.give_back()
    assert loan.key is None
