"""t-SNE maps (van der Maaten & Hinton 2008) by openTSNE: fitted, kept for next time, and joined by new windows.

One job, so that a seed gives one map.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import safetensors.numpy

from vrae_core.errors import FileError
from vrae_core.latent.repulsion import repulsion_by_grid, repulsion_of_all_pairs
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.safe_files import read_bounded, write_atomically

TSNE_SEED = 7
PERPLEXITY, MOST_PERPLEXITY = 30.0, 1000.0  # about how many neighbours count for a window
_EARLY_ITERATIONS, _ITERATIONS = 250, 500  # openTSNE's own defaults
_JOINING_ITERATIONS, _JOINING_PERPLEXITY = 250, 5.0  # those of its ``transform``
_SETTLING = ((150, 4), (350, 1))  # iterations and exaggeration
_EXAGGERATIONS = (12, 4, 1)  # openTSNE's own for the early ones, then gentler
_CHUNK, _CHUNK_WINDOWS = 25, 100_000  # iterations between two yields, at most; their product with the windows: 0.4 s
_CACHED_MAPS = 64
_COLLAPSED = 1e-6  # no map is as small
_MOST_PAIRED = 2500  # windows of which every pair is looked at: up to here faster than a tree, and exact
MOST_SETTLED = _MOST_PAIRED
_MOST_COMPARED = 100_000  # windows among which neighbours are looked for by comparing all; of more a tree finds most
_COMPARED_AT_ONCE = 1_000_000  # distances, which stay near the processor


class MapProgress(NamedTuple):
    """Progress of a projection, with the points as far as they have got."""

    done: float
    total: float
    text: str
    points: FloatArray  # (N, 2)


Drawing = Generator[MapProgress, None, FloatArray]


def largest_perplexity(windows: int) -> float:
    """The largest perplexity that so many windows allow: each needs three times as many neighbours."""
    return max(1.0, (windows - 1) / 3)


def fit(mu: FloatArray, start: npt.NDArray[np.float64], seed: int, perplexity: float) -> Drawing:
    """Draw N windows, mu (N, J), from starting points (N, 2) on."""
    waiting = MapProgress(0, _EARLY_ITERATIONS + _ITERATIONS, "finding neighbours", start.astype(np.float32))
    neighbours = yield from _neighbours(mu, perplexity, seed, waiting)
    for exaggeration in _EXAGGERATIONS:
        gradient = _of_all_pairs if len(mu) <= _MOST_PAIRED else _by_grid
        embedding = _embedding(neighbours, start, seed, gradient)
        yield from _arrange(embedding, 0, _EARLY_ITERATIONS, exaggeration, momentum=0.5)
        yield from _arrange(embedding, _EARLY_ITERATIONS, _ITERATIONS, 1, momentum=0.8)
        if np.ptp(embedding, axis=0).max() > _COLLAPSED:
            break  # few windows, all neighbours of all, can be drawn into one point, and never part again
    return np.asarray(embedding, np.float32).copy()


def _arrange(
    embedding: Any, done: int, iterations: int, exaggeration: float, momentum: float
) -> Generator[MapProgress, None, None]:
    total = _EARLY_ITERATIONS + _ITERATIONS
    for count in _chunks(iterations, len(embedding)):
        embedding.optimize(count, inplace=True, exaggeration=exaggeration, momentum=momentum, learning_rate="auto")
        done += count
        yield MapProgress(done, total, "arranging neighbours", np.asarray(embedding, np.float32).copy())


def join(mu: FloatArray, known: FloatArray, points: FloatArray, seed: int, perplexity: float) -> Drawing:
    """Draw windows, mu (n, J), among others that stay where they are: known (N, J) at points (N, 2).

    Gives the points of all, (N + n, 2), the others' first (openTSNE's ``transform``; Poličar et al. 2019).
    """
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    yield MapProgress(0, _JOINING_ITERATIONS, "finding neighbours", points)
    neighbours = _approximate_neighbours(known, perplexity, seed)
    embedding = _embedding(neighbours, (points - middle).astype(np.float64), seed)
    joining = embedding.prepare_partial(
        np.asarray(mu, np.float64), perplexity=min(_JOINING_PERPLEXITY, largest_perplexity(len(known)))
    )
    drawn = points
    done = 0
    for count in _chunks(_JOINING_ITERATIONS, len(mu)):
        joining.optimize(count, inplace=True, exaggeration=1.5, momentum=0.8, learning_rate=0.1, max_grad_norm=0.25)
        drawn = np.concatenate([points, np.asarray(joining, np.float32) + middle]).astype(np.float32)
        done += count
        yield MapProgress(done, _JOINING_ITERATIONS, "finding places for new windows", drawn)
    return drawn


def settle(mu: FloatArray, points: FloatArray, stay: int, perplexity: float = PERPLEXITY) -> Drawing:
    """Arrange windows that have joined others, the first ``stay``, which do not move: mu (N, J) at points (N, 2).

    Those that join know nothing of each other, and if they are a song's they lie scattered; by this they find each
    other, gathered first by exaggeration as in ``fit``.  For MOST_SETTLED windows at most, of which it looks at all.
    """

    def gradient(*arguments: Any, **options: Any) -> tuple[float, npt.NDArray[np.float64]]:
        error, of_all = _of_all_pairs(*arguments, **options)
        of_all[:stay] = 0
        return error, of_all

    total = sum(iterations for iterations, _ in _SETTLING)
    waiting = MapProgress(0, total, "finding places for new windows", points)
    neighbours = yield from _neighbours(mu, perplexity, TSNE_SEED, waiting)
    embedding = _embedding(neighbours, points.astype(np.float64), TSNE_SEED, gradient)
    drawn, done = points, 0
    for iterations, exaggeration in _SETTLING:
        for count in _chunks(iterations, len(mu)):
            embedding.optimize(count, inplace=True, exaggeration=exaggeration, momentum=0.8, learning_rate="auto")
            arranged = np.asarray(embedding)
            shift = points[:stay].mean(axis=0) - arranged[:stay].mean(axis=0)  # openTSNE moves the middle to 0
            drawn = np.concatenate([points[:stay], arranged[stay:] + shift]).astype(np.float32)
            done += count
            yield MapProgress(done, total, "finding places for new windows", drawn)
    return drawn


def _chunks(iterations: int, windows: int) -> list[int]:
    """Iterations between one yield and the next; openTSNE goes on just where it was."""
    most = min(_CHUNK, max(1, _CHUNK_WINDOWS // windows))
    whole, rest = divmod(iterations, most)
    return [most] * whole + [rest] * bool(rest)


def _neighbours(
    mu: FloatArray, perplexity: float, seed: int, waiting: MapProgress
) -> Generator[MapProgress, None, Any]:
    """How near to each other windows, mu (N, J), are, as openTSNE wants it; yields ``waiting`` meanwhile."""
    yield waiting
    if len(mu) > _MOST_COMPARED:
        return _approximate_neighbours(mu, perplexity, seed)
    from openTSNE import affinity, nearest_neighbors  # noqa: PLC0415 - 1.2 s to import

    perplexity = min(perplexity, largest_perplexity(len(mu)))
    places: list[IntArray] = []
    gaps: list[npt.NDArray[np.float64]] = []
    for found, apart in _nearest(mu, min(len(mu) - 1, int(3 * perplexity))):
        if places:
            yield waiting
        places.append(found)
        gaps.append(apart)
    known = nearest_neighbors.PrecomputedNeighbors(np.concatenate(places), np.concatenate(gaps))
    return affinity.PerplexityBasedNN(perplexity=perplexity, knn_index=known, n_jobs=1)


def _nearest(mu: FloatArray, k: int) -> Iterator[tuple[IntArray, npt.NDArray[np.float64]]]:
    """The k nearest others of windows, mu (N, J), some windows at a time, and how far they are: (n, k), rising."""
    exact = np.asarray(mu, np.float64)
    near = (exact - exact.mean(axis=0)).astype(np.float32)
    squares = (near**2).sum(axis=1)
    step = max(1, _COMPARED_AT_ONCE // len(mu))
    for first in range(0, len(mu), step):
        some = slice(first, first + step)
        apart = squares - 2 * near[some] @ near.T  # and the square of each, which changes no order
        np.fill_diagonal(apart[:, first:], np.inf)  # none is its own neighbour
        found = np.argpartition(apart, k - 1, axis=1)[:, :k]
        gaps = np.sqrt(((exact[some, None] - exact[found]) ** 2).sum(axis=2))
        order = np.argsort(gaps, axis=1, kind="stable")
        yield np.take_along_axis(found, order, axis=1), np.take_along_axis(gaps, order, axis=1)


def _approximate_neighbours(mu: FloatArray, perplexity: float, seed: int) -> Any:
    """The same by trees that are searched in part, and can be searched for others later."""
    from openTSNE import affinity  # noqa: PLC0415

    return affinity.PerplexityBasedNN(
        np.asarray(mu, np.float64),
        perplexity=min(perplexity, largest_perplexity(len(mu))),
        method="exact" if len(mu) <= _MOST_PAIRED else "auto",
        n_jobs=1,
        random_state=seed,
    )


def _embedding(
    neighbours: Any, start: npt.NDArray[np.float64], seed: int, gradient: Callable[..., Any] | None = None
) -> Any:
    """Points to be arranged, by a gradient of one's own or by openTSNE's."""
    from openTSNE import TSNEEmbedding  # noqa: PLC0415

    method = "auto" if gradient is None else partial(_unless_at_the_end, gradient)
    return TSNEEmbedding(start, neighbours, random_state=seed, negative_gradient_method=method, n_jobs=1)


def _unless_at_the_end(gradient: Callable[..., Any], embedding: Any, *arguments: Any, **options: Any) -> Any:
    """openTSNE asks once more after the last iteration of each call, for an error that nobody asks it for."""
    if options.get("should_eval_error"):
        return 0.0, np.zeros(embedding.shape)
    return gradient(embedding, *arguments, **options)


def _of_all_pairs(
    embedding: Any,
    P: Any,  # noqa: N803 - openTSNE's name
    dof: float,
    should_eval_error: bool = False,
    **_: Any,
) -> tuple[float, npt.NDArray[np.float64]]:
    """What openTSNE's ``kl_divergence_bh`` gives, with the points' repulsion not estimated by a tree but added up."""
    return _with_attraction(repulsion_of_all_pairs, embedding, P, dof, should_eval_error)


def _by_grid(
    embedding: Any,
    P: Any,  # noqa: N803
    dof: float,
    should_eval_error: bool = False,
    **_: Any,
) -> tuple[float, npt.NDArray[np.float64]]:
    """What openTSNE's ``kl_divergence_fft`` gives, in half the time and as nearly."""
    return _with_attraction(repulsion_by_grid, embedding, P, dof, should_eval_error)


