"""What is decoded, and how it becomes notes: plain values that panels, jobs and the player are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from explorer.audio.phrase import STEPS_PER_BEAT, TEMPO, Phrase
from vrae_core.columns import parts_of
from vrae_core.corpus.sampling import NO_PROGRAMS, Programs
from vrae_core.music.piece_time import PieceTime
from vrae_core.music.score import Score, make_score
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

PAPER_TIME = PieceTime(STEPS_PER_BEAT, np.full(1, TEMPO, np.float32))


@dataclass(frozen=True, eq=False)
class Decoded:
    """Something decoded: its probabilities, (steps, P), and where on the map it is."""

    probabilities: FloatArray
    pitches: tuple[int, ...]
    zs: FloatArray  # (1, J) for a point, (steps, J) for a piece along a path
    places: FloatArray  # where these are on the map: (1, 2) or (steps, 2)
    window: int | None = None  # when the point is a window's own, or of a song: the first one
    windows: IntArray | None = None  # of a song played through: the window that each step is decoded from, (steps,)
    arrivals: tuple[int, ...] = ()  # of a path: the step at which it is at each of its points
    points: FloatArray | None = None  # of a path: the z of its points, (k, J)
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of a path: its times, as it says itself
    ran_on: int = 0  # steps at the end for which the decoder ran on past the window, or past the path
    time: PieceTime = PAPER_TIME  # when its steps are, at the tempo of the songs that it is made from
    programs: Programs = NO_PROGRAMS  # of the nearest song's melody, chords, bass and drums
    original: Phrase | None = None  # of a song played through: as its file has it
    called: str = ""  # what it was on an earlier map, of songs that the one that is shown lacks

    def place_at(self, step: float) -> FloatArray:
        """Where on the map the music is at a step: (2,)."""
        place: FloatArray = self.places[min(max(int(step), 0), len(self.places) - 1)]
        return place

    def z_at(self, step: float) -> FloatArray:
        """The latent point of the music at a step: (J,)."""
        z: FloatArray = self.zs[min(max(int(step), 0), len(self.zs) - 1)]
        return z

    def window_at(self, step: float) -> int | None:
        """The window that is heard at a step, if what is heard is a window's own place, or a song's."""
        return self.window if self.windows is None else int(self.windows[min(max(int(step), 0), len(self.windows) - 1)])

    @property
    def own_steps(self) -> int:
        """The steps of the window or the path itself."""
        return len(self.probabilities) - self.ran_on

    def without_run_on(self) -> Decoded:
        """The window or the path alone."""
        return replace(self, probabilities=self.probabilities[: self.own_steps], ran_on=0)


@dataclass(frozen=True)
class PieceSettings:
    """How probabilities become notes, and these a track."""

    threshold: float
    temperature: float
    seed: int
    tempo: float | None  # beats per minute; None: that of the music itself
    sound: Sound
    pitches: tuple[int, ...]

    def sound_of(self, programs: Programs) -> Sound:
        """How it sounds: with the instruments of the nearest song, if parts are to be played so."""
        if not (self.sound.own and parts_of(self.pitches).any()):
            return self.sound
        return self.sound.played_by(programs)

    def score(self, probabilities: FloatArray) -> Score:
        """What is played, seen and saved of these probabilities, (steps, P)."""
        return make_score(probabilities, self.pitches, self.sound, self.threshold, self.temperature, self.seed)

    def score_of_song(self, roll: BoolArray) -> Score:
        """A song's own notes, (steps, P): neither moved to a scale nor drawn by chance."""
        return make_score(roll.astype(np.float32), self.pitches, replace(self.sound, scale=""), 0.5)
