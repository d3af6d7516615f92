"""Where a column of a roll is drawn: at its key of one piano, whoever plays it, or in the lane of the drums below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.piano_roll import PITCH_CLASSES, BoolArray, IntArray, pitch_name

DRUM_LANE = (  # from the top, as drummers write them: General MIDI's note, and a word that is short enough
    (49, "Crash"),
    (51, "Ride"),
    (46, "Open"),
    (42, "Hat"),
    (50, "Tom hi"),
    (45, "Tom lo"),
    (37, "Rim"),
    (38, "Snare"),
    (36, "Kick"),
)
FEWEST_KEYS = 12


class Run(NamedTuple):
    """A note as it is drawn: its row from the top, its first step, the step that it ends at, and its column."""

    row: int
    start: int
    end: int
    column: int


class RollLayout:
    """columns: numbers of columns, as in `vrae_core.columns`; of a roll whose columns nobody names, a row each."""

    def __init__(self, columns: Sequence[int] | int) -> None:
        self.is_named = not isinstance(columns, int)
        self.columns = tuple(columns) if not isinstance(columns, int) else tuple(range(columns))
        self.part_of = parts_of(self.columns) if self.is_named else np.zeros(len(self.columns), np.int64)
        self.has_parts = bool(self.part_of.any())
        self.highest = -1  # the pitch of the top row
        if not self.is_named:
            self.keys, self.rows = len(self.columns), len(self.columns)
            self.row_of: IntArray = np.arange(self.rows)[::-1]
            return
        pitches, drums = np.array(pitches_of(self.columns), np.int64), self.part_of == Part.DRUMS
        tonal = pitches[~drums]
        if len(tonal):
            missing = max(0, FEWEST_KEYS - int(np.ptp(tonal)) - 1)
            self.highest = int(tonal.max()) + missing // 2
            self.keys = self.highest - int(tonal.min()) + 1 + missing - missing // 2
        else:
            self.keys = 0
        self.rows = self.keys + (len(DRUM_LANE) if drums.any() else 0)
        lane = {note: self.keys + number for number, (note, _) in enumerate(DRUM_LANE)}
        rows = [lane[p] if d else self.highest - p for p, d in zip(pitches.tolist(), drums.tolist(), strict=True)]
        self.row_of = np.array(rows, np.int64)

    @property
    def has_drums(self) -> bool:
        """Whether there is a lane of drums."""
        return self.rows > self.keys

    def octaves(self) -> list[tuple[int, str]]:
        """The rows of every C, with its name."""
        return [(row, pitch_name(self.highest - row)) for row in range(self.keys) if (self.highest - row) % 12 == 0]

    def black_rows(self) -> list[int]:
        """The rows of the black keys."""
        if not self.is_named:
            return []
        return [row for row in range(self.keys) if len(PITCH_CLASSES[(self.highest - row) % 12]) > 1]

    def runs(self, roll: BoolArray) -> list[Run]:
        """The notes of a roll, (steps, P)."""
        edges = np.diff(np.pad(roll.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        columns, starts = np.nonzero(edges == 1)
        ends = np.nonzero(edges == -1)[1]
        rows = self.row_of[columns]
        return list(map(Run, rows.tolist(), starts.tolist(), ends.tolist(), columns.tolist()))
