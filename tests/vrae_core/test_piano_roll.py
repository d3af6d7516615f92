"""Notes to the binary roll and back."""

from __future__ import annotations

import pickle
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vrae_core import piano_roll
from vrae_core.piano_roll import (
    Note,
    Notes,
    notes_from_roll,
    pitch_name,
    roll_from_notes,
    roll_of_spans,
    step_at,
    transposed,
)


def lit(roll, pitch):
    """The steps at which a pitch sounds."""
    return np.flatnonzero(roll[:, pitch - 21]).tolist()


def test_a_step_is_fifty_milliseconds():
    assert [step_at(seconds) for seconds in (0, 0.024, 0.026, 0.05, 1, 179.95)] == [0, 0, 1, 1, 20, 3599]


def test_a_note_lights_the_steps_from_its_onset_to_its_end():
    roll = roll_from_notes([Note(0.1, 0.25, 60)])
    assert roll.shape == (5, 88)
    assert roll.dtype == bool
    assert lit(roll, 60) == [2, 3, 4]
    assert roll.sum() == 3


def test_the_88_keys_are_21_to_108_and_others_are_left_out():
    roll = roll_from_notes([Note(0, 0.05, 21), Note(0, 0.05, 108), Note(0, 1, 20), Note(0, 1, 109)])
    assert roll.shape == (1, 88)
    assert np.flatnonzero(roll[0]).tolist() == [0, 87]


def test_the_shortest_note_lasts_a_step():
    assert lit(roll_from_notes([Note(0.1, 0.101, 60)]), 60) == [2]


def test_no_notes_make_an_empty_roll():
    assert roll_from_notes([]).shape == (0, 88)
    assert notes_from_roll(np.zeros((0, 88), bool)) == []


def test_a_pitch_struck_again_at_once_stays_two_notes():
    roll = roll_from_notes([Note(0, 0.2, 60), Note(0.2, 0.4, 60)])
    assert lit(roll, 60) == [0, 1, 2, 4, 5, 6, 7]
    assert len(notes_from_roll(roll)) == 2


def test_a_pitch_struck_again_while_it_sounds_stays_two_notes():
    roll = roll_from_notes([Note(0, 0.5, 60), Note(0.2, 0.4, 60)])
    assert lit(roll, 60) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_a_note_of_one_step_cannot_give_it_away():
    assert lit(roll_from_notes([Note(0, 0.05, 60), Note(0.05, 0.2, 60)]), 60) == [0, 1, 2, 3]


def test_neighbouring_pitches_do_not_disturb_each_other():
    roll = roll_from_notes([Note(0, 0.2, 60), Note(0.2, 0.4, 61)])
    assert (lit(roll, 60), lit(roll, 61)) == ([0, 1, 2, 3], [4, 5, 6, 7])


def test_the_order_of_notes_does_not_matter():
    notes = [Note(0, 0.2, 60), Note(0.2, 0.4, 60), Note(0.1, 0.3, 72)]
    np.testing.assert_array_equal(roll_from_notes(notes), roll_from_notes(reversed(notes)))


def test_notes_are_read_in_order_of_onset_with_the_pitches_asked_for():
    roll = np.array([[0, 1], [1, 1], [1, 0], [0, 0], [0, 1]], bool)
    assert notes_from_roll(roll, pitches=(40, 70), step_seconds=0.5, velocity=64) == [
        Note(0.0, 1.0, 70, 64),
        Note(0.5, 1.5, 40, 64),
        Note(2.0, 2.5, 70, 64),
    ]


@settings(derandomize=True, deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 30), st.just(88))))
def test_a_roll_becomes_notes_and_the_same_roll_again(roll):
    again = roll_from_notes(notes_from_roll(roll))
    np.testing.assert_array_equal(again, roll[: len(again)])
    assert not roll[len(again) :].any()


def test_a_note_has_the_velocity_of_the_cell_it_begins_in() -> None:
    roll = np.array([[1, 0], [1, 1], [0, 1]], bool)
    velocities = np.array([[10, 20], [30, 40], [50, 60]])
    assert [note.velocity for note in notes_from_roll(roll, (60, 61), velocity=velocities)] == [10, 40]


def test_pitches_are_named_from_the_lowest_key_to_the_highest() -> None:
    assert [pitch_name(pitch) for pitch in (21, 60, 61, 69, 70, 108)] == ["A0", "C4", "C♯4", "A4", "B♭4", "C8"]


@settings(derandomize=True, deadline=None)
@given(arrays(bool, (5, 88)), st.integers(-100, 100))
def test_what_is_transposed_comes_back_but_for_what_left_the_piano(roll, semitones):
    higher = transposed(roll, semitones)
    on_piano = (np.arange(88) + semitones >= 0) & (np.arange(88) + semitones < 88)
    np.testing.assert_array_equal(transposed(higher, -semitones), roll & on_piano)
    assert higher.sum() == (roll & on_piano).sum()


@pytest.mark.parametrize("at_once", [1, 7, piano_roll._CELLS_AT_ONCE])
@given(notes=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(0, 2)), max_size=30).map(sorted))
def test_a_roll_of_spans_is_that_of_the_notes_taken_one_after_another(at_once, notes):
    spans = [(start, start + steps, column) for start, steps, column in notes]
    expected = np.zeros((max((end for _, end, _ in spans), default=0), 3), bool)
    begun = {}
    for start, end, column in spans:
        if start > begun.get(column, start) + 1:
            expected[start - 1, column] = False
        expected[start:end, column] = True
        begun[column] = start
    with patch.object(piano_roll, "_CELLS_AT_ONCE", at_once):
        np.testing.assert_array_equal(roll_of_spans(spans, 3), expected)


NOTES = st.lists(
    st.builds(
        Note, st.floats(0, 1e4), st.floats(0, 1e4), st.integers(0, 127), st.integers(1, 127), st.integers(0, 4095)
    )
)


@given(NOTES)
def test_notes_as_columns_are_the_notes_that_were_given(given_notes):
    notes = Notes.of(iter(given_notes))
    assert [*notes] == given_notes == [notes[place] for place in range(len(notes))]
    assert notes == tuple(given_notes) == Notes.of(given_notes)
    assert hash(notes) == hash(tuple(given_notes))
    assert Notes.of(notes) is notes
    assert [*notes[1:3]] == given_notes[1:3]
    assert pickle.loads(pickle.dumps(notes)) == notes
    assert [*notes.in_order()] == sorted(given_notes)
    assert [*notes.some(notes.on_piano)] == [note for note in given_notes if 21 <= note.pitch <= 108]
    assert [*Notes.joined(notes, notes[:1])] == given_notes + given_notes[:1]


@given(NOTES.map(lambda notes: [note._replace(track=note.track % 4) for note in notes]))
def test_notes_by_track_keep_their_order(given_notes):
    tracks = Notes.of(given_notes).by_track(5)
    assert [[*notes] for notes in tracks] == [[n for n in given_notes if n.track == track] for track in range(5)]