def _with_attraction(
    repulsion: Callable[[npt.NDArray[np.float64]], tuple[float, npt.NDArray[np.float64]]],
    embedding: Any,
    P: Any,  # noqa: N803
    dof: float,
    should_eval_error: bool,
) -> tuple[float, npt.NDArray[np.float64]]:
    """The error, if it is asked for, and the gradient; it pulls neighbours together, and pushes all apart."""
    from openTSNE import _tsne  # noqa: PLC0415

    y = np.asarray(embedding, np.float64)
    total, gradient = repulsion(y)
    attracted = y, y, gradient
    sum_p, error = _tsne.estimate_positive_gradient_nn(
        P.indices, P.indptr, P.data, *attracted, dof, num_threads=1, should_eval_error=should_eval_error
    )
    return error + sum_p * np.log(total) if should_eval_error else error, gradient


# --- kept for next time


def map_file(folder: Path, mu: FloatArray, seed: int, perplexity: float) -> Path:
    """Where the map of these windows is kept, by its contents: it does not matter what file the model came from."""
    settings = f"t-SNE {mu.shape} seed {seed} iterations {_EARLY_ITERATIONS}+{_ITERATIONS}"
    if perplexity != PERPLEXITY:
        settings += f" perplexity {perplexity:g}"
    key = hashlib.sha256(settings.encode() + np.ascontiguousarray(mu).tobytes()).hexdigest()
    return folder / f"{key}.safetensors"


