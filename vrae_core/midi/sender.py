"""Sends MIDI messages to a port, each when it is due, and the beats of MIDI clock among them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from vrae_core.midi.ports import OutputPort

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123  # controllers


class TimedSender:
    """A port, and a thread that sends to it; whichever way it ends, no note is left hanging.

    ``send_at``, ``silence`` and ``close`` never wait and may be called from any thread, ``send_at`` from one only.
    The port itself is touched by the sending thread alone.  A driver that fails ends it: ``lost`` then says so.
    """

    def __init__(self, port: OutputPort, clock: Callable[[], float] = time.perf_counter) -> None:
        self.lost = False
        self._port = port
        self._clock = clock
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._latest = 0.0  # when the newest message is due
        # Below: the sending thread's own.
        self._open = True
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._held: set[tuple[int, int]] = set()  # (channel, pitch)
        self._channels: set[int] = set()  # that have had a note
        self._clock_runs = False  # whoever listens to the clock

    def start(self) -> None:
        """Begin to send."""
        Thread(target=self._run, name="MIDI out", daemon=True).start()

    def send_at(self, seconds: float, message: bytes) -> None:
        """Send a message at a time of the clock, or as soon as may be; never before one that was given earlier."""
        self._latest = due = max(seconds, self._latest)
        if self._open:
            self._orders.put(lambda: self._waiting.append((due, message)))

    def silence(self) -> None:
        """Forget what is not sent yet and end every note at once."""
        self._orders.put(self._silence)

    def close(self) -> None:
        """The same, and then close the port and end the thread."""
        self._orders.put(self._close)

    def work(self) -> float | None:
        """Take up all orders and send what is due, as the thread does; returns the seconds until the next message."""
        while not self._orders.empty():
            self._do(self._orders.get())
        while self._open and self._waiting and self._waiting[0][0] <= self._clock():
            self._do(lambda: self._send(self._waiting.popleft()[1]))
        return max(self._waiting[0][0] - self._clock(), 0.0) if self._waiting else None

    def _run(self) -> None:
        wait: float | None = None
        while self._open:
            with suppress(Empty):
                self._do(self._orders.get(timeout=wait))
            wait = self.work()

    def _do(self, order: Callable[[], None]) -> None:
        if not self._open:
            return
        try:
            order()
        except Exception:  # a driver may raise anything when its device is pulled out
            self.lost, self._open = True, False
            self._waiting.clear()
            with suppress(Exception):
                self._port.close()

    def _send(self, message: bytes) -> None:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == NOTE_ON:
            self._held.add((channel, message[1]))
            self._channels.add(channel)
        elif kind == NOTE_OFF:
            if (channel, message[1]) not in self._held:
                return  # it was begun before the port was opened, or silenced meanwhile
            self._held.discard((channel, message[1]))
        elif message in (START, CONTINUE, STOP):
            self._clock_runs = message != STOP
        self._port.send(message)

    def _silence(self) -> None:
        self._waiting.clear()
        for channel, pitch in sorted(self._held):
            self._port.send(bytes((NOTE_OFF | channel, pitch, 0)))
        for channel in sorted(self._channels):
            for controller in (_ALL_NOTES_OFF, _ALL_SOUND_OFF):
                self._port.send(bytes((CONTROL | channel, controller, 0)))
        self._held.clear()

    def _close(self) -> None:
        self._silence()
        if self._clock_runs:
            self._port.send(STOP)
        self._open = False
        self._waiting.clear()
        self._port.close()


TICK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICKS_PER_BEAT = 24
_A_LITTLE = 1e-6  # of a step: what is lost in adding up blocks


class BlockEnd(NamedTuple):
    """Where a player stands when it has rendered a block."""

    moving: bool
    place: float  # in steps, within the phrase
    steps_per_second: float  # 0 while it is held
    length: int  # of the phrase, steps
    wrapped: bool  # whether it has begun again at its end since it was started
    steps_per_beat: int = 8


class MidiClock:
    """Follows a player block by block.

    The first tick of a step is where the step begins, whatever the tempo does, and a lap goes over into the next
    without a jump.  After a pause the player takes up its last step once more; the ticks of it that have been sent
    are not sent again, so whoever counts them stays in time.  While the music is held no tick comes, but for the first
    one of a phrase that is begun meanwhile.
    """

    def __init__(self) -> None:
        self._per_step = 0.0  # ticks
        self._next = 0  # the tick to send next, counted from the phrase's start
        self._last: BlockEnd | None = None  # None until the music has begun and after it has stopped
        self._begun = False  # whether it can be continued

    def messages(self, end: BlockEnd, seconds: float) -> list[tuple[float, bytes]]:
        """What a block of so many seconds holds: (seconds before its end, message), in order."""
        last, self._last = self._last, end if end.moving else None
        per_step = TICKS_PER_BEAT / end.steps_per_beat
        if per_step != self._per_step:  # a phrase of other steps, at the same place in its own
            self._next = ceil(self._next * per_step / self._per_step - _A_LITTLE) if self._per_step else 0
            last = last and last._replace(place=last.place * self._per_step / per_step)
            self._per_step = per_step
        if not end.moving:
            self._begun = self._begun and 0 < end.place < end.length
            return [] if last is None else [(seconds, STOP)]
        began = end.place - seconds * end.steps_per_second  # where it was at the block's start, if it moved then
        if last is not None and last.place <= end.place == end.length:
            began = max(began, last.place)  # it has come to its end, and waits there for more music
        at_start = began < _A_LITTLE and not end.wrapped
        messages: list[tuple[float, bytes]] = []
        if not self._begun or (at_start and (last is None or last.wrapped or end.place < last.place)):
            if last is not None:
                messages.append((seconds, STOP))
            self._next = self._tick_from(began)
            messages.append((self._before_end(end, seconds), START))
        elif last is None:
            messages.append((seconds, CONTINUE))
        elif end.wrapped and last.place - end.place > 1.5:  # a pause goes back by one step at most
            self._next -= round(last.length * self._per_step)
        self._begun = True
        if abs(self._next - began * self._per_step) > 2 * self._per_step + 1:  # another phrase, at another place
            self._next = self._tick_from(began)
        while self._next <= end.place * self._per_step:
            messages.append((self._before_end(end, seconds), TICK))
            self._next += 1
        return messages

    def _tick_from(self, place: float) -> int:
        """The first tick at or after a place in steps."""
        return max(0, ceil((place - _A_LITTLE) * self._per_step))

    def _before_end(self, end: BlockEnd, seconds: float) -> float:
        """How long before the block's end the next tick is due; at its start where time stands still."""
        if end.steps_per_second <= 0:
            return seconds
        return min(max((end.place - self._next / self._per_step) / end.steps_per_second, 0.0), seconds)
