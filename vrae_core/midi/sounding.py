"""From what a file's tracks send to the notes that sound: keys, pedals and whatever else ends a note, and drums.

The messages of all tracks are taken in the order of time, for a pedal in one track holds the notes of its channel in
all of them.  A note ends when its key is let go; while the sustain pedal is down, or the sostenuto pedal for keys that
it caught, when that comes up, the key is struck again, or all notes of the channel are ended.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from vrae_core.midi.channels import Messages, channels_of
from vrae_core.midi.events import NOTE_OFF, NOTE_ON
from vrae_core.piano_roll import IntArray


class Instrument(NamedTuple):
    """What of a track is on one channel and has one program."""

    track: int
    channel: int
    program: int
    is_drums: bool


class TickNotes(NamedTuple):
    """Notes in ticks, a number a note in each column."""

    on: IntArray
    off: IntArray
    pitch: IntArray
    velocity: IntArray
    instrument: IntArray  # its place among the instruments


class Sounding(NamedTuple):
    """The notes of a file, drum hits among them, and how many had to be ended by rule."""

    notes: TickNotes
    instruments: list[Instrument]  # sorted
    never_released: int
    under_a_pedal: int  # that never comes up


def sounding(messages: Messages, track_ends: Sequence[int], longest: int) -> Sounding:
    """The notes of all tracks, in ticks.

    track_ends: the last tick of every track.  longest: ticks after which a note that nothing ends is ended.
    """
    order = np.argsort(messages.tick, kind="stable")
    tick, track, channel, kind, first, second = (column[order] for column in messages[:6])
    in_time = Messages(tick, track, channel, kind, first, second, messages.systems)
    return _Notes(in_time, track_ends, longest).sounding()


class _Notes:
    """What is done to keys, (n,) each: struck or let go, in the order of time, on what, and what ends it."""

    def __init__(self, messages: Messages, track_ends: Sequence[int], longest: int) -> None:
        self._ticks, self._track_ends, self._longest = messages.tick, track_ends, longest
        are_keys = (messages.kind == NOTE_ON) | (messages.kind == NOTE_OFF)
        self.place = np.flatnonzero(are_keys)
        self.track, self.channel, kind, self.pitch, self.velocity = (
            column[self.place] for column in (messages.track, messages.channel, messages.kind, *messages[4:6])
        )
        self.struck = (kind == NOTE_ON) & (self.velocity > 0)
        self._channels = channels_of(messages, np.flatnonzero(~are_keys), self.channel)
        self.program, self.drums, self.part = (np.zeros(len(self.place), np.int64) for _ in range(3))
        for number, own in self._by_channel(np.arange(len(self.place))):
            channel, places = self._channels[number], self.place[own]
            since, programs, drums = np.array(channel.changes, np.int64).T
            now = np.searchsorted(since, places, side="right") - 1
            self.program[own], self.drums[own] = programs[now], drums[now]
            self.part[own] = np.searchsorted(channel.endings, places, side="right")  # what ends all notes parts them

    def sounding(self) -> Sounding:
        on, off, lost = self._pairs()
        ends, under_a_pedal = self._ends(on, off)
        lost_on, lost_ends, never_released = self._lost_notes(lost)
        on, ends = np.concatenate([on, lost_on]), np.concatenate([ends, lost_ends])
        begins = self._ticks[self.place[on]]
        what = np.stack([column[on] for column in (self.track, self.channel, self.program, self.drums)])
        code = ((what[0] << 16 | what[1]) << 8 | what[2]) << 1 | what[3]
        _, which, instrument = np.unique(code, return_index=True, return_inverse=True)
        instruments = [
            Instrument(track, channel, program, bool(drums))
            for track, channel, program, drums in what[:, which].T.tolist()
        ]
        notes = TickNotes(begins, np.maximum(ends, begins + 1), self.pitch[on], self.velocity[on], instrument)
        return Sounding(notes, instruments, never_released, under_a_pedal)

    def _by_channel(self, some: IntArray) -> Iterator[tuple[int, IntArray]]:
        """Those on each channel."""
        some = some[np.argsort(self.channel[some], kind="stable")]
        numbers, firsts = np.unique(self.channel[some], return_index=True)
        return zip(numbers.tolist(), np.split(some, firsts[1:]), strict=True) if len(some) else iter(())

    def _pairs(self) -> tuple[IntArray, IntArray, list[tuple[int, int | None]]]:
        """Strikes and the releases that belong to them, and the strikes that are lost: see `_paired`."""
        key = (self.channel * len(self._track_ends) + self.track) << 7 | self.pitch
        order = np.lexsort((self.part, key))  # stable: each key's in the order of time
        key, part, struck = key[order], self.part[order], self.struck[order]
        new = np.ones(len(order), bool)
        new[1:] = (key[1:] != key[:-1]) | (part[1:] != part[:-1])
        first = np.flatnonzero(new)
        number = np.cumsum(new) - 1
        in_turn = (np.arange(len(order)) - first[number]) % 2 == 0  # struck, let go, struck, let go
        counts = np.diff(np.append(first, len(order)))
        odd = counts % 2 == 1
        odd[number[struck != in_turn]] = True
        plain = ~odd[number]
        on, off, lost = [order[plain & in_turn]], [order[plain & ~in_turn]], []
        for group in np.flatnonzero(odd).tolist():
            own = order[first[group] : first[group] + counts[group]]
            pairs, unmatched = _paired(own.tolist(), self.struck[own].tolist())
            on.append(np.array([pair[0] for pair in pairs], np.int64))
            off.append(np.array([pair[1] for pair in pairs], np.int64))
            lost += unmatched
        return np.concatenate(on), np.concatenate(off), lost

    def _ends(self, on: IntArray, off: IntArray) -> tuple[IntArray, int]:
        """The ticks at which notes end whose keys are let go, and how many a pedal holds that never comes up."""
        ends, under_a_pedal, never = self._ticks[self.place[off]], 0, len(self._ticks)
        last = self._ticks[self.place[-1]] if len(self.place) else 0  # of the last key
        tonal = np.flatnonzero(self.drums[on] == 0)
        with_pedals = [number for number, channel in self._channels.items() if channel.has_pedals]
        held = tonal[np.isin(self.channel[on[tonal]], with_pedals)] if with_pedals else tonal[:0]
        if len(held):
            self._note_strikes(with_pedals)
        notes = zip(
            held, *(column.tolist() for column in (on[held], self.place[on[held]], self.place[off[held]])), strict=True
        )
        for note, strike, struck, let_go in notes:
            channel = self._channels[int(self.channel[strike])]
            end = channel.released(int(self.pitch[strike]), struck, let_go, never)
            under_a_pedal += bool(end == never and last > ends[note])
            ends[note] = last if end == never else self._ticks[end]
        return ends, under_a_pedal

    def _note_strikes(self, channels: Sequence[int]) -> None:
        for number, own in self._by_channel(np.flatnonzero(self.struck & np.isin(self.channel, channels))):
            strikes = self._channels[number].strikes
            for pitch, place in zip(self.pitch[own].tolist(), self.place[own].tolist(), strict=True):
                strikes.setdefault(pitch, []).append(place)

    def _lost_notes(self, lost: Sequence[tuple[int, int | None]]) -> tuple[IntArray, IntArray, int]:
        """The notes whose release is lost: where they are struck, the ticks they end at, how many nothing ends."""
        kept, ends, never_released = [], [], 0
        for strike, again in lost:
            endings, part = self._channels[int(self.channel[strike])].endings, int(self.part[strike])
            ending = endings[part] if part < len(endings) else None
            if ending is None or again is not None:
                never_released += not self.drums[strike]
            begin = int(self._ticks[self.place[strike]])
            until = [int(self._ticks[place]) for place in (ending,) if place is not None]
            until += [int(self._ticks[self.place[again]])] if again is not None else []
            if not until:
                until = [self._track_ends[int(self.track[strike])], begin + self._longest]
            if min(until) > begin:
                kept.append(strike)
                ends.append(min(until))
        return np.array(kept, np.int64), np.array(ends, np.int64), never_released


def _paired(
    places: Sequence[int], struck: Sequence[bool]
) -> tuple[list[tuple[int, int]], list[tuple[int, int | None]]]:
    """Pair what is struck on one key with the places at which it is let go: the first struck is the first released.

    Where more is struck than released a release was lost.  The notes it may belong to are told as brackets are that
    nothing closes, so that the others keep theirs: (the strike, the place at which the key is struck again, if it is).
    """
    lost: list[int] = []
    for place, is_struck in zip(places, struck, strict=True):
        if is_struck:
            lost.append(place)
        elif lost:
            lost.pop()
    unmatched = set(lost)
    waiting: deque[int] = deque()
    pairs: list[tuple[int, int]] = []
    for place, is_struck in zip(places, struck, strict=True):
        if is_struck:
            if place not in unmatched:
                waiting.append(place)
        elif waiting:
            pairs.append((waiting.popleft(), place))
    strikes = [place for place, is_struck in zip(places, struck, strict=True) if is_struck]
    after = [bisect_right(strikes, place) for place in lost]
    return pairs, [(place, strikes[i] if i < len(strikes) else None) for place, i in zip(lost, after, strict=True)]
