"""What a channel is told between its keys: programs, drums or not, pedals, and what ends all its notes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vrae_core.midi.events import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, SYSEX
from vrae_core.piano_roll import IntArray

DRUM_CHANNEL = 9  # channel 10 in the manuals, which count from 1
_BANK, _SUSTAIN, _SOSTENUTO, _RESET = 0, 64, 66, 121  # controllers
_PEDALS = {_SUSTAIN, _SOSTENUTO}
_ENDING = {120, *range(123, 128)}  # all sound off, all notes off, and the modes that end all notes as well
_DRUM_BANKS, _MELODIC_BANK = {120, 126, 127}, 121  # of General MIDI 2 and XG, which may be on any channel
KINDS = {NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, SYSEX}  # of messages that matter
CONTROLLERS = {_BANK, *_PEDALS, _RESET, *_ENDING}  # likewise


class Messages(NamedTuple):
    """What the tracks of a file send, each in its order: a number a message in each column."""

    tick: IntArray
    track: IntArray
    channel: IntArray  # 0–15, and 16 more for every port
    kind: IntArray  # one of KINDS
    first: IntArray  # data byte; of a system exclusive message its place in `systems`
    second: IntArray
    systems: Sequence[bytes]  # the data of system exclusive messages


class _Pedal:
    """When a pedal is down: places in the order of time."""

    def __init__(self) -> None:
        self.downs: list[int] = []
        self.ups: list[int] = []

    def move(self, down: bool, place: int) -> None:
        if down and len(self.downs) == len(self.ups):
            self.downs.append(place)
        elif not down and len(self.downs) > len(self.ups):
            self.ups.append(place)

    def around(self, place: int, end: int) -> tuple[int, int] | None:
        """When it went down and comes up again, if it is down at a place; ``end`` if it never comes up."""
        number = bisect_right(self.downs, place) - 1
        if number < 0:
            return None
        up = self.ups[number] if number < len(self.ups) else end
        return (self.downs[number], up) if place < up else None


class Channel:
    """What changes on a channel, at places in the order of time."""

    def __init__(self, number: int) -> None:
        self._program = 0
        self._are_drums_by_default = self._is_drums = number % 16 == DRUM_CHANNEL
        self.changes = [(-1, 0, self._is_drums)]  # place, program, drums or not
        self.sustain, self.sostenuto = _Pedal(), _Pedal()
        self.endings: list[int] = []  # of all notes
        self.strikes: dict[int, list[int]] = {}  # of every key, where pedals are used

    def control(self, controller: int, value: int, place: int) -> None:
        if controller in _ENDING:
            self.endings.append(place)
        elif controller == _BANK:
            known = value in _DRUM_BANKS or value == _MELODIC_BANK
            self._is_drums = value in _DRUM_BANKS if known else self._are_drums_by_default
            self._changed(place)
        elif controller in _PEDALS:
            pedal = self.sustain if controller == _SUSTAIN else self.sostenuto
            pedal.move(value >= 64, place)
        elif controller == _RESET:
            self.sustain.move(False, place)
            self.sostenuto.move(False, place)

    def set_program(self, program: int, place: int) -> None:
        self._program = program
        self._changed(place)

    def set_drums(self, are_drums: bool, place: int) -> None:
        self._are_drums_by_default = self._is_drums = are_drums
        self._changed(place)

    def _changed(self, place: int) -> None:
        self.changes.append((place, self._program, self._is_drums))

    @property
    def has_pedals(self) -> bool:
        return bool(self.sustain.downs or self.sostenuto.downs)

    def released(self, pitch: int, on: int, off: int, end: int) -> int:
        """When a note ends that is struck at a place and whose key is let go at another."""
        if not self.sustain.downs and not self.sostenuto.downs:
            return off
        until = off
        if held := self.sustain.around(off, end):
            until = held[1]
        caught = self.sostenuto.around(off, end)
        if caught and caught[0] > on:
            until = max(until, caught[1])
            if held := self.sustain.around(until, end):
                until = held[1]
        if until > off:
            until = min(until, _following(self.strikes.get(pitch, ()), off, end), _following(self.endings, off, end))
        return until


def channels_of(messages: Messages, others: IntArray, used: IntArray) -> dict[int, Channel]:
    """The channels, told of all messages that are no keys."""
    channels = {number: Channel(number) for number in np.unique(used).tolist()}
    columns = (messages.channel, messages.kind, messages.first, messages.second)
    for place, number, kind, first, second in zip(
        others.tolist(), *(column[others].tolist() for column in columns), strict=True
    ):
        if kind == SYSEX:
            if found := _drum_part(messages.systems[first]):
                channels.setdefault(number + found[0], Channel(number + found[0])).set_drums(found[1], place)
            continue
        channel = channels.setdefault(number, Channel(number))
        if kind == PROGRAM:
            channel.set_program(first, place)
        else:
            channel.control(first, second, place)
    return channels


def _following(places: Sequence[int], place: int, end: int) -> int:
    number = bisect_right(places, place)
    return places[number] if number < len(places) else end


def _drum_part(data: bytes) -> tuple[int, bool] | None:
    """The channel that a system exclusive message of GS or XG makes a drum part, or no longer, and which."""
    if len(data) >= 9 and data[0] == 0x41 and data[2:5] == b"\x42\x12\x40" and data[5] >> 4 == 1 and data[6] == 0x15:
        block = data[5] & 0x0F  # 0 is channel 10, 1–9 are the nine before it
        return (DRUM_CHANNEL if block == 0 else block - 1 if block <= DRUM_CHANNEL else block), data[7] > 0
    if len(data) >= 7 and data[0] == 0x43 and data[2:4] == b"\x4c\x08" and data[4] < 16 and data[5] == 0x07:
        return data[4], data[6] > 0
    return None
