"""What the player plays reaches the MIDI port in time, beside the synthesizer or instead of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player
from explorer.audio.sequencer import AtEnd
from explorer.audio.tee import LEAST_LATENCY, SoundTee
from vrae_core.midi.sender import CONTINUE, NOTE_OFF, NOTE_ON, PROGRAM, START, STOP, TICK, MidiClock, TimedSender

STEP = 0.05  # seconds at 150 beats a minute


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Port:
    """Writes down what it is sent, and when."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.closed = clock, False
        self.sent: list[tuple[float, bytes]] = []

    def send(self, message: bytes) -> None:
        assert not self.closed
        self.sent.append((self.clock(), message))

    def close(self) -> None:
        self.closed = True

    def times(self, kind: int) -> list[float]:
        return [time for time, message in self.sent if message[0] & 0xF0 == kind]

    def hanging(self) -> set[int]:
        held = set()
        for _, message in self.sent:
            if message[0] & 0xF0 == NOTE_ON:
                assert message[1] not in held, "no note is struck while it sounds"
                held.add(message[1])
            elif message[0] & 0xF0 == NOTE_OFF:
                held.discard(message[1])
        return held


class Synthesizer:
    """Only counts."""

    def __init__(self, now: int = 0) -> None:
        self.now, self.struck, self.released, self.silenced, self.broken = now, 0, 0, 0, False
        self.programs: dict[int, int] = {}

    def set_program(self, channel: int, program: int) -> None:
        self.programs[channel] = program

    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None:
        assert sample >= self.now
        self.struck += 1

    def note_off_at(self, sample: int, channel: int, pitch: int) -> None:
        self.released += 1

    def all_sounds_off(self) -> None:
        self.silenced += 1

    def render(self, frames: int) -> np.ndarray:
        if self.broken:
            raise RuntimeError("the library has failed")
        self.now += frames
        return np.full((frames, 2), 1000, np.int16)


class Stage:
    """A player, its tee and its port under one clock; ``go`` renders as a sound device would ask."""

    def __init__(self, synthesizer: Synthesizer | None = None) -> None:
        self.clock = Clock()
        self.player = Player(clock=self.clock)
        self.player.at_end = AtEnd.LOOP
        self.tee = SoundTee(self.player, synthesizer, self.clock)
        self.player.synthesizer = self.tee
        self.plug()
        self.due = self.clock.seconds  # when the next block is asked for, but for its lateness
        self.chance = np.random.default_rng(1)

    def plug(self) -> None:
        self.port = Port(self.clock)
        self.sender = self.tee.sender = TimedSender(self.port, self.clock)

    def wait(self, seconds: float) -> None:
        """Let time go on for the sending thread, which sends what is due when it is due."""
        end = self.clock.seconds + seconds
        while (wait := self.sender.work()) is not None and self.clock.seconds + wait <= end:
            self.clock.seconds += max(wait, 1e-9)
        self.clock.seconds = max(end, self.clock.seconds)

    def go(self, seconds: float, block: float = 0.01, late: float = 0.0) -> None:
        """Render this much in blocks, each when it is due, or up to ``late`` seconds later."""
        for _ in range(round(seconds / block)):
            self.due += block
            self.wait(max(0.0, self.due + float(self.chance.uniform(0, late)) - self.clock.seconds))
            self.player.render(round(block * self.player.sample_rate))


def phrase(*rows: str) -> Phrase:
    """One row of # and . for each pitch, from C4 up."""
    return Phrase(np.array([[cell == "#" for cell in row] for row in rows]).T, tuple(range(60, 60 + len(rows))))


@pytest.fixture
def stage() -> Stage:
    return Stage(Synthesizer())


def test_notes_leave_in_order_and_a_step_apart(stage: Stage) -> None:
    stage.player.play(phrase("#.#.", ".#.#"))
    stage.go(1.0)
    notes = [(message[0] & 0xF0, message[1]) for _, message in stage.port.sent if message[0] < 0xC0]
    assert notes[:4] == [(NOTE_ON, 60), (NOTE_OFF, 60), (NOTE_ON, 61), (NOTE_OFF, 61)]
    assert np.diff(stage.port.times(NOTE_ON)) == pytest.approx(STEP, abs=0.003)


