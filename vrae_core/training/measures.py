"""What a run is measured by on its way, at the ends of epochs: by its bound, and on few windows for little of its time.

Measuring draws from no source that training draws from, so that a measured run equals one that is not, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from vrae_core.columns import Part
from vrae_core.corpus.windows import Corpus, Windows, subset
from vrae_core.model.evaluation import THRESHOLDS, frame_f1, kl_divergence, log_likelihood, song_accuracy
from vrae_core.model.onsets import note_onset_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import BoolArray

MOST_WINDOWS = 200
MOST_TIME = 0.05  # of the time spent training
SHORTEST_COLLAPSE = 4  # updates: the first steps from the base overshoot, and come back by themselves
RECENT = 50  # epochs that a bound is held against: teacher forcing, as it ends, lowers it slowly


class Judged(NamedTuple):
    """What an epoch's bound says; it may be neither."""

    best: float  # of the epochs that it is held against
    is_sound: bool
    has_collapsed: bool


def judged(bound: float, before: Sequence[tuple[float, ...]], updates: int) -> Judged:
    """Hold the bound of an epoch of so many updates against those of the epochs before, the first of each row.

    The bound of a small batch wavers and the KL weight moves it, but an explosion of the recurrent loop costs more than
    a quarter of it within a few epochs.  Of very short epochs several have to be as bad.
    """
    others = -(-SHORTEST_COLLAPSE // updates) - 1
    known = [row[0] for row in before[-RECENT - others :]]
    first = max(0, len(known) - others)
    best = max(filter(math.isfinite, known[:first]), default=-math.inf)
    slack = 0.2 + 0.25 * abs(best)
    holds = max(filter(math.isfinite, (bound, *known[first:])), default=math.nan) >= best - slack
    return Judged(best, holds and bound >= best - slack / 2, not holds)


class Measured(NamedTuple):
    """Figures of windows that were measured; NaN where they were not."""

    held_out_bound: float = math.nan  # nats per window per step, as `evaluation` gives them
    held_out_reconstruction: float = math.nan
    held_out_kl: float = math.nan
    frame_f1: float = math.nan  # decoded from μ, at the best threshold
    song_accuracy: float = math.nan  # of the 5 nearest measured windows' majority
    note_onset_f1: float = math.nan  # at the same threshold; NaN where nobody knows when notes begin


class Measures:
    """Measures a model on the windows held out, or on some of those it learns if none are."""

    trained_before = 0.0  # seconds the run was trained by others: what they spent measuring is theirs

    def __init__(self, windows: Windows, held_out: bool, clock: Callable[[], float]) -> None:
        self._sample, self.held_out, self._clock = subset(windows, MOST_WINDOWS), held_out, clock
        self._spent = self._last = 0.0  # seconds

    def due(self, trained: float) -> bool:
        """Whether there is time to measure once more."""
        return self._spent + self._last <= MOST_TIME * (trained - self.trained_before) or not self._spent

    def measure(self, model: TrainedModel) -> Measured:
        """Measure a model; the same noise every time, so that what differs is the model."""
        begun = self._clock()
        sample, x = self._sample, self._sample.windows()
        posterior = model.encode(x)
        noise = np.random.default_rng(0).standard_normal(posterior.mu.shape)
        probabilities = model.decode(posterior.mu, sample.window)
        f1, threshold = max((frame_f1(probabilities >= threshold, x), threshold) for threshold in THRESHOLDS)
        figures = Measured(
            frame_f1=f1,
            note_onset_f1=_onset_f1(sample, probabilities >= threshold),
            song_accuracy=song_accuracy(posterior.mu, sample.song_of) if len(x) > 1 else math.nan,
        )
        if self.held_out:
            decoded = model.decode(posterior.mu + posterior.sigma * noise, sample.window)
            reconstruction = float(log_likelihood(decoded, x).mean()) / sample.window
            kl = float(kl_divergence(posterior).sum(axis=1).mean()) / sample.window
            figures = figures._replace(
                held_out_bound=reconstruction - kl, held_out_reconstruction=reconstruction, held_out_kl=kl
            )
        self._last = self._clock() - begun
        self._spent += self._last
        return figures


def _onset_f1(sample: Windows, rolls: BoolArray) -> float:
    return note_onset_f1(sample, rolls)[Part.ALL] if isinstance(sample, Corpus) else math.nan
