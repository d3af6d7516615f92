"""Corpora larger than memory: rolls as packed bits in one file, read where a minibatch needs them.

The file: eight bytes that say what it is; the rows of all songs on top of each other, 88 bits in 11 bytes each; the
SHA-256 of an index, the index in JSON, and its length in eight bytes.  The index tells each song's name, steps and
pitches, how often each pitch sounds in all, the SHA-256 of the rows, by which a checkpoint knows its corpus, and that
of every 4,096 rows, which are checked when the first of them is read.  Files of before there were signatures begin
with other bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from vrae_core.corpus.windows import MIN_PITCH_SHARE, PAPER_CAP, Corpus, pitches_worth_keeping, window_counts
from vrae_core.errors import CorpusError, RollsFileError
from vrae_core.json_values import Whole, converted, parsed
from vrae_core.piano_roll import LOWEST_PITCH, PIANO_PITCHES, BoolArray, IntArray
from vrae_core.safe_files import AnyPath, open_regular, writing_atomically

SUFFIX = ".vrae-rolls"
MAGIC, MAGIC_UNSIGNED = b"VRAEROL2", b"VRAEROLL"
ROW = 11  # bytes: 88 bits
LARGEST_INDEX = 1 << 28  # bytes; a million songs need half of it
MOST_STEPS_IN_MEMORY = 1_000_000  # fourteen hours of music
BLOCK = 4096  # rows that are signed together: 45 kB
_SIGNATURE = 32  # bytes
_TAIL = 8  # bytes that tell the index's length
_LONGEST_NAME = 200
_HEX = r"^([0-9a-f]{2}){%d}\Z"  # of so many bytes

Bytes = npt.NDArray[np.uint8]


class PackedSong(NamedTuple):
    """A song as the file holds it."""

    name: str
    rows: Bytes  # (steps, 11)

    @property
    def roll(self) -> BoolArray:
        """(steps, 88)."""
        return np.unpackbits(self.rows, axis=1).view(bool)


class _Index(NamedTuple):
    names: tuple[str, ...]
    steps: IntArray  # (songs,)
    used: Bytes  # (songs, 11) the pitches that a song has
    cells: IntArray  # (88,) how often each pitch sounds in all songs
    sha256: str  # of the rows
    blocks: Bytes | None  # (blocks, 32) of each BLOCK of them; None for a file of before


def packed(name: str, roll: BoolArray) -> PackedSong:
    """A song's roll (steps, 88), eight cells a byte."""
    return PackedSong(name, np.packbits(roll, axis=1))


