"""MIDI clock: which beat messages belong into a block of music, and where."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

TICK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICKS_PER_BEAT = 24
_A_LITTLE = 1e-6  # of a step: what is lost in adding up blocks


class BlockEnd(NamedTuple):
    """Where a player stands when it has rendered a block."""

    moving: bool
    place: float  # in steps, within the phrase
    steps_per_second: float
    length: int  # of the phrase, steps
    wrapped: bool  # whether it has begun again at its end since it was started


class MidiClock:
    """Follows a player block by block.

    The first tick of a step is where the step begins, whatever the tempo does, and a lap goes over into the next
    without a jump.  After a pause the player takes up its last step once more; the ticks of it that have been sent
    are not sent again, so whoever counts them stays in time.
    """

    def __init__(self, ticks_per_step: int) -> None:
        self._per_step = ticks_per_step
        self._next = 0  # the tick to send next, counted from the phrase's start
        self._last: BlockEnd | None = None  # None until the music has begun and after it has stopped
        self._begun = False  # whether it can be continued

    def messages(self, end: BlockEnd, seconds: float) -> list[tuple[float, bytes]]:
        """What a block of so many seconds holds: (seconds before its end, message), in order."""
        last, self._last = self._last, end if end.moving else None
        if not end.moving:
            self._begun = self._begun and 0 < end.place < end.length
            return [] if last is None else [(seconds, STOP)]
        began = end.place - seconds * end.steps_per_second  # where it was at the block's start, if it moved then
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
            self._next -= last.length * self._per_step
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
        """How long before the block's end the next tick is due."""
        return min(max((end.place - self._next / self._per_step) / end.steps_per_second, 0.0), seconds)
