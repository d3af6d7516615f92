"""What can be played."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.phrase import Phrase


def test_a_phrase_needs_steps_and_a_pitch_for_each_column() -> None:
    with pytest.raises(ValueError, match="needs a roll"):
        Phrase(np.zeros((0, 3), bool), (60, 61, 62))
    with pytest.raises(ValueError, match="needs a roll"):
        Phrase(np.zeros((4, 2), bool), (60, 61, 62))


def test_a_phrase_that_could_not_be_played_is_refused_where_it_is_made() -> None:
    roll = np.ones((4, 2), bool)
    for pitches, velocities, voices in (
        ((60, 16 * 128), 90, 0),
        ((60, -1), 90, 0),
        ((60, 61), 128, 0),
        ((60, 61), 90, 16),
        ((60, 61), np.ones((3, 2), int), 0),
        ((60,), 90, 0),
    ):
        with pytest.raises(ValueError, match=r"broadcast|a phrase needs|lies within|columns are numbers"):
            Phrase(roll, pitches, velocities, voices)
