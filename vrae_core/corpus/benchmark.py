"""The polyphonic benchmark's file format: piano rolls as lists of sounding pitches, with their published splits.

JSON, gzipped or not: {"train": pieces, "valid": pieces, "test": pieces}; a piece is a list of steps, a step the
list of MIDI pitches that sound (Boulanger-Lewandowski, Bengio & Vincent 2012, section 6).  A step is a beat
or a part of one, not the 50 ms that a step of a MIDI file's roll lasts.
"""

from __future__ import annotations

import json
import zlib
from typing import Any, NamedTuple

import numpy as np

from vrae_core.errors import RollsFileError
from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, PIANO_PITCHES, BoolArray
from vrae_core.safe_files import AnyPath, read_bounded

LARGEST_JSON = 16 << 20  # bytes, packed or unpacked; the largest of the four benchmarks has about 5 MB
MOST_STEPS = 1 << 20  # of all splits together; a step takes 88 bytes of memory but as few as 3 of JSON
MOST_PIECES = 1 << 14  # a piece is padded to a window, however short it is
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS  # zlib's sign for gzip's header and checksum


class RollsFile(NamedTuple):
    """The rolls of each split, each (steps, 88) bool with one column a pitch from MIDI 21."""

    train: tuple[BoolArray, ...]
    valid: tuple[BoolArray, ...]
    test: tuple[BoolArray, ...]


def read_rolls(path: AnyPath) -> RollsFile:
    """Read a file of the benchmark; every split has a piece and every piece a step.

    Raises: RollsFileError for whatever is anything else, or larger than 16 MB of JSON.
    """
    data = read_bounded(path, LARGEST_JSON, RollsFileError)
    if data.startswith(_GZIP_MAGIC):
        data = _unpacked(path, data)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise RollsFileError(path, "is not a file of piano rolls (no JSON)") from None
    if not isinstance(found, dict) or set(found) != set(RollsFile._fields):
        raise RollsFileError(path, "is not a file of piano rolls (it must hold train, valid and test, and no more)")
    _check_size(path, found)
    return RollsFile(*(_split(path, name, found[name]) for name in RollsFile._fields))


def _unpacked(path: AnyPath, data: bytes) -> bytes:
    """The one gzip member that ``data`` is, never unpacked any further than the limit."""
    gzip = zlib.decompressobj(_GZIP)
    try:
        text = gzip.decompress(data, LARGEST_JSON + 1)
    except zlib.error:
        raise RollsFileError(path, "is a damaged gzip file") from None
    if len(text) > LARGEST_JSON:
        raise RollsFileError(path, f"unpacks to more than the limit of {LARGEST_JSON >> 20} MB")
    if not gzip.eof:
        raise RollsFileError(path, "is a gzip file that breaks off before its end")
    if gzip.unused_data:
        raise RollsFileError(path, "is a gzip file that goes on after its end")
    return text


def _check_size(path: AnyPath, splits: dict[str, Any]) -> None:
    """Refuse lists of pieces, or of steps, that would need far more memory as rolls than as text."""
    for name, pieces in splits.items():
        if not isinstance(pieces, list) or not pieces:
            raise RollsFileError(path, f"holds no list of pieces as {name}")
        for i, piece in enumerate(pieces, 1):
            if not isinstance(piece, list) or not piece:
                raise RollsFileError(path, f"holds no list of steps as piece {i} of {name}")
    if sum(len(pieces) for pieces in splits.values()) > MOST_PIECES:
        raise RollsFileError(path, f"holds more than {MOST_PIECES:,} pieces")
    if sum(len(piece) for pieces in splits.values() for piece in pieces) > MOST_STEPS:
        raise RollsFileError(path, f"holds more than {MOST_STEPS:,} steps")


def _split(path: AnyPath, name: str, pieces: list[list[Any]]) -> tuple[BoolArray, ...]:
    rolls = []
    for i, piece in enumerate(pieces, 1):
        roll = np.zeros((len(piece), len(PIANO_PITCHES)), bool)
        for t, sounding in enumerate(piece):
            if not isinstance(sounding, list) or not all(_is_piano_key(pitch) for pitch in sounding):
                where = f"step {t + 1} of piece {i} of {name}"
                raise RollsFileError(path, f"holds no list of pitches {LOWEST_PITCH} to {HIGHEST_PITCH} as {where}")
            roll[t, [pitch - LOWEST_PITCH for pitch in sounding]] = True
        rolls.append(roll)
    return tuple(rolls)


def _is_piano_key(pitch: object) -> bool:
    # `type`, because True is an int to isinstance
    return type(pitch) is int and LOWEST_PITCH <= pitch <= HIGHEST_PITCH
