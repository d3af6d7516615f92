"""Something heard that is not on the map, and the player as it was afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import AtEnd, State
from explorer.session.playing.aside import Aside
from vrae_core.music.score import make_score
from vrae_core.music.sound import Sound


@pytest.fixture
def score():
    roll = np.zeros((6, 2), np.float32)
    roll[:, 0] = 1
    return make_score(roll, (60, 64), Sound(), 0.5)


@pytest.fixture
def playback(explored, qtbot):
    """A window has been heard, in a loop."""
    explored.playback.play_window(4)
    qtbot.waitUntil(lambda: explored.playback.score is not None)
    explored.playback.player.render(64)
    return explored.playback


def rendered(playback):
    playback.player.render(64)
    return playback.player._phrase


def test_it_is_played_once_and_space_plays_what_was_heard_before(playback, score, qtbot):
    before = playback.heard
    aside = Aside(playback)
    aside.play("probe", score)
    assert (rendered(playback).roll == score.roll).all()
    assert playback.player.at_end is AtEnd.STOP
    assert playback.heard is before
    while playback.player.state is State.PLAYING:
        playback.player.render(2048)
    qtbot.waitUntil(lambda: aside.heard is None)
    assert playback.player.at_end is AtEnd.LOOP
    playback.toggle()
    assert (rendered(playback).roll == playback.score.roll).all()


def test_a_click_on_the_map_takes_over(playback, score, qtbot):
    aside = Aside(playback)
    aside.play("probe", score)
    with qtbot.waitSignal(playback.heard_changed):
        playback.play_window(9)
    assert aside.heard is None
    assert playback.player.state is State.PLAYING
    assert playback.player.at_end is AtEnd.LOOP


def test_what_uses_the_transport_ends_it(playback, score):
    aside = Aside(playback)
    aside.play("probe", score)
    rendered(playback)
    playback.toggle()
    assert aside.heard is None
    assert playback.player.state is State.STOPPED
    assert (rendered(playback).roll == playback.score.roll).all()


def test_where_it_is_is_told_while_it_sounds(playback, score, qtbot):
    aside = Aside(playback)
    aside.play("probe", score)
    playback.player.render(4096)
    with qtbot.waitSignal(aside.moved) as moved:
        pass
    assert moved.args[0] == pytest.approx(playback.player.position, abs=1)
    aside.stop()
    assert playback.player.state is State.STOPPED
