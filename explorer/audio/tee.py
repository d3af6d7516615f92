"""Stands between the player and its synthesizer, and passes what is played on to a MIDI port as well."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

import numpy as np
import numpy.typing as npt

from explorer.audio.player import STEPS_PER_BEAT, Player, SoundSource
from vrae_core.midi.sender import NOTE_OFF, NOTE_ON, PROGRAM, TICKS_PER_BEAT, MidiClock, TimedSender

LEAST_LATENCY = 0.03  # seconds from a block to the port: where no device buffers sound, so that no message is late
LOOK_BACK = 1.0  # seconds, one to two, over which the block that came soonest gives the time


class SoundTee:
    """The player's sound source, whose own are a synthesizer, if there is one, and a MIDI port, if one is chosen.

    The audio thread alone calls the verbs of SoundSource; the window sets ``sender``, ``internal`` and ``clocked``,
    each one attribute that a block reads once.  Messages leave when the synthesizer's sound of them is heard.
    """

    def __init__(
        self, player: Player, synthesizer: SoundSource | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.sender: TimedSender | None = None
        self.internal = True  # whether the synthesizer is heard as well as the port
        self.clocked = False  # whether the port gets the beat
        self._player, self._synthesizer, self._clock = player, synthesizer, clock
        # Below: the audio thread's own.
        self._samples = 0  # rendered so far
        self._block: list[tuple[int, bytes]] = []  # (sample, message) of the block in the making
        self._programs: dict[int, int] = {}  # by channel
        self._in_use: TimedSender | None = None
        self._beats = MidiClock(TICKS_PER_BEAT // STEPS_PER_BEAT)
        self._since, self._lately, self._before = -inf, inf, inf  # see _heard_from

    @property
    def now(self) -> int:
        """Samples rendered so far."""
        return self._samples if self._synthesizer is None else self._synthesizer.now

    def set_program(self, channel: int, program: int) -> None:
        self._programs[channel] = program
        self._block.append((self.now, bytes((PROGRAM | channel, program))))
        if self._synthesizer is not None:
            self._synthesizer.set_program(channel, program)

    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None:
        self._block.append((sample, bytes((NOTE_ON | channel, pitch, velocity))))
        if self._synthesizer is not None and (self.internal or self.sender is None):
            self._synthesizer.note_on_at(sample, channel, pitch, velocity)

    def note_off_at(self, sample: int, channel: int, pitch: int) -> None:
        self._block.append((sample, bytes((NOTE_OFF | channel, pitch, 0))))
        if self._synthesizer is not None:
            self._synthesizer.note_off_at(sample, channel, pitch)

    def all_sounds_off(self) -> None:
        self._block.clear()
        if self.sender is not None:
            self.sender.silence()
        if self._synthesizer is not None:
            self._synthesizer.all_sounds_off()

    def render(self, frames: int) -> npt.NDArray[np.int16]:
        start = self.now
        self._pass_on(start, frames)
        self._samples += frames
        if self._synthesizer is None:
            return np.zeros((frames, 2), np.int16)
        try:
            return self._synthesizer.render(frames)
        except Exception:
            if self.sender is not None:
                self.sender.silence()  # whoever renders will drop us: no note-off would ever come
            raise

    def _pass_on(self, start: int, frames: int) -> None:
        """Give the port the block's messages, each with the time at which it is heard."""
        sender, block = self.sender, self._block
        self._block = []
        rate = self._player.sample_rate
        end = start + frames
        beats = [
            (end - round(before_end * rate), message)
            for before_end, message in self._beats.messages(self._player.block_end, frames / rate)
        ]
        heard_from = self._heard_from(end / rate)
        if sender is not self._in_use:
            self._in_use = sender
            block = [
                (start, bytes((PROGRAM | channel, program))) for channel, program in self._programs.items()
            ] + block
        if sender is None:
            return
        for sample, message in sorted([*(beats if self.clocked else ()), *block], key=lambda each: each[0]):
            sender.send_at(heard_from + sample / rate, message)

    def _heard_from(self, end: float) -> float:
        """When the sample 0 was heard, as it were, on our clock.

        A block may be rendered late but never too soon, so of the blocks of the last seconds that counts which came
        soonest: the messages then keep the music's even time however unevenly its blocks come.
        """
        now = self._clock()
        if now - self._since > LOOK_BACK:
            self._since, self._before, self._lately = now, self._lately, inf
        self._lately = min(self._lately, now + max(self._player.latency, LEAST_LATENCY) - end)
        return min(self._before, self._lately)
