"""A window and its reconstruction, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.model.evaluation import frame_f1
from vrae_core.music.difference import LOUD, SOFT, Difference
from vrae_core.piano_roll import BoolArray, notes_from_roll


def row(cells: str) -> BoolArray:
    """One pitch over time, from # and dots."""
    return np.array([[cell == "#"] for cell in cells])


def drawn(roll: BoolArray) -> str:
    return "".join("#" if cell else "." for cell in roll[:, 0])


@pytest.fixture
def chance() -> Difference:
    source = np.random.default_rng(7)
    return Difference(source.random((50, 9)) < 0.3, source.random((50, 9)) < 0.35)


def test_every_cell_is_a_hit_a_miss_an_extra_or_silent_in_both(chance: Difference) -> None:
    kinds = np.stack([chance.hit, chance.miss, chance.extra, ~chance.original & ~chance.model])
    assert (kinds.sum(axis=0) == 1).all()
    assert ((chance.hit | chance.miss) == chance.original).all()
    assert ((chance.hit | chance.extra) == chance.model).all()


def test_the_f1_is_that_of_the_counts_and_of_the_evaluation(chance: Difference) -> None:
    hits, misses, extras = (int(cells.sum()) for cells in (chance.hit, chance.miss, chance.extra))
    assert chance.f1 == pytest.approx(2 * hits / (2 * hits + misses + extras))
    assert chance.f1 == frame_f1(chance.model, chance.original)


def test_a_window_that_is_silent_in_both_is_right(chance: Difference) -> None:
    silence = np.zeros_like(chance.model)
    assert Difference(silence, silence).f1 == 1
    assert Difference(chance.original, silence).f1 == 0


def test_what_both_have_is_soft_and_what_one_has_is_loud(chance: Difference) -> None:
    roll, velocities = chance.difference()
    assert (velocities[roll & chance.hit] == SOFT).all()
    assert (velocities[roll & (chance.miss | chance.extra)] == LOUD).all()
    assert not roll[~(chance.original | chance.model)].any()


def test_a_perfect_reconstruction_sounds_softly_as_the_song(chance: Difference) -> None:
    roll, velocities = Difference(chance.original, chance.original).difference()
    assert (roll == chance.original).all()
    assert (velocities[roll] == SOFT).all()


@pytest.mark.parametrize(
    ("song", "model", "heard"),
    [
        (".###....", ".######.", ".##.###."),  # held too long: the rest is struck anew
        (".######.", "....###.", ".##.###."),  # begun too late
        (".#......", ".###....", ".###...."),  # a single step cannot give one away
        (".##.....", "...##...", ".#.##..."),  # missed, and played later instead
    ],
)
def test_a_note_that_is_right_in_part_is_struck_anew_where_it_goes_wrong(song: str, model: str, heard: str) -> None:
    roll, _ = Difference(row(song), row(model)).difference()
    assert drawn(roll) == heard


def test_every_change_of_a_long_note_is_an_onset_of_its_own_loudness() -> None:
    difference = Difference(row("#########..."), row("...#########"))
    roll, velocities = difference.difference()
    onsets = [round(note.start / 0.05) for note in notes_from_roll(roll, (60,))]
    assert onsets == [0, 3, 9]
    assert velocities[onsets, 0].tolist() == [LOUD, SOFT, LOUD]


def test_rolls_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        Difference(np.zeros((3, 2), bool), np.zeros((2, 2), bool))
