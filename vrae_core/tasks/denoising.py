"""Denoising: a piece cleaned by a model that knows which cells belong together.

Every window of T steps, beginning anywhere, is encoded and decoded at μ, and says how probable each of its
cells is to sound.  By Bayes' rule it is believed as far as it explains what was heard better than the
supposition that nothing is known but how long notes last, which speaks for the cells as they were heard; and a
cell is changed where what is believed outweighs that it was heard rightly.  So music that the model does not
know stays as it is.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.sampling import PAPER_GRID
from vrae_core.errors import CorpusError, VraeError
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import frame_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    BoolArray,
    FloatArray,
    IntArray,
    Note,
    Notes,
    notes_from_roll,
    step_at,
)
from vrae_core.progress import Progress, finish

ERROR_RATES = (0.01, 0.02, 0.05)  # shares of wrong cells that are tried
_BATCH = 64  # windows between two yields
_SUREST = 300.0  # nats; the exponentials of this many still add up within a float

NoiseKind = Literal["flip", "drop", "add"]
NOISE_KINDS: tuple[NoiseKind, ...] = get_args(NoiseKind)
Float64Array = npt.NDArray[np.float64]


class DenoisingFigures(NamedTuple):
    """Frame F1 against the rolls before noise was added, pooled over all cells."""

    noisy_f1: float
    median_f1: float  # cleaned without a model: each cell as two of itself and the cells before and after
    decoded_f1: float  # windows in a row, decoded at μ, at the model's threshold
    cleaned_f1: float  # by ``denoise``


def add_noise(roll: BoolArray, amount: float, kind: NoiseKind, source: np.random.Generator) -> BoolArray:
    """A copy of a roll (steps, P) with something wrong.

    "flip": every cell is turned over with probability ``amount``.  "drop": every note is left out with that
    probability.  "add": every note is joined with that probability by a wrong one, as long, anywhere.
    """
    if kind == "flip":
        return np.asarray(roll ^ (source.random(roll.shape) < amount))
    noisy = roll.copy()
    for note in notes_from_roll(roll, range(roll.shape[1]), step_seconds=1):
        if source.random() >= amount:
            continue
        start, end = int(note.start), int(note.end)
        if kind == "drop":
            noisy[start:end, note.pitch] = False
        else:
            first = int(source.integers(len(roll) - (end - start) + 1))
            noisy[first : first + end - start, source.integers(roll.shape[1])] = True
    return noisy


def denoise(model: TrainedModel, roll: BoolArray) -> Generator[Progress, None, BoolArray]:
    """Clean a roll of any length in the model's pitches.

    The share of cells that were heard wrongly is taken to be that of ``ERROR_RATES`` with which the windows
    explain most.  roll: (steps, P) bool.  Returns: (steps, P) bool.
    """
    window = model.config.window
    heard = np.pad(roll, ((window - 1, window - 1), (0, 0)))
    unexplained = _log_likelihood_of_lasting(heard)
    suppositions = [_Supposition(rate, heard) for rate in ERROR_RATES]
    starts = np.arange(len(heard) - window + 1)
    for first in range(0, len(starts), _BATCH):
        yield Progress(first, len(starts), "cleaning")
        rows = starts[first : first + _BATCH, None] + np.arange(window)
        probabilities = model.decode(model.encode(heard[rows]).mu)
        for supposition in suppositions:
            supposition.hear(heard, rows, probabilities, unexplained)
    best = max(suppositions, key=lambda supposition: supposition.evidence)
    believed = best.believed()[window - 1 : window - 1 + len(roll)]
    return np.where(roll, believed > best.error_rate, believed > 1 - best.error_rate)


def denoise_song(model: TrainedModel, song: Song) -> Generator[Progress, None, Song]:
    """Clean a song: its notes as the cleaned roll has them, on whole steps of 50 ms; see ``replayed``.

    Pitches that the model does not know stay as they are.  Raises: CorpusError if it knows none, or as ``check_grid``.
    """
    check_grid(model)
    known = model_columns(model)
    cleaned = song.roll.copy()
    if not cleaned[:, known].any():
        raise CorpusError(f"{song.name} uses none of the {len(known)} pitches that the model knows")
    cleaned[:, known] = yield from denoise(model, cleaned[:, known])
    return replayed(song, cleaned)


def check_grid(model: TrainedModel) -> None:
    """Raises: VraeError for a model in musical time or of parts, whose rolls ``replayed`` cannot read."""
    if model.config.grid != PAPER_GRID:
        raise VraeError(f"only models of {PAPER_GRID} that hear all instruments together can clean songs")


def replayed(song: Song, roll: BoolArray) -> Song:
    """A song with the notes of a changed roll (steps, 88), as loud as its own and on their tracks.

    A note is played as the song's first that sounds where it does, and on all tracks that begin that one together;
    a new one as the song's nearest in time.  Notes off the piano, which no roll holds, stay.
    """
    begun: dict[tuple[int, int], dict[int, Note]] = defaultdict(dict)  # by pitch and step, one a track
    begun_at = np.zeros((len(roll), roll.shape[1]), np.int32)  # for every cell that sounds in the song: 1 + that step
    for note in song.notes:
        step = step_at(note.start)
        begun[note.pitch, step][note.track] = note
        if LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH:
            begun_at[step : max(step_at(note.end), step + 1), note.pitch - LOWEST_PITCH] = step + 1
    starts = song.notes.starts.tolist()
    notes = [*song.notes.some(~song.notes.on_piano)]
    for run in notes_from_roll(roll):
        cells = begun_at[step_at(run.start) : step_at(run.end), run.pitch - LOWEST_PITCH]
        sounding = cells[cells > 0]
        place = bisect(starts, run.start)
        around = song.notes[max(0, place - 1) : place + 1]
        models = (
            begun[run.pitch, int(sounding[0]) - 1].values()
            if len(sounding)
            else sorted(around, key=lambda note: abs(note.start - run.start))[:1]
        )
        notes += [run._replace(velocity=note.velocity, track=note.track) for note in models]
    return replace(song, notes=Notes.of(sorted(notes)))


def measure_denoising(
    model: TrainedModel, rolls: Sequence[BoolArray], amount: float, kind: NoiseKind, seed: int = 0
) -> Generator[Progress, None, DenoisingFigures]:
    """Add noise to rolls (steps, P) in the model's pitches, clean them, and compare with what they were."""
    source = np.random.default_rng(seed)
    noisy = [add_noise(roll, amount, kind, source) for roll in rolls]
    cleaned = []
    for i, roll in enumerate(noisy):
        yield Progress(i, len(noisy), "cleaning")
        cleaned.append(finish(denoise(model, roll)))
    true = np.concatenate(rolls)
    return DenoisingFigures(
        noisy_f1=frame_f1(np.concatenate(noisy), true),
        median_f1=frame_f1(np.concatenate([_median(roll) for roll in noisy]), true),
        decoded_f1=frame_f1(np.concatenate([_decoded_in_a_row(model, roll) for roll in noisy]), true),
        cleaned_f1=frame_f1(np.concatenate(cleaned), true),
    )


