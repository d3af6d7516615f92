"""What is wrong with a model, in plain words: each finding with the number behind it, and what to try.

Bounds are nats per window per time step with KL weight 1, decoded freely, as everywhere (model/evaluation.py).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from vrae_core.corpus.cutting import unknown_shares
from vrae_core.corpus.windows import Corpus, Rolled, evenly
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import ACTIVE_KL, NEIGHBOURS, THRESHOLDS, frame_f1, kl_divergence, log_likelihood
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.progress import Progress

MOST_WINDOWS = 1500  # more are sampled evenly: the figures are rates, and their second digit is enough
_AT_ONCE = 64  # windows between two yields: a fraction of a second
State = Literal["good", "note", "bad"]
_NOTHING = np.zeros(0, np.int64)

# Where a figure turns from good to worth a note to bad.  The bundled models and failed trainings lie on either side.
_DEAF = (0.5, 0.8)  # F1 from another window's z, as a share of the F1 from its own
_BLURRED = (0.8, 1.6)  # undecided cells for each that sounds; a song's pitch rates alone give about 3.5
_FEW = (200, 60)  # windows
_GAP = (6.0, 20.0)  # distance between neighbours in z, in standard deviations of the posterior
_CUT = (0.02, 0.10)  # share of a song's cells
_MIXED = (0.10, 0.30)  # share of a song's windows that lie among another's
_THRESHOLD_LOSS = 0.03  # of F1


class Finding(NamedTuple):
    """One question that was asked of the model, and its answer."""

    name: str  # what was looked at, in two or three words
    state: State
    sentence: str
    evidence: str  # the number, and what it is held against
    advice: str = ""  # what to try; empty if all is well
    windows: IntArray = _NOTHING  # those of the corpus that show it


def diagnose(
    model: TrainedModel, corpus: Corpus, songs: Sequence[Song | Rolled], seed: int = 0
) -> Generator[Progress, None, tuple[Finding, ...]]:
    """Look for what is wrong with a model, by these songs; the worst first.

    corpus: windows of the songs, with the model's pitches; songs: whole, with all columns.
    """
    looked_at = evenly(len(corpus), MOST_WINDOWS)
    probabilities, posteriors = [], []
    for first in range(0, len(looked_at), _AT_ONCE):
        yield Progress(first, len(looked_at), "listening to the model")
        posterior = model.encode(corpus.windows(looked_at[first : first + _AT_ONCE]))
        posteriors.append(posterior)
        probabilities.append(model.decode(posterior.mu, corpus.window))
    seen = _Evidence(
        model,
        corpus.take(looked_at),
        looked_at,
        songs,
        Posterior(*(np.concatenate(parts) for parts in zip(*posteriors, strict=True))),
        np.concatenate(probabilities),
        seed,
    )
    questions: tuple[Callable[[_Evidence], Finding], ...] = (
        _collapse, _learning, _blur, _dead_dimensions, _few_windows, _gaps, _cut_pitches, _overlap, _threshold,
    )  # fmt: skip
    found = []
    for done, question in enumerate(questions):
        yield Progress(done, len(questions), "looking for what is wrong")
        found.append(question(seen))
    return tuple(sorted(found, key=lambda finding: ("bad", "note", "good").index(finding.state)))


@dataclass(frozen=True, eq=False)
class _Evidence:
    """n windows, and what the model makes of them."""

    model: TrainedModel
    corpus: Corpus
    numbers: IntArray  # (n,) of the windows in the whole corpus
    songs: Sequence[Song | Rolled]
    posterior: Posterior
    probabilities: FloatArray = field(repr=False)  # (n, T, P), decoded from μ
    seed: int

    @cached_property
    def x(self) -> BoolArray:
        return self.corpus.windows()

    @cached_property
    def f1(self) -> float:
        return frame_f1(self.probabilities >= self.model.threshold, self.x)

    @cached_property
    def kl(self) -> FloatArray:
        """(J,) nats a window."""
        return np.asarray(kl_divergence(self.posterior).mean(axis=0), np.float32)

    @cached_property
    def active(self) -> BoolArray:
        return np.asarray(self.kl > ACTIVE_KL)

    @cached_property
    def mu_tree(self) -> Any:
        from scipy.spatial import cKDTree  # noqa: PLC0415 - 0.4 s to import

        return cKDTree(self.posterior.mu)


def _graded(value: float, note: float, bad: float) -> State:
    """The state of a figure that is better the smaller it is."""
    return "bad" if value >= bad else "note" if value >= note else "good"


def _answer(name: str, state: State, evidence: str, *, good: str, else_: str, advice: str) -> Finding:
    """Advice is given only where something is wrong."""
    if state == "good":
        return Finding(name, state, good, evidence)
    return Finding(name, state, else_, evidence, advice)


def _collapse(seen: _Evidence) -> Finding:
    """Posterior collapse: the decoder plays much the same whatever z it is given (Bowman et al. 2015)."""
    others = np.random.default_rng(seen.seed).permutation(len(seen.probabilities))
    shuffled = frame_f1(seen.probabilities[others] >= seen.model.threshold, seen.x)
    share = shuffled / max(seen.f1, 1e-9)
    total = float(seen.kl.sum())
    state: State = "bad" if total < 1.0 else _graded(share, *_DEAF) if seen.f1 > 0 else "note"
    evidence = f"KL {total:.1f} nats a window; F1 {seen.f1:.2f} from a window's own z, {shuffled:.2f} from another's"
    if len(seen.x) < 2 or state == "good":
        return Finding("Use of z", "good", "The decoder listens to z.", evidence)
    sentence = (
        "The posterior has collapsed: wherever you click, much the same is heard."
        if state == "bad"
        else "The decoder listens to z only a little: places far apart sound alike."
    )
    return Finding("Use of z", state, sentence, evidence, "Train longer with KL warm-up or a smaller KL weight.")


def _learning(seen: _Evidence) -> Finding:
    """Whether the bound is better than a song's own pitch rates give, which takes no model at all."""
    noise = np.random.default_rng(seen.seed).standard_normal(seen.posterior.mu.shape)
    z = seen.posterior.mu + seen.posterior.sigma * noise
    likelihood = float(log_likelihood(seen.model.decode(z, seen.corpus.window), seen.x).mean())
    bound = (likelihood - float(seen.kl.sum())) / seen.corpus.window
    songs = np.unique(seen.corpus.song_of)
    rates = np.stack([seen.x[seen.corpus.song_of == song].mean(axis=(0, 1)) for song in songs])
    of_window = rates[np.searchsorted(songs, seen.corpus.song_of)][:, None]
    baseline = float(log_likelihood(np.broadcast_to(of_window, seen.x.shape), seen.x).mean()) / seen.corpus.window
    evidence = f"lower bound {bound:.2f} nats a step; knowing only each song's pitch rates gives {baseline:.2f}"
    if bound > baseline:
        return Finding("Learning", "good", "The model knows more of the music than which pitches a song has.", evidence)
    return Finding(
        "Learning",
        "bad",
        "The model knows no more of these songs than which pitches they have.",
        evidence,
        "Train it on these songs, or for longer. On songs it was not trained on, any model looks like this.",
    )


