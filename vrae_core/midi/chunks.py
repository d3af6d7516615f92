"""A Standard MIDI File as its header and its tracks: bounded, and patient with damage.

Nothing is sized from a number found in the file: lengths are believed only as far as bytes are present, so
the work is bounded by the file's size.  What can be read is read; every repair leaves one plain warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

Warn = Callable[[str], None]

_FOREIGN = {
    b"PK\3\4": "a zip archive",
    b"\x1f\x8b": "a gzip file",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"RIFF": "a RIFF file (WAV or AVI)",
    b"ID3": "an MP3",
    b"OggS": "an Ogg file",
    b"fLaC": "a FLAC file",
    b"%PDF": "a PDF",
    b"<!DOC": "a web page",
    b"<!doc": "a web page",
    b"<html": "a web page",
    b"<HTML": "a web page",
    b"<?xml": "an XML file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_HEADER_SEARCH = 4096  # a wrapper (RIFF, MacBinary) may stand before the header
_LONGEST_HEADER = 4096
_END = b"\xff\x2f\0"  # of a track


class UnusableFileError(Exception):
    """The bytes cannot be read as MIDI; the message completes the sentence "<file> …"."""


class Header(NamedTuple):
    """What a file says of itself.  With an SMPTE time base the beat is half a second and tempo has no say."""

    track_count: int
    ticks_per_beat: float
    is_smpte: bool
    length: int  # bytes from the start of the header chunk to the first track


def unwrapped(data: bytes, warn: Warn) -> bytes:
    """The file from its MIDI header on, without what some programs put before it.

    Raises: UnusableFileError, naming what the file is instead where that can be told.
    """
    if not data:
        raise UnusableFileError("is empty (0 bytes)")
    is_wrapped_midi = data[:4] == b"RIFF" and data[8:12] == b"RMID"
    for signature, kind in _FOREIGN.items():
        if data.startswith(signature) and not is_wrapped_midi:
            raise UnusableFileError(f"is {kind}, not MIDI")
    start = data.find(b"MThd", 0, _HEADER_SEARCH)
    if start < 0:
        if len(data) < 4 and b"MThd".startswith(data):
            raise UnusableFileError("is cut inside its header")
        raise UnusableFileError(
            "is not a MIDI file (it has no MThd header)" if data.strip(b"\0") else "contains only zero bytes"
        )
    if start and not is_wrapped_midi:
        warn(f"{start} bytes before the MIDI header were skipped")
    return data[start:]


def read_header(data: bytes, warn: Warn) -> Header:
    """Read the header chunk at the start of ``data``.  Raises: UnusableFileError."""
    if len(data) < 14:
        raise UnusableFileError("is cut inside its header")
    length, file_format, track_count, division = (
        int.from_bytes(data[at:end], "big") for at, end in ((4, 8), (8, 10), (10, 12), (12, 14))
    )
    if not 6 <= length <= _LONGEST_HEADER or 8 + length > len(data):
        raise UnusableFileError(f"has a damaged header (it says it is {length} bytes long)")
    if file_format == 2:
        raise UnusableFileError("is of format 2 (independent patterns), which is not supported")
    if file_format > 2:
        warn(f"the unknown format {file_format} was read as format 1")
    if division == 0:
        raise UnusableFileError("has a time base of 0 ticks per beat")
    if division < 0x8000:
        return Header(track_count, division, False, 8 + length)
    frames, ticks = 256 - (division >> 8), division & 0xFF
    if frames not in (24, 25, 29, 30) or ticks == 0:
        raise UnusableFileError(f"has a damaged time base (SMPTE, {frames} frames of {ticks} ticks)")
    frames_per_second = 30000 / 1001 if frames == 29 else frames
    return Header(track_count, frames_per_second * ticks / 2, True, 8 + length)


class TrackBody(NamedTuple):
    """The bytes of a track, and whether the file ends before they do."""

    data: bytes
    is_cut: bool


def track_bodies(data: bytes, start: int, warn: Warn) -> Iterator[TrackBody]:
    """The contents of every track chunk from ``start`` on.

    A length that does not lead to another chunk or to the end of the file is not believed: the track then
    runs on to the next ``MTrk``, and its own end-of-track event ends it earlier.
    """
    while start + 8 <= len(data):
        kind = data[start : start + 4]
        body = start + 8
        end = body + int.from_bytes(data[start + 4 : body], "big")
        if kind == b"MThd":
            warn("a second MIDI file follows the first and was ignored")
            return
        if _is_track(kind):
            if kind != b"MTrk":
                warn("a track whose mark is misspelt was read all the same")
            is_cut = False
            if end != len(data) and not _chunk_begins(data, end):
                following = _next_track(data, body)
                is_cut = end > len(data) == following
                if end > len(data):
                    warn("a track is cut short, or its length is wrong")
                elif data[end - len(_END) : end] != _END:
                    warn("a track's length is wrong; it was read to its end")
                end = following
            yield TrackBody(data[body:end], is_cut)
        elif not _chunk_begins(data, start):
            end = _next_track(data, start)
            if data[start:end].strip(b"\0"):
                warn(f"{end - start} damaged bytes between tracks were skipped")
        start = end


def _is_track(kind: bytes) -> bool:
    """Whether a chunk is meant to be a track: its mark may have one wrong letter, or small ones."""
    return sum(found == meant for found, meant in zip(kind.upper(), b"MTRK", strict=False)) >= 3


def _chunk_begins(data: bytes, start: int) -> bool:
    kind = data[start : start + 4]
    if _is_track(kind):
        return True
    length = int.from_bytes(data[start + 4 : start + 8], "big")
    return len(kind) == 4 and kind.isalnum() and start + 8 + length <= len(data)


def _next_track(data: bytes, start: int) -> int:
    found = data.find(b"MTrk", start)
    return found if found >= 0 else len(data)
