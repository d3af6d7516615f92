"""Locking decoded music to a scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrae_core.music.scales import SCALES, lock_to_scale
from vrae_core.piano_roll import PIANO_PITCHES

P = np.random.default_rng(0).random((30, 88)).astype(np.float32)


@given(st.sampled_from(sorted(SCALES)), st.integers(0, 11))
def test_every_pitch_goes_to_the_nearest_of_the_scale(scale: str, tonic: int) -> None:
    for pitch in PIANO_PITCHES:
        _, (moved,) = lock_to_scale(P[:, :1], (pitch,), scale, tonic)
        allowed = [p for p in PIANO_PITCHES if (p - tonic) % 12 in SCALES[scale]]
        assert moved in allowed
        assert abs(moved - pitch) == min(abs(p - pitch) for p in allowed)


def test_of_two_equally_near_pitches_the_lower_is_taken() -> None:
    assert lock_to_scale(P[:, :1], (61,), "major", 0)[1] == (60,)  # C♯ in C major


def test_where_pitches_meet_the_greater_probability_is_kept() -> None:
    probabilities = np.float32([[0.2, 0.7, 0.1], [0.9, 0.3, 0.4]])
    moved, pitches = lock_to_scale(probabilities, (60, 61, 62), "major", 0)
    assert pitches == (60, 62)
    assert moved.tolist() == np.float32([[0.7, 0.1], [0.9, 0.4]]).tolist()


def test_music_that_is_in_the_scale_already_stays_as_it_is() -> None:
    pitches = tuple(p for p in PIANO_PITCHES if (p - 2) % 12 in SCALES["minor"])
    moved, kept = lock_to_scale(P[:, : len(pitches)], pitches, "minor", 2)
    assert kept == pitches
    assert (moved == P[:, : len(pitches)]).all()


@pytest.mark.parametrize("scale", SCALES)
def test_locking_twice_changes_nothing_more_and_pitches_rise_within_the_piano(scale: str) -> None:
    once, pitches = lock_to_scale(P, PIANO_PITCHES, scale, 1)
    twice, same = lock_to_scale(once, pitches, scale, 1)
    assert same == pitches == tuple(sorted(set(pitches)))
    assert set(pitches) <= set(PIANO_PITCHES)
    assert (once == twice).all()


def test_scales_lie_within_an_octave_and_begin_on_the_tonic() -> None:
    for steps in SCALES.values():
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps))
        assert steps[-1] < 12