def model_columns(model: TrainedModel) -> list[int]:
    """The columns of an 88-key roll that a model knows."""
    return [pitch - LOWEST_PITCH for pitch in model.pitches]


class _Supposition:
    """What is believed of a roll (steps, P) if a certain share of its cells was heard wrongly."""

    def __init__(self, error_rate: float, heard: BoolArray) -> None:
        self.error_rate = error_rate
        self.evidence = 0.0  # nats by which windows explain the roll
        self._votes = heard.astype(np.float64)  # at first of the supposition that nothing is known
        self._voters = np.ones((len(heard), 1))

    def hear(self, heard: BoolArray, rows: IntArray, probabilities: FloatArray, unexplained: Float64Array) -> None:
        """Let windows vote.  rows: (n, T); probabilities: (n, T, P); unexplained: log p of every step (steps,)."""
        rate = self.error_rate
        right = np.where(heard[rows], probabilities, 1 - probabilities)
        explained = np.log(rate + (1 - 2 * rate) * right).sum(axis=(1, 2), dtype=np.float64)
        advantage = explained - unexplained[rows].sum(axis=1)
        self.evidence += float(np.maximum(advantage, 0).sum())
        weights = np.exp(np.clip(advantage, -_SUREST, _SUREST))  # Bayes factors
        for window, weight, decoded in zip(rows, weights, probabilities, strict=True):
            self._votes[window] += weight * decoded
            self._voters[window] += weight

    def believed(self) -> Float64Array:
        """The probability of every cell (steps, P)."""
        return np.asarray(self._votes / self._voters)


def _log_likelihood_of_lasting(roll: BoolArray) -> Float64Array:
    """log p of every step (steps,) given the one before, if cells go on and begin as often as all of the roll's do."""
    before = np.pad(roll, ((1, 0), (0, 0)))[:-1]
    held = np.count_nonzero(roll & before) / max(1, int(np.count_nonzero(before)))
    struck = np.count_nonzero(roll & ~before) / max(1, int(np.count_nonzero(~before)))
    p = np.clip(np.where(before, held, struck), 1e-4, 1 - 1e-4)
    return np.asarray(np.log(np.where(roll, p, 1 - p)).sum(axis=1))


def _decoded_in_a_row(model: TrainedModel, roll: BoolArray) -> BoolArray:
    """What the autoencoder alone makes of a roll: window after window, the last one padded with silence."""
    steps, pitches = roll.shape
    window = model.config.window
    padded = np.pad(roll, ((0, -steps % window), (0, 0)))
    probabilities = model.decode(model.encode(padded.reshape(-1, window, pitches)).mu)
    return np.asarray(probabilities.reshape(-1, pitches)[:steps] >= model.threshold)


def _median(roll: BoolArray) -> BoolArray:
    """The median over three steps of time, silence lying before and after."""
    before, after = np.pad(roll, ((1, 0), (0, 0)))[:-1], np.pad(roll, ((0, 1), (0, 0)))[1:]
    return np.asarray((roll & (before | after)) | (before & after))