class PackedRolls:
    """An open file of packed rolls, mapped into memory; what is never touched takes none."""

    def __init__(self, path: AnyPath) -> None:
        """Raises: RollsFileError if the file cannot be read, or its parts do not fit its size."""
        self.path = os.fspath(path)
        try:
            with os.fdopen(open_regular(path, RollsFileError), "rb") as file:
                self._size = os.fstat(file.fileno()).st_size
                found, room = _index(path, file, self._size)
                index = _checked(path, found, room)
                self._rows: Bytes = np.memmap(file, np.uint8, "r", len(MAGIC), (room // ROW, ROW))
        except OSError as problem:
            raise RollsFileError(path, f"cannot be read: {problem.strerror}") from None
        self.names, self.used, self.cells, self.sha256 = index.names, index.used, index.cells, index.sha256
        self.signed = index.blocks is not None
        self._blocks = index.blocks
        self._checked = np.zeros(-(-len(self._rows) // BLOCK), bool) if self.signed else np.ones(0, bool)
        self.bases: IntArray = np.concatenate([[0], np.cumsum(index.steps)])  # (songs + 1,) first row of each

    def rows(self, which: IntArray) -> Bytes:
        """Rows (…, 11) by their numbers (…).  Raises: RollsFileError if they are damaged or cut short."""
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
        """The windows of the songs, as `corpus.build_corpus` cuts them.  Raises: CorpusError if there are none."""
        chosen = tuple(pitches) if pitches is not None else pitches_worth_keeping(self.cells, MIN_PITCH_SHARE)
        columns = np.array([pitch - LOWEST_PITCH for pitch in chosen], np.int64)
        usable = np.unpackbits(self.used, axis=1)[:, columns].any(axis=1)
        skipped = tuple(
            f"{self.names[song]} uses none of the {len(chosen)} pitches that the model knows"
            for song in np.flatnonzero(~usable)
        )
        if not usable.any():
            raise CorpusError("; ".join(skipped[:5]))
        songs = np.flatnonzero(usable)
        steps = np.diff(self.bases)[songs]
        counts = window_counts(steps, window, hop, cap, equal_share)
        return PackedCorpus(self, songs, np.concatenate([[0], np.cumsum(counts)]), chosen, window, hop, skipped)


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
        gathered: BoolArray = bits[:, :, [pitch - LOWEST_PITCH for pitch in self.pitches]].view(bool)
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
            roll[begin : begin + len(bits)] = bits[:, [pitch - LOWEST_PITCH for pitch in self.pitches]]
        song_of, start_of = self._song_and_start(slice(None))
        offsets = begins[song_of] + start_of
        return Corpus(self.names, self.pitches, roll, offsets, song_of, start_of, self.window, self.skipped)

    def cells(self) -> Iterator[bytes]:
        """What tells these windows from any others."""
        cut = {"rows": self.file.sha256, "window": self.window, "hop": self.hop, "windows": len(self)}
        yield json.dumps(cut).encode()
        for part in (self.songs, self.firsts, self.chosen):
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
        return song, (numbers - self.firsts[song]) * self.hop


def writing_rolls(path: AnyPath, songs: Iterable[PackedSong]) -> Generator[int, None, int]:
    """Write songs as they come; yields how many there are so far, and returns it.

    The file appears when it is whole, or not at all.  Raises: FileError if it cannot be written; CorpusError if there
    are no songs; what ``songs`` raises.
    """
    entries: list[tuple[str, int, str]] = []
    cells = np.zeros(len(PIANO_PITCHES), np.int64)
    sha, blocks = hashlib.sha256(), _BlockDigests()
    with writing_atomically(path) as file:
        file.write(MAGIC)
        for song in songs:
            file.write(song.rows.data)
            sha.update(song.rows.data)
            blocks.update(song.rows)
            cells += song.roll.sum(axis=0)
            used = np.bitwise_or.reduce(song.rows, axis=0).tobytes().hex()
            entries.append((song.name[:_LONGEST_NAME], len(song.rows), used))
            yield len(entries)
        if not entries:
            raise CorpusError("there are no songs to pack")
        said = {"songs": entries, "cells": cells.tolist(), "sha256": sha.hexdigest(), "blocks": blocks.hexdigests()}
        index = json.dumps(said).encode()
        file.write(hashlib.sha256(index).digest() + index + len(index).to_bytes(_TAIL, "little"))
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


def is_packed(path: AnyPath) -> bool:
    """Whether a file is meant to hold packed rolls: by its name alone."""
    return Path(path).suffix.lower() == SUFFIX


def _index(path: AnyPath, file: BinaryIO, size: int) -> tuple[Any, int]:
    """The JSON at the end of the file, and how many bytes of rows lie before it."""
    magic = file.read(len(MAGIC))
    if magic not in (MAGIC, MAGIC_UNSIGNED):
        raise RollsFileError(path, "is not a file of packed rolls")
    signature = _SIGNATURE if magic == MAGIC else 0
    most = min(LARGEST_INDEX, size - len(MAGIC) - signature - _TAIL)
    file.seek(max(size - _TAIL, 0))
    length = int.from_bytes(file.read(_TAIL), "little")
    if not 0 < length <= most:
        raise RollsFileError(path, "is damaged: it has no index at its end")
    file.seek(size - _TAIL - length - signature)
    said, text = file.read(signature), file.read(length)
    if signature and hashlib.sha256(text).digest() != said:
        raise RollsFileError(path, "is damaged: its index is not as it was saved")
    try:
        index = parsed(text)
    except ValueError:
        raise RollsFileError(path, "is damaged: its index is not JSON") from None
    if isinstance(index, dict) and bool(signature) != ("blocks" in index):
        raise RollsFileError(path, "is damaged: its index is not as it was saved")
    return index, size - len(MAGIC) - signature - _TAIL - length


@dataclass(frozen=True)
class _WrittenIndex:
    """The index as it is written: of each song its name, steps and pitches."""

    songs: list[tuple[Annotated[str, Meta(max_length=_LONGEST_NAME)], Whole, Annotated[str, Meta(pattern=_HEX % ROW)]]]
    cells: list[Whole]
    sha256: Annotated[str, Meta(pattern=_HEX % 32)]
    blocks: str | None = None


def _checked(path: AnyPath, index: Any, room: int) -> _Index:
    """The index, if it is of the right kind and its songs are ``room`` bytes long."""
    try:
        written = converted(index, _WrittenIndex)
    except ValueError as problem:
        raise RollsFileError(path, f"is damaged: its index is no good ({problem})") from None
    names, lengths, pitches = zip(*written.songs, strict=True) if written.songs else ((), (), ())
    if not all(name.isprintable() for name in names):
        raise RollsFileError(path, "is damaged: a name in its index is none")
    if sum(lengths) * ROW != room or 0 in lengths or len(written.cells) != len(PIANO_PITCHES):
        raise RollsFileError(path, "is damaged: it is not as long as its index says")
    blocks = None if written.blocks is None else _block_digests(path, written.blocks, room // ROW)
    used = np.frombuffer(bytes.fromhex("".join(pitches)), np.uint8).reshape(-1, ROW)
    return _Index(names, np.array(lengths, np.int64), used, np.array(written.cells, np.int64), written.sha256, blocks)


def _block_digests(path: AnyPath, text: str, rows: int) -> Bytes:
    try:
        return np.frombuffer(bytes.fromhex(text), np.uint8).reshape(-(-rows // BLOCK), _SIGNATURE)
    except ValueError:
        raise RollsFileError(path, "is damaged: its index is no good (blocks)") from None
