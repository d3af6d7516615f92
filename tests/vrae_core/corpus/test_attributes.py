"""What is measured of windows."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.columns import Part, column_of
from vrae_core.corpus.attributes import (
    ATTRIBUTES,
    density,
    key_fits,
    key_name,
    majorness,
    onset_rate,
    pitch_class_cells,
    polyphony,
    register,
    semitones_home,
    transposed_key,
)

PITCHES = tuple(range(48, 72))


def roll(*notes: tuple[int, int, int], steps: int = 21) -> np.ndarray:
    """One window with notes (pitch, first step, end)."""
    window = np.zeros((1, steps, len(PITCHES)), bool)
    for pitch, start, end in notes:
        window[0, start:end, pitch - PITCHES[0]] = True
    return window


def test_density_counts_silent_steps_and_polyphony_does_not():
    window = roll((48, 0, 7), (52, 3, 7), steps=40)
    assert density(window, PITCHES) == pytest.approx([2 / 2])  # two notes in two seconds
    assert polyphony(window, PITCHES) == pytest.approx([11 / 7])


def test_what_sounds_at_the_first_step_counts_as_a_note_of_the_window():
    window = roll((48, 0, 2), (48, 3, 4), (52, 1, 3), steps=4)
    assert density(window, PITCHES) == pytest.approx([3 / 0.2])


def test_pitch_classes_fold_octaves_together():
    window = roll((48, 0, 5), (60, 3, 7), (61, 2, 4), steps=8)
    assert pitch_class_cells(window, PITCHES).tolist() == [[9, 2, *[0] * 10]]


def test_register_is_the_mean_pitch_of_what_sounds():
    assert register(roll((50, 0, 5), (60, 5, 20)), PITCHES) == pytest.approx([57.5])


def test_a_chord_is_one_onset_and_what_sounds_from_before_is_none():
    window = roll((48, 0, 4), (50, 6, 8), (54, 6, 9), (50, 12, 14))
    assert onset_rate(window, PITCHES) == pytest.approx([2 / 20 * 20])


def test_a_major_triad_is_more_major_than_a_minor_one():
    major = roll((48, 0, 20), (52, 0, 20), (55, 0, 20))
    minor = roll((48, 0, 20), (51, 0, 20), (55, 0, 20))
    assert majorness(major, PITCHES)[0] > 0 > majorness(minor, PITCHES)[0]
    assert key_fits(major, PITCHES).argmax() == 0
    assert key_fits(minor, PITCHES).argmax() == 12


def test_transposing_changes_the_key_and_not_the_mode():
    notes = [(48, 0, 20), (52, 0, 20), (55, 0, 10), (53, 10, 14)]
    up = [(pitch + 5, start, end) for pitch, start, end in notes]
    assert majorness(roll(*up), PITCHES) == pytest.approx(majorness(roll(*notes), PITCHES))
    key = int(key_fits(roll(*notes), PITCHES).argmax())
    assert key_fits(roll(*up), PITCHES).argmax() == transposed_key(key, 5) == (key + 5) % 12


def test_keys_are_named_and_find_their_way_home_within_half_an_octave():
    assert [key_name(key) for key in (0, 1, 10, 12, 21, 23, -1)] == [
        "C major", "C♯ major", "B♭ major", "C minor", "A minor", "B minor", "",
    ]  # fmt: skip
    for key in range(24):
        assert key_name(transposed_key(key, semitones_home(key))) == ("A minor" if key >= 12 else "C major")
        assert -6 <= semitones_home(key) < 6
    assert (transposed_key(-1, 5), semitones_home(-1)) == (-1, 0), "silence has no key"


def test_of_silence_there_is_a_density_and_a_rate_but_no_register_thickness_or_mode():
    figures = {attribute.name: attribute.measure(roll(), PITCHES)[0] for attribute in ATTRIBUTES}
    assert {name for name, figure in figures.items() if np.isnan(figure)} == {"Register", "Polyphony", "Mode"}
    assert figures["Density"] == figures["Onsets"] == 0


def test_windows_of_one_step_have_no_onsets():
    assert onset_rate(roll((48, 0, 1), steps=1), PITCHES) == pytest.approx([0])


def test_a_second_is_one_of_the_song_however_long_its_steps_are():
    window = roll((48, 0, 7), (52, 3, 7), (55, 9, 12), steps=40)
    assert density(window, PITCHES, 1.5) == pytest.approx([3 / 1.5])
    assert density(window, PITCHES, np.array([4.0])) == pytest.approx([3 / 4])
    assert onset_rate(window, PITCHES, 4.0) == pytest.approx([2 / 4 * 40 / 39])


def test_drums_are_struck_and_have_neither_register_nor_key():
    band = (column_of(Part.MELODY, 60), column_of(Part.BASS, 36), column_of(Part.DRUMS, 38))
    window = np.zeros((1, 20, 3), bool)
    window[0, :10, :2] = True
    alone = window[..., :2]
    window[0, ::4, 2] = True
    assert density(window, band) == pytest.approx(density(alone, band[:2]) + 5)
    assert register(window, band) == pytest.approx([48])
    assert polyphony(window, band) == pytest.approx([2])
    assert pitch_class_cells(window, band).tolist() == [[20, *[0] * 11]]
    np.testing.assert_allclose(key_fits(window, band), key_fits(alone, band[:2]))
