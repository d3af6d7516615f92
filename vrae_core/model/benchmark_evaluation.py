"""The lower bound of whole pieces, for comparison with what others publish of the polyphonic benchmark.

A piece is tiled by consecutive windows of T steps, the last one as short as what is left, each with a z of its
own; the piece's bound is the sum of its windows'.  All bounds are nats per step, over all steps of all pieces and
all 88 pitches.  A pitch that the model does not know is charged as a coin with the training split's frequency.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.model.evaluation import kl_divergence, log_likelihood
from vrae_core.model.trained import CHUNK, TrainedModel
from vrae_core.piano_roll import LOWEST_PITCH, BoolArray
from vrae_core.progress import Progress

Float64Array = npt.NDArray[np.float64]


class RollsEvaluation(NamedTuple):
    """The figures of a model on pieces; `vrae evaluate --rolls --json` prints them by these names."""

    pieces: int
    steps: int
    windows: int
    samples: int  # of z, a window
    lower_bound: float
    reconstruction: float
    kl: float
    importance_weighted_bound: float  # Burda et al. 2015, equation 8, of `samples` samples a window
    lower_bound_teacher_forced: float  # the decoder fed the true past within the window
    importance_weighted_bound_teacher_forced: float
    unknown_pitches: float  # what each bound was charged for the pitches that the model does not know
    baseline_marginal: float  # each of the 88 pitches as often as in the training split


def evaluate_rolls(
    model: TrainedModel,
    rolls: Sequence[BoolArray],
    training_rolls: Sequence[BoolArray],
    samples: int = 1,
    seed: int = 0,
) -> Generator[Progress, None, RollsEvaluation]:
    """Measure a model on pieces.

    rolls: (steps, 88) each, at least one.  training_rolls: where the frequencies come from.
    samples: draws of z a window; more make the two importance-weighted bounds tighter, the others only steadier.
    """
    noise = np.random.default_rng(seed)
    known = np.array(model.pitches) - LOWEST_PITCH
    size = max(1, CHUNK // samples)
    batches = [tiles[i : i + size] for tiles in tile(rolls, model.config.window) for i in range(0, len(tiles), size)]
    kl, running, forced = 0.0, np.zeros(2), np.zeros(2)  # sums over all windows, in nats
    for done, batch in enumerate(batches):
        yield Progress(done, len(batches), "measuring")
        x = batch[:, :, known]
        posterior = model.encode(x)
        kl += float(kl_divergence(posterior).sum())
        epsilon = noise.standard_normal((samples, *posterior.mu.shape))
        z = posterior.mu + posterior.sigma * epsilon
        log_ratio = ((epsilon**2 - z**2) / 2 + np.log(posterior.sigma)).sum(axis=2)  # log p(z) − log q(z | x)
        running += _reconstruction_and_bound(model, x, z, log_ratio, teacher_forced=False)
        forced += _reconstruction_and_bound(model, x, z, log_ratio, teacher_forced=True)

    steps = sum(map(len, rolls))
    coins = _coins(rolls, pitch_frequency(training_rolls))
    charge = float(np.delete(coins, known).sum())
    reconstruction, weighted = (float(total) / steps + charge for total in running)
    reconstruction_forced, weighted_forced = (float(total) / steps + charge for total in forced)
    return RollsEvaluation(
        pieces=len(rolls),
        steps=steps,
        windows=sum(map(len, batches)),
        samples=samples,
        lower_bound=reconstruction - kl / steps,
        reconstruction=reconstruction,
        kl=kl / steps,
        importance_weighted_bound=weighted,
        lower_bound_teacher_forced=reconstruction_forced - kl / steps,
        importance_weighted_bound_teacher_forced=weighted_forced,
        unknown_pitches=charge,
        baseline_marginal=float(coins.sum()),
    )


def tile(rolls: Sequence[BoolArray], window: int) -> list[BoolArray]:
    """Cut pieces into consecutive windows that cover every step once: an array (n, length, 88) for each length."""
    by_length: dict[int, list[BoolArray]] = defaultdict(list)
    for roll in rolls:
        for start in range(0, len(roll), window):
            piece = roll[start : start + window]
            by_length[len(piece)].append(piece)
    return [np.stack(windows) for windows in by_length.values()]


def pitch_frequency(rolls: Sequence[BoolArray]) -> Float64Array:
    """How often each of the 88 pitches sounds, one step with and one without it added: never 0 or 1 (Laplace)."""
    cells = np.sum([roll.sum(axis=0) for roll in rolls], axis=0)
    return np.asarray((cells + 1) / (sum(map(len, rolls)) + 2))


def _reconstruction_and_bound(
    model: TrainedModel, x: BoolArray, z: Float64Array, log_ratio: Float64Array, teacher_forced: bool
) -> Float64Array:
    """Mean log p(x | z) and importance-weighted bound, each summed over windows x (n, T, P): (2,) in nats.

    z: (samples, n, J); log_ratio: (samples, n) log p(z) − log q(z | x).
    """
    x = np.tile(x, (len(z), 1, 1))  # a copy for every draw
    heard = x if teacher_forced else None
    probabilities = model.decode(z.reshape(len(x), -1), x.shape[1], heard)
    likelihoods = log_likelihood(probabilities, x).reshape(log_ratio.shape)
    weighted = np.logaddexp.reduce(likelihoods + log_ratio, axis=0) - np.log(len(z))
    return np.array([likelihoods.mean(axis=0).sum(), weighted.sum()])


def _coins(rolls: Sequence[BoolArray], frequency: Float64Array) -> Float64Array:
    """Log-likelihood a step, in nats, of each of the 88 pitches when it is a coin of its own, thrown at every step."""
    share = np.sum([roll.sum(axis=0) for roll in rolls], axis=0) / sum(map(len, rolls))
    return np.asarray(share * np.log(frequency) + (1 - share) * np.log1p(-frequency))