def _blur(seen: _Evidence) -> Finding:
    """How many cells the decoder leaves undecided: Σ 4 p (1 − p) for each cell that truly sounds."""
    p = seen.probabilities
    undecided = float((4 * p * (1 - p)).sum(dtype=np.float64)) / max(int(seen.x.sum()), 1)
    state = _graded(undecided, *_BLURRED)
    evidence = f"{undecided:.2f} undecided cells for each that sounds; frame F1 {seen.f1:.2f}"
    blurred = "The decoder is blurred: it plays averages of many windows."
    somewhat = "The decoder is somewhat blurred: some notes smear or are missing."
    return _answer(
        "Sharpness",
        state,
        evidence,
        good="The decoder is sure of its notes.",
        else_=blurred if state == "bad" else somewhat,
        advice="Train longer, with more latent dimensions, or feed z at every step.",
    )


def _dead_dimensions(seen: _Evidence) -> Finding:
    dead = [f"z{j}" for j in np.flatnonzero(~seen.active)]
    evidence = f"KL below {ACTIVE_KL:g} nats a window: {len(dead)} of {len(seen.kl)} dimensions"
    if not dead:
        return Finding("Latent dimensions", "good", f"All {len(seen.kl)} latent dimensions carry something.", evidence)
    names = ", ".join(dead[:8]) + (" and more" if len(dead) > 8 else "")
    few_left = seen.active.sum() < min(2, len(seen.kl))
    return Finding(
        "Latent dimensions",
        "bad" if few_left else "note",
        f"{names} carr{'y' if len(dead) > 1 else 'ies'} nothing: moving along {'them' if len(dead) > 1 else 'it'} "
        "changes nothing that is heard.",
        evidence,
        "Train longer, or with KL warm-up, so that z is used."
        if few_left
        else f"No harm is done. {int(seen.active.sum())} latent dimensions would have been enough.",
    )


def _few_windows(seen: _Evidence) -> Finding:
    count = int(seen.numbers[-1]) + 1
    state = _graded(-count, -_FEW[0], -_FEW[1])
    evidence = f"{count} windows of {len(seen.corpus.names)} songs"
    return _answer(
        "Windows",
        state,
        evidence,
        good="There are enough windows to learn from.",
        else_="There are few windows: the model memorises them, and what lies between them is left to chance.",
        advice="Add songs, or cut windows closer together with a smaller hop.",
    )


