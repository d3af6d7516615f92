"""The latent map: every window's place in latent space, drawn in two dimensions, and the way back to z."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import VraeError
from vrae_core.latent import tsne
from vrae_core.latent.tsne import PERPLEXITY, TSNE_SEED, MapProgress
from vrae_core.model.trained import Posterior, TrainedModel
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.progress import Progress

_FEWEST_FOR_TSNE = 5
_BLENDED = 8  # windows that a point between the dots takes its z from
_ENCODED_AT_ONCE = 1024  # windows that overlap share much of the work


class Dimensions(NamedTuple):
    """The projection that shows z_i to the right and z_j upwards, counted from 0."""

    i: int
    j: int


Projection = Literal["latent", "t-SNE", "PCA"] | Dimensions


@dataclass(frozen=True, eq=False)
class LatentMap:
    """N windows with their place on the map and their mean μ in latent space."""

    points: FloatArray  # (N, 2)
    mu: FloatArray  # (N, J)
    projection: Projection
    perplexity: float | None = None  # that t-SNE went by
    fitted: int | None = None  # the map was fitted to the first so many windows, and the others joined it; None: to all

    def z_at(self, point: npt.ArrayLike) -> FloatArray:
        """The latent point (J,) shown at a map point (2,).

        The nearest windows' μ are blended by distance, which gives a window's own μ on its dot; where
        the map is linear in z (all but t-SNE) the coordinates that it shows are then set exactly.
        """
        here = np.asarray(point, np.float64)
        z = _blend(self._point_tree, here, self.mu)
        if self._axes is not None:
            z = z + (here - self._shown(z)) @ self._axes
        return z.astype(np.float32)

    def blend_at(self, point: npt.ArrayLike) -> tuple[IntArray, FloatArray]:
        """The windows that ``z_at`` blends at a map point, nearest first, and their weights: (k,) each, of sum 1."""
        indices, weights = _weights(self._point_tree, np.asarray(point, np.float64))
        return indices.astype(np.int64), weights.astype(np.float32)

    def nearest_in_z(self, z: npt.ArrayLike, k: int = 1) -> tuple[IntArray, FloatArray]:
        """The k windows whose μ lie nearest to a latent point (J,), and how far: (k,)."""
        distances, indices = self._mu_tree.query(np.asarray(z, np.float64), range(1, min(k, len(self.mu)) + 1))
        return indices.astype(np.int64), distances.astype(np.float32)

    def blend_in_z(self, z: npt.ArrayLike) -> tuple[IntArray, FloatArray]:
        """The windows nearest to a latent point (J,), and weights as those of ``blend_at``: (k,) each, of sum 1.

        All windows are looked at: a tree of a million in many dimensions takes longer to make, and to ask.
        """
        here = np.asarray(z, np.float32)
        few = min(2 * (_BLENDED + 1), len(self.mu))  # more than are blended: float32 may take one for a nearer one
        near = np.argpartition(self._squares - 2 * (self.mu @ here), few - 1)[:few]
        distances = np.linalg.norm(self.mu[near].astype(np.float64) - here, axis=1)
        order = np.lexsort((near, distances))[: _BLENDED + 1]
        indices, weights = _weighed(distances[order], near[order], len(self.mu))
        return indices.astype(np.int64), weights.astype(np.float32)

    @cached_property
    def spacing_in_z(self) -> float:
        """How far the μ of a window usually lies from the nearest other one (median of up to 200).

        Windows repeat where music does: those at the same μ are not counted, or this could be 0.
        """
        some = self.mu[:: max(1, len(self.mu) // 200)].astype(np.float64)
        gaps = self._mu_tree.query(some, range(1, min(_BLENDED + 1, len(self.mu)) + 1))[0]
        nearest = np.where(gaps > 1e-6, gaps, np.inf).min(axis=1)
        if np.isfinite(nearest).any():
            return float(np.median(nearest[np.isfinite(nearest)]))
        return 0.1 * float(np.linalg.norm(self.mu.std(axis=0)))

    def points_of(self, zs: FloatArray) -> FloatArray:
        """``point_of`` for many latent points: (n, J) to (n, 2)."""
        if self._axes is not None:
            return self._shown(np.asarray(zs, np.float64)).astype(np.float32)
        return np.array([self.point_of(z) for z in zs], np.float32).reshape(-1, 2)

    def point_of(self, z: npt.ArrayLike) -> FloatArray:
        """The map point (2,) that shows a latent point (J,).  On a t-SNE map it is blended from the nearest windows."""
        there = np.asarray(z, np.float64)
        shown = _blend(self._mu_tree, there, self.points) if self._axes is None else self._shown(there)
        return np.asarray(shown, np.float32)

    def nearest(self, point: npt.ArrayLike, k: int = 1) -> tuple[IntArray, FloatArray]:
        """The k windows nearest to a map point (all of them if there are fewer): indices and map distances, (k,)."""
        distances, indices = self._point_tree.query(np.asarray(point, np.float64), range(1, min(k, len(self.mu)) + 1))
        return indices.astype(np.int64), distances.astype(np.float32)

    @property
    def axis_names(self) -> tuple[str, str] | None:
        """What the two axes measure, or None for t-SNE, where they measure nothing."""
        if self.projection == "t-SNE":
            return None
        if self.projection == "PCA":
            return "first principal component", "second principal component"
        i, j = self.projection if isinstance(self.projection, Dimensions) else (0, 1)
        return f"z{i}", f"z{j}" if j < self.mu.shape[1] else ""

    @cached_property
    def _axes(self) -> npt.NDArray[np.float64] | None:
        """(2, J) orthonormal directions of latent space that the map shows, or None for t-SNE."""
        if self.projection == "t-SNE":
            return None
        return _axes_of(self.mu[: self.fitted], self.projection)

    @cached_property
    def _centre(self) -> npt.NDArray[np.float64]:
        """(J,) the latent point shown at the map's origin."""
        return _centre_of(self.mu[: self.fitted], self.projection)

    def _shown(self, z: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        assert self._axes is not None
        return np.asarray((z - self._centre) @ self._axes.T)

    @cached_property
    def _point_tree(self) -> Any:
        return _tree(self.points)

    @cached_property
    def _squares(self) -> FloatArray:
        """(N,) |μ|²."""
        return np.asarray(np.einsum("nj,nj->n", self.mu, self.mu))

    @cached_property
    def _mu_tree(self) -> Any:
        return _tree(self.mu)


def encode_corpus(model: TrainedModel, corpus: Corpus) -> Generator[Progress, None, Posterior]:
    """Encode every window of a corpus: the posterior's μ and σ, (N, J) each."""
    parts = []
    for first in range(0, len(corpus), _ENCODED_AT_ONCE):
        yield Progress(first, len(corpus), "encoding windows")
        parts.append(model.encode_cut(corpus.roll, corpus.offsets[first : first + _ENCODED_AT_ONCE], corpus.window))
    return Posterior(np.concatenate([part.mu for part in parts]), np.concatenate([part.sigma for part in parts]))


def natural_projection(latent: int) -> Projection:
    """How a model of J latent dimensions is drawn unless asked otherwise: as it is up to two, by t-SNE above."""
    return "latent" if latent <= 2 else "t-SNE"


def project(
    mu: FloatArray,
    projection: Projection,
    seed: int = TSNE_SEED,
    cache_folder: Path | None = None,
    *,
    perplexity: float = PERPLEXITY,
    known: LatentMap | None = None,
    refit: bool = False,
) -> Generator[MapProgress, None, LatentMap]:
    """Draw windows in two dimensions; closing the generator cancels.

    "latent" shows z itself (J ≤ 2), ``Dimensions(i, j)`` two of its dimensions, "PCA" the two
    principal components, "t-SNE" a map of neighbourhoods (tsne.py).  Fewer than five windows, or windows
    that are all alike, have no neighbourhoods: they get a PCA map, and its ``projection`` says so.

    mu: (N, J).  perplexity: of t-SNE; lowered where there are too few windows for it, as the map then says.
    cache_folder: where finished t-SNE maps are kept, by default the user's cache folder; ``refit`` takes none from it.
    known: a map of the first of these windows: they stay where they are and the others join them, unless there are
    more of those than of these, or the map is of another kind.
    Raises: VraeError if there are no windows or the model has no such dimensions.
    """
    mu = np.asarray(mu, np.float32)
    _check(mu, projection)
    if projection == "t-SNE" and (len(mu) < _FEWEST_FOR_TSNE or not np.ptp(mu, axis=0).any()):
        projection = "PCA"
    if known is not None and not _can_join(mu, projection, known):
        known = None
    fitted = None if known is None else known.fitted or len(known.mu)
    used = None
    if projection == "t-SNE":
        file = tsne.map_file(cache_folder or default_cache_folder(), mu, seed, perplexity)
        kept = None if refit else tsne.load_points(file, len(mu))
        if kept is not None:
            points, fitted = kept
        elif known is not None:
            points = yield from tsne.join(mu[len(known.mu) :], known.mu, known.points, seed, perplexity)
        else:
            points = yield from tsne.fit(mu, _starting_points(mu, seed), seed, perplexity)
        if kept is None:
            tsne.save_points(file, points, fitted)
        used = min(perplexity, tsne.largest_perplexity(fitted or len(mu)))
    else:
        points = ((mu - _centre_of(mu[:fitted], projection)) @ _axes_of(mu[:fitted], projection).T).astype(np.float32)
    latent_map = LatentMap(points, mu, projection, used, fitted)
    _ = latent_map._point_tree  # built here, in the job, so that the first click need not wait for it
    yield MapProgress(1, 1, "map drawn", points)
    return latent_map


def _can_join(mu: FloatArray, projection: Projection, known: LatentMap) -> bool:
    """Whether these windows, (N, J), are those of a map and no more than as many again."""
    n, latent = known.mu.shape
    alike = known.projection == projection and mu.shape[1] == latent and n < len(mu) <= 2 * n
    return alike and bool(np.allclose(mu[:n], known.mu, atol=1e-4))  # encoded in other batches, hence not to the bit


def default_cache_folder(of: str = "maps") -> Path:
    """Where finished t-SNE maps are kept for next time, or other things that take long to make."""
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_cache_dir("vrae-explorer", appauthor=False)) / of


