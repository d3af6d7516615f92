"""Messages leave in order and in time, and no note is left hanging, with a port and a clock that are not real."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from vrae_core.midi.sender import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, START, STOP, TICK, TimedSender


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Port:
    """Writes down what it is sent, and when."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.sent: list[tuple[float, bytes]] = []
        self.closed = self.broken = False

    def send(self, message: bytes) -> None:
        assert not self.closed, "nothing is sent to a closed port"
        if self.broken:
            raise OSError("no such device")
        self.sent.append((self.clock(), message))

    def close(self) -> None:
        self.closed = True

    @property
    def messages(self) -> list[bytes]:
        return [message for _, message in self.sent]

    def hanging(self) -> set[tuple[int, int]]:
        """(channel, pitch) of the notes that were begun and never ended."""
        held = set()
        for message in self.messages:
            if message[0] & 0xF0 == NOTE_ON:
                held.add((message[0] & 15, message[1]))
            elif message[0] & 0xF0 == NOTE_OFF:
                held.discard((message[0] & 15, message[1]))
        return held


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def port(clock: Clock) -> Port:
    return Port(clock)


@pytest.fixture
def sender(port: Port, clock: Clock) -> TimedSender:
    return TimedSender(port, clock)


def on(pitch: int) -> bytes:
    return bytes((NOTE_ON, pitch, 90))


def off(pitch: int) -> bytes:
    return bytes((NOTE_OFF, pitch, 0))


def run(sender: TimedSender, clock: Clock, seconds: float) -> None:
    """Let time go on as the thread would see it: it works at once, and whenever a message is due."""
    end = clock.seconds + seconds
    while (wait := sender.work()) is not None and clock.seconds + wait <= end:
        clock.seconds += wait
    clock.seconds = end


def test_a_message_leaves_when_it_is_due(sender: TimedSender, port: Port, clock: Clock) -> None:
    sender.send_at(0.5, on(60))
    sender.send_at(0.7, off(60))
    assert sender.work() == 0.5
    run(sender, clock, 1.0)
    assert port.sent == [(0.5, on(60)), (pytest.approx(0.7), off(60))]
    assert sender.work() is None


def test_a_message_that_is_late_leaves_at_once_and_none_overtakes_another(
    sender: TimedSender, port: Port, clock: Clock
) -> None:
    clock.seconds = 2.0
    sender.send_at(1.5, on(60))
    sender.send_at(1.2, off(60))
    sender.send_at(2.5, on(62))
    sender.send_at(2.4, off(62))
    run(sender, clock, 1.0)
    assert port.sent == [(2.0, on(60)), (2.0, off(60)), (2.5, on(62)), (2.5, off(62))]


def test_silence_ends_what_sounds_and_forgets_what_was_to_come(sender: TimedSender, port: Port, clock: Clock) -> None:
    sender.send_at(0.0, on(60))
    sender.send_at(0.5, on(64))
    run(sender, clock, 0.1)
    sender.silence()
    run(sender, clock, 1.0)
    assert port.messages[:2] == [on(60), off(60)]
    assert {(m[0], m[1]) for m in port.messages[2:]} == {(CONTROL, 123), (CONTROL, 120)}
    sender.send_at(2.0, on(65))
    run(sender, clock, 3.0)
    assert port.messages[-1] == on(65), "it goes on"


def test_the_end_of_a_note_that_the_port_never_heard_is_not_sent(sender: TimedSender, port: Port, clock: Clock) -> None:
    sender.send_at(0.0, off(60))
    run(sender, clock, 1.0)
    assert port.sent == []


def test_closing_ends_the_notes_and_the_beat_and_the_port(sender: TimedSender, port: Port, clock: Clock) -> None:
    for message in (START, TICK, on(60)):
        sender.send_at(0.0, message)
    run(sender, clock, 0.1)
    sender.close()
    sender.send_at(0.2, on(61))
    run(sender, clock, 1.0)
    assert off(60) in port.messages
    assert on(61) not in port.messages
    assert port.messages[-1] == STOP
    assert port.closed


def test_a_device_that_is_pulled_out_ends_the_sender_and_nothing_else(
    sender: TimedSender, port: Port, clock: Clock
) -> None:
    sender.send_at(0.0, on(60))
    run(sender, clock, 0.1)
    port.broken = True
    sender.send_at(0.2, off(60))
    run(sender, clock, 0.5)
    assert sender.lost
    assert port.closed
    sender.send_at(1.0, on(60))
    sender.silence()
    sender.close()
    run(sender, clock, 1.0)


@pytest.mark.parametrize("seed", range(20))
def test_no_note_hangs_whatever_is_sent_silenced_and_when_it_is_closed(
    sender: TimedSender, port: Port, clock: Clock, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    for _ in range(300):
        what = chance.random()
        if what < 0.03:
            sender.silence()
        elif what < 0.3:
            run(sender, clock, chance.exponential(0.02))
        else:
            status = (NOTE_ON if chance.random() < 0.6 else NOTE_OFF) | int(chance.integers(3))
            sender.send_at(clock.seconds + chance.exponential(0.05), bytes((status, int(chance.integers(60, 66)), 80)))
    sender.close()
    run(sender, clock, 1.0)
    assert port.closed
    assert port.hanging() == set()
    times = [time for time, _ in port.sent]
    assert times == sorted(times)


def test_its_thread_sends_in_order_and_ends_when_it_is_closed() -> None:
    port = Port(time.perf_counter)
    sender = TimedSender(port)
    before = set(threading.enumerate())
    sender.start()
    (thread,) = set(threading.enumerate()) - before
    now = time.perf_counter()
    sender.send_at(now + 0.02, bytes((PROGRAM, 80)))
    for i in range(20):
        sender.send_at(now + 0.02 + i * 0.004, on(60) if i % 2 == 0 else off(60))
    deadline = now + 60
    while len(port.sent) < 21 and time.perf_counter() < deadline:
        time.sleep(0.01)
    sender.close()
    thread.join(60)
    assert not thread.is_alive()
    assert port.messages[:21] == [bytes((PROGRAM, 80)), *[on(60), off(60)] * 10]
    assert all(sent >= now + 0.02 for sent, _ in port.sent), "none leaves too soon"
    assert port.closed
