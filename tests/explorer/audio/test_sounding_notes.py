"""What a synthesizer is told, and what becomes of its sound."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import Player, State
from tests.explorer.audio.conftest import Clock
from tests.explorer.note_taker import RATE, STEP, NoteTaker, phrase, render_steps


def test_each_voice_plays_on_a_channel_of_its_own(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("##.", ".##", "###", voices=np.tile([2, 0, 1], (3, 1))))
    render_steps(player, 4)
    channels = {60: 2, 61: 0, 62: 1}
    assert len(notes.channels) == 6
    assert all(channel == channels[pitch] for _, pitch, channel in notes.channels)


def test_a_note_that_a_morph_gives_to_another_voice_ends_in_the_one_it_began_in(
    player: Player, notes: NoteTaker
) -> None:
    player.play(phrase("####", voices=2))
    render_steps(player, 1.5)
    player.morph(phrase("###.", voices=0))
    render_steps(player, 3)
    assert notes.channels == [("on", 60, 2), ("off", 60, 2)]


def test_no_note_begins_and_ends_within_a_millisecond_however_fast_the_verbs_come(
    player: Player, notes: NoteTaker
) -> None:
    music = phrase("####")
    for verb in (player.pause, player.resume, player.stop, player.resume, lambda: player.play(music)) * 20:
        player.play(music)
        player.render(2)
        verb()
        player.render(2)
    player.stop()
    player.render(441)
    begun = 0
    for kind, sample, _ in notes.events:
        if kind == "on":
            begun = sample
        else:
            assert sample - begun > RATE / 1000
    assert sum(kind == "on" for kind, *_ in notes.events) == sum(kind == "off" for kind, *_ in notes.events)


def test_the_programs_are_told_once_and_again_to_a_new_synthesizer(player: Player, notes: NoteTaker) -> None:
    player.programs = (80, 0, 38)
    render_steps(player, 1)
    assert notes.programs == [(0, 80), (1, 0), (2, 38)]
    another = NoteTaker()
    player.synthesizer = another
    render_steps(player, 1)
    assert another.programs == notes.programs


def test_the_volume_scales_the_sound_without_a_jump(player: Player) -> None:
    player.volume = 1
    player.render(441)
    assert np.all(player.render(441) == 1000)
    player.volume = 0
    fading = player.render(441)[:, 0]
    assert fading[0] == 1000
    assert fading[-1] == 0
    assert np.abs(np.diff(fading)).max() < 5
    assert not player.render(441).any()


def test_without_a_synthesizer_time_goes_on_in_silence(clock: Clock) -> None:
    player = Player(clock=clock)
    player.play(phrase("####"))
    assert not player.render(STEP).any()
    assert player.position == pytest.approx(1)
    render_steps(player, 4)
    assert player.state is State.FINISHED


def test_a_synthesizer_that_comes_late_joins_at_the_next_step(notes: NoteTaker) -> None:
    player = Player()
    player.play(phrase("########"))
    player.render(STEP + 1000)
    player.synthesizer = notes
    player.render(STEP)
    assert notes.events == [("on", STEP - 1000, 60)]