def _gaps(seen: _Evidence) -> Finding:
    """How far neighbours lie apart in z, measured in the width of their posteriors: beyond it nothing was taught."""
    if len(seen.x) < 2 or not seen.active.any():
        return Finding("Gaps in z", "good", "There are no gaps to speak of.", "too little to measure")
    mu, sigma = seen.posterior.mu[:, seen.active], seen.posterior.sigma[:, seen.active]
    nearest = seen.mu_tree.query(seen.posterior.mu, [2])[1][:, 0]
    gap = float(np.median(np.sqrt((((mu - mu[nearest]) / sigma) ** 2).mean(axis=1))))
    state = _graded(gap, *_GAP)
    evidence = f"neighbours lie {gap:.1f} standard deviations of their posteriors apart, per dimension (median)"
    return _answer(
        "Gaps in z",
        state,
        evidence,
        good="Neighbours touch: the way from one to the next is known.",
        else_="The windows are islands in latent space: between them the decoder plays what it was never taught.",
        advice="Add songs, cut windows with a smaller hop, or train with a larger KL weight.",
    )


def _cut_pitches(seen: _Evidence) -> Finding:
    grid = seen.model.config.grid
    shares = list(unknown_shares(seen.songs, seen.model.pitches, grid))
    cut = [share for _, share in shares]
    worst = int(np.argmax(cut)) if cut else 0
    state = _graded(max(cut, default=0.0), *_CUT)
    evidence = f"the model knows {len(seen.model.pitches)} of {len(grid.columns)} pitches" + (
        f"; {shares[worst][0]} loses {cut[worst]:.1%} of its notes" if cut else ""
    )
    losing = sum(share >= _CUT[0] for share in cut)
    return _answer(
        "Pitches",
        state,
        evidence,
        good="Almost no notes of these songs are cut away.",
        else_=f"Notes are cut away, on pitches that the model does not know, in {losing} of {len(cut)} songs.",
        advice="Train on these songs with all their pitches, or transpose the songs that lose most.",
    )


def _overlap(seen: _Evidence) -> Finding:
    """Songs whose windows lie among another's: by the majority of the five nearest in z, the window left out."""
    song_of, count = seen.corpus.song_of, len(seen.corpus.names)
    if len(seen.x) < NEIGHBOURS + 1 or len(np.unique(song_of)) < 2:
        return Finding("Songs apart", "good", "There are too few songs or windows to overlap.", f"{count} songs")
    found = seen.mu_tree.query(seen.posterior.mu, list(range(2, NEIGHBOURS + 2)))[1]
    neighbours = np.sort(song_of[found], axis=1)
    same = (neighbours[:, :, None] == neighbours[:, None, :]).sum(axis=2)
    majority = neighbours[np.arange(len(neighbours)), same.argmax(axis=1)]
    misplaced = majority != song_of
    evidence = f"{1 - misplaced.mean():.1%} of the windows lie among those of their own song"
    pairs, times = np.unique(np.stack([song_of, majority])[:, misplaced], axis=1, return_counts=True)
    shares = times / np.bincount(song_of, minlength=count)[pairs[0]]
    state = _graded(float(shares.max(initial=0.0)), *_MIXED)
    if state == "good":
        return Finding("Songs apart", state, "Every song has a place of its own.", evidence)
    worst = int(shares.argmax())
    a, b = (seen.corpus.names[song] for song in pairs[:, worst])
    return Finding(
        "Songs apart",
        state,
        f"Songs overlap: {shares[worst]:.0%} of {a} lies among {b}.",
        evidence,
        "They may be alike, which is what a map is for. If not, train with more latent dimensions.",
        seen.numbers[misplaced],
    )


def _threshold(seen: _Evidence) -> Finding:
    scores = [frame_f1(seen.probabilities >= threshold, seen.x) for threshold in THRESHOLDS]
    best = int(np.argmax(scores))
    evidence = (
        f"F1 {seen.f1:.2f} at the model's threshold of {seen.model.threshold:.2f}, "
        f"at best {scores[best]:.2f} at {THRESHOLDS[best]:.2f}"
    )
    if scores[best] - seen.f1 < _THRESHOLD_LOSS:
        return Finding("Threshold", "good", "The threshold suits these songs.", evidence)
    return Finding(
        "Threshold",
        "note",
        "Another threshold would suit these songs better.",
        evidence,
        f"Set the threshold to {THRESHOLDS[best]:.2f}.",
    )
