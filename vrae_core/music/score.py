"""Probabilities to what is played, seen and saved: the cells that sound, each with its velocity and its voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vrae_core.columns import BAND, Part, parts_of, pitches_of
from vrae_core.corpus.voices import DRUMS, split_voices
from vrae_core.midi.beats import Times
from vrae_core.midi.export import Track
from vrae_core.music.pieces import roll_from_probabilities
from vrae_core.music.scales import lock_to_scale
from vrae_core.music.sound import Sound
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray, Note, notes_from_roll

PLAIN_VELOCITY = 90
SOFTEST, LOUDEST = 40, 110  # the velocities of probability 0 and 1

LOWEST_THRESHOLD = 0.01  # that is offered: at 0 every cell would sound


@dataclass(frozen=True, eq=False)
class Score:
    """A piece ready to play.  All arrays are (steps, P); the columns are those after any move to a scale."""

    probabilities: FloatArray
    pitches: tuple[int, ...]  # the columns: pitches, or of parts
    roll: BoolArray
    velocities: IntArray  # 1–127; a note has that of the cell it begins in
    voices: IntArray  # the same from a note's first step to its last; DRUMS are no register's
    muted: BoolArray | bool = False  # cells of parts that are not heard

    @property
    def has_parts(self) -> bool:
        """Whether its columns say who plays, so that no register has to."""
        return bool(parts_of(self.pitches).any())

    @property
    def heard(self) -> BoolArray:
        """The roll without the parts that are muted."""
        heard: BoolArray = self.roll & ~np.asarray(self.muted)
        return heard

    def audible_threshold(self) -> float:
        """A threshold, in hundredths, at which on average a cell of each step sounds; 0.01 if hardly any is likely."""
        steps = len(self.probabilities)
        reached = float(np.partition(self.probabilities, -steps, axis=None)[-steps])
        return max(LOWEST_THRESHOLD, float(np.floor(reached * 100 - 1e-6)) / 100)

    def tracks(self, sound: Sound, times: float | Times) -> list[Track]:
        """The piece as the tracks of a file, one for each voice that plays; together they are what is heard.

        times: how long a step lasts, or when each begins and the last ends, (steps + 1,) seconds.
        """
        if not (sound.split or self.has_parts):
            return [Track("VRAE Explorer", sound.voices[0].program, self._notes(self.heard, times))]
        tracks = [
            Track(part.label, voice.program, self._notes(self.heard & (self.voices == number), times), number == DRUMS)
            for number, (part, voice) in enumerate(zip(BAND, sound.band, strict=True))
        ]
        return [track for track in tracks if track.notes] or tracks[:1]

    def _notes(self, roll: BoolArray, times: float | Times) -> list[Note]:
        return notes_from_roll(roll, pitches_of(self.pitches), times, self.velocities)


def make_score(
    probabilities: FloatArray,
    pitches: Sequence[int],
    sound: Sound,
    threshold: float,
    temperature: float = 0.0,
    seed: int = 0,
) -> Score:
    """Lock to the scale, decide which cells sound, and give each its velocity and its voice, in this order.

    probabilities: (steps, P); threshold, temperature, seed: as in ``roll_from_probabilities``.
    """
    heard, kept = probabilities, tuple(pitches)
    if sound.scale:
        heard, kept = lock_to_scale(probabilities, pitches, sound.scale, sound.tonic)
    roll = roll_from_probabilities(heard, threshold, temperature, seed)
    parts = parts_of(kept)
    if parts.any():
        voices = np.broadcast_to(parts - int(Part.MELODY), roll.shape)
    elif sound.split:
        voices = split_voices(roll, kept)
    else:
        voices = np.zeros(roll.shape, np.int64)
    velocities = SOFTEST + (LOUDEST - SOFTEST) * heard if sound.expressive else np.full(roll.shape, PLAIN_VELOCITY)
    levels = np.array([voice.level for voice in sound.band])[voices]
    muted = ~np.array(sound.playing)[voices] if sound.split or parts.any() else False
    return Score(heard, kept, roll, np.rint(velocities * levels).astype(np.int64).clip(1, 127), voices, muted)
