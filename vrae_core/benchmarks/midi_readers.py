"""MIDI files read to rolls of 20 steps a second by other libraries and a loop, as people write it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from vrae_core.benchmarks.needed import needed
from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, BoolArray, step_at


def by_pretty_midi(paths: Sequence[str]) -> list[BoolArray]:
    """The files' rolls (steps, 88) each, without drums."""
    library = needed("pretty_midi")
    files = (library.PrettyMIDI(path).instruments for path in paths)
    return [_roll(note for part in parts if not part.is_drum for note in part.notes) for parts in files]


def by_symusic(paths: Sequence[str]) -> list[BoolArray]:
    """The same by symusic, whose reader is C++."""
    library = needed("symusic")
    files = (library.Score(path, ttype="second").tracks for path in paths)
    return [_roll(note for part in parts if not part.is_drum for note in part.notes) for parts in files]


def _roll(notes: Iterable[Any]) -> BoolArray:
    spans = [(step_at(note.start), step_at(note.end), note.pitch) for note in notes]
    roll = np.zeros((max((end for _, end, _ in spans), default=0), HIGHEST_PITCH - LOWEST_PITCH + 1), bool)
    for start, end, pitch in spans:
        if LOWEST_PITCH <= pitch <= HIGHEST_PITCH:
            roll[start : max(end, start + 1), pitch - LOWEST_PITCH] = True
    return roll
