"""The verbs of a player that is rendered by hand against a synthesizer that only takes notes."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import Player, State
from explorer.audio.sequencer import AtEnd
from tests.explorer.note_taker import STEP, NoteTaker, drag, phrase, render_steps


def assert_each_note_is_struck_and_ended_once(notes: NoteTaker) -> None:
    sounding: set[int] = set()
    for kind, _, pitch in notes.events:
        assert (pitch in sounding) is (kind == "off"), "struck while it sounds, or ended while it does not"
        sounding ^= {pitch}
    assert not sounding


def test_playing_another_phrase_ends_the_notes_of_the_first(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("########"))
    render_steps(player, 2.2)
    player.play(phrase("########", pitches=(72,)))
    render_steps(player, 1)
    now = next(sample for kind, sample, pitch in notes.events if pitch == 72)
    assert ("off", now, 60) in notes.events
    assert now == pytest.approx(2.2 * STEP, abs=441)


def test_a_finished_phrase_can_be_played_again(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("####"))
    render_steps(player, 6)
    player.resume()
    render_steps(player, 2)
    assert player.state is State.PLAYING
    assert notes.steps("on") == [(0, 60), (6, 60)]


def test_a_pause_ends_the_notes_and_a_resume_goes_on_at_the_same_step(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("#...####", "..#....."))
    render_steps(player, 5.4)
    player.pause()
    render_steps(player, 10)
    assert player.state is State.PAUSED
    assert notes.steps("off")[-1] == (5, 60)
    assert int(player.position) == 5
    player.resume()
    render_steps(player, 4)
    assert notes.steps("on")[2:] == [(4, 60), (15, 60)]
    assert player.state is State.FINISHED


def test_a_stop_ends_the_notes_and_goes_back_to_the_start(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("########"))
    render_steps(player, 3.5)
    player.stop()
    render_steps(player, 3)
    assert player.state is State.STOPPED
    assert player.position == 0
    assert [kind for kind, *_ in notes.events] == ["on", "off"]


def test_a_panic_silences_what_still_rings(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("########"))
    render_steps(player, 2)
    player.panic()
    render_steps(player, 1)
    assert notes.events[-1][0] == "silence"
    assert player.state is State.STOPPED


def test_play_without_restart_goes_on_from_the_place_the_music_is_at(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("........"))
    render_steps(player, 3.5)
    player.play(phrase("#...#..."), restart=False)
    render_steps(player, 2)
    assert notes.steps("on") == [(4, 60)]


def test_resuming_before_any_music_came_finishes_at_once(player: Player) -> None:
    player.resume()
    player.render(441)
    assert player.state is State.FINISHED


def test_a_drag_strikes_and_ends_every_note_once(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.LOOP
    player.play(phrase("#" * 50))
    drag(player, np.random.default_rng(6), 400)
    player.stop()
    player.render(1)
    assert_each_note_is_struck_and_ended_once(notes)


def test_a_borrowed_phrase_plays_once_and_the_music_goes_on_with_the_step_it_stopped_in(
    player: Player, notes: NoteTaker
) -> None:
    player.play(phrase("..#..#.." * 4))
    render_steps(player, 3.5)
    borrowed = player.borrow(phrase("#.", pitches=(72,)))
    assert player.borrowed is borrowed
    render_steps(player, 1)
    assert (player.position, player.borrowed_position) == (3, pytest.approx(1, abs=0.1))
    render_steps(player, 1.2)
    assert borrowed.over
    assert player.borrowed is None
    assert player.state is State.PLAYING
    notes.events.clear()
    render_steps(player, 3)
    assert [pitch for kind, _, pitch in notes.events if kind == "on"] == [60]
    assert player.position == pytest.approx(6, abs=0.5)


def test_whatever_is_borrowed_played_and_given_back_every_note_is_struck_and_ended_once(
    player: Player, notes: NoteTaker
) -> None:
    source, player.at_end = np.random.default_rng(7), AtEnd.LOOP
    verbs = (
        lambda: player.borrow(phrase("##.#", "#..#"), loops=bool(source.integers(2))),
        player.give_back,
        lambda: player.morph(phrase("#" * int(source.integers(1, 20)))),
        lambda: player.play(phrase(".##" * 5, "#" * 15)),
        player.pause,
        player.resume,
        player.stop,
    )
    for _ in range(2000):
        verbs[source.integers(len(verbs))]()
        if source.integers(2):
            player.render(int(source.integers(1, 3 * STEP)))
    player.stop()
    player.render(1)
    assert_each_note_is_struck_and_ended_once(notes)


def test_a_tempo_or_a_volume_that_is_no_number_stops_nothing(player: Player, notes: NoteTaker) -> None:
    player.tempo = player.volume = float("nan")
    player.play(phrase("####"))
    player.render(441)
    assert (player.tempo, player.volume) == (40.0, 0.0)
    assert notes.steps("on")


def test_music_that_is_dropped_is_silent_and_what_is_played_next_is_heard(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("####"))
    player.render(441)
    player.drop_music()
    player.render(441)
    assert player.state is State.STOPPED
    assert notes.events[-1][0] == "silence"
    player.play(phrase("####"))
    player.render(441)
    assert notes.events[-1][0] == "on"
