"""The beat that goes with the music, block by block."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.midi.sender import CONTINUE, START, STOP, TICK, BlockEnd, MidiClock

PER_STEP = 3  # 24 a beat of 8 steps
LENGTH = 50


class Music:
    """A player in miniature: it moves a place on and has a clock follow it."""

    def __init__(self) -> None:
        self.clock = MidiClock()
        self.time, self.place, self.wrapped, self.moving, self.rate = 0.0, 0.0, False, True, 20.0
        self.steps_per_beat = 8
        self.heard: list[tuple[float, bytes]] = []

    def block(self, seconds: float) -> None:
        if self.moving:
            self.place += seconds * self.rate
            if self.place > LENGTH:
                self.place, self.wrapped = self.place - LENGTH, True
        self.time += seconds
        end = BlockEnd(self.moving, self.place, self.rate, LENGTH, self.wrapped, self.steps_per_beat)
        self.heard += [(self.time - before, message) for before, message in self.clock.messages(end, seconds)]

    def play(self, seconds: float, block: float = 0.01) -> None:
        for _ in range(round(seconds / block)):
            self.block(block)

    def times(self, message: bytes = TICK) -> list[float]:
        return [time for time, each in self.heard if each == message]


@pytest.mark.parametrize("block", [0.001, 0.0073, 0.06, 0.4])
def test_ticks_come_24_to_a_beat_from_the_start_on_whatever_the_size_of_a_block(block: float) -> None:
    music = Music()
    music.play(6, block)  # more than two laps of 2.5 s
    assert music.heard[0] == (pytest.approx(0), START)
    ticks = music.times()
    assert ticks == pytest.approx(np.arange(len(ticks)) / (music.rate * PER_STEP), abs=1e-6)
    assert len(ticks) == pytest.approx(music.time * music.rate * PER_STEP, abs=1.01)
    assert len(music.times(START)) == 1, "a lap is not a start"


@pytest.mark.parametrize("steps_per_beat", [4, 6, 12, 16, 24])
def test_there_are_24_a_beat_of_however_many_steps(steps_per_beat: int) -> None:
    music = Music()
    music.steps_per_beat, music.rate = steps_per_beat, 1.5 * steps_per_beat  # 90 beats a minute
    music.play(3)
    ticks = music.times()
    assert ticks == pytest.approx(np.arange(len(ticks)) / 36, abs=1e-6)
    assert len(ticks) == pytest.approx(3 * 36, abs=1.01)


def test_music_of_other_steps_at_the_same_place_goes_on_in_time() -> None:
    music = Music()
    music.play(1)
    sent = len(music.times())
    music.steps_per_beat, music.rate, music.place = 12, 30.0, music.place * 1.5
    music.play(0.5)
    assert len(music.times()) - sent == pytest.approx(30, abs=1)
    assert len(music.times(START)) == 1
    assert np.diff(music.times()).max() < 1.5 / 60


def test_the_beat_follows_the_tempo() -> None:
    music = Music()
    music.play(1)
    music.rate = 40
    music.play(1)
    ticks = np.array(music.times())
    assert np.diff(ticks[ticks > 1.05]) == pytest.approx(1 / 120)
    assert len(ticks) == pytest.approx(60 + 120, abs=1)


def test_a_pause_stops_it_and_it_continues_with_the_tick_that_is_next() -> None:
    music = Music()
    music.play(0.33)
    music.moving, music.place = False, 6.0  # as the player does, from 6.6: it will play step 6 once more
    music.play(0.1)
    music.moving = True
    music.play(0.4)
    assert [message for _, message in music.heard if message != TICK] == [START, STOP, CONTINUE]
    ticks_sent = len(music.times())
    assert ticks_sent == int(music.place * PER_STEP) + 1, "whoever counts is where the music is"


def test_stop_and_play_start_it_anew() -> None:
    music = Music()
    music.play(0.33)
    music.moving, music.place = False, 0.0
    music.play(0.1)
    music.moving = True
    music.play(0.2)
    assert [message for _, message in music.heard if message != TICK] == [START, STOP, START]
    assert music.times()[-13] == pytest.approx(music.times(START)[1]), "the first tick is at the start"


def test_playing_another_phrase_from_its_start_starts_it_anew_even_after_a_lap() -> None:
    music = Music()
    music.play(3.0)
    music.place, music.wrapped = 0.0, False
    music.play(0.2)
    assert [message for _, message in music.heard if message != TICK] == [START, STOP, START]


def test_music_that_has_come_to_its_end_starts_again_from_the_start() -> None:
    music = Music()
    music.play(2.4)
    music.moving, music.place = False, float(LENGTH)
    music.play(0.1)
    music.moving, music.place = True, 0.0
    music.play(0.1)
    assert [message for _, message in music.heard if message != TICK] == [START, STOP, START]


def test_a_jump_to_another_place_sends_no_burst() -> None:
    music = Music()
    music.play(1.5)
    before = len(music.times())
    music.place = 10.0
    music.play(0.1)
    music.place = 45.0
    music.play(0.1)
    assert len(music.times()) - before == pytest.approx(12, abs=2)


def test_silence_sends_nothing() -> None:
    music = Music()
    music.moving = False
    music.play(1)
    assert music.heard == []


@pytest.mark.parametrize("clicked", [False, True])
def test_while_time_is_held_there_are_no_ticks_but_the_first_of_a_phrase_that_is_begun(clicked: bool) -> None:
    music = Music()
    music.play(0.33)
    before, music.rate = len(music.times()), 0.0
    if clicked:
        music.place = 0.0
    music.play(0.5)
    assert len(music.times()) - before == clicked
    assert len(music.times(START)) == 1 + clicked
    held, music.rate = len(music.times()), 20.0
    music.play(0.2)
    assert len(music.times()) - held == pytest.approx(12, abs=1)


def test_a_phrase_that_is_begun_while_time_is_held_starts_the_beat() -> None:
    music = Music()
    music.rate = 0.0
    music.play(0.1)
    assert [message for _, message in music.heard] == [START, TICK]


@pytest.mark.parametrize("block", [0.01, 0.4])
def test_music_that_waits_at_its_end_for_more_sends_no_tick_twice(block: float) -> None:
    music = Music()
    music.rate = 40.0
    music.play(1.2)
    waits = BlockEnd(True, float(LENGTH), music.rate, LENGTH, False)
    sent = [message for _ in range(10) for _, message in music.clock.messages(waits, block)]
    assert len(music.times()) + len(sent) == LENGTH * PER_STEP + 1
