"""Recognition: which known song an excerpt comes from, and where in it, by where its windows lie in latent space.

Two windows are as far apart as their posteriors say: the root of Σ (μ − μ′)² / (σ² + σ′²), in standard
deviations.  An excerpt is laid along every known song, hop by hop; where the mean distance of its windows
from the song's is smallest, there is the song's match.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from vrae_core.columns import places_in
from vrae_core.corpus.cutting import window_starts
from vrae_core.corpus.windows import Corpus, Rolled
from vrae_core.errors import CorpusError
from vrae_core.latent.map import encode_corpus
from vrae_core.midi.song import Song
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray
from vrae_core.progress import Progress, finish
from vrae_core.tasks.denoising import add_noise
from vrae_core.tasks.query import rolled_on

OVERLAP = 10  # windows over every step, of the known songs and of the excerpt
EXCERPTS = 40  # that are measured
EXCERPT_WINDOWS = 4  # their length
FLIPPED, DROPPED = 0.05, 0.2  # noise on the windows that are measured
_AT_ONCE = 16  # windows compared between two yields

Distances = Callable[[slice], FloatArray]  # from some windows of the excerpt to all known ones: (n, known)


@dataclass(frozen=True, eq=False)
class KnownSongs:
    """Songs that excerpts are compared with: their windows, a tenth of a window apart, and where these lie."""

    corpus: Corpus
    posterior: Posterior


class Match(NamedTuple):
    """Where an excerpt fits a song best: seconds into the song, and the mean distance in standard deviations."""

    song: str
    start: float
    end: float
    distance: float


class RecognitionFigures(NamedTuple):
    """What one way of comparing gets right, in shares of all."""

    method: str
    window: float  # the song, of single windows half a hop from the nearest known ones
    window_flipped: float  # the same with 5 % of the cells turned over
    window_dropped: float  # the same with 20 % of the notes left out
    excerpt: float  # the song, of excerpts as long as four windows
    place: float  # the song, and the place to a fifth of a window


def know_songs(model: TrainedModel, songs: Sequence[Song | Rolled]) -> Generator[Progress, None, KnownSongs]:
    """Encode songs for comparison.  Raises: CorpusError if the model knows no pitch of theirs."""
    corpus = _windows(model, songs, _hop(model))
    posterior = yield from encode_corpus(model, corpus)
    return KnownSongs(corpus, posterior)


def recognise(
    model: TrainedModel, known: KnownSongs, excerpt: Song | Rolled
) -> Generator[Progress, None, tuple[Match, ...]]:
    """The best match in every known song, the nearest first.  Silence before the excerpt's first note is left out.

    An excerpt shorter than a window ends in silence.  Raises: CorpusError if the model knows no pitch of it.
    """
    heard, steps = _from_first_note(model, excerpt)
    posterior = yield from encode_corpus(model, heard)
    places = yield from _best_places(_by_posterior(posterior, known.posterior), len(heard), known.corpus, _hop(model))
    matches = []
    for song, (distance, start) in enumerate(places):
        song_end = int(known.corpus.start_of[known.corpus.song_of == song].max()) + known.corpus.window
        time, end = known.corpus.time_of(song), min(start + steps, song_end)
        first, last = (round(float(time.seconds_at(step)), 2) for step in (max(0, start), end))
        matches.append(Match(known.corpus.names[song], first, last, distance))
    return tuple(sorted(matches, key=lambda match: match.distance))


def measure_recognition(
    model: TrainedModel, songs: Sequence[Song | Rolled], seed: int = 0
) -> Generator[Progress, None, list[RecognitionFigures]]:
    """How often windows and excerpts of known songs are recognised, by their posteriors and by their cells.

    Single windows are looked up among the windows that a model is trained on, config.hop steps apart, and lie
    half a hop from them.  Excerpts begin anywhere and are looked up as ``recognise`` does.
    """
    source = np.random.default_rng(seed)
    every = _windows(model, songs, 1)
    windows = yield from _measured_windows(model, every, _windows(model, songs, model.config.hop), source)
    excerpts = yield from _measured_excerpts(model, every, _windows(model, songs, _hop(model)), source)
    return [
        RecognitionFigures(method, *plain_and_noisy, *excerpts[method]) for method, plain_and_noisy in windows.items()
    ]


def _hop(model: TrainedModel) -> int:
    return max(1, model.config.window // OVERLAP)


def _windows(model: TrainedModel, songs: Sequence[Song | Rolled], hop: int) -> Corpus:
    """Windows every ``hop`` steps of each song, whatever bars it has: an excerpt begins anywhere in one."""
    corpus = model.cut(songs, hop)
    if not corpus.grid.steps_per_beat:
        return corpus
    firsts = np.searchsorted(corpus.song_of, np.arange(len(corpus.names)))
    bases = corpus.offsets[firsts] - corpus.start_of[firsts]
    lengths = np.diff(bases, append=len(corpus.roll)).tolist()
    starts = [window_starts(steps, corpus.window, hop) for steps in lengths]
    song_of = np.repeat(np.arange(len(starts)), [len(of_song) for of_song in starts])
    start_of = np.concatenate(starts)
    return replace(corpus, offsets=bases[song_of] + start_of, song_of=song_of, start_of=start_of)


def _from_first_note(model: TrainedModel, excerpt: Song | Rolled) -> tuple[Corpus, int]:
    """The windows of an excerpt without the silence that it begins with, and how many steps it then has."""
    corpus, config = _windows(model, [excerpt], _hop(model)), model.config
    roll = rolled_on(excerpt, config.grid).roll
    sounding = roll[int(roll.any(axis=1).argmax()) :, places_in(model.pitches, config.grid.columns)]
    padded = np.pad(sounding, ((0, max(0, config.window - len(sounding))), (0, 0)))
    starts = window_starts(len(padded), config.window, _hop(model))
    song_of = np.zeros(len(starts), np.int64)
    return replace(corpus, roll=padded, offsets=starts, song_of=song_of, start_of=starts), len(sounding)


def _best_places(
    distances: Distances, n: int, known: Corpus, hop: int
) -> Generator[Progress, None, list[tuple[float, int]]]:
    """Per known song the mean distance of an excerpt's n windows where it fits best, and the step it begins at there.

    The excerpt lies within the song, or the song within a longer excerpt.
    """
    ends = np.searchsorted(known.song_of, np.arange(len(known.names) + 1))
    songs = [slice(start, end) for start, end in pairwise(ends)]
    # entry j belongs to the excerpt's beginning j − (n − 1) windows into the song
    totals = [np.zeros(song.stop - song.start + n - 1) for song in songs]
    counts = [np.zeros(len(total), np.int64) for total in totals]
    for first in range(0, n, _AT_ONCE):
        yield Progress(first, n, "comparing")
        for i, row in enumerate(distances(slice(first, first + _AT_ONCE)), first):
            for song, total, count in zip(songs, totals, counts, strict=True):
                overlaid = slice(n - 1 - i, n - 1 - i + song.stop - song.start)
                total[overlaid] += row[song]
                count[overlaid] += 1
    places = []
    for total, count in zip(totals, counts, strict=True):
        means = np.where(count == count.max(), total / np.maximum(count, 1), np.inf)
        best = int(means.argmin())
        places.append((float(means[best]), (best - (n - 1)) * hop))
    return places


# --- measuring


def _measured_windows(
    model: TrainedModel, every: Corpus, known: Corpus, source: np.random.Generator
) -> Generator[Progress, None, dict[str, tuple[float, float, float]]]:
    """Per way of comparing: shares of windows between the known ones whose nearest is of their song."""
    hop = model.config.hop
    between = every.take(np.flatnonzero(every.start_of % hop == hop // 2))
    if not len(between):
        raise CorpusError("the songs are too short to measure by: none has a window between two that are known")
    rolls = (
        between.roll,
        add_noise(between.roll, FLIPPED, "flip", source),
        add_noise(between.roll, DROPPED, "drop", source),
    )
    shares: list[dict[str, float]] = []
    for i, roll in enumerate(rolls):
        yield Progress(i, len(rolls), "comparing windows")
        compared = _comparisons(model, replace(between, roll=roll).windows(), known.windows())
        shares.append({method: _top_1(distances, between, known) for method, distances in compared.items()})
    plain, flipped, dropped = shares
    return {method: (plain[method], flipped[method], dropped[method]) for method in plain}


def _top_1(distances: Distances, heard: Corpus, known: Corpus) -> float:
    parts = [distances(slice(i, i + _AT_ONCE)).argmin(axis=1) for i in range(0, len(heard), _AT_ONCE)]
    return float(np.mean(known.song_of[np.concatenate(parts)] == heard.song_of))


def _measured_excerpts(
    model: TrainedModel, every: Corpus, known: Corpus, source: np.random.Generator
) -> Generator[Progress, None, dict[str, tuple[float, float]]]:
    """Per way of comparing: shares of excerpts whose song is found, and whose song and place are."""
    hop, window = _hop(model), model.config.window
    songs = source.integers(len(every.names), size=EXCERPTS)
    parts, bounds, starts = [], [0], []
    for song in songs:
        of_song = np.flatnonzero(every.song_of == song)
        span = min((EXCERPT_WINDOWS - 1) * window, len(of_song) - 1)  # from the first window to the last
        starts.append(int(source.integers(len(of_song) - span)))
        parts.append(of_song[starts[-1] : starts[-1] + span + 1 : hop])
        bounds.append(bounds[-1] + len(parts[-1]))
    compared = _comparisons(model, every.windows(np.concatenate(parts)), known.windows())
    found = dict.fromkeys(compared, 0)
    placed = dict.fromkeys(compared, 0)
    for i, (first, last) in enumerate(pairwise(bounds)):
        yield Progress(i, EXCERPTS, "comparing excerpts")
        for method, distances in compared.items():
            rows = distances(slice(first, last))
            places = finish(_best_places(rows.__getitem__, last - first, known, hop))
            best = int(np.argmin([distance for distance, _ in places]))
            if best == songs[i]:
                found[method] += 1
                placed[method] += abs(places[best][1] - starts[i]) <= window // 5
    return {method: (found[method] / EXCERPTS, placed[method] / EXCERPTS) for method in compared}


# --- ways of comparing


def _by_posterior(heard: Posterior, known: Posterior) -> Distances:
    def distances(rows: slice) -> FloatArray:
        pairs = zip(heard.mu[rows], heard.sigma[rows], strict=True)
        return np.stack(
            [np.sqrt(np.sum((mu - known.mu) ** 2 / (sigma**2 + known.sigma**2), axis=1)) for mu, sigma in pairs]
        )

    return distances


def _by_mean(heard: Posterior, known: Posterior) -> Distances:
    return _by_posterior(*(Posterior(p.mu, np.ones_like(p.sigma)) for p in (heard, known)))


def _by_cells(heard: BoolArray, known: BoolArray, per_sounding: bool) -> Distances:
    """Cells that differ (the Hamming distance), as they are or per sounding cell of both (1 − frame F1)."""
    x, y = (windows.reshape(len(windows), -1).astype(np.float32) for windows in (heard, known))
    known_cells = y.sum(axis=1)

    def distances(rows: slice) -> FloatArray:
        cells = x[rows].sum(axis=1, keepdims=True) + known_cells
        differing = cells - 2 * (x[rows] @ y.T)
        return np.asarray(differing / np.maximum(cells, 1) if per_sounding else differing)

    return distances


def _comparisons(model: TrainedModel, heard: BoolArray, known: BoolArray) -> dict[str, Distances]:
    """All ways of comparing windows, by their names."""
    posteriors = model.encode(heard), model.encode(known)
    return {
        "posterior": _by_posterior(*posteriors),
        "mean": _by_mean(*posteriors),
        "raw, frame F1": _by_cells(heard, known, per_sounding=True),
        "raw, Hamming": _by_cells(heard, known, per_sounding=False),
    }
