"""The bytes of a track as events: bounded, and patient with damage.

Nothing is sized from a number found in the file: lengths are believed only as far as bytes are present, so
the work is bounded by the file's size.  What can be read is read; every repair leaves one plain warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vrae_core.midi.chunks import Warn

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0  # the upper four bits; the lower are the channel
META_AND_SYSTEM = 0xF0  # status bytes from here on have no channel
SYSEX, _SYSEX_CONTINUED, META = 0xF0, 0xF7, 0xFF
NOT_META, TEXT, TRACK_NAME, PORT, END_OF_TRACK = -1, 0x01, 0x03, 0x21, 0x2F  # kinds of meta event
SET_TEMPO, TIME_SIGNATURE, _KEY_SIGNATURE = 0x51, 0x58, 0x59

# Data bytes that follow a status byte: the channel messages (by their upper four bits), then the system ones.
_DATA_BYTES = {NOTE_OFF: 2, NOTE_ON: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
# The meta events of fixed length that are judged here: channel, port, SMPTE offset, time and key signature.
_META_BYTES = {0x20: 1, PORT: 1, 0x54: 5, TIME_SIGNATURE: 4, _KEY_SIGNATURE: 2}
_META_NAMES = {TIME_SIGNATURE: "time signature", _KEY_SIGNATURE: "key signature"}

_MOST_REPAIRS = 64  # per track; then the rest of it is given up


class _DamageError(Exception):
    """The rest of a track makes no sense."""


class _CutError(Exception):
    """The bytes end inside an event."""


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
        elif status == SYSEX:
            return Event(self._tick, status, NOT_META, self.cursor.take(self.cursor.number()))
        elif status == _SYSEX_CONTINUED:
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
