"""Writing a file of packed rolls, a song at a time.

The file: eight bytes that say what it is; the rows of all songs on top of each other, at 20 Hz 88 bits in 11 bytes
each; the SHA-256 of an index, the index in JSON, and its length in eight bytes.  The index (`packed_index.py`) tells
each song's name, steps and columns, how often each column sounds in all, the SHA-256 of the rows, by which a
checkpoint knows its corpus, and that of every 4,096 rows, which are checked when the first of them is read; and of
another grid than the paper's the grid, and each song's tempos, meters and programs.  Files of before there were
signatures begin with other bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable
from dataclasses import asdict
from typing import NamedTuple

import numpy as np

from vrae_core.corpus.packed_index import BLOCK, LARGEST_INDEX, LONGEST_NAME, MAGIC, TAIL, Bytes
from vrae_core.corpus.sampling import (
    NO_PROGRAMS,
    PAPER_GRID,
    Grid,
    PlainTime,
    Programs,
    SampledSong,
    SongTime,
    time_to_plain,
)
from vrae_core.errors import CorpusError
from vrae_core.piano_roll import BoolArray
from vrae_core.safe_files import AnyPath, writing_atomically


class PackedSong(NamedTuple):
    """A song as the file holds it."""

    name: str
    rows: Bytes  # (steps, bytes of a row)
    grid: Grid = PAPER_GRID
    time: SongTime = SongTime()
    programs: Programs = NO_PROGRAMS

    @property
    def roll(self) -> BoolArray:
        """(steps, columns of the grid)."""
        return np.unpackbits(self.rows, axis=1, count=len(self.grid.columns)).view(bool)


def packed(name: str, roll: BoolArray) -> PackedSong:
    """A song's roll at 20 Hz, (steps, 88), eight cells a byte."""
    return PackedSong(name, np.packbits(roll, axis=1))


def packed_song(song: SampledSong) -> PackedSong:
    """A song on its grid, eight cells a byte."""
    return PackedSong(song.name, np.packbits(song.roll, axis=1), song.grid, song.time, song.programs)


def writing_rolls(path: AnyPath, songs: Iterable[PackedSong]) -> Generator[int, None, int]:
    """Write songs as they come; yields how many there are so far, and returns it.

    The file appears when it is whole, or not at all.  Raises: FileError if it cannot be written; CorpusError if there
    are no songs; what ``songs`` raises.
    """
    entries: list[tuple[str, int, str]] = []
    times: list[PlainTime] = []
    programs: list[Programs] = []
    grid, cells = PAPER_GRID, np.zeros(0, np.int64)
    sha, blocks = hashlib.sha256(), _BlockDigests()
    with writing_atomically(path) as file:
        file.write(MAGIC)
        for song in songs:
            if not entries:
                grid, cells = song.grid, np.zeros(len(song.grid.columns), np.int64)
            file.write(song.rows.data)
            sha.update(song.rows.data)
            blocks.update(song.rows)
            cells += song.roll.sum(axis=0)
            used = np.bitwise_or.reduce(song.rows, axis=0).tobytes().hex()
            times.append(time_to_plain(song.time))
            programs.append(song.programs)
            entries.append((song.name[:LONGEST_NAME], len(song.rows), used))
            yield len(entries)
        if not entries:
            raise CorpusError("there are no songs to pack")
        said: dict[str, object] = {
            "songs": entries,
            "cells": cells.tolist(),
            "sha256": sha.hexdigest(),
            "blocks": blocks.hexdigests(),
        }
        if grid != PAPER_GRID:
            said |= {"grid": asdict(grid), "times": times if grid.steps_per_beat else [], "programs": programs}
        index = json.dumps(said).encode()
        if len(index) > LARGEST_INDEX:
            raise CorpusError("the songs are too many for one file, or have too many changes of tempo")
        file.write(hashlib.sha256(index).digest() + index + len(index).to_bytes(TAIL, "little"))
    return len(entries)


class _BlockDigests:
    """The SHA-256 of every BLOCK rows of those that come."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._sha, self._rows = hashlib.sha256(), 0

    def update(self, rows: Bytes) -> None:
        while len(rows):
            now, rows = rows[: BLOCK - self._rows], rows[BLOCK - self._rows :]
            self._sha.update(np.ascontiguousarray(now).data)
            self._rows += len(now)
            if self._rows == BLOCK:
                self._done.append(self._sha.hexdigest())
                self._sha, self._rows = hashlib.sha256(), 0

    def hexdigests(self) -> str:
        """All of them, one after another."""
        return "".join([*self._done, self._sha.hexdigest()] if self._rows else self._done)
