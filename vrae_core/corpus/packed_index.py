"""The index of a file of packed rolls, at its end: what it says of its songs, checked before any of it is believed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from vrae_core.corpus.sampling import PAPER_GRID, Grid, PlainTime, Programs, SongTime, time_from_plain
from vrae_core.errors import RollsFileError
from vrae_core.json_values import Whole, converted, parsed
from vrae_core.piano_roll import IntArray
from vrae_core.safe_files import AnyPath

MAGIC, MAGIC_UNSIGNED = b"VRAEROL2", b"VRAEROLL"
LARGEST_INDEX = 1 << 28  # bytes; a million songs need half of it
BLOCK = 4096  # rows that are signed together: 45 kB of 88 columns
SIGNATURE = 32  # bytes
TAIL = 8  # bytes that tell the index's length
LONGEST_NAME = 200
_HEX = r"^([0-9a-f]{2}){%s}\Z"  # of so many bytes
_WIDEST_ROW = 64  # bytes

Bytes = npt.NDArray[np.uint8]
_Program = Annotated[int, Meta(ge=0, le=127)]


class Index(NamedTuple):
    """What is known of the songs of a file, of rows of ``row`` bytes."""

    names: tuple[str, ...]
    steps: IntArray  # (songs,)
    used: Bytes  # (songs, row) the columns that a song has
    cells: IntArray  # (columns of the grid,) how often each sounds in all songs
    sha256: str  # of the rows
    blocks: Bytes | None  # (blocks, 32) of each BLOCK of them; None for a file of before
    grid: Grid
    times: tuple[SongTime, ...]  # one a song, none if every step lasts 50 ms
    programs: tuple[Programs, ...]  # one a song, or none if nobody knows


def row_bytes(grid: Grid) -> int:
    """How many bytes a step of a song takes."""
    return -(-len(grid.columns) // 8)


def read_index(path: AnyPath, file: BinaryIO, size: int) -> tuple[Any, int]:
    """The JSON at the end of the file, and how many bytes of rows lie before it."""
    magic = file.read(len(MAGIC))
    if magic not in (MAGIC, MAGIC_UNSIGNED):
        raise RollsFileError(path, "is not a file of packed rolls")
    signature = SIGNATURE if magic == MAGIC else 0
    most = min(LARGEST_INDEX, size - len(MAGIC) - signature - TAIL)
    file.seek(max(size - TAIL, 0))
    length = int.from_bytes(file.read(TAIL), "little")
    if not 0 < length <= most:
        raise RollsFileError(path, "is damaged: it has no index at its end")
    file.seek(size - TAIL - length - signature)
    said, text = file.read(signature), file.read(length)
    if signature and hashlib.sha256(text).digest() != said:
        raise RollsFileError(path, "is damaged: its index is not as it was saved")
    try:
        index = parsed(text)
    except ValueError:
        raise RollsFileError(path, "is damaged: its index is not JSON") from None
    if isinstance(index, dict) and bool(signature) != ("blocks" in index):
        raise RollsFileError(path, "is damaged: its index is not as it was saved")
    return index, size - len(MAGIC) - signature - TAIL - length


_Columns = Annotated[str, Meta(pattern=_HEX % f"1,{_WIDEST_ROW}")]


@dataclass(frozen=True)
class _WrittenIndex:
    """The index as it is written: of each song its name, steps and columns."""

    songs: list[tuple[Annotated[str, Meta(max_length=LONGEST_NAME)], Whole, _Columns]]
    cells: list[Whole]
    sha256: Annotated[str, Meta(pattern=_HEX % 32)]
    blocks: str | None = None
    grid: Grid = PAPER_GRID  # so it is in a file of before there were others
    times: list[PlainTime] = field(default_factory=list)
    programs: list[tuple[_Program, _Program, _Program, _Program]] = field(default_factory=list)


def checked(path: AnyPath, index: Any, room: int) -> Index:
    """The index, if it is of the right kind and its songs are ``room`` bytes long.  Raises: RollsFileError."""
    try:
        written = converted(index, _WrittenIndex)
        times = tuple(time_from_plain(time, written.grid) for time in written.times)
    except ValueError as problem:
        raise RollsFileError(path, f"is damaged: its index is no good ({problem})") from None
    names, lengths, columns = zip(*written.songs, strict=True) if written.songs else ((), (), ())
    if not all(name.isprintable() for name in names):
        raise RollsFileError(path, "is damaged: a name in its index is none")
    grid, row = written.grid, row_bytes(written.grid)
    fits = (
        sum(lengths) * row == room
        and 0 not in lengths
        and len(written.cells) == len(grid.columns)
        and all(len(text) == 2 * row for text in columns)
        and len(times) == (len(names) if grid.steps_per_beat else 0)
        and len(written.programs) in (0, len(names))
    )
    if not fits:
        raise RollsFileError(path, "is damaged: it is not as long as its index says")
    blocks = None if written.blocks is None else _block_digests(path, written.blocks, room // row)
    used = np.frombuffer(bytes.fromhex("".join(columns)), np.uint8).reshape(-1, row)
    cells, steps = np.array(written.cells, np.int64), np.array(lengths, np.int64)
    return Index(names, steps, used, cells, written.sha256, blocks, grid, times, tuple(written.programs))


def _block_digests(path: AnyPath, text: str, rows: int) -> Bytes:
    try:
        return np.frombuffer(bytes.fromhex(text), np.uint8).reshape(-(-rows // BLOCK), SIGNATURE)
    except ValueError:
        raise RollsFileError(path, "is damaged: its index is no good (blocks)") from None
