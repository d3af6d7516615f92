"""Features: what a linear classifier can tell from μ, against what it can tell from the raw rolls.

A linear probe (Alain & Bengio 2016): multinomial logistic regression, cross-validated, its regularisation
chosen on windows that are neither trained on nor tested on.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.attributes import key_name, keys_of
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.table import TableColumn, WindowTable
from vrae_core.piano_roll import BoolArray, IntArray
from vrae_core.progress import Progress

MOST_WINDOWS = 4000  # that are probed; more of them are thinned evenly
FOLDS = 5
REGULARISATIONS = (1.0, 0.1, 10.0, 0.01, 100.0, 0.001)  # scikit-learn's C; of equally good ones the first
FEWEST_WINDOWS = 10  # of a key, for it to be asked for

Features = npt.NDArray[np.float64]


class Labels(NamedTuple):
    """What is asked of every window."""

    names: tuple[str, ...]  # the answers there are
    of: IntArray  # (windows,) index into names; −1: not asked
    whole_songs: bool = False  # whether songs are held out whole


class ProbeFigures(NamedTuple):
    """Shares of held-out windows whose label a linear classifier tells."""

    label: str
    classes: int
    windows: int
    held_out: str  # "songs" or "stretches of time"
    most_frequent: float  # of always answering the most frequent label
    mu: float
    pca: float  # of as many principal components of the raw rolls as μ has dimensions
    raw: float  # of all cells of the window


def probe(
    corpus: Corpus, mu: npt.NDArray[np.floating], labels: Mapping[str, Labels]
) -> Generator[Progress, None, list[ProbeFigures]]:
    """Train and test linear classifiers on μ (windows, J), on principal components and on raw rolls.

    labels: by what is asked; what is asked of no window is left out.  The principal components are those of
    all windows, as the model has been trained on all of them.
    """
    step = -(-len(corpus) // MOST_WINDOWS)
    kept = np.arange(0, len(corpus), step)
    corpus, mu = corpus.take(kept), mu[kept]
    yield Progress(0, 3 * len(labels) + 1, "principal components")
    # rotating the cells changes nothing for a linear classifier with an L2 penalty, and n columns are enough
    components = _principal_components(corpus.windows())
    representations = (mu.astype(np.float64), components[:, : mu.shape[1]], components)
    figures: list[ProbeFigures] = []
    for name, asked in labels.items():
        answers = asked.of[kept]
        if not (answers >= 0).any():
            continue
        folds = song_folds(corpus.song_of, answers) if asked.whole_songs else time_folds(corpus.song_of)
        accuracies: list[float] = []
        for features in representations:
            yield Progress(3 * len(figures) + len(accuracies) + 1, 3 * len(labels) + 1, f"probing: {name}")
            accuracies.append(_accuracy(_scaled(features), answers, folds, corpus))
        counts = np.bincount(answers[answers >= 0])
        held_out = "songs" if asked.whole_songs else "stretches of time"
        most_frequent = float(counts.max() / counts.sum())
        figures.append(
            ProbeFigures(name, int(np.count_nonzero(counts)), int(counts.sum()), held_out, most_frequent, *accuracies)
        )
    return figures


# --- labels


def song_labels(corpus: Corpus) -> Labels:
    """Every window's song."""
    return Labels(corpus.names, corpus.song_of)


def key_labels(corpus: Corpus) -> Labels:
    """Every window's key, by the profiles of Krumhansl & Kessler; keys of fewer than ten windows are not asked."""
    keys = keys_of(corpus.windows(), corpus.pitches)
    frequent = np.flatnonzero(np.bincount(keys[keys >= 0], minlength=24) >= FEWEST_WINDOWS)
    return Labels(tuple(map(key_name, range(24))), np.where(np.isin(keys, frequent), keys, -1))


def labels_of(table: WindowTable, corpus: Corpus) -> dict[str, Labels]:
    """What a table says of songs or windows, by its columns, such as "composer".

    Songs that it leaves out, or leaves blank, are not asked.  Where every answer belongs to at least two songs,
    whole songs are held out.  Raises: TableError if it says nothing of these songs.
    """
    return {name: _labels(column, corpus) for name, column in table.words(corpus).items()}


def _labels(column: TableColumn, corpus: Corpus) -> Labels:
    assert column.word_of is not None
    songs = [len(np.unique(corpus.song_of[column.word_of == word])) for word in range(len(column.words))]
    return Labels(column.words, column.word_of, whole_songs=min(songs, default=0) > 1)


# --- cross-validation


def time_folds(song_of: IntArray) -> IntArray:
    """The fold of each window: every song in five stretches of time, one a fold."""
    folds = np.empty(len(song_of), np.int64)
    for song in np.unique(song_of):
        windows = np.flatnonzero(song_of == song)
        folds[windows] = np.arange(len(windows)) * FOLDS // len(windows)
    return folds


def song_folds(song_of: IntArray, answers: IntArray) -> IntArray:
    """The fold of each window: songs whole, those of one answer dealt out to the folds in turn."""
    folds = np.zeros(len(song_of), np.int64)
    for answer in np.unique(answers):
        for turn, song in enumerate(np.unique(song_of[answers == answer])):
            folds[song_of == song] = turn % FOLDS
    return folds


def _accuracy(features: Features, answers: IntArray, folds: IntArray, corpus: Corpus) -> float:
    hits = 0
    asked = answers >= 0
    for fold in np.unique(folds[asked]):
        tested = asked & (folds == fold)
        validated = asked & (folds == (fold + 1) % (folds.max() + 1))
        learnt = asked & ~tested & ~overlapping(corpus, tested)
        for_choice = learnt & ~validated & ~overlapping(corpus, validated)
        best = max(
            REGULARISATIONS,
            key=lambda c: _hits(c, features, answers, for_choice, validated),
        )
        hits += _hits(best, features, answers, learnt, tested)
    return hits / int(asked.sum())


def overlapping(corpus: Corpus, chosen: BoolArray) -> BoolArray:
    """Windows that share a step with a chosen one."""
    rows = np.sort(corpus.offsets[chosen])
    if not len(rows):
        return np.zeros(len(corpus), bool)
    after = np.searchsorted(rows, corpus.offsets).clip(0, len(rows) - 1)
    nearest = np.minimum(abs(rows[after] - corpus.offsets), abs(rows[(after - 1).clip(0)] - corpus.offsets))
    return np.asarray(nearest < corpus.window)


def _hits(c: float, features: Features, answers: IntArray, learnt: BoolArray, tested: BoolArray) -> int:
    """How many of the tested windows a classifier tells that has learnt from others."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - 1 s to import
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    known = np.unique(answers[learnt])
    if len(known) < 2 or not tested.any():
        return int(np.isin(answers[tested], known).sum())
    with threadpool_limits(1):  # many small steps: on a busy machine two threads wait for each other for minutes
        classifier = LogisticRegression(C=c, max_iter=5000).fit(features[learnt], answers[learnt])
        return int((classifier.predict(features[tested]) == answers[tested]).sum())


def _principal_components(windows: BoolArray) -> Features:
    """Windows (n, T, P) in the axes of their principal components: (n, min(n, T·P))."""
    cells = windows.reshape(len(windows), -1).astype(np.float64)
    directions, lengths, _ = np.linalg.svd(cells - cells.mean(axis=0), full_matrices=False)
    return np.asarray(directions * lengths)


def _scaled(features: Features) -> Features:
    """Centred, and divided by the spread of all columns together, which leaves strong columns strong."""
    centred = features - features.mean(axis=0)
    return np.asarray(centred / (centred.std() or 1.0))
