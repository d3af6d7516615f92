"""When steps begin, as a player is rendered by hand against a synthesizer that only takes notes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player, State
from explorer.audio.sequencer import AtEnd
from tests.explorer.audio.conftest import Clock
from tests.explorer.note_taker import STEP, NoteTaker, phrase, render_steps


def test_a_note_begins_at_its_rising_edge_and_ends_at_its_falling_edge(player: Player, notes: NoteTaker) -> None:
    player.play(phrase(".##.#", "#...."))
    render_steps(player, 6)
    assert notes.steps("on") == [(0, 61), (1, 60), (4, 60)]
    assert notes.steps("off") == [(1, 61), (3, 60), (5, 60)]


@pytest.mark.parametrize("block", [1, 7, 64, 441, 5000, 50_000])
def test_steps_begin_at_their_exact_sample_whatever_the_size_of_a_block(block: int) -> None:
    notes = NoteTaker()
    player = Player(notes)
    player.play(phrase("#.#.#.#."))
    while notes.now < 9 * STEP:
        player.render(block)
    assert [sample for kind, sample, _ in notes.events if kind == "on"] == [0, 2 * STEP, 4 * STEP, 6 * STEP]


def test_nothing_is_ever_scheduled_beyond_the_block(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.LOOP
    player.play(phrase("#.##", "..#."))
    for _ in range(200):
        end = notes.now + 333
        player.render(333)
        assert all(sample < end for _, sample, _ in notes.events)


def test_velocities_are_those_of_the_cell_where_a_note_begins(player: Player, notes: NoteTaker) -> None:
    velocities = np.array([[10, 20], [30, 40], [50, 60]])
    player.play(phrase("##.", ".##", velocities=velocities))
    render_steps(player, 4)
    assert notes.velocities == [10, 40]


def test_a_morph_keeps_the_place_holds_common_notes_and_changes_at_the_next_step(
    player: Player, notes: NoteTaker
) -> None:
    player.play(phrase("######", "######"))
    render_steps(player, 2.5)
    player.morph(phrase("######", "......", "######"))
    render_steps(player, 1.5)
    assert notes.steps("on") == [(0, 60), (0, 61), (3, 62)]
    assert notes.steps("off") == [(3, 61)]


def test_a_morph_holds_a_note_even_where_the_columns_stand_for_other_pitches(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("####", "....", pitches=(60, 64)))
    render_steps(player, 1.5)
    player.morph(phrase("####", "....", pitches=(60, 72)))
    player.morph(phrase("....", "####", pitches=(55, 60)))
    render_steps(player, 1)
    assert notes.steps("on") == [(0, 60)]
    assert not notes.steps("off")


def test_a_morph_into_a_shorter_loop_wraps_the_place(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.LOOP
    player.play(phrase("........"))
    render_steps(player, 6.5)
    player.morph(phrase("..#."))  # step 7 of the first is step 3 of this one
    render_steps(player, 4)
    assert notes.steps("on") == [(10, 60)]


def test_a_morph_past_the_end_finishes(player: Player) -> None:
    player.play(phrase("........"))
    render_steps(player, 6.5)
    player.morph(phrase("####"))
    render_steps(player, 1)
    assert player.state is State.FINISHED


def test_a_loop_strikes_again_what_is_held_over_its_seam(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.LOOP
    player.play(phrase("####"))
    render_steps(player, 8.5)
    assert notes.steps("on") == [(0, 60), (4, 60), (8, 60)]
    assert notes.steps("off") == [(4, 60), (8, 60)]


def test_without_a_loop_the_music_ends_and_says_so(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("####"))
    assert player.state is State.PLAYING
    render_steps(player, 5)
    assert player.state is State.FINISHED
    assert notes.steps("off") == [(4, 60)]
    render_steps(player, 5)
    assert len(notes.events) == 2


def test_switching_the_loop_off_lets_the_lap_end(player: Player) -> None:
    player.at_end = AtEnd.LOOP
    player.play(phrase("####"))
    render_steps(player, 9)
    player.at_end = AtEnd.STOP
    render_steps(player, 3.5)
    assert player.state is State.FINISHED


def test_on_hold_time_stands_still_and_what_sounds_goes_on(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("###...", "..##..", "...##."))
    render_steps(player, 2.5)
    player.hold = True
    render_steps(player, 20)
    assert player.position == 2
    assert not notes.steps("off")
    assert notes.steps("on") == [(0, 60), (2, 61)]
    player.hold = False
    render_steps(player, 2)
    assert notes.steps("off") == [(23, 60), (24, 61)]
    assert notes.steps("on")[2:] == [(23, 62)]


def test_on_hold_a_morph_changes_what_sounds_at_the_next_step(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("####", "####", "...."))
    render_steps(player, 1.5)
    player.hold = True
    render_steps(player, 3)
    player.morph(phrase("....", "####", ".###"))
    render_steps(player, 3)
    assert notes.steps("on") == [(0, 60), (0, 61), (5, 62)]
    assert notes.steps("off") == [(5, 60)]
    assert player.position == 1


def test_pausing_on_hold_any_number_of_times_stays_at_the_step(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("...#..."))
    render_steps(player, 3.5)
    player.hold = True
    for _ in range(3):
        player.pause()
        render_steps(player, 2)
        player.resume()
        render_steps(player, 2)
    assert player.position == 3
    assert [pitch for _, pitch in notes.steps("on")] == [60] * 4


def test_a_click_on_hold_sounds_the_first_step(player: Player, notes: NoteTaker) -> None:
    player.hold = True
    player.play(phrase("##", ".#"))
    render_steps(player, 5)
    assert notes.steps("on") == [(0, 60)]
    assert not notes.steps("off")
    assert player.position == 0


def test_running_on_goes_into_the_longer_phrase_and_holds_notes_over_the_seam(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.RUN_ON
    player.play(phrase("#..#"))
    render_steps(player, 2.5)
    player.morph(phrase("#..###.#"))
    render_steps(player, 5)
    assert notes.steps("on") == [(0, 60), (3, 60), (7, 60)]
    assert notes.steps("off") == [(1, 60), (6, 60)]


def test_running_on_waits_for_music_that_is_late(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.RUN_ON
    player.play(phrase("####"))
    render_steps(player, 6)
    assert player.state is State.PLAYING
    assert player.position == 4
    assert notes.steps("off") == [(4, 60)], "nothing hangs meanwhile"
    player.morph(phrase("####.#"))
    render_steps(player, 2)
    assert notes.steps("on") == [(0, 60), (7, 60)]


def test_a_morph_while_running_on_wraps_into_the_new_window(player: Player, notes: NoteTaker) -> None:
    player.at_end = AtEnd.RUN_ON
    player.play(phrase("." * 20))
    render_steps(player, 9.5)
    player.morph(phrase("..##"))  # step 10 of the first is step 2 of this one
    render_steps(player, 2)
    assert notes.steps("on") == [(10, 60)]


def test_the_tempo_changes_at_once_and_stays_in_its_range(player: Player, notes: NoteTaker) -> None:
    player.play(phrase("#.#."))
    render_steps(player, 1)
    player.tempo = 75
    render_steps(player, 3)
    assert notes.steps("on") == [(0, 60), (3, 60)]
    player.tempo = 1
    assert player.tempo == 40
    player.tempo = 1000
    assert player.tempo == 300


def test_the_music_s_own_tempo_changes_from_step_to_step_until_one_is_set(player: Player, notes: NoteTaker) -> None:
    tempos = np.array([150, 150, 75, 75, 300, 300], np.float32)
    player.play(replace(phrase("#.#.#."), tempos=tempos))
    player.at_end = AtEnd.LOOP
    heard = []
    for _ in range(7):
        render_steps(player, 1)
        heard.append(player.tempo_now)
    assert notes.steps("on") == [(0, 60), (2, 60), (6, 60)]
    assert heard == [150, 150, 75, 75, 75, 75, 300], "and so does what is said of it"
    player.tempo = 150
    assert player.tempo_now == 150
    render_steps(player, 4)
    assert notes.steps("on")[3:] == [(7, 60), (9, 60)], "two steps at 300, then a lap at the tempo that is set"


def test_between_a_phrase_and_a_finer_one_of_the_same_music_no_onset_moves(player: Player, notes: NoteTaker) -> None:
    coarse = phrase("#.#." * 8)
    fine = Phrase(np.repeat(coarse.roll, 4, axis=0), coarse.pitches, steps_per_beat=32, per_step=4)
    player.play(coarse)
    source = np.random.default_rng(2)
    for toggle in range(40):
        for _ in range(int(source.integers(1, 30))):
            player.render(100)
        before = player.position
        player.morph(coarse if toggle % 2 else fine)
        player.render(10)
        assert player.position == pytest.approx(before, abs=0.03)
    starts = [sample for kind, sample, _ in notes.events if kind == "on"]
    off_beat = [min(start % (2 * STEP), -start % (2 * STEP)) for start in starts]
    assert len(starts) > 10
    assert max(off_beat) <= 40, "samples, each toggle rounding by one"


def test_the_position_is_what_is_heard_not_what_is_rendered(player: Player, clock: Clock) -> None:
    player.latency = 0.1  # two steps
    player.play(phrase("#" * 20))
    assert player.position == 0
    render_steps(player, 1)
    assert player.position == 0  # nothing is heard yet
    render_steps(player, 4)
    assert player.position == pytest.approx(3)
    clock.seconds += 0.05  # the device plays on between two blocks
    assert player.position == pytest.approx(4)
    clock.seconds += 10  # but not beyond what it was given
    assert player.position == pytest.approx(5)


def test_just_after_the_seam_of_a_loop_its_end_is_still_heard(player: Player) -> None:
    player.at_end = AtEnd.LOOP
    player.latency = 0.1
    player.play(phrase("." * 10))
    render_steps(player, 11)
    assert player.position == pytest.approx(9)
