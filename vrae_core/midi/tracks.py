"""The bytes of a track as columns: a number a message in each, and what else it holds.

Sound tracks are read here, with a table of where the next event would begin after every byte.  Whatever is odd about a
track leaves it to `events.py`, which knows what to do about it; a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.midi.chunks import Warn
from vrae_core.midi.events import END_OF_TRACK, META, META_AND_SYSTEM, NOT_META, SYSEX, Event, makes_sense, track_events
from vrae_core.piano_roll import IntArray

_LARGEST = 1 << 20  # bytes of a track that is read by a table, which takes many times its memory
_SYSEX_CONTINUED = 0xF7
_PAST = bytes(16)  # after a track, so that what is cut ends there
# How far the next event is by the first byte after a time of one byte: two data bytes with a status byte, or without,
# as nearly always where that stays what it was; 0: see there.
_STEP = bytes(3 if byte < 0x80 else 4 if byte < 0xC0 or 0xE0 <= byte < 0xF0 else 0 for byte in range(256))


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
    found = _events(body)
    if found is None:
        return None
    at, others = found
    data = np.frombuffer(body + _PAST, np.uint8)
    timed = _times(data, at)
    if timed is None:
        return None
    ticks, begins = timed
    numbers = np.searchsorted(at, [place for place, _ in others])
    rest = [
        (number - n, Event(int(ticks[number]), *what))
        for n, (number, (_, what)) in enumerate(zip(numbers.tolist(), others, strict=True))
    ]
    columns = _messages(data, np.delete(begins, numbers))
    if columns is None:
        return None
    kept = [(place, event) for place, event in rest if event.status != _SYSEX_CONTINUED]
    return Track(np.delete(ticks, numbers), *columns, kept, len(at) - len(rest) + len(kept), int(ticks[-1]))


_Other = tuple[int, int, bytes]  # status, kind of meta event, data: what follows the tick in an Event


def _steps(padded: bytes) -> bytes:
    """How far the next event would be from one that began at each byte; 0 where it is not told by its first bytes."""
    goes_on = np.frombuffer(padded, np.uint8) >= 0x80
    steps = of_one = np.frombuffer(padded.translate(_STEP), np.uint8)[1:]
    for _ in range(3):  # bytes more of the time
        steps = steps[1:] + (steps[1:] > 0)
        steps = np.where(goes_on[: len(steps)], steps, of_one[: len(steps)])
    return steps.tobytes()


def _events(body: bytes) -> tuple[IntArray, list[tuple[int, _Other]]] | None:
    """Where the events of a sound track begin, and those that are no channel messages with where they do."""
    padded, end = body + _PAST, len(body)
    steps = _steps(padded)[:end] + _PAST
    begins = bytearray(end)
    others: list[tuple[int, _Other]] = []
    at, single = 0, False  # single: the status that stays has one data byte
    while at < end:
        if single and steps[at]:
            if padded[_after_time(padded, at)] < 0x80:
                return None
            single = False
        while step := steps[at]:
            begins[at] = 1
            at += step
        if at >= end:
            break
        begins[at] = 1
        begin = _after_time(padded, at)
        if 0xC0 <= padded[begin] < 0xE0:
            at, single = begin + 2, True
            continue
        other = _other(body, begin)
        if other is None:
            return None
        others.append((at, other[0]))
        at = other[1]
        if other[0][1] == END_OF_TRACK:
            return None if body[at:].strip(b"\0") else (np.flatnonzero(np.frombuffer(begins, np.bool_)), others)
    return None


def _after_time(padded: bytes, at: int) -> int:
    """Where a time ends that begins there, after at most four bytes."""
    for last in range(at, at + 3):
        if padded[last] < 0x80:
            return last + 1
    return at + 4


def _times(data: npt.NDArray[np.uint8], at: IntArray) -> tuple[IntArray, IntArray] | None:
    """The ticks of events, and where what follows their times begins; None if a time has more than four bytes."""
    byte = data[at]
    values = (byte & 0x7F).astype(np.int64)
    begins = at + 1
    longer = np.flatnonzero(byte >= 0x80)
    for _ in range(3):
        byte = data[begins[longer]]
        values[longer] = values[longer] << 7 | byte & 0x7F
        begins[longer] += 1
        longer = longer[byte >= 0x80]
    return None if len(longer) else (np.cumsum(values), begins)


def _other(body: bytes, begin: int) -> tuple[_Other, int] | None:
    """A meta or system exclusive event, and where the next begins; None if it is not as it should be."""
    status = body[begin] if begin < len(body) else None
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


def _messages(data: npt.NDArray[np.uint8], begins: IntArray) -> tuple[IntArray, IntArray, IntArray] | None:
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
