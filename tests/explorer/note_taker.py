"""A synthesizer that only writes down what it is told, and phrases drawn with # and dots."""

from __future__ import annotations

import numpy as np

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player

RATE = 44100
STEP = RATE // 20  # samples of a step at 150 beats per minute


class NoteTaker:
    """A synthesizer that writes down what it is told."""

    def __init__(self) -> None:
        self.now = 0
        self.events: list[tuple[str, int, int]] = []  # what, sample, pitch
        self.velocities: list[int] = []
        self.channels: list[tuple[str, int, int]] = []  # what, pitch, channel
        self.programs: list[tuple[int, int]] = []  # channel, program
        self.blocks: list[int] = []

    def set_program(self, channel: int, program: int) -> None:
        self.programs.append((channel, program))

    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None:
        self.events.append(("on", sample, pitch))
        self.channels.append(("on", pitch, channel))
        self.velocities.append(velocity)

    def note_off_at(self, sample: int, channel: int, pitch: int) -> None:
        self.events.append(("off", sample, pitch))
        self.channels.append(("off", pitch, channel))

    def all_sounds_off(self) -> None:
        self.events.append(("silence", self.now, 0))

    def render(self, frames: int) -> np.ndarray:
        self.now += frames
        self.blocks.append(frames)
        return np.full((frames, 2), 1000, np.int16)

    def steps(self, what: str) -> list[tuple[int, int]]:
        """(step at 150 beats per minute, pitch) of every event of a kind."""
        return [(round(sample / STEP), pitch) for kind, sample, pitch in self.events if kind == what]


def phrase(
    *rows: str,
    pitches: tuple[int, ...] = (),
    velocities: int | np.ndarray = 90,
    voices: int | np.ndarray = 0,
) -> Phrase:
    """One row of # and . for each pitch, from C4 up."""
    roll = np.array([[cell == "#" for cell in row] for row in rows]).T
    return Phrase(roll, pitches or tuple(range(60, 60 + len(rows))), velocities, voices)


def render_steps(player: Player, steps: float, block: int = 441) -> None:
    for _ in range(round(steps * STEP / block)):
        player.render(block)


def drag(player: Player, source: np.random.Generator, morphs: int) -> np.ndarray:
    """What is heard while a hand drags: at odd moments the music becomes another, one or two flutes at a time."""
    heard = []
    for _ in range(morphs):
        roll = np.zeros((50, 12), bool)
        roll[np.arange(50), source.integers(0, 12, 50)] = True
        player.morph(Phrase(roll, tuple(range(60, 72)), 90))
        heard.append(player.render(int(source.integers(64, 1500))))
    return np.concatenate(heard)[:, 0].astype(int)
