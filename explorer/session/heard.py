"""What is decoded, and how it becomes notes: plain values that panels, jobs and the player are given."""

from __future__ import annotations

from dataclasses import dataclass, replace

from explorer.player import STEPS_PER_BEAT
from vrae_core.midi_export import Track
from vrae_core.piano_roll import FloatArray
from vrae_core.score import Score, make_score
from vrae_core.sound import Sound


@dataclass(frozen=True, eq=False)
class Heard:
    """Something decoded: its probabilities, (steps, P), and where on the map it is."""

    probabilities: FloatArray
    pitches: tuple[int, ...]
    zs: FloatArray  # (1, J) for a point, (steps, J) for a piece along a path
    places: FloatArray  # where these are on the map: (1, 2) or (steps, 2)
    window: int | None = None  # when the point is a window's own
    segment_steps: int = 0  # of a path: steps from one of its points to the next
    ran_on: int = 0  # steps at the end for which the decoder ran on past the window, or past the path

    def place_at(self, step: float) -> FloatArray:
        """Where on the map the music is at a step: (2,)."""
        return self.places[min(max(int(step), 0), len(self.places) - 1)]

    @property
    def own_steps(self) -> int:
        """The steps of the window or the path itself."""
        return len(self.probabilities) - self.ran_on

    def without_run_on(self) -> Heard:
        """The window or the path alone."""
        return replace(self, probabilities=self.probabilities[: self.own_steps], ran_on=0)


@dataclass(frozen=True)
class PieceSettings:
    """How probabilities become notes, and these a track."""

    threshold: float
    temperature: float
    seed: int
    tempo: float  # beats per minute
    sound: Sound
    pitches: tuple[int, ...]

    def score(self, probabilities: FloatArray) -> Score:
        """What is played, seen and saved of these probabilities, (steps, P)."""
        return make_score(probabilities, self.pitches, self.sound, self.threshold, self.temperature, self.seed)

    def tracks(self, score: Score) -> list[Track]:
        """A score as the tracks of a file, at the tempo that is set."""
        return score.tracks(self.sound, 60 / (self.tempo * STEPS_PER_BEAT))