@pytest.mark.parametrize("latency", [0.0, 0.06, 0.2])
def test_a_note_leaves_when_the_synthesizer_s_is_heard(stage: Stage, latency: float) -> None:
    stage.player.latency = latency
    stage.go(3)
    began = stage.clock.seconds
    stage.player.play(phrase("#..."))
    stage.go(0.4)
    # the block that was asked for at `began` + 0.01 ends then, and is heard to its end a latency later
    assert stage.port.times(NOTE_ON)[0] == pytest.approx(began + max(latency, LEAST_LATENCY), abs=0.001)


def test_the_port_keeps_even_time_however_late_the_blocks_are_asked_for(stage: Stage) -> None:
    stage.go(3, late=0.02)  # until it has seen a punctual one
    stage.player.play(phrase("#.#.#.#.", "." * 8))
    stage.go(3, late=0.02)
    gaps = np.diff(stage.port.times(NOTE_ON))
    assert len(gaps) > 20
    assert gaps == pytest.approx(2 * STEP, abs=0.003)


def test_the_program_comes_first_also_on_a_port_that_is_plugged_in_later(stage: Stage) -> None:
    stage.player.programs = (19,)
    stage.player.play(phrase("#."))
    stage.go(0.3)
    assert stage.port.sent[0][1] == bytes((PROGRAM, 19))
    stage.plug()
    stage.go(0.3)
    assert stage.port.sent[0][1] == bytes((PROGRAM, 19))


def test_the_port_alone_is_heard_if_so_chosen_and_the_synthesizer_alone_without_a_port(stage: Stage) -> None:
    synthesizer = stage.tee.synthesizer
    stage.tee.internal = False
    stage.player.play(phrase("#."))
    stage.go(1.0)
    assert synthesizer.struck == 0
    assert stage.port.times(NOTE_ON)
    stage.tee.sender = None
    stage.go(1.0)
    assert synthesizer.struck > 0, "a port that has gone does not leave silence"


def test_without_a_synthesizer_the_port_still_gets_its_notes() -> None:
    stage = Stage(None)
    stage.player.play(phrase("#."))
    stage.go(1.0)
    assert np.diff(stage.port.times(NOTE_ON)) == pytest.approx(2 * STEP, abs=0.003)
    assert not stage.player.render(10).any()


def test_the_beat_is_sent_only_if_asked_for_and_goes_with_the_steps(stage: Stage) -> None:
    stage.player.play(phrase("#......."))
    stage.go(1.0)
    assert not [message for _, message in stage.port.sent if message[0] >= 0xF0]
    stage.player.stop()
    stage.go(0.1)
    stage.tee.clocked = True
    stage.player.play(phrase("#......."))
    stage.go(2.0)
    strikes = [time for time in stage.port.times(NOTE_ON) if time > stage.clock.seconds - 2.0]
    ticks = [time for time, message in stage.port.sent if message == TICK]
    assert ticks[0] == pytest.approx(strikes[0], abs=1e-4)
    assert ticks[24] == pytest.approx(strikes[1], abs=0.003), "a beat is eight steps"
    stage.player.pause()
    stage.go(0.1)
    stage.player.resume()
    stage.go(0.1)
    stage.player.stop()
    stage.go(0.1)
    beats = [message for _, message in stage.port.sent if message[0] >= 0xF0 and message != TICK]
    assert beats == [START, STOP, CONTINUE, STOP]


def test_the_beat_follows_a_tempo_that_changes_along_the_music(stage: Stage) -> None:
    stage.tee.clocked = True
    tempos = np.repeat(np.array([150, 75], np.float32), 8)
    stage.player.play(replace(phrase("#......." * 2), tempos=tempos))
    stage.go(2.4)
    strikes = stage.port.times(NOTE_ON)
    ticks = [time for time, message in stage.port.sent if message == TICK]
    assert np.diff(strikes) == pytest.approx([8 * STEP, 16 * STEP, 8 * STEP], abs=0.003)
    assert [ticks[24 * beat] for beat in range(4)] == pytest.approx(strikes, abs=0.012)


