"""Minibatches made richer than the songs: other keys and hybrids, drawn so that any update can be made again."""

import numpy as np
import pytest

from vrae_core.columns import BAND_COLUMNS, Part, column_of, parts_of
from vrae_core.piano_roll import PIANO_PITCHES
from vrae_core.training.augmenting import Augmenting

PLACE = {column: number for number, column in enumerate(BAND_COLUMNS)}


def windows_of(*columns, steps=4):
    windows = np.zeros((len(columns), steps, len(BAND_COLUMNS)), bool)
    for window, some in zip(windows, columns, strict=True):
        window[:, [PLACE[column] for column in some]] = True
    return windows


def test_without_any_share_the_windows_are_those_given():
    windows = windows_of([column_of(Part.BASS, 40)])
    assert Augmenting(BAND_COLUMNS, 0.0, 0.0)(windows, 0, 0) is windows


def test_in_another_key_every_part_moves_as_far_and_the_drums_stay():
    given = windows_of([column_of(Part.MELODY, 72), column_of(Part.BASS, 40), column_of(Part.DRUMS, 36)])
    before = given.copy()
    moves = set()
    for update in range(60):
        [window] = Augmenting(BAND_COLUMNS, 1.0, 0.0)(given, 1, update)
        sounding = [BAND_COLUMNS[place] for place in np.flatnonzero(window[0])]
        melody, bass, drum = sounding
        assert drum == column_of(Part.DRUMS, 36)
        assert melody - column_of(Part.MELODY, 72) == bass - column_of(Part.BASS, 40)
        moves.add(bass - column_of(Part.BASS, 40))
    assert moves == set(range(-5, 7)) - {0}
    assert np.array_equal(given, before)


def test_what_leaves_the_piano_is_left_out():
    [window] = Augmenting((21, 22), 1.0, 0.0)(np.ones((1, 2, 2), bool), 0, 0)
    assert not window.all()


def test_a_hybrid_has_whole_parts_of_two_windows():
    one = [column_of(part, 60) for part in (Part.MELODY, Part.CHORDS, Part.BASS)]
    other = [column_of(part, 65) for part in (Part.MELODY, Part.CHORDS, Part.BASS)]
    given = windows_of(*[one, other] * 8)
    made = Augmenting(BAND_COLUMNS, 0.0, 1.0)(given, 3, 5)
    parts = parts_of(BAND_COLUMNS)
    kinds = set()
    for window in made:
        pitches = {}
        for part in (Part.MELODY, Part.CHORDS, Part.BASS):
            [place] = np.flatnonzero(window[0] & (parts == part))
            pitches[part] = BAND_COLUMNS[place] % 128
        kinds.add(len(set(pitches.values())))
    assert kinds == {1, 2}


def test_without_parts_a_hybrid_has_the_low_pitches_of_another():
    given = np.zeros((16, 3, len(PIANO_PITCHES)), bool)
    given[::2] = True
    made = Augmenting(PIANO_PITCHES, 0.0, 1.0)(given, 0, 0)
    mixed = [window[0] for window in made if 0 < window[0].sum() < len(PIANO_PITCHES)]
    assert mixed
    assert all(np.count_nonzero(np.diff(row.astype(int))) == 1 for row in mixed)


@pytest.mark.parametrize("update", [0, 7])
def test_an_update_is_made_again_in_the_same_way(update):
    given = np.random.default_rng(0).random((8, 5, len(BAND_COLUMNS))) < 0.1
    first, second = (Augmenting(BAND_COLUMNS, 0.5, 0.5)(given, 2, update) for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, Augmenting(BAND_COLUMNS, 0.5, 0.5)(given, 2, update + 1))