def _check(mu: FloatArray, projection: Projection) -> None:
    latent = mu.shape[1]
    if not len(mu):
        raise VraeError("there are no windows to draw a map of")
    if not np.isfinite(mu).all():
        raise VraeError("the model encodes some windows to values that are not numbers, so there is no map of them")
    if projection == "latent" and latent > 2:
        raise VraeError(f"the model has {latent} latent dimensions: draw them by t-SNE, PCA or any two of them")
    if isinstance(projection, Dimensions) and not all(0 <= d < latent for d in projection):
        raise VraeError(f"the model has no latent dimensions {projection.i} and {projection.j}, only 0 to {latent - 1}")
    if isinstance(projection, Dimensions) and projection.i == projection.j:
        raise VraeError("a map needs two different latent dimensions")


# --- linear maps


def _axes_of(mu: FloatArray, projection: Projection) -> npt.NDArray[np.float64]:
    latent = mu.shape[1]
    axes = np.zeros((2, latent))
    if projection == "PCA":
        components = np.linalg.svd(mu - _centre_of(mu, projection), full_matrices=False)[2][:2]
        strongest = components[np.arange(len(components)), np.abs(components).argmax(axis=1)]
        axes[: len(components)] = components * np.sign(strongest)[:, None]  # or their signs are anybody's guess
    else:
        shown = projection if isinstance(projection, Dimensions) else range(min(2, latent))
        for row, dimension in enumerate(shown):
            axes[row, dimension] = 1.0
    return axes


