"""Scales, and the locking of decoded music to one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.piano_roll import PIANO_PITCHES, FloatArray

SCALES = {  # semitones above the tonic
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
}


def lock_to_scale(
    probabilities: FloatArray, pitches: Sequence[int], scale: str, tonic: int
) -> tuple[FloatArray, tuple[int, ...]]:
    """Move every pitch to the nearest of a scale, of two equally near ones to the lower, within the 88 keys.

    Where pitches meet, each cell keeps the greatest probability of those that were moved there.

    probabilities: (steps, P); pitches: P columns, each part's own; scale: a key of SCALES; tonic: 0–11, C to B.
    Drums stay where they are.  Returns: (steps, Q) probabilities and their Q columns, which rise.
    """
    allowed = np.array([pitch for pitch in PIANO_PITCHES if (pitch - tonic) % 12 in SCALES[scale]])
    parts, plain = parts_of(pitches), np.array(pitches_of(pitches))
    nearest = allowed[np.abs(np.subtract.outer(plain, allowed)).argmin(axis=1)] + (np.array(pitches) - plain)
    nearest = np.where(parts == Part.DRUMS, pitches, nearest)
    kept = np.unique(nearest)
    moved = np.stack([probabilities[:, nearest == pitch].max(axis=1) for pitch in kept], axis=1)
    return moved, tuple(kept.tolist())
