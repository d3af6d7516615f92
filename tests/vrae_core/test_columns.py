"""Columns: pitches of all instruments together, or of the parts of a band."""

import numpy as np
import pytest

from vrae_core.columns import (
    BAND_COLUMNS,
    DRUM_KINDS,
    DRUM_NOTE,
    OTHER_DRUM,
    PIANO_COLUMNS,
    Part,
    all_columns,
    column_of,
    counted_by_part,
    on_piano,
    parts_of,
    pitches_of,
    places_in,
)
from vrae_core.piano_roll import PIANO_PITCHES


def test_columns_of_all_instruments_together_are_their_midi_pitches():
    assert all_columns(parts=False) == PIANO_COLUMNS == PIANO_PITCHES
    assert pitches_of(PIANO_COLUMNS) == PIANO_PITCHES
    assert not parts_of(PIANO_COLUMNS).any()


def test_a_band_has_three_pianos_and_nine_drums_and_its_columns_rise():
    columns = all_columns(parts=True)
    assert columns == BAND_COLUMNS == tuple(sorted(set(columns)))
    assert np.bincount(parts_of(columns)).tolist() == [0, 88, 88, 88, 9]


@pytest.mark.parametrize("part", Part)
def test_a_column_says_who_plays_and_what(part):
    columns = [column_of(part, pitch) for pitch in range(128)]
    assert set(parts_of(columns)) == {part}
    assert pitches_of(columns) == tuple(range(128))


def test_every_kind_of_drum_stands_for_notes_of_its_own():
    notes = [note for kind in DRUM_KINDS for note in (kind.note, *kind.others)]
    assert len(DRUM_NOTE) == len(notes)
    assert {DRUM_NOTE[note] for note in notes} == {kind.note for kind in DRUM_KINDS}
    assert OTHER_DRUM in DRUM_NOTE.values()


def test_a_place_in_a_layout_is_where_its_column_lies():
    some = (BAND_COLUMNS[3], BAND_COLUMNS[-1], BAND_COLUMNS[100])
    assert [BAND_COLUMNS[place] for place in places_in(some, BAND_COLUMNS)] == list(some)
    with pytest.raises(KeyError):
        places_in([60], BAND_COLUMNS)


def test_parts_that_play_one_key_are_one_on_a_piano_and_drums_are_none():
    columns = (column_of(Part.MELODY, 60), column_of(Part.BASS, 36), column_of(Part.BASS, 60), BAND_COLUMNS[-9])
    keys = on_piano(np.array([[1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]], bool), columns)
    assert keys.shape == (3, 88)
    assert [np.flatnonzero(row + 0).tolist() for row in keys] == [[60 - 21], [36 - 21, 60 - 21], []]


def test_the_piano_is_itself():
    cells = np.random.default_rng(0).random((2, 5, 88)) < 0.3
    np.testing.assert_array_equal(on_piano(cells, PIANO_COLUMNS), cells)


def test_columns_are_counted_by_part_in_words():
    assert counted_by_part(BAND_COLUMNS) == (
        "88 pitches of melody, 88 pitches of chords, 88 pitches of bass, 9 kinds of drums"
    )
    few = [column_of(Part.BASS, 40), column_of(Part.BASS, 41), column_of(Part.DRUMS, 36)]
    assert counted_by_part(few) == "2 pitches of bass, 1 kind of drums"