def _centre_of(mu: FloatArray, projection: Projection) -> npt.NDArray[np.float64]:
    return mu.mean(axis=0, dtype=np.float64) if projection == "PCA" else np.zeros(mu.shape[1])


# --- from map to z and back between the dots


def _tree(points: FloatArray) -> Any:
    from scipy.spatial import cKDTree  # noqa: PLC0415 - 0.4 s to import

    return cKDTree(points)


def _blend(tree: Any, here: npt.NDArray[np.float64], values: FloatArray) -> npt.NDArray[np.float64]:
    """The values of the nearest dots, blended."""
    indices, weights = _weights(tree, here)
    return np.asarray(weights @ values[indices])


def _weights(tree: Any, here: npt.NDArray[np.float64]) -> tuple[IntArray, npt.NDArray[np.float64]]:
    distances, indices = tree.query(here, range(1, min(_BLENDED + 1, tree.n) + 1))
    return _weighed(distances, indices, tree.n)


def _weighed(distances: npt.NDArray[np.float64], indices: IntArray, n: int) -> tuple[IntArray, npt.NDArray[np.float64]]:
    """The nearest of n dots and their weights, (1/d − 1/R)² that add up to 1, R the distance of the first left out.

    Franke & Nielson 1980: a dot that leaves the neighbourhood has weight 0 by then, so nothing jumps.
    """
    on_it = distances < 1e-12
    if on_it.any():
        return indices[on_it], np.full(on_it.sum(), 1 / on_it.sum())
    reach = distances[-1] if n > _BLENDED else np.inf
    weights = (1 / distances - 1 / reach) ** 2
    if not weights.any():  # all equally far
        weights = np.ones(len(weights))
    taken = weights > 0
    return indices[taken], weights[taken] / weights.sum()


def _starting_points(mu: FloatArray, seed: int) -> npt.NDArray[np.float64]:
    """The PCA map at the tiny scale t-SNE starts from, shaken a little so that equal windows can part."""
    points = (mu - _centre_of(mu, "PCA")) @ _axes_of(mu, "PCA").T
    points = 1e-4 * points / points[:, 0].std()
    return np.asarray(points + np.random.default_rng(seed).normal(0, 1e-6, points.shape))
