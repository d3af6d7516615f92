"""A press is heard from its first steps, and the rest where it is decoded."""

from __future__ import annotations

import dataclasses
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.player import State
from tests.explorer.conftest import hear, render
from vrae_core.model.trained import TrainedModel
from vrae_core.music.pieces import BEGINNING, roll_from_probabilities


class Halting(TrainedModel):
    """Decodes its first steps and then waits for the test."""

    def decoding(self, z, heard=None):
        for step, row in enumerate(super().decoding(z, heard)):
            if step == BEGINNING:
                self.halted.set()
                self.go_on.wait(120)
            self.decoded.append(step)
            yield row


@pytest.fixture
def halting(explored):
    atlas = explored.library.atlas
    model = Halting(**{field.name: getattr(atlas.model, field.name) for field in dataclasses.fields(atlas.model)})
    for event in ("halted", "go_on"):
        object.__setattr__(model, event, threading.Event())
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
    deadline = time.monotonic() + 120
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
    assert playback.atlas.model.halted.wait(120), "else the first place of the drag is taken in the press's stead"
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