def test_a_synthesizer_that_fails_is_told_of_once_and_the_port_plays_on_with_no_note_hanging(stage: Stage) -> None:
    failures: list[str] = []
    stage.tee.on_failure = lambda: failures.append("failed")
    stage.player.play(phrase("########"))
    stage.go(0.3)
    assert stage.port.hanging()
    stage.tee.synthesizer.broken = True
    assert not stage.player.render(441).any()
    stage.player.render(441)
    assert failures == ["failed"]
    struck = len(stage.port.times(NOTE_ON))
    stage.player.play(phrase("#.#."))
    stage.go(0.3)
    assert len(stage.port.times(NOTE_ON)) > struck
    stage.player.stop()
    stage.go(0.1)
    stage.wait(0.5)
    assert not stage.port.hanging()


@pytest.mark.parametrize("held", [False, True])
def test_another_synthesizer_is_told_the_programs_and_strikes_what_sounds(stage: Stage, held: bool) -> None:
    stage.player.programs = (7,)
    stage.player.play(phrase("########"))
    stage.go(0.3)
    stage.player.hold = held
    stage.tee.synthesizer.broken = True
    stage.go(0.1)
    stage.tee.synthesizer = another = Synthesizer(now=5000)  # its own clock need not stand at 0
    stage.player.strike_anew()
    stage.go(0.1)
    assert another.programs == {0: 7}
    assert another.struck == 1
    assert stage.player.render(10).any()


def test_a_fault_in_the_beat_reaches_no_synthesizer_and_is_told_and_midi_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = []
    stage.tee.on_midi_failure = faults.append
    stage.player.play(phrase("########"))
    stage.go(0.3)
    with monkeypatch.context() as broken:
        broken.setattr(MidiClock, "messages", lambda *_: 1 / 0)
        assert stage.player.render(441).any()
        stage.wait(0.1)
        assert not stage.port.hanging()
    assert [type(fault) for fault in faults] == [ZeroDivisionError]
    before = len(stage.port.times(NOTE_ON))
    stage.player.play(phrase("#.#."))
    stage.go(0.3)
    assert len(stage.port.times(NOTE_ON)) > before
    assert len(faults) == 1


@pytest.mark.parametrize("clocked", [False, True])
def test_a_click_while_time_is_held_is_heard(stage: Stage, clocked: bool) -> None:
    stage.tee.clocked = clocked
    stage.tee.on_midi_failure = lambda error: pytest.fail(repr(error))
    stage.player.play(phrase("########"))
    stage.go(0.3)
    stage.player.hold = True
    stage.go(0.1)
    struck = stage.tee.synthesizer.struck
    stage.player.play(phrase("########"))
    stage.go(0.2)
    assert stage.tee.synthesizer.struck == struck + 1
    stage.player.hold = False
    stage.go(0.2)
    assert stage.player.render(10).any()


@pytest.mark.parametrize("seed", range(12))
def test_no_note_hangs_and_none_is_struck_twice_whatever_is_done_with_the_transport(stage: Stage, seed: int) -> None:
    chance = np.random.default_rng(seed)
    player, ports = stage.player, [stage.port]
    stage.tee.clocked = bool(seed % 2)

    def some() -> Phrase:
        return Phrase(chance.random((int(chance.integers(3, 12)), 6)) < 0.5, tuple(range(60, 66)))

    for _ in range(120):
        what = chance.integers(9)
        if what == 0:
            player.play(some())
        elif what <= 3:
            player.morph(some())
        elif what == 4:
            player.pause() if chance.random() < 0.5 else player.resume()
        elif what == 5:
            player.tempo = float(chance.uniform(40, 300))
        elif what == 6 and chance.random() < 0.3:
            player.panic() if chance.random() < 0.5 else player.stop()
        elif what == 7 and chance.random() < 0.2:
            stage.sender.close()
            stage.wait(0.01)
            assert ports[-1].hanging() == set(), "a change of port leaves nothing behind"
            stage.plug()
            ports.append(stage.port)
        stage.go(float(chance.uniform(0.01, 0.2)), late=0.01)
    player.stop()
    stage.go(0.2)
    stage.wait(0.5)
    assert all(port.hanging() == set() for port in ports)
    assert sum(len(port.times(NOTE_ON)) for port in ports) > 50
