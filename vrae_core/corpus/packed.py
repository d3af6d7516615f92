"""Corpora larger than memory: rolls as packed bits in one file (`packing.py`), read where a minibatch needs them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from vrae_core.columns import places_in
from vrae_core.corpus.cutting import (
    MIN_PITCH_SHARE,
    PAPER_CAP,
    pitches_worth_keeping,
    shared_out,
    window_counts,
    window_starts,
)
from vrae_core.corpus.packed_index import BLOCK, MAGIC, Bytes, checked, read_index, row_bytes
from vrae_core.corpus.sampling import PAPER_GRID, SongTime
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError, RollsFileError
from vrae_core.piano_roll import BoolArray, IntArray
from vrae_core.safe_files import AnyPath, open_regular

SUFFIX = ".vrae-rolls"
ROW = row_bytes(PAPER_GRID)
MOST_STEPS_IN_MEMORY = 1_000_000  # fourteen hours of music at 20 Hz


class PackedRolls:
    """An open file of packed rolls, mapped into memory; what is never touched takes none."""

    def __init__(self, path: AnyPath) -> None:
        """Raises: RollsFileError if the file cannot be read, or its parts do not fit its size."""
        self.path = os.fspath(path)
        try:
            with os.fdopen(open_regular(path, RollsFileError), "rb") as file:
                self._size = os.fstat(file.fileno()).st_size
                found, room = read_index(path, file, self._size)
                index = checked(path, found, room)
                row = row_bytes(index.grid)
                self._rows: Bytes = np.memmap(file, np.uint8, "r", len(MAGIC), (room // row, row))
        except OSError as problem:
            raise RollsFileError(path, f"cannot be read: {problem.strerror}") from None
        self.names, self.used, self.cells, self.sha256 = index.names, index.used, index.cells, index.sha256
        self.grid, self.times, self.programs = index.grid, index.times, index.programs
        self.signed = index.blocks is not None
        self._blocks = index.blocks
        self._checked = np.zeros(-(-len(self._rows) // BLOCK), bool) if self.signed else np.ones(0, bool)
        self.bases: IntArray = np.concatenate([[0], np.cumsum(index.steps)])  # (songs + 1,) first row of each

    @property
    def seconds(self) -> float:
        """How long all songs last together."""
        steps = np.diff(self.bases)
        times = self.times or [SongTime()] * len(steps)
        return sum(float(time.seconds_at(n)) for time, n in zip(times, steps.tolist(), strict=True))

    def rows(self, which: IntArray) -> Bytes:
        """Rows (…, bytes of one) by their numbers (…).  Raises: RollsFileError if they are damaged or cut short."""
        try:
            whole = os.stat(self.path).st_size >= self._size
        except OSError:  # its name is gone; the map holds on to the file
            whole = True
        if not whole:  # touching what is no longer there would end the process
            raise RollsFileError(self.path, "was cut short while it was in use")
        if self._blocks is not None and not self._checked.all():
            for block in np.unique(which // BLOCK).tolist():
                self._check(block)
        gathered: Bytes = self._rows[which]
        return gathered

    def _check(self, block: int) -> None:
        if self._blocks is None or self._checked[block]:
            return
        rows = self._rows[block * BLOCK : (block + 1) * BLOCK]
        if hashlib.sha256(rows.tobytes()).digest() != self._blocks[block].tobytes():
            raise RollsFileError(
                self.path, f"is damaged: step {block * BLOCK:,} or one soon after is not as it was saved"
            )
        self._checked[block] = True

    def cut(
        self,
        window: int,
        hop: int,
        *,
        cap: int | None = PAPER_CAP,
        equal_share: bool = True,
        pitches: Sequence[int] | None = None,
    ) -> PackedCorpus:
        """The windows of the songs, as `cutting.build_corpus` cuts them.  Raises: CorpusError if there are none."""
        layout = self.grid.columns
        chosen = tuple(pitches) if pitches is not None else pitches_worth_keeping(self.cells, MIN_PITCH_SHARE, layout)
        columns = places_in(chosen, layout)
        usable = np.unpackbits(self.used, axis=1)[:, columns].any(axis=1)
        skipped = tuple(
            f"{self.names[song]} uses none of the {len(chosen)} pitches that the model knows"
            for song in np.flatnonzero(~usable)
        )
        if not usable.any():
            raise CorpusError("; ".join(skipped[:5]))
        songs = np.flatnonzero(usable)
        steps = np.diff(self.bases)[songs]
        if self.grid.steps_per_beat:
            lasting = np.maximum(steps, window).tolist()
            lines = [self.times[song].bar_lines(n) for song, n in zip(songs.tolist(), lasting, strict=True)]
            starts = [window_starts(n, window, hop, each) for n, each in zip(lasting, lines, strict=True)]
            counts = shared_out(np.array([len(each) for each in starts]), cap, equal_share)
            begins = np.concatenate([each[:count] for each, count in zip(starts, counts, strict=True)])
        else:
            counts, begins = window_counts(steps, window, hop, cap, equal_share), None
        firsts = np.concatenate([[0], np.cumsum(counts)])
        return PackedCorpus(self, songs, firsts, chosen, window, hop, skipped, begins=begins)


@dataclass(frozen=True)
class PackedCorpus:
    """Windows of packed rolls.  Only where they begin is worked out, for those that are asked for."""

    file: PackedRolls
    songs: IntArray  # those of the file that give windows
    firsts: IntArray  # (songs + 1,) the number of windows before each song's first
    pitches: tuple[int, ...]
    window: int
    hop: int
    skipped: tuple[str, ...] = ()
    chosen: IntArray | None = None  # which windows; all if None
    begins: IntArray | None = None  # (windows of all songs,) first steps within them; None: a hop apart

    def __len__(self) -> int:
        return int(self.firsts[-1]) if self.chosen is None else len(self.chosen)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """One a song."""
        return tuple(self.file.names[song] for song in self.songs)

    @property
    def song_of(self) -> IntArray:
        """(windows,) index into `names`."""
        return self._song_and_start(slice(None))[0]

    @property
    def start_of(self) -> IntArray:
        """(windows,) first step within its song."""
        return self._song_and_start(slice(None))[1]

    @property
    def offsets(self) -> IntArray:
        """(windows,) first row of each in the file."""
        song, start = self._song_and_start(slice(None))
        return self.file.bases[self.songs[song]] + start

    def windows(self, indices: slice | Sequence[int] | IntArray = slice(None)) -> BoolArray:
        """Gather windows: (n, T, P); beyond its end a song is silent."""
        song, start = self._song_and_start(indices)
        song = self.songs[song]
        rows = (self.file.bases[song] + start)[:, None] + np.arange(self.window)
        ends = self.file.bases[song + 1][:, None]
        bits = np.unpackbits(self.file.rows(np.minimum(rows, ends - 1)), axis=2)
        gathered: BoolArray = bits[:, :, self._columns].view(bool)
        gathered[rows >= ends] = False
        return gathered

    def take(self, indices: Sequence[int] | IntArray) -> PackedCorpus:
        """The same songs with only some of the windows."""
        kept = np.asarray(indices, np.int64)
        return replace(self, chosen=kept if self.chosen is None else self.chosen[kept])

    def in_memory(self) -> Corpus:
        """The same windows, in the same order.  Raises: CorpusError if their songs have more steps than are held."""
        bases = self.file.bases
        lengths = np.maximum(bases[self.songs + 1] - bases[self.songs], self.window)  # a short song ends in silence
        if lengths.sum() > MOST_STEPS_IN_MEMORY:
            raise CorpusError(f"its songs have {lengths.sum():,} steps; up to {MOST_STEPS_IN_MEMORY:,} are shown")
        begins = np.cumsum(lengths) - lengths
        roll = np.zeros((int(lengths.sum()), len(self.pitches)), bool)
        for song, begin in zip(self.songs, begins, strict=True):
            bits = np.unpackbits(self.file.rows(np.arange(bases[song], bases[song + 1])), axis=1)
            roll[begin : begin + len(bits)] = bits[:, self._columns]
        song_of, start_of = self._song_and_start(slice(None))
        offsets = begins[song_of] + start_of
        grid, file = self.file.grid, self.file
        times = tuple(file.times[song] for song in self.songs) if file.times else ()
        programs = tuple(file.programs[song] for song in self.songs) if file.programs else ()
        windows = (roll, offsets, song_of, start_of, self.window, self.skipped)
        return Corpus(self.names, self.pitches, *windows, grid, times, programs=programs)

    def cells(self) -> Iterator[bytes]:
        """What tells these windows from any others."""
        cut = {"rows": self.file.sha256, "window": self.window, "hop": self.hop, "windows": len(self)}
        yield json.dumps(cut).encode()
        for part in (self.songs, self.firsts, self.chosen, *(() if self.begins is None else (self.begins,))):
            yield b"" if part is None else part.astype("<i8").tobytes()

    def _song_and_start(self, indices: slice | Sequence[int] | IntArray) -> tuple[IntArray, IntArray]:
        if self.chosen is not None:
            numbers = self.chosen[indices]
        elif isinstance(indices, slice):
            numbers = np.arange(*indices.indices(len(self)))
        else:
            numbers = np.asarray(indices, np.int64)
            numbers = np.where(numbers < 0, numbers + len(self), numbers)
        song = np.searchsorted(self.firsts, numbers, side="right") - 1
        return song, (numbers - self.firsts[song]) * self.hop if self.begins is None else self.begins[numbers]

    @cached_property
    def _columns(self) -> IntArray:
        return places_in(self.pitches, self.file.grid.columns)


def is_packed(path: AnyPath) -> bool:
    """Whether a file is meant to hold packed rolls: by its name alone."""
    return Path(path).suffix.lower() == SUFFIX
