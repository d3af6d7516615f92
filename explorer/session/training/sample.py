"""A sample of a run's windows for the living map, and which windows of one corpus are music that another holds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vrae_core.corpus.windows import Corpus
from vrae_core.piano_roll import BoolArray, IntArray

MOST_WINDOWS = 1000
PROBES = 4


class Sample(NamedTuple):
    """n of a corpus's N windows."""

    whole: Corpus
    corpus: Corpus  # the n windows
    places: IntArray  # (n,) where each is in the whole
    stands_for: IntArray  # (N,) the sampled window nearest to each in its own song; −1: none of its song is sampled

    def windows_of(self, chosen: BoolArray) -> BoolArray:
        """(N,) the windows of the whole that chosen ones of the sample, (n,), stand for."""
        return np.append(chosen, False)[self.stands_for]


def take_sample(corpus: Corpus, most: int = MOST_WINDOWS, seed: int = 0) -> Sample:
    """All windows, or one drawn from each of ``most`` equal parts of the corpus: the same for the same corpus."""
    count = min(most, len(corpus))
    edges = np.linspace(0, len(corpus), count + 1)
    drawn = edges[:-1] + np.random.default_rng(seed).random(count) * np.diff(edges)
    places = np.floor(drawn).astype(np.int64) if count < len(corpus) else np.arange(count)
    sample = corpus.take(places)
    return Sample(corpus, sample, places, _nearest_in_song(corpus, sample))


def _nearest_in_song(corpus: Corpus, sample: Corpus) -> IntArray:
    """For each window of a corpus, the one of the sample that begins nearest to it in its song, or −1."""
    apart = 2 * int(corpus.start_of.max()) + 2  # songs lie farther from each other than any two windows of one
    at, sampled = (each.song_of * apart + each.start_of for each in (corpus, sample))
    order = np.argsort(sampled, kind="stable")
    borders = (sampled[order][1:] + sampled[order][:-1]) / 2
    nearest = order[np.searchsorted(borders, at)]
    return np.where(sample.song_of[nearest] == corpus.song_of, nearest, -1)


def first_probes(sample: Sample, count: int = PROBES) -> tuple[int, ...]:
    """Places in the sample, spread over the songs; of each song, or part of one, the fullest window of its middle."""
    corpus = sample.corpus
    count = min(count, len(corpus))
    songs = np.unique(corpus.song_of)
    probes: list[int] = []
    for song, share in zip(*np.unique(songs[np.arange(count) * len(songs) // count], return_counts=True), strict=True):
        for part in np.array_split(np.flatnonzero(corpus.song_of == song), share):
            inner = part[len(part) // 3 : len(part) - len(part) // 3]
            probes += [int(inner[corpus.windows(inner).sum(axis=(1, 2)).argmax()])] if len(inner) else []
    return tuple(probes)


def same_music(some: Corpus, others: Corpus) -> IntArray:
    """The windows of ``others`` of which at least half lies within windows of ``some``, by songs of the same name.

    By the clock: the two may count steps of different lengths.
    """
    found = []
    for song, name in enumerate(others.names):
        windows = np.flatnonzero(others.song_of == song)
        theirs = np.isin(some.song_of, [i for i, other in enumerate(some.names) if other == name])
        if len(windows) and theirs.any():
            begins = others.start_of[windows]
            steps = int(begins.max()) + others.window
            when = some.starts[theirs], some.starts[theirs] + some.durations[theirs]
            firsts, ends = (np.minimum(others.time_of(song).step_nearest(each), steps).tolist() for each in when)
            held = np.zeros(steps + 1, np.int64)
            for first, end in zip(firsts, ends, strict=True):
                held[first + 1 : end + 1] = 1
            held = np.cumsum(held)
            found.append(windows[2 * (held[begins + others.window] - held[begins]) >= others.window])
    return np.concatenate(found) if found else np.zeros(0, np.int64)