def load_points(path: Path, n: int) -> tuple[FloatArray, int | None] | None:
    """The points of a finished map, and how many windows it was fitted to, the first, if not to all.

    None if there is no such file or it is not as it was written.
    """
    try:
        stored = safetensors.numpy.load(read_bounded(path, 16 * n + 4096))
        points, fitted, digest = stored["points"], stored["fitted"], stored["sha256"].tobytes()
    except (FileError, safetensors.SafetensorError, KeyError, ValueError):
        return None
    intact = points.shape == (n, 2) and points.dtype == np.float32 and np.isfinite(points).all()
    intact = intact and np.ptp(points, axis=0).max() > _COLLAPSED
    if not intact or digest != _digest(points, fitted).tobytes() or fitted.shape != (1,) or not 0 <= fitted[0] <= n:
        return None
    return points, int(fitted[0]) or None


def save_points(path: Path, points: FloatArray, fitted: int | None) -> None:
    """Keep a finished map, and no more than the 64 newest; a full or read-only disk costs only the next wait."""
    count = np.array([fitted or 0], np.int64)
    tensors: dict[str, npt.NDArray[Any]] = {"points": points, "fitted": count, "sha256": _digest(points, count)}
    with suppress(OSError, FileError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, safetensors.numpy.save(tensors))
        newest_first = sorted(path.parent.glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in newest_first[_CACHED_MAPS:]:
            old.unlink(missing_ok=True)


def _digest(points: FloatArray, fitted: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(hashlib.sha256(points.tobytes() + fitted.tobytes()).digest(), np.uint8)
