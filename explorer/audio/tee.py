"""Stands between the player and its synthesizer, and passes what is played on to a MIDI port as well."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from math import inf
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from explorer.audio.player import Player
from explorer.audio.sounding_notes import SoundSource
from vrae_core.midi.sender import NOTE_OFF, NOTE_ON, PROGRAM, MidiClock, TimedSender

LEAST_LATENCY = 0.03  # seconds from a block to the port: where no device buffers sound, so that no message is late
LOOK_BACK = 1.0  # seconds, one to two, over which the block that came soonest gives the time


log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class SoundTee:
    """The player's sound source, whose own are a synthesizer, if there is one, and a MIDI port, if one is chosen.

    The audio thread alone calls the verbs of SoundSource; the window sets ``synthesizer``, ``sender``, ``internal`` and
    ``clocked``, each one attribute that a block reads once.  Messages leave when the synthesizer's sound of them is
    heard.

    Neither side hears of the other's faults, and whoever renders of none: a synthesizer that fails is asked for nothing
    more until there is another; a block whose messages fail is not sent, and what sounds on the port ends.
    """

    def __init__(
        self, player: Player, synthesizer: SoundSource | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.synthesizer = synthesizer
        self.sender: TimedSender | None = None
        self.internal = True  # whether the synthesizer is heard as well as the port
        self.clocked = False  # whether the port gets the beat
        # Called in the audio thread when the synthesizer, or the sending of a block, has failed.
        self.on_failure: Callable[[], object] = lambda: None
        self.on_midi_failure: Callable[[Exception], object] = lambda _error: None
        self._player, self._clock = player, clock
        # Below: the audio thread's own.
        self._samples = 0  # rendered so far
        self._taken_up: SoundSource | None = None  # the synthesizer that has been told the programs
        self._failed: SoundSource | None = None
        self._its_zero = 0  # the sample at which the synthesizer's own clock stood at 0
        self._block: list[tuple[int, tuple[int, ...]]] = []  # (sample, message) of the block in the making
        self._programs: dict[int, int] = {}  # by channel
        self._in_use: TimedSender | None = None
        self._beats = MidiClock()
        self._since, self._lately, self._before = -inf, inf, inf  # see _heard_from

    @property
    def now(self) -> int:
        """Samples rendered so far."""
        return self._samples

    def set_program(self, channel: int, program: int) -> None:
        self._programs[channel] = program
        self._block.append((self.now, (PROGRAM | channel, program)))
        self._sound(lambda synthesizer: synthesizer.set_program(channel, program))

    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None:
        self._block.append((sample, (NOTE_ON | channel, pitch, velocity)))
        if self.internal or self.sender is None:
            self._sound(lambda it: it.note_on_at(sample - self._its_zero, channel, pitch, velocity))

    def note_off_at(self, sample: int, channel: int, pitch: int) -> None:
        self._block.append((sample, (NOTE_OFF | channel, pitch, 0)))
        self._sound(lambda it: it.note_off_at(sample - self._its_zero, channel, pitch))

    def all_sounds_off(self) -> None:
        self._block.clear()
        if self.sender is not None:
            self.sender.silence()
        self._sound(lambda it: it.all_sounds_off())

    def render(self, frames: int) -> npt.NDArray[np.int16]:
        sender, block = self.sender, self._block
        self._block = []
        try:
            self._pass_on(sender, block, frames)
        except Exception as error:
            self._beats, self._in_use = MidiClock(), None
            if sender is not None:
                sender.silence()
            self.on_midi_failure(error)
        sound = self._sound(lambda synthesizer: synthesizer.render(frames))
        self._samples += frames
        return np.zeros((frames, 2), np.int16) if sound is None else sound

    def _sound(self, ask: Callable[[SoundSource], Answer]) -> Answer | None:
        """Ask the synthesizer for something, if there is one that has not failed."""
        synthesizer = self.synthesizer
        if synthesizer is None or synthesizer is self._failed:
            return None
        try:
            if synthesizer is not self._taken_up:
                self._taken_up, self._its_zero = synthesizer, self._samples - synthesizer.now
                for channel, program in self._programs.items():
                    synthesizer.set_program(channel, program)
            return ask(synthesizer)
        except Exception:
            log.exception("the synthesizer failed")
            self._failed = synthesizer
            self.on_failure()
            return None

    def _pass_on(self, sender: TimedSender | None, block: list[tuple[int, tuple[int, ...]]], frames: int) -> None:
        """Give the port the block's messages, each with the time at which it is heard."""
        rate = self._player.sample_rate
        end = self.now + frames
        beats = [
            (end - round(before_end * rate), message)
            for before_end, message in self._beats.messages(self._player.sequencer.block_end, frames / rate)
        ]
        heard_from = self._heard_from(end / rate)
        if sender is not self._in_use:
            self._in_use = sender
            block = [(self.now, (PROGRAM | channel, program)) for channel, program in self._programs.items()] + block
        if sender is None:
            return
        messages = [(sample, bytes(message)) for sample, message in block]
        for sample, message in sorted([*(beats if self.clocked else ()), *messages], key=lambda each: each[0]):
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
