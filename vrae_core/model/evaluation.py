"""How good a model is: the true lower bound, reconstruction, the use it makes of z, and baselines to hold them against.

The decoder is the free-running one, but for the one figure that says otherwise.  Bounds are nats per window
per time step, with KL weight 1.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.columns import Part
from vrae_core.corpus.windows import Corpus, Windows, subset
from vrae_core.model.onsets import note_onset_f1
from vrae_core.model.trained import CHUNK, Posterior, TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray
from vrae_core.progress import Progress

THRESHOLDS = np.arange(0.05, 0.96, 0.05)
ALL_BUT = 0.002  # frame F1 that is given up for fuller music between the windows (docs/experiments.md)
MOST_FOR_THRESHOLD = 4000  # windows that a threshold is chosen on
NEIGHBOURS = 5
ACTIVE_KL = 0.01  # nats a window; a dimension below it carries nothing
SMALLEST = 1e-7  # probability; float32 knows none nearer to 1 than this


class Evaluation(NamedTuple):
    """The figures of a model on a corpus; `vrae evaluate --json` prints them by these names."""

    windows: int
    lower_bound: float
    reconstruction: float
    kl: float
    lower_bound_teacher_forced: float  # the decoder fed the true past: of its model p(x_t | x_<t, z), not of its music
    frame_f1: float  # at the model's own threshold, decoded from μ
    threshold: float
    frame_f1_at_half: float
    frame_f1_shuffled_z: float  # each window decoded from another's μ: near frame_f1 if z is not used
    active_units: int
    song_accuracy: float  # of the 5 nearest windows' majority, the window itself left out
    baseline_marginal: float  # each pitch as often as in the whole corpus
    baseline_per_song: float  # each pitch as often as in its song
    baseline_per_window: float  # each pitch as often as in its window
    baseline_persistence: float  # each pitch given itself one step before
    persistence_f1: float  # of repeating the step before
    note_onset_f1: float  # notes that begin when those of the file do, see `onsets`; NaN if nobody knows
    note_onset_f1_roll: float  # what the windows themselves reach: no model can do better on their grid
    note_onset_f1_melody: float = math.nan  # of the parts, NaN where the songs have none
    note_onset_f1_chords: float = math.nan
    note_onset_f1_bass: float = math.nan
    note_onset_f1_drums: float = math.nan


def evaluate(model: TrainedModel, corpus: Corpus, seed: int = 0) -> Generator[Progress, None, Evaluation]:
    """Measure a model on a corpus that has the model's pitches.  One sample of z a window, from the seed."""
    noise = np.random.default_rng(seed)
    running: list[npt.NDArray[np.float64]] = []
    forced: list[npt.NDArray[np.float64]] = []
    at_mean: list[FloatArray] = []
    posteriors: list[Posterior] = []
    for i in range(0, len(corpus), CHUNK):
        yield Progress(i, len(corpus), "measuring")
        x = corpus.windows(slice(i, i + CHUNK))
        posterior = model.encode(x)
        sample = posterior.mu + posterior.sigma * noise.standard_normal(posterior.mu.shape)
        running.append(log_likelihood(model.decode(sample, corpus.window), x))
        forced.append(log_likelihood(model.decode(sample, corpus.window, heard=x), x))
        at_mean.append(model.decode(posterior.mu, corpus.window))
        posteriors.append(posterior)
    mu = np.concatenate([p.mu for p in posteriors])
    kl = kl_divergence(Posterior(mu, np.concatenate([p.sigma for p in posteriors])))  # (windows, J)
    reconstruction = float(np.concatenate(running).mean()) / corpus.window
    kl_per_step = float(kl.sum(axis=1).mean()) / corpus.window
    x, probabilities = corpus.windows(), np.concatenate(at_mean)
    return Evaluation(
        windows=len(corpus),
        lower_bound=reconstruction - kl_per_step,
        reconstruction=reconstruction,
        kl=kl_per_step,
        lower_bound_teacher_forced=float(np.concatenate(forced).mean()) / corpus.window - kl_per_step,
        frame_f1=frame_f1(probabilities >= model.threshold, x),
        threshold=model.threshold,
        frame_f1_at_half=frame_f1(probabilities >= 0.5, x),
        frame_f1_shuffled_z=frame_f1(noise.permutation(probabilities) >= model.threshold, x),
        active_units=int((kl.mean(axis=0) > ACTIVE_KL).sum()),
        song_accuracy=song_accuracy(mu, corpus.song_of),
        **_baselines(corpus, x),
        note_onset_f1_roll=note_onset_f1(corpus, x)[Part.ALL],
        **_onsets(corpus, probabilities >= model.threshold),
    )


def _onsets(corpus: Corpus, rolls: BoolArray) -> dict[str, float]:
    """The figures of ``Evaluation`` that are of onsets."""
    of_parts = note_onset_f1(corpus, rolls)
    name = "note_onset_f1"
    return {name if part is Part.ALL else f"{name}_{part.label.lower()}": f1 for part, f1 in of_parts.items()}


