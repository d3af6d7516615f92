"""How far apart a map keeps the songs, against chance and against a plain linear map of the same windows."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Corpus
from vrae_core.model.evaluation import song_accuracy
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray
from vrae_core.progress import Progress

_SHUFFLES = 5  # draws of "by chance" that are averaged
_AT_ONCE = 512  # windows whose distances to all others are held at one time
Features = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Separation:
    """How separate the songs are among N points."""

    song_accuracy: float  # 0–1, by the 5 nearest other windows (see `evaluation.song_accuracy`)
    silhouette: float  # −1–1: 0 where songs lie upon each other, 1 where each is a tight cloud far from the next


def compare(
    mu: FloatArray, points: FloatArray, corpus: Corpus, seed: int = 0
) -> Generator[Progress, None, dict[str, dict[str, float]]]:
    """Measure latent space and its map against chance and against PCA.

    mu: (N, J) of the corpus's windows; points: (N, 2), the map.
    Returns figures by the names "latent", "map" (where it is not latent space itself), "pca" (the windows' cells,
    T · P numbers each, projected to their J principal components) and "chance" (latent space, its songs shuffled).
    """
    total = 3.0 + _SHUFFLES
    yield Progress(0, total, "measuring how separate the songs are")
    found = {"latent": separation(mu, corpus.song_of)}
    yield Progress(1, total, "measuring the map")
    if points.shape != mu.shape:
        found["map"] = separation(points, corpus.song_of)
    yield Progress(2, total, "comparing with principal components")
    found["pca"] = separation(principal_components(corpus.windows(), mu.shape[1]), corpus.song_of)
    dealt = np.random.default_rng(seed)
    by_chance = []
    for shuffle in range(_SHUFFLES):
        yield Progress(3 + shuffle, total, "comparing with chance")
        by_chance.append(separation(mu, dealt.permutation(corpus.song_of)))
    found["chance"] = Separation(
        float(np.mean([each.song_accuracy for each in by_chance])),
        float(np.mean([each.silhouette for each in by_chance])),
    )
    return {name: asdict(each) for name, each in found.items()}


def separation(points: Features, song_of: IntArray) -> Separation:
    """Measure how separate songs are among points (N, D)."""
    return Separation(float(song_accuracy(points.astype(np.float32), song_of)), silhouette(points, song_of))


def silhouette(points: Features, song_of: IntArray) -> float:
    """Mean silhouette of the points, songs being the clusters (Rousseeuw 1987); 0 if there is only one song.

    points: (N, D); song_of: (N,).  A point alone in its song counts as 0, as usual.
    """
    from scipy.spatial.distance import cdist  # noqa: PLC0415 - 0.3 s to import

    songs, label = np.unique(song_of, return_inverse=True)
    if len(songs) < 2:
        return 0.0
    member = np.eye(len(songs))[label]  # (N, songs)
    size = member.sum(axis=0)
    total = 0.0
    for first in range(0, len(points), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        to_song = cdist(points[rows].astype(np.float64), points.astype(np.float64)) @ member  # summed distances
        own = np.arange(len(to_song)), label[rows]
        inside = to_song[own] / np.maximum(size[label[rows]] - 1, 1)
        to_song /= size
        to_song[own] = np.inf
        nearest_other = to_song.min(axis=1)
        greater = np.maximum(inside, nearest_other)
        gain = np.divide(nearest_other - inside, greater, out=np.zeros_like(greater), where=greater > 0)
        total += float(gain[size[label[rows]] > 1].sum())
    return total / len(points)


def principal_components(windows: BoolArray, dimensions: int) -> FloatArray:
    """The windows' cells projected to their principal components: (n, T, P) → (n, dimensions).

    Fewer come back if the windows have fewer cells or are fewer.
    """
    from scipy.linalg import eigh  # noqa: PLC0415 - 0.2 s to import

    cells = windows.reshape(len(windows), -1).astype(np.float32)
    cells -= cells.mean(axis=0)
    products = cells.T @ cells if cells.shape[1] <= len(cells) else cells @ cells.T
    size = len(products)
    kept = min(dimensions, size)
    values, vectors = eigh(products, subset_by_index=(size - kept, size - 1))
    if cells.shape[1] <= len(cells):
        return np.asarray(cells @ vectors[:, ::-1], np.float32)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1], np.float32)
