"""Notes and the binary piano roll they are sampled into: 20 steps a second over the 88 piano keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Self, TypeVar, overload

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

STEPS_PER_SECOND = 20
STEP_SECONDS = 1 / STEPS_PER_SECOND
LOWEST_PITCH, HIGHEST_PITCH = 21, 108  # MIDI numbers of the 88 piano keys
PIANO_PITCHES = tuple(range(LOWEST_PITCH, HIGHEST_PITCH + 1))
PITCH_CLASSES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_CELLS_AT_ONCE = 1 << 20  # that are set in a roll
Cell = TypeVar("Cell", bound=np.generic)


class Note(NamedTuple):
    """One note: onset and end in seconds, MIDI pitch 0–127, velocity 1–127, and the number of its song's track."""

    start: float
    end: float
    pitch: int
    velocity: int = 90
    track: int = 0


_new_note = partial(tuple.__new__, Note)  # several times as fast as Note(…)


class Notes(Sequence[Note]):
    """Notes as columns, (notes,) each: 22 bytes a note, where objects take 140.  They never change."""

    __slots__ = ("ends", "pitches", "starts", "tracks", "velocities")

    def __init__(
        self,
        starts: npt.ArrayLike,
        ends: npt.ArrayLike,
        pitches: npt.ArrayLike,
        velocities: npt.ArrayLike,
        tracks: npt.ArrayLike,
    ) -> None:
        self.starts, self.ends = (np.asarray(column, np.float64) for column in (starts, ends))
        self.pitches, self.velocities, self.tracks = (
            np.asarray(column, np.int16) for column in (pitches, velocities, tracks)
        )

    @classmethod
    def of(cls, notes: Iterable[Note]) -> Self:
        """Any notes as columns, in their order; themselves if they are already."""
        return notes if isinstance(notes, cls) else cls(*([*zip(*notes, strict=True)] or [()] * 5))

    @classmethod
    def joined(cls, *several: Notes) -> Self:
        """The notes of each after those of the one before."""
        return cls(*map(np.concatenate, zip(*(notes._columns for notes in several), strict=True)))

    def some(self, which: npt.NDArray[Any]) -> Notes:
        """Those at some places, or where a mask is set."""
        return Notes(*(column[which] for column in self._columns))

    def at(self, starts: npt.ArrayLike, ends: npt.ArrayLike) -> Notes:
        """The same notes at other times."""
        return Notes(starts, ends, *self._columns[2:])

    def in_order(self) -> Notes:
        """Sorted as tuples are: by onset, then by end, pitch, velocity and track."""
        return self.some(np.lexsort(self._columns[::-1]))

    def by_track(self, tracks: int) -> list[Notes]:
        """Those of each track, in their order."""
        order = np.argsort(self.tracks, kind="stable")
        ends = np.searchsorted(self.tracks[order], np.arange(tracks), side="right")
        return [self.some(own) for own in np.split(order, ends)[:tracks]]

    @property
    def on_piano(self) -> BoolArray:
        """(notes,) whether each is one of the 88 keys."""
        on_it: BoolArray = (self.pitches >= LOWEST_PITCH) & (self.pitches <= HIGHEST_PITCH)
        return on_it

    @property
    def _columns(self) -> tuple[npt.NDArray[Any], ...]:
        return self.starts, self.ends, self.pitches, self.velocities, self.tracks

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Note]:
        return map(_new_note, zip(*(column.tolist() for column in self._columns), strict=True))

    @overload
    def __getitem__(self, place: int) -> Note: ...
    @overload
    def __getitem__(self, place: slice) -> Notes: ...
    def __getitem__(self, place: int | slice) -> Note | Notes:
        if isinstance(place, slice):
            return Notes(*(column[place] for column in self._columns))
        return Note(*(column[place].item() for column in self._columns))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Notes):
            return all(map(np.array_equal, self._columns, other._columns))
        return tuple(self) == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


NO_NOTES = Notes.of(())


def pitch_name(pitch: int) -> str:
    """A pitch as C4, which is middle C."""
    return f"{PITCH_CLASSES[pitch % 12]}{pitch // 12 - 1}"


def step_at(seconds: float) -> int:
    """The step nearest to a time."""
    return int(seconds * STEPS_PER_SECOND + 0.5)


