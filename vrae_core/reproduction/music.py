"""Figures of rolls beside those of corpus/attributes.py: how still they are, and how near one is to another.

Rolls are (n, T, P) bool: n pieces of T steps of 50 ms over P pitches.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.corpus.attributes import pitch_class_cells
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.midi.beats import DEFAULT_TEMPO
from vrae_core.midi.export import USUAL_TEMPO, Track, write_midi
from vrae_core.piano_roll import BoolArray, IntArray, notes_from_roll

_SQUARE_LEAD = 80  # General MIDI, counted from 0: the nearest to a game console
Float64Array = npt.NDArray[np.float64]


def sounds(rolls: BoolArray) -> BoolArray:
    """Whether anything sounds in each roll (T, P), any leading shape."""
    return np.asarray(rolls.any(axis=(-2, -1)))


def sounding(rolls: BoolArray) -> BoolArray:
    """Whether anything sounds at each step of rolls (…, T, P): (…, T)."""
    return np.asarray(rolls.any(axis=-1))


def pitch_classes(rolls: BoolArray, pitches: Sequence[int]) -> Float64Array:
    """Share of the sounding cells on C, C sharp, … B: (n, 12), zeros in silence."""
    counts = pitch_class_cells(rolls, pitches)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def longest_silence(rolls: BoolArray) -> IntArray:
    """Steps (n,) of the longest stretch without a sound."""
    return longest_run(~sounding(rolls))


def longest_hold(rolls: BoolArray) -> IntArray:
    """Steps (n,) of the longest stretch over which the same pitches sound on and nothing changes."""
    same = (rolls[:, 1:] == rolls[:, :-1]).all(axis=2) & sounding(rolls[:, 1:])
    return longest_run(np.asarray(same)) + sounds(rolls)


def longest_run(flags: BoolArray) -> IntArray:
    """Length (n,) of the longest run of True in each row of (n, T)."""
    run = np.zeros(len(flags), np.int64)
    longest = run.copy()
    for column in flags.T:
        run = (run + 1) * column
        longest = np.maximum(longest, run)
    return longest


def f1_each(found: BoolArray, true: BoolArray) -> Float64Array:
    """Frame F1 (n,) of each roll with its own counterpart; 0 where neither sounds."""
    hits = (found & true).sum(axis=(-2, -1))
    return np.asarray(2 * hits / np.maximum(found.sum(axis=(-2, -1)) + true.sum(axis=(-2, -1)), 1))


def spread(values: npt.ArrayLike) -> dict[str, float]:
    """Mean, standard deviation and the 5th, 50th and 95th percentile, by name; NaN of nothing."""
    numbers = np.asarray(values, np.float64)
    if not len(numbers):
        return dict.fromkeys(("mean", "sd", "p5", "median", "p95"), float("nan"))
    p5, median, p95 = (float(p) for p in np.percentile(numbers, (5, 50, 95)))
    return {"mean": float(numbers.mean()), "sd": float(numbers.std()), "p5": p5, "median": median, "p95": p95}


def save_roll(path: Path, roll: BoolArray, columns: Sequence[int], grid: Grid = PAPER_GRID) -> None:
    """Write one roll (steps, P) as a MIDI file, parts on tracks of their own.  Raises: FileError."""
    tempo = DEFAULT_TEMPO if grid.steps_per_beat else USUAL_TEMPO
    step = 60 / tempo / grid.played_per_beat
    parts, pitches = parts_of(columns), pitches_of(columns)
    tracks = []
    for part in np.unique(parts).tolist():
        notes = notes_from_roll(roll & (parts == part), pitches, step)
        name = path.stem if part == Part.ALL else Part(part).label
        tracks.append(Track(name, 0 if part == Part.DRUMS else _SQUARE_LEAD, notes, is_drums=part == Part.DRUMS))
    write_midi(path, tracks, tempo, seconds=len(roll) * step)
