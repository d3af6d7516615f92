"""Which notes are the melody, which the bass, and which the chords between."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vrae_core.corpus.voices import BASS, CHORDS, MELODY, split_voices
from vrae_core.piano_roll import PIANO_PITCHES, Note, notes_from_roll, roll_from_notes

PITCHES = (36, 48, 55, 60, 64, 67, 72, 84)
rolls = arrays(np.bool_, st.tuples(st.integers(1, 30), st.just(len(PITCHES))))


def voices_of(*notes: tuple[int, int, int]) -> dict[tuple[int, int], int]:
    """The voice of each (first step, pitch), given notes as (first step, steps, pitch)."""
    roll = roll_from_notes(Note(start / 20, (start + steps) / 20, pitch) for start, steps, pitch in notes)
    voices = split_voices(roll, PIANO_PITCHES)
    return {(start, pitch): int(voices[start, pitch - 21]) for start, _, pitch in notes}


def test_the_highest_note_is_the_melody_the_lowest_the_bass_and_those_between_are_chords() -> None:
    voices = voices_of((0, 4, 40), (0, 4, 55), (0, 4, 60), (0, 4, 76))
    assert voices == {(0, 40): BASS, (0, 55): CHORDS, (0, 60): CHORDS, (0, 76): MELODY}


def test_a_note_alone_goes_to_the_line_it_lies_nearer_to() -> None:
    assert voices_of((0, 2, 70)) == {(0, 70): MELODY}
    assert voices_of((0, 2, 45)) == {(0, 45): BASS}


def test_a_solo_that_comes_down_step_by_step_stays_the_melody() -> None:
    scale = [(i, 1, pitch) for i, pitch in enumerate(range(74, 50, -1))]
    assert set(voices_of(*scale).values()) == {MELODY}


def test_the_chords_of_an_accompaniment_are_no_melody_while_it_rests() -> None:
    voices = voices_of((0, 2, 76), (0, 2, 40), (2, 2, 52), (2, 2, 55))
    assert voices[2, 55] == CHORDS


def test_a_note_that_goes_on_keeps_its_voice_when_a_higher_one_begins() -> None:
    voices = voices_of((0, 8, 67), (4, 4, 79))
    assert voices == {(0, 67): MELODY, (4, 79): MELODY}


@given(rolls)
def test_no_note_changes_its_voice_in_its_middle(roll: np.ndarray) -> None:
    voices = split_voices(roll, PITCHES)
    goes_on = roll[1:] & roll[:-1]
    assert (voices[1:] == voices[:-1])[goes_on].all()


@given(rolls)
def test_the_voices_together_have_the_notes_of_the_whole(roll: np.ndarray) -> None:
    voices = split_voices(roll, PITCHES)
    split = [note for voice in range(3) for note in notes_from_roll(roll & (voices == voice), PITCHES)]
    assert sorted(split) == notes_from_roll(roll, PITCHES)


@given(rolls, st.data())
def test_a_longer_piece_begins_like_a_shorter_one(roll: np.ndarray, data: st.DataObject) -> None:
    steps = data.draw(st.integers(1, len(roll)))
    assert (split_voices(roll, PITCHES)[:steps] == split_voices(roll[:steps], PITCHES)).all()


def test_silence_has_no_voices_to_give() -> None:
    assert split_voices(np.zeros((5, 3), bool), (60, 62, 64)).shape == (5, 3)
