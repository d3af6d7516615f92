"""The bytes of a Standard MIDI File as events: bounded, and patient with damage.

Nothing is sized from a number found in the file: lengths are believed only as far as bytes are present, so
the work is bounded by the file's size.  What can be read is read; every repair leaves one plain warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

Warn = Callable[[str], None]

NOTE_OFF, NOTE_ON = 0x80, 0x90  # the upper four bits; the lower are the channel
META_AND_SYSTEM = 0xF0  # status bytes from here on have no channel
META = 0xFF
NOT_META, TEXT, SET_TEMPO, END_OF_TRACK = -1, 0x01, 0x51, 0x2F  # kinds of meta event
TIME_SIGNATURE, _KEY_SIGNATURE = 0x58, 0x59
_SYSEX = (0xF0, 0xF7)

# Data bytes that follow a status byte: the channel messages (by their upper four bits), then the system ones.
_DATA_BYTES = {NOTE_OFF: 2, NOTE_ON: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
# The meta events of fixed length that are judged here: channel, port, SMPTE offset, time and key signature.
_META_BYTES = {0x20: 1, 0x21: 1, 0x54: 5, TIME_SIGNATURE: 4, _KEY_SIGNATURE: 2}
_META_NAMES = {TIME_SIGNATURE: "time signature", _KEY_SIGNATURE: "key signature"}

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
_MOST_REPAIRS = 64  # per track; then the rest of it is given up


class UnusableFileError(Exception):
    """The bytes cannot be read as MIDI; the message completes the sentence "<file> …"."""


class _DamageError(Exception):
    """The rest of a track makes no sense."""


class _CutError(Exception):
    """The bytes end inside an event."""


class Header(NamedTuple):
    """What a file says of itself.  With an SMPTE time base the beat is half a second and tempo has no say."""

    track_count: int
    ticks_per_beat: float
    is_smpte: bool
    length: int  # bytes from the start of the header chunk to the first track


class Event(NamedTuple):
    """One event: ``tick`` from the start of the track, status byte, kind of meta event (or NOT_META), data bytes."""

    tick: int
    status: int
    meta: int
    data: bytes


class Cursor:
    """A place in some bytes; reading past their end raises _CutError and never pads."""

    __slots__ = ("_data", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self._data)

    @property
    def rest(self) -> bytes:
        return self._data[self.position :]

    def byte(self) -> int:
        try:
            value = self._data[self.position]
        except IndexError:
            raise _CutError from None
        self.position += 1
        return value

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self._data):
            raise _CutError
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def number(self) -> int:
        """A variable-length quantity: seven bits a byte, the last byte below 128, at most four bytes."""
        value = self.byte()
        if value < 0x80:
            return value
        value &= 0x7F
        for _ in range(3):
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _DamageError("a number of more than four bytes")


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


def track_bodies(data: bytes, start: int, warn: Warn) -> Iterator[bytes]:
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
        if kind.upper() == b"MTRK":
            if end > len(data):
                warn("a track is cut short, or its length is wrong")
            if end != len(data) and not _chunk_begins(data, end):
                end = _next_track(data, body)
            yield data[body:end]
        elif not _chunk_begins(data, start):
            end = _next_track(data, start)
            if data[start:end].strip(b"\0"):
                warn(f"{end - start} damaged bytes between tracks were skipped")
        start = end


def _chunk_begins(data: bytes, start: int) -> bool:
    kind = data[start : start + 4]
    if kind.upper() == b"MTRK":
        return True
    length = int.from_bytes(data[start + 4 : start + 8], "big")
    return len(kind) == 4 and kind.isalnum() and start + 8 + length <= len(data)


def _next_track(data: bytes, start: int) -> int:
    found = data.find(b"MTrk", start)
    return found if found >= 0 else len(data)


def track_events(body: bytes, warn: Warn) -> Iterator[Event]:
    """The events of one track, up to its end or to the first damage that cannot be repaired."""
    track = _TrackReader(body, warn)
    try:
        while not track.cursor.at_end:
            event = track.next_event()
            if event is None:
                continue
            yield event
            if event.meta == END_OF_TRACK:
                if track.cursor.rest.strip(b"\0"):
                    warn("bytes after the end of a track were ignored")
                return
        warn("a track has no end marker")
    except _CutError:
        warn("a track ends inside an event")
    except _DamageError as damage:
        warn(f"the rest of a track was dropped: {damage}")


class _TrackReader:
    """Reads one event after another.  Running status is kept across meta and system exclusive
    events, as careless writers expect."""

    def __init__(self, body: bytes, warn: Warn) -> None:
        self.cursor = Cursor(body)
        self._warn = warn
        self._tick = 0
        self._running = 0
        self._repairs = 0

    def next_event(self) -> Event | None:
        """The next event, or None where something of no use here was passed over."""
        self._tick += self.cursor.number()
        status = self.cursor.byte()
        if status < 0x80 and self._running:
            self.cursor.position -= 1  # it was the first data byte already
            status = self._running
        if status < 0x80:
            self._repaired("stray data bytes were skipped")
        elif status < META_AND_SYSTEM:
            self._running = status
            return Event(self._tick, status, NOT_META, self._channel_data(_DATA_BYTES[status & 0xF0]))
        elif status == META:
            return self._meta_event()
        elif status in _SYSEX:
            self.cursor.take(self.cursor.number())
        else:
            self.cursor.take(_SYSTEM_DATA_BYTES.get(status, 0))
            self._repaired("system messages, which have no place in a file, were skipped")
        return None

    def _channel_data(self, count: int) -> bytes:
        data = self.cursor.take(count)
        if max(data) < 0x80:
            return data
        self._repaired("values over 127 were clipped")
        return bytes(min(value, 127) for value in data)

    def _meta_event(self) -> Event:
        kind = self.cursor.byte()
        data = self.cursor.take(self.cursor.number())
        if not makes_sense(kind, data):
            self._warn(f"an impossible {_META_NAMES.get(kind, 'meta event')} was ignored")
        return Event(self._tick, META, kind, data)

    def _repaired(self, what: str) -> None:
        self._warn(what)
        self._repairs += 1
        if self._repairs > _MOST_REPAIRS:
            raise _DamageError("too much damage")


def makes_sense(kind: int, data: bytes) -> bool:
    """Whether a meta event can mean anything.  A tempo is judged where it is used."""
    if kind not in _META_BYTES:
        return True
    if len(data) != _META_BYTES[kind]:
        return False
    if kind == TIME_SIGNATURE:  # beats in a bar, their value as a power of two, …
        return data[0] > 0 and data[1] <= 6
    if kind == _KEY_SIGNATURE:  # -7 flats to 7 sharps, major or minor
        return (data[0] <= 7 or data[0] >= 249) and data[1] <= 1
    return True
