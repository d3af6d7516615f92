"""`midi/sounding.py` one message after another, as anybody would read the rules: what it is held to in tests.

The messages of all tracks are taken in the order of time, for a pedal in one track holds the notes of its channel in
all of them.  A note ends when its key is let go; while the sustain pedal is down, or the sostenuto pedal for keys that
it caught, when that comes up, the key is struck again, or all notes of the channel are ended.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from vrae_core.midi.events import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, SYSEX

DRUM_CHANNEL = 9  # channel 10 in the manuals, which count from 1
_BANK, _SUSTAIN, _SOSTENUTO, _RESET = 0, 64, 66, 121  # controllers
_PEDALS = {_SUSTAIN, _SOSTENUTO}
_ENDING = {120, *range(123, 128)}  # all sound off, all notes off, and the modes that end all notes as well
_DRUM_BANKS, _MELODIC_BANK = {120, 126, 127}, 121  # of General MIDI 2 and XG, which may be on any channel
KINDS = {NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, SYSEX}  # of messages that matter
CONTROLLERS = {_BANK, *_PEDALS, _RESET, *_ENDING}  # likewise


class Message(NamedTuple):
    """What a track sends.  channel: 0–15, and 16 more for every port.  data: of the channel message, or of the
    system exclusive one."""

    tick: int
    track: int
    channel: int
    kind: int  # one of KINDS
    data: bytes


class Instrument(NamedTuple):
    """What of a track is on one channel and has one program."""

    track: int
    channel: int
    program: int
    is_drums: bool


class TickNote(NamedTuple):
    """A note in ticks."""

    on: int
    off: int
    pitch: int
    velocity: int
    instrument: Instrument


class Sounding(NamedTuple):
    """The notes of a file, drum hits among them, and how many had to be ended by rule."""

    notes: list[TickNote]
    never_released: int
    under_a_pedal: int  # that never comes up


class _Struck(NamedTuple):
    place: int  # among all messages in the order of time
    pitch: int
    velocity: int
    instrument: Instrument


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


class _Channel:
    def __init__(self, number: int) -> None:
        self.number = number
        self.program = 0
        self.are_drums_by_default = self.is_drums = number % 16 == DRUM_CHANNEL
        self._instruments: dict[tuple[int, int, bool], Instrument] = {}
        self.sustain, self.sostenuto = _Pedal(), _Pedal()
        self.strikes: defaultdict[int, list[int]] = defaultdict(list)  # of every key
        self.endings: list[int] = []  # of all notes
        self.keys: defaultdict[tuple[int, int], list[_Struck | int]] = defaultdict(list)  # (track, pitch): see _paired

    def instrument(self, track: int) -> Instrument:
        """What of a track is played here now."""
        now = (track, self.program, self.is_drums)
        if now not in self._instruments:
            self._instruments[now] = Instrument(track, self.number, self.program, self.is_drums)
        return self._instruments[now]

    def control(self, controller: int, value: int, place: int) -> None:
        if controller == _BANK:
            known = value in _DRUM_BANKS or value == _MELODIC_BANK
            self.is_drums = value in _DRUM_BANKS if known else self.are_drums_by_default
        elif controller in _PEDALS:
            pedal = self.sustain if controller == _SUSTAIN else self.sostenuto
            pedal.move(value >= 64, place)
        elif controller == _RESET:
            self.sustain.move(False, place)
            self.sostenuto.move(False, place)

    def set_drums(self, are_drums: bool) -> None:
        self.are_drums_by_default = self.is_drums = are_drums

    def released(self, note: _Struck, off: int, end: int) -> int:
        """When a note ends whose key is let go at a place."""
        if not self.sustain.downs and not self.sostenuto.downs:
            return off
        until = off
        if held := self.sustain.around(off, end):
            until = held[1]
        caught = self.sostenuto.around(off, end)
        if caught and caught[0] > note.place:
            until = max(until, caught[1])
            if held := self.sustain.around(until, end):
                until = held[1]
        if until > off:
            until = min(until, _following(self.strikes[note.pitch], off, end), _following(self.endings, off, end))
        return until


class _Notes:
    """Takes the messages one after another."""

    def __init__(self, messages: Sequence[Message], track_ends: Sequence[int], longest: int) -> None:
        self._ticks = [message.tick for message in messages]
        self._track_ends, self._longest = track_ends, longest
        self._channels: dict[int, _Channel] = {}
        self._pairs: list[tuple[_Channel, _Struck, int]] = []
        self.done = Sounding([], 0, 0)
        last = 0
        for place, message in enumerate(messages):
            if message.kind in (NOTE_ON, NOTE_OFF):
                last = place
            self._take(place, message)
        for channel in self._channels.values():
            self._end_all(channel, None)
        self._finish(last)

    def _channel(self, number: int) -> _Channel:
        if number not in self._channels:
            self._channels[number] = _Channel(number)
        return self._channels[number]

    def _take(self, place: int, message: Message) -> None:
        if message.kind == SYSEX:
            if found := _drum_part(message.data):
                self._channel(message.channel + found[0]).set_drums(found[1])
            return
        channel, first = self._channel(message.channel), message.data[0]
        if message.kind == PROGRAM:
            channel.program = first
        elif message.kind == NOTE_ON and message.data[1]:
            struck = _Struck(place, first, message.data[1], channel.instrument(message.track))
            channel.keys[message.track, first].append(struck)
            channel.strikes[first].append(place)
        elif message.kind in (NOTE_ON, NOTE_OFF):
            channel.keys[message.track, first].append(place)
        elif first in _ENDING:
            self._end_all(channel, place)
        else:
            channel.control(first, message.data[1], place)

    def _end_all(self, channel: _Channel, place: int | None) -> None:
        """End what sounds on a channel: at a place, or because the file ends (None)."""
        if place is not None:
            channel.endings.append(place)
        never_released = 0
        for key in channel.keys.values():
            pairs, lost = _paired(key)
            self._pairs += [(channel, note, off) for note, off in pairs]
            for note, again in lost:
                if place is None or again is not None:
                    never_released += not note.instrument.is_drums
                ends = [self._ticks[each] for each in (again, place) if each is not None]
                if not ends:
                    ends = [self._track_ends[note.instrument.track], self._ticks[note.place] + self._longest]
                if min(ends) > self._ticks[note.place]:
                    self._add(note, min(ends))
        self.done = self.done._replace(never_released=self.done.never_released + never_released)
        channel.keys.clear()

    def _finish(self, last: int) -> None:
        """Work out when the notes end whose keys were let go.  last: the place of the last key."""
        under_a_pedal, never = 0, len(self._ticks)
        for channel, note, off in self._pairs:
            end = off if note.instrument.is_drums else channel.released(note, off, never)
            under_a_pedal += end == never and self._ticks[last] > self._ticks[off]
            self._add(note, self._ticks[last if end == never else end])
        self.done = self.done._replace(under_a_pedal=under_a_pedal)

    def _add(self, note: _Struck, end: int) -> None:
        on = self._ticks[note.place]
        self.done.notes.append(TickNote(on, max(end, on + 1), note.pitch, note.velocity, note.instrument))


def sounding(messages: Sequence[Message], track_ends: Sequence[int], longest: int) -> Sounding:
    """The notes of all tracks, in ticks.

    messages: of all tracks, each in its order.  track_ends: the last tick of every track.  longest: ticks after which
    a note that nothing ends is ended.
    """
    return _Notes(sorted(messages, key=itemgetter(0)), track_ends, longest).done


def _paired(key: Sequence[_Struck | int]) -> tuple[list[tuple[_Struck, int]], list[tuple[_Struck, int | None]]]:
    """Pair what is struck on one key with the places at which it is let go: the first struck is the first released.

    Where more is struck than released a release was lost.  The notes it may belong to are told as brackets are that
    nothing closes, so that the others keep theirs: (note, the place at which the key is struck again, if it is).
    """
    in_turn = zip(key[::2], key[1::2], strict=False)
    pairs = [(on, off) for on, off in in_turn if isinstance(on, _Struck) and isinstance(off, int)]
    if 2 * len(pairs) == len(key):  # nearly always, and faster
        return pairs, []
    lost: list[_Struck] = []
    for each in key:
        if isinstance(each, _Struck):
            lost.append(each)
        elif lost:
            lost.pop()
    unmatched = {note.place for note in lost}
    waiting: deque[_Struck] = deque()
    pairs.clear()
    for each in key:
        if not isinstance(each, _Struck):
            if waiting:
                pairs.append((waiting.popleft(), each))
        elif each.place not in unmatched:
            waiting.append(each)
    struck = [each.place for each in key if isinstance(each, _Struck)]
    after = [bisect_right(struck, note.place) for note in lost]
    return pairs, [(note, struck[i] if i < len(struck) else None) for note, i in zip(lost, after, strict=True)]


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
