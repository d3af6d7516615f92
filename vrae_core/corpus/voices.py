"""Which line of the music each note of a roll belongs to, by its register."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vrae_core.columns import BAND
from vrae_core.piano_roll import BoolArray, IntArray

MELODY, CHORDS, BASS, DRUMS = range(len(BAND))  # places in it; a register tells all but the drums
_FIRST_MELODY, _FIRST_BASS = 72, 48  # MIDI pitches that the two lines are taken to come from


def split_voices(roll: BoolArray, pitches: Sequence[int]) -> IntArray:
    """Give every note a voice, from its first step to its last.

    A note is judged when it begins.  The highest that sounds then is the melody's if it lies nearer to the melody's
    last note than to the bass's; the lowest is the bass's if it lies nearer to the bass's last note; all others are
    chords.  A note that sounds alone goes to the nearer of the two lines, so that neither a solo nor a bass figure
    changes its instrument when it crosses some pitch.  What comes later never counts: a longer piece begins like a
    shorter one.

    roll: (steps, P) bool; pitches: P MIDI numbers, which rise.  Returns: (steps, P), MELODY where no note sounds.
    """
    begins = roll.copy()
    begins[1:] &= ~roll[:-1]
    highest = len(pitches) - 1 - roll[:, ::-1].argmax(axis=1)
    lowest = roll.argmax(axis=1)
    voices = np.zeros(roll.shape, np.int64)
    melody, bass = _FIRST_MELODY, _FIRST_BASS
    for step, column in np.argwhere(begins).tolist():  # step by step, and upwards within a step
        pitch = pitches[column]
        nearer_to_melody = abs(pitch - melody) <= abs(pitch - bass)
        if column == highest[step] and nearer_to_melody:
            voices[step, column], melody = MELODY, pitch
        elif column == lowest[step] and not nearer_to_melody:
            voices[step, column], bass = BASS, pitch
        else:
            voices[step, column] = CHORDS
    began = np.maximum.accumulate(np.where(begins, np.arange(len(roll))[:, None], 0), axis=0)
    return np.asarray(np.take_along_axis(voices, began, axis=0) * roll)
