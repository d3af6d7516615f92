"""The bytes of a track as columns: a number a message in each, and what else it holds.

Sound tracks are read here, with a table of where the next event would begin after every byte.  Whatever is odd about a
track leaves it to `events.py`, which knows what to do about it; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.midi.chunks import Warn
from vrae_core.midi.events import END_OF_TRACK, META, META_AND_SYSTEM, NOT_META, SYSEX, Event, makes_sense, track_events
from vrae_core.piano_roll import IntArray

_LARGEST = 1 << 20  # bytes of a track that is read by a table, which takes many times its memory
_SYSEX_CONTINUED = 0xF7
_LENGTH = np.zeros(256, np.int32)  # of an event's status and data bytes by the first of them; 0: see there
_LENGTH[:0x80] = 2  # two data bytes, as nearly always where the status stays what it was
_LENGTH[0x80:0xC0] = _LENGTH[0xE0:0xF0] = 3


class Track(NamedTuple):
    """What a track holds: of every channel message its tick, its status byte and its data, and all other events."""

    tick: IntArray
    status: IntArray
    first: IntArray
    second: IntArray  # 0 where there is but one data byte
    others: list[tuple[int, Event]]  # each with the number of channel messages before it
    events: int
    end: int  # the last tick


def read_track(body: bytes, most: int, warn: Warn) -> Track | None:
    """Read a track, however damaged; None if it holds more than ``most`` events."""
    return read_sound_track(body) or _read_patiently(body, most, warn)


def _read_patiently(body: bytes, most: int, warn: Warn) -> Track | None:
    messages: list[tuple[int, ...]] = []
    others: list[tuple[int, Event]] = []
    events = end = 0
    for event in track_events(body, warn):
        events, end = events + 1, event.tick
        if events > most:
            return None
        if event.status < META_AND_SYSTEM:
            messages.append((event.tick, event.status, event.data[0], event.data[1] if len(event.data) > 1 else 0))
        else:
            others.append((len(messages), event))
    tick, status, first, second = np.array(messages, np.int64).reshape(-1, 4).T
    return Track(tick, status, first, second, others, events, end)


def read_sound_track(body: bytes) -> Track | None:
    """The same of a track that needs no repair and ends as it should, or None."""
    if len(body) > _LARGEST:
        return None
    data = np.frombuffer(body + bytes(8), np.uint8)
    lengths = _lengths_of_times(data)
    begins = np.arange(len(body), dtype=np.int32) + lengths
    length = _LENGTH[data[begins]]
    found = _events(body, begins, np.where(length, begins + length, 0).tolist())
    if found is None:
        return None
    places, others = found
    at = np.array(places, np.int64)
    if (data[at + 3][lengths[at] == 4] >= 0x80).any():  # a time of more than four bytes
        return None
    ticks = np.cumsum(_times(data, at, lengths[at]))
    rest = [(place - n, Event(int(ticks[place]), *what)) for n, (place, what) in enumerate(others)]
    are_messages = np.ones(len(at), bool)
    are_messages[[place for place, _ in others]] = False
    columns = _messages(data, begins[at[are_messages]])
    if columns is None:
        return None
    kept = [(place, event) for place, event in rest if event.status != _SYSEX_CONTINUED]
    return Track(ticks[are_messages], *columns, kept, len(at) - len(rest) + len(kept), int(ticks[-1]))


def _lengths_of_times(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """How many bytes a time would have that begins at each byte but the last eight, at most 4."""
    size = len(data) - 8
    goes_on = data >= 0x80
    lengths = np.ones(size, np.int32)
    so_far = goes_on[:size].copy()
    for more in (1, 2, 3):
        lengths += so_far
        so_far &= goes_on[more : size + more]
    return lengths


def _times(data: npt.NDArray[np.uint8], at: IntArray, lengths: npt.NDArray[np.int32]) -> IntArray:
    values = (data[at] & 0x7F).astype(np.int64)
    for more in range(1, int(lengths.max(initial=1))):
        values = np.where(lengths > more, values << 7 | data[at + more] & 0x7F, values)
    return values


_Other = tuple[int, int, bytes]  # status, kind of meta event, data: what follows the tick in an Event


def _events(
    body: bytes, begins: npt.NDArray[np.int32], following: Sequence[int]
) -> tuple[list[int], list[tuple[int, _Other]]] | None:
    """Where the events of a sound track begin, and what those are that are no channel messages, with their numbers.

    begins: for each byte where the status would be of an event that begins there; following: where the next would.
    """
    places: list[int] = []
    others: list[tuple[int, _Other]] = []
    at, end, single = 0, len(body), False  # single: the status that stays has one data byte
    note = places.append
    while at < end:
        after = following[at]
        if after:
            if single:
                if body[min(int(begins[at]), end - 1)] < 0x80:
                    return None
                single = False
            note(at)
            at = after
            continue
        begin = int(begins[at])
        status = body[begin] if begin < end else SYSEX - 1
        note(at)
        if 0xC0 <= status < 0xE0:
            at, single = begin + 2, True
            continue
        other = _other(body, begin, status)
        if other is None:
            return None
        others.append((len(places) - 1, other[0]))
        at = other[1]
        if other[0][1] == END_OF_TRACK:
            return None if body[at:].strip(b"\0") else (places, others)
    return None


def _other(body: bytes, begin: int, status: int) -> tuple[_Other, int] | None:
    """A meta or system exclusive event, and where the next begins; None if it is not as it should be."""
    if status not in (META, SYSEX, _SYSEX_CONTINUED):
        return None
    kind, at = (body[begin + 1], begin + 2) if status == META and begin + 1 < len(body) else (NOT_META, begin + 1)
    size = 0
    for byte in body[at : at + 4]:
        at += 1
        size = size << 7 | byte & 0x7F
        if byte < 0x80:
            data = body[at : at + size]
            whole = len(data) == size and (status != META or (kind != NOT_META and makes_sense(kind, data)))
            return ((status, kind, data), at + size) if whole else None
    return None


def _messages(data: npt.NDArray[np.uint8], begins: npt.NDArray[np.int32]) -> tuple[IntArray, IntArray, IntArray] | None:
    """Status, first and second data byte of channel messages; None if any is missing or too large."""
    status = data[begins].astype(np.int64)
    has_own = status >= 0x80
    if len(status) and not has_own[0]:
        return None
    firsts = begins + has_own
    status = status[np.maximum.accumulate(np.where(has_own, np.arange(len(status)), 0))] if len(status) else status
    first, second = data[firsts].astype(np.int64), data[firsts + 1].astype(np.int64)
    second[(status >= 0xC0) & (status < 0xE0)] = 0
    return None if max(first.max(initial=0), second.max(initial=0)) >= 0x80 else (status, first, second)
