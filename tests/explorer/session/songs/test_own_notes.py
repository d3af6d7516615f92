"""A song's own notes, played from any place in it, and heard through the real synthesizer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.player import Player
from explorer.session.songs.own_notes import MOST_CELLS, OwnNotes
from tests.bands import JAZZ_KIT, make_band
from vrae_core.audio.synthesizer import Synthesizer
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note

STEPS_PER_BEAT = 8  # of 50 ms


def steps_of(first: float, steps: int) -> np.ndarray:
    return first + 0.05 * np.arange(steps + 1)


def played(*notes: Note, first: float = 0.0, steps: int = 20):
    """(column, first fine step, end, velocity) of each note of a phrase."""
    phrase = OwnNotes.of_song(Song("Tune", notes, 120.0)).phrase(steps_of(first, steps), STEPS_PER_BEAT)
    edges = np.diff(np.pad(phrase.roll.T.astype(int), ((0, 0), (1, 1))), axis=1)
    columns, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    loud = [int(phrase.velocities[start, column]) for column, start in zip(columns, starts, strict=True)]
    pitches = [phrase.pitches[column] for column in columns]
    return list(zip(pitches, starts.tolist(), ends.tolist(), loud, strict=True))


def test_notes_are_where_the_file_has_them_to_a_quarter_of_a_step() -> None:
    assert played(Note(0.1126, 0.3, 60, 70)) == [(60, 9, 24, 70)]


def test_what_is_held_at_the_beginning_is_struck_there_and_what_goes_on_is_cut_at_the_end() -> None:
    assert played(Note(0.5, 1.5, 60), Note(1.9, 9.0, 64), Note(9.0, 9.5, 62), first=1.0) == [
        (60, 0, 40, 90),
        (64, 72, 80, 90),
    ]


def test_a_note_that_is_struck_again_while_it_sounds_begins_anew_with_its_own_velocity() -> None:
    assert played(Note(0.0, 0.5, 60, 50), Note(0.25, 0.75, 60, 100)) == [(60, 0, 19, 50), (60, 20, 60, 100)]


def test_of_two_notes_of_one_key_that_begin_together_the_louder_is_heard() -> None:
    assert played(Note(0.0, 0.5, 60, 100), Note(0.0, 0.25, 60, 50)) == [(60, 0, 40, 100)]


def test_silence_is_a_phrase_too() -> None:
    assert played(Note(5.0, 6.0, 60)) == []


def test_a_very_long_piece_is_less_fine_and_never_too_large() -> None:
    own = OwnNotes.of_song(make_band("Band"))
    phrase = own.phrase(steps_of(0.0, 200_000), STEPS_PER_BEAT)
    assert phrase.per_step == 2
    assert phrase.roll.size <= MOST_CELLS


@pytest.mark.parametrize("of_drums", [True, False])
def test_drums_and_instruments_are_heard_through_the_real_synthesizer(of_drums: bool) -> None:
    own = OwnNotes.of_song(make_band("Band"))
    assert own.programs[9] == JAZZ_KIT
    phrase = own.phrase(steps_of(2.0, 40), STEPS_PER_BEAT)
    drums = np.array(phrase.pitches) // 128 == 9
    with Synthesizer() as synthesizer:
        player = Player(synthesizer)
        player.volume = 1
        player.play(replace(phrase, roll=phrase.roll & (drums if of_drums else ~drums)))
        sound = np.concatenate([player.render(441) for _ in range(200)])[:, 0].astype(float)
    loud = np.sqrt((sound.reshape(-1, 2205) ** 2).mean(axis=1))  # in 50 ms each
    assert loud[[1, 11, 21, 31]].min() > 100, "beats of half a second"