def roll_from_notes(notes: Iterable[Note]) -> BoolArray:
    """Sample notes at 20 Hz.

    Every note lasts at least one step.  A pitch struck again while it sounds, or at the very step it
    ends, gets a one-step gap before the new onset, so that two notes stay two notes; a note of one
    step cannot give a step away and merges.  Notes outside the piano are left out.

    Returns: (steps, 88) bool, one column a pitch from MIDI 21; as long as the last note.
    """
    given = Notes.of(notes)
    on_piano = np.flatnonzero(given.on_piano)
    on_piano = on_piano[np.argsort(given.starts[on_piano], kind="stable")]
    first, end = ((times[on_piano] * STEPS_PER_SECOND + 0.5).astype(np.int64) for times in (given.starts, given.ends))
    columns = given.pitches[on_piano].astype(np.int64) - LOWEST_PITCH
    return roll_of_spans(np.stack([first, np.maximum(end, first + 1), columns], axis=1), len(PIANO_PITCHES))


def roll_of_spans(spans: Sequence[tuple[int, int, int]] | IntArray, columns: int) -> BoolArray:
    """Notes as (first step, step of the end, column), in the order of their onsets, as a roll with so many columns."""
    table = np.asarray(spans, np.int64).reshape(-1, 3)
    steps = int(table[:, 1].max(initial=0))
    roll = np.zeros((steps, columns), bool)
    start, end, column = table[np.argsort(table[:, 2], kind="stable")].T
    end = np.maximum.accumulate(column * steps + end) - column * steps  # of what has begun in the column so far
    again = np.flatnonzero(column[1:] == column[:-1])
    following = start[again + 1]
    end[again] = np.minimum(end[again], following - (following > start[again] + 1))  # no cell twice
    _fill(roll, start, end, column)
    return roll


def _fill(roll: BoolArray, start: IntArray, end: IntArray, column: IntArray) -> None:
    """Set the cells of spans, some at a time, for an index takes sixteen times the memory of a cell."""
    size, cells = roll.shape[1], roll.reshape(-1)
    until = np.cumsum(end - start)
    total = int(until[-1]) if len(until) else 0
    parts = np.searchsorted(until, np.arange(0, total, _CELLS_AT_ONCE))
    for some in map(slice, parts, [*parts[1:], len(until)]):
        lengths = end[some] - start[some]
        before = np.cumsum(lengths) - lengths
        first = np.repeat((start[some] - before) * size + column[some], lengths)
        cells[first + np.arange(len(first)) * size] = True


def notes_from_roll(
    roll: BoolArray,
    pitches: Sequence[int] = PIANO_PITCHES,
    step_seconds: float | npt.NDArray[np.float64] = STEP_SECONDS,
    velocity: int | IntArray = 90,
) -> list[Note]:
    """Read runs of set cells as notes, sorted by onset.

    roll: (steps, len(pitches)) bool.  A run that touches the last step ends there.
    step_seconds: how long every step lasts, or when each begins and the last ends, (steps + 1,).
    velocity: of all notes, or (steps, len(pitches)), of which a note has that of the cell it begins in.
    """
    edges = np.diff(np.pad(roll.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    starts, start_columns = np.nonzero(edges.T == 1)[::-1]
    ends = np.nonzero(edges.T == -1)[1]  # the transpose lists each pitch's edges in turn, so starts and ends pair up
    velocities = np.broadcast_to(velocity, roll.shape)[starts, start_columns]
    times = np.arange(len(roll) + 1) * step_seconds if np.ndim(step_seconds) == 0 else np.asarray(step_seconds)
    when = times.tolist()
    return sorted(
        Note(when[start], when[end], pitches[column], loudness)
        for start, end, column, loudness in zip(
            starts.tolist(), ends.tolist(), start_columns.tolist(), velocities.tolist(), strict=True
        )
    )


def transposed(columns: npt.NDArray[Cell], semitones: int) -> npt.NDArray[Cell]:
    """Columns (…, 88), one a key of the piano, so many semitones higher; what leaves the piano is left out."""
    result = np.zeros_like(columns)
    low, high = max(0, -semitones), len(PIANO_PITCHES) - max(0, semitones)
    if low < high:
        result[..., low + semitones : high + semitones] = columns[..., low:high]
    return result