def sampled_lower_bound(model: TrainedModel, corpus: Corpus, seed: int = 0) -> float:
    """The lower bound alone, for measuring often: one sample of z a window, decoded freely."""
    x = corpus.windows()
    posterior = model.encode(x)
    z = posterior.mu + posterior.sigma * np.random.default_rng(seed).standard_normal(posterior.mu.shape)
    bounds = log_likelihood(model.decode(z, corpus.window), x) - kl_divergence(posterior).sum(axis=1)
    return float(bounds.mean()) / corpus.window


def best_threshold(model: TrainedModel, corpus: Windows) -> float:
    """The lowest threshold, of 0.05, 0.10, … 0.95, whose frame F1 is the best, or all but as good.

    Measured on these windows, or on some of a great many.  The lowest, for between the windows notes are less probable.
    """
    corpus = subset(corpus, MOST_FOR_THRESHOLD)
    x = corpus.windows()
    probabilities = model.decode(model.encode(x).mu, corpus.window)
    scores = [frame_f1(probabilities >= threshold, x) for threshold in THRESHOLDS]
    return round(float(THRESHOLDS[int(np.argmax(np.array(scores) >= max(scores) - ALL_BUT))]), 2)


def frame_f1(found: BoolArray, true: BoolArray) -> float:
    """F1 of cells of the same shape, pooled over all of them; 0 if neither has any."""
    hits = int(np.count_nonzero(found & true))
    return 2 * hits / max(1, int(np.count_nonzero(found)) + int(np.count_nonzero(true)))


def song_accuracy(mu: FloatArray, song_of: npt.NDArray[np.integer]) -> float:
    """Share of windows whose 5 nearest others by Euclidean distance are mostly of its own song."""
    songs = int(song_of.max()) + 1
    hits = 0
    for i, point in enumerate(mu):
        distance = np.sum((mu - point) ** 2, axis=1)
        distance[i] = np.inf
        nearest = np.argsort(distance, kind="stable")[: min(NEIGHBOURS, len(mu) - 1)]
        hits += int(np.bincount(song_of[nearest], minlength=songs).argmax() == song_of[i])
    return hits / len(mu)


def kl_divergence(posterior: Posterior) -> npt.NDArray[np.float64]:
    """KL(q(z|x) ‖ N(0, 1)) in nats, per window and dimension (n, J) (Kingma & Welling 2013, appendix B)."""
    mu, sigma = (a.astype(np.float64) for a in posterior)
    return 0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma)


def log_likelihood(probabilities: npt.NDArray[np.floating], x: BoolArray) -> npt.NDArray[np.float64]:
    """Σ log p(x) of Bernoulli cells, in nats, one number a window (n,)."""
    p = np.clip(probabilities.astype(np.float64), SMALLEST, 1 - SMALLEST)
    return np.log(np.where(x, p, 1 - p)).sum(axis=(1, 2))  # type: ignore[no-any-return]


def baselines(corpus: Corpus, most: int = 2000) -> dict[str, float]:
    """The baselines' figures of ``Evaluation``, measured on at most so many windows, spread evenly."""
    some = subset(corpus, most)
    return _baselines(some, some.windows())


def _baselines(corpus: Corpus, x: BoolArray) -> dict[str, float]:
    """What models without a latent variable reach on windows x (n, T, P), fitted on the same windows."""

    cells = len(x) * corpus.window  # of each pitch

    def bound(*likelihoods: npt.NDArray[np.float64]) -> float:
        return float(sum(float(nats.sum()) for nats in likelihoods)) / cells

    on = np.count_nonzero(x, axis=(0, 1))
    songs = [x[corpus.song_of == song] for song in np.unique(corpus.song_of)]
    of_windows = np.count_nonzero(x, axis=1)
    marginal = _by_one_rate(on, cells)
    before, after = x[:, :-1], x[:, 1:]
    was_on = np.count_nonzero(before, axis=(0, 1))
    held = np.count_nonzero(before & after, axis=(0, 1))
    struck = np.count_nonzero(~before & after, axis=(0, 1))
    first = _likelihood_of_counts(on / cells, np.count_nonzero(x[:, 0], axis=0), len(x))
    return {
        "baseline_marginal": bound(marginal),
        "baseline_per_song": bound(*(_by_one_rate(np.count_nonzero(s, axis=(0, 1)), s[..., 0].size) for s in songs)),
        "baseline_per_window": bound(_by_one_rate(of_windows, corpus.window)),
        "baseline_persistence": bound(
            first, _by_one_rate(held, was_on), _by_one_rate(struck, len(x) * (corpus.window - 1) - was_on)
        ),
        "persistence_f1": frame_f1(before, after),
    }


def _by_one_rate(on: npt.NDArray[np.integer], cells: npt.NDArray[np.integer] | int) -> npt.NDArray[np.float64]:
    """Log likelihood of so many cells, of which so many are on, by the rate that is theirs."""
    return _likelihood_of_counts(on / np.maximum(cells, 1), on, cells)


def _likelihood_of_counts(
    p: npt.NDArray[np.float64], on: npt.NDArray[np.integer], cells: npt.NDArray[np.integer] | int
) -> npt.NDArray[np.float64]:
    """Log likelihood by rate p of so many cells, of which so many are on, in nats."""
    p = np.clip(p, SMALLEST, 1 - SMALLEST)
    return on * np.log(p) + (cells - on) * np.log1p(-p)
