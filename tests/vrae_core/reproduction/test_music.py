"""Figures of rolls."""

import numpy as np
import pytest

from vrae_core.midi.song import read_song
from vrae_core.reproduction import music


def roll_of(*columns):
    """A roll (1, T, P) from one string a pitch, as "##..#"."""
    return np.array([[c == "#" for c in column] for column in columns]).T[None]


SILENCE = roll_of("....", "....")


def test_pitch_classes_fold_octaves_together():
    rolls = np.concatenate([roll_of("##..", "#...", "#..."), roll_of("....", "....", "....")])
    histogram = music.pitch_classes(rolls, (48, 60, 61))

    assert histogram[0, 0] == pytest.approx(0.75)
    assert histogram[0, 1] == pytest.approx(0.25)
    assert not histogram[1].any()


def test_silence_is_measured_by_its_longest_stretch():
    assert music.longest_silence(roll_of("#..#...#", "........")) == 3
    assert music.longest_silence(SILENCE) == 4


@pytest.mark.parametrize(
    ("columns", "steps"),
    [(("####", "...."), 4), (("###.", "..##"), 2), (("#.#.", ".#.#"), 1), (("....", "...."), 0), (("##..", "...."), 2)],
)
def test_a_hold_is_sound_that_does_not_change(columns, steps):
    assert music.longest_hold(roll_of(*columns)) == steps


def test_each_roll_has_an_f1_of_its_own():
    a = np.concatenate([roll_of("##..", "...."), SILENCE])
    b = np.concatenate([roll_of("#...", "#..."), SILENCE])
    np.testing.assert_allclose(music.f1_each(a, b), [0.5, 0])
    np.testing.assert_allclose(music.f1_each(a, a), [1, 0])


def test_a_spread_of_nothing_is_not_a_number_and_does_no_harm():
    assert music.spread([1, 2, 3])["mean"] == 2
    assert np.isnan(music.spread([])["median"])


def test_a_saved_roll_is_read_back_as_it_was(tmp_path):
    roll = np.zeros((40, 3), bool)
    roll[3:9, 0] = roll[12:14, 2] = roll[20:40, 1] = True
    music.save_roll(tmp_path / "roll.mid", roll, (50, 60, 70))
    columns = [pitch - 21 for pitch in (50, 60, 70)]
    np.testing.assert_array_equal(read_song(tmp_path / "roll.mid").roll[:, columns], roll)
