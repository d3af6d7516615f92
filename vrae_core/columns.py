"""What a column of a roll is: a pitch of all instruments together, or a pitch of one part of a band.

A column is a number, 128 · part + pitch.  Part 0 is all instruments together, so that a column of the paper's rolls is
its MIDI pitch.  A pitch of the drums stands for a kind of drum: it is the General MIDI note that plays it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.piano_roll import PIANO_PITCHES, IntArray

_PITCHES = 128


class Part(IntEnum):
    """Who plays; ALL stands for every instrument but the drums, together."""

    ALL = 0
    MELODY = 1
    CHORDS = 2
    BASS = 3
    DRUMS = 4

    @property
    def label(self) -> str:
        """The part in a word, as "Melody"."""
        return self.name.capitalize()


BAND = (Part.MELODY, Part.CHORDS, Part.BASS, Part.DRUMS)
TONAL = BAND[:3]


class DrumKind(NamedTuple):
    """Drums that are one column: the General MIDI note that plays them, and the other notes that are heard as them."""

    name: str
    note: int
    others: tuple[int, ...]


DRUM_KINDS = (
    DrumKind("Kick", 36, (35,)),
    DrumKind("Rim or clap", 37, (39, 56, 60, 61, 67, 68, 73, 74, 75, 76, 77)),
    DrumKind("Snare", 38, (40, 33, 34)),
    DrumKind("Closed hat", 42, (44, 54, 69, 70, 80, 82)),
    DrumKind("Low tom", 45, (41, 43, 64, 66, 78)),
    DrumKind("Open hat", 46, ()),
    DrumKind("Crash", 49, (52, 55, 57, 83, 84)),
    DrumKind("High tom", 50, (47, 48, 62, 63, 65, 79)),
    DrumKind("Ride", 51, (53, 58, 59, 71, 72, 81)),
)
DRUM_NOTE = {note: kind.note for kind in DRUM_KINDS for note in (kind.note, *kind.others)}  # a hit as its kind's note
OTHER_DRUM = 37  # what any other hit is heard as

PIANO_COLUMNS = PIANO_PITCHES
BAND_COLUMNS = (
    *(_PITCHES * part + pitch for part in TONAL for pitch in PIANO_PITCHES),
    *(_PITCHES * Part.DRUMS + kind.note for kind in DRUM_KINDS),
)


def all_columns(parts: bool) -> tuple[int, ...]:
    """The columns of a song's roll, before those that hardly sound are left out."""
    return BAND_COLUMNS if parts else PIANO_COLUMNS


def column_of(part: Part, pitch: int) -> int:
    """The number of a part's pitch."""
    return _PITCHES * part + pitch


def columns_of(parts: IntArray, pitches: npt.NDArray[np.integer]) -> IntArray:
    """The same for many."""
    return _PITCHES * parts + pitches.astype(np.int64)


def pitches_of(columns: Sequence[int]) -> tuple[int, ...]:
    """The MIDI pitch of each column."""
    return tuple(column % _PITCHES for column in columns)


def parts_of(columns: Sequence[int] | IntArray) -> IntArray:
    """The part of each column, (P,)."""
    return np.asarray(columns, np.int64) // _PITCHES


def counted_by_part(columns: Sequence[int]) -> str:
    """How many columns each part has, as "40 pitches of melody, 9 kinds of drums"."""
    parts = parts_of(columns)
    said = []
    for part in BAND:
        if own := int((parts == part).sum()):
            kind = "kind" if part is Part.DRUMS else "pitch"
            plural = "" if own == 1 else "s" if part is Part.DRUMS else "es"
            said.append(f"{own} {kind}{plural} of {part.label.lower()}")
    return ", ".join(said)


def places_in(columns: Sequence[int], layout: Sequence[int]) -> IntArray:
    """Where some columns lie in a layout that has them all."""
    place = {column: number for number, column in enumerate(layout)}
    return np.array([place[column] for column in columns], np.int64)


def moved_columns(columns: Sequence[int], semitones: int) -> IntArray:
    """For music so many semitones higher: the place that each column's notes came from, or −1; drums stay.  (P,)"""
    place = {column: number for number, column in enumerate(columns)}
    found = np.full(len(columns), -1, np.int64)
    for number, column in enumerate(columns):
        part, pitch = divmod(column, _PITCHES)
        if part == Part.DRUMS:
            found[number] = number
        elif 0 <= pitch - semitones < _PITCHES:
            found[number] = place.get(column - semitones, -1)
    return found


def on_piano(cells: npt.NDArray[np.bool_], columns: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Cells (…, P) as keys of the piano, (…, 88), whoever plays them; drums are left out."""
    keys = np.zeros((*cells.shape[:-1], len(PIANO_PITCHES)), bool)
    parts = parts_of(columns)
    for part in np.unique(parts[parts != Part.DRUMS]).tolist():
        own = np.flatnonzero(parts == part)
        keys[..., np.asarray(columns)[own] % _PITCHES - PIANO_PITCHES[0]] |= cells[..., own]
    return keys
