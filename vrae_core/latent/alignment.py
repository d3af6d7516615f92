"""Two models' views of the same windows: one map laid onto the other, and how alike their neighbourhoods are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vrae_core.piano_roll import FloatArray, IntArray

NEIGHBOURS = 10
MOST_ASKED, FEWEST_ASKED = 2000, 100  # windows whose neighbours are looked up: enough for two digits, or for one
MOST_PAIRS = 10**8  # of windows whose distance is taken: seconds; beyond it fewer are asked
_AT_ONCE = 2**24  # distances
Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Alignment:
    """A turn or mirroring, a uniform scale and a shift: ``scale · p · turn + shift``.

    residual: the share of the spread of one that the other leaves unexplained, 0–1 (0: the two are one shape).
    """

    turn: Float64Array  # (D, D), orthogonal
    scale: float
    shift: Float64Array  # (D,)
    residual: float

    def apply(self, points: npt.ArrayLike) -> FloatArray:
        """Where points, (n, D) or (D,), come to lie."""
        return (self.scale * np.asarray(points, np.float64) @ self.turn + self.shift).astype(np.float32)

    def undo(self, points: npt.ArrayLike) -> FloatArray:
        """Where points that lie here, (n, D) or (D,), came from."""
        return ((np.asarray(points, np.float64) - self.shift) @ self.turn.T / self.scale).astype(np.float32)


def align(points: npt.ArrayLike, onto: npt.ArrayLike, *, resize: bool = True) -> Alignment:
    """Lay points, (N, D), onto others, row by row, as well as turning and mirroring can (Gower 1975, Procrustes).

    They are made as wide as the others: the scale of least squares would shrink what fits badly to a clump, and a map
    that is laid onto the one before it, again and again, to nothing.  Rows that hold what is no number in either are
    left out.  resize: whether they are; else all distances between them stay.  Where one of the two has no spread
    there is nothing to turn by: then the points are only shifted.
    """
    here, there = np.asarray(points, np.float64), np.asarray(onto, np.float64)
    known = np.isfinite(here).all(axis=1) & np.isfinite(there).all(axis=1)
    here, there = here[known], there[known]
    dimensions = here.shape[1]
    if not len(here):
        return Alignment(np.eye(dimensions), 1.0, np.zeros(dimensions), 0.0)
    centre, target = here.mean(axis=0), there.mean(axis=0)
    here, there = here - centre, there - target
    spread, wanted = float(np.linalg.norm(here)), float(np.linalg.norm(there))
    turn, scale, fit = np.eye(dimensions), 1.0, 0.0
    if spread > 1e-9 * (1 + np.abs(centre).max()) and wanted > 1e-9 * (1 + np.abs(target).max()):
        from scipy.linalg import orthogonal_procrustes  # noqa: PLC0415 - 0.4 s to import

        turn, fit = orthogonal_procrustes(here / spread, there / wanted)
        scale = wanted / spread if resize else 1.0
    residual = max(0.0, 1 - float(fit) ** 2) if wanted > 0 or spread > 0 else 0.0
    return Alignment(turn, scale, target - scale * centre @ turn, residual)


def shared_neighbours(zs: FloatArray, others: FloatArray, k: int = NEIGHBOURS) -> float:
    """How alike two models see N windows: the share of each one's k nearest in z that the two have in common.

    zs, others: (N, J) and (N, K), row i of both the same window.  Of very many, some are asked (``asked_of``).
    Chance gives ``by_chance``.  NaN if there are fewer than two windows.
    """
    known = np.isfinite(zs).all(axis=1) & np.isfinite(others).all(axis=1)
    zs, others = zs[known], others[known]
    if len(zs) < 2:
        return float("nan")
    asked = asked_of(len(zs))
    first, second = neighbours(zs, asked, k), neighbours(others, asked, k)
    return float((first[:, :, None] == second[:, None, :]).any(axis=2).mean())


def by_chance(windows: int, k: int = NEIGHBOURS) -> float:
    """The share of neighbours that two models would have in common if neither knew anything."""
    return min(1.0, k / (windows - 1)) if windows > 1 else float("nan")


def neighbours(zs: FloatArray, asked: IntArray, k: int) -> IntArray:
    """The k windows nearest in z to each of some windows, itself left out, in no order: (n, k), k at most N − 1.

    Every distance is taken: in twenty dimensions a tree would look at nearly all of them too, and slowly.
    """
    k = min(k, len(zs) - 1)
    centred = zs.astype(np.float64) - zs.mean(axis=0, dtype=np.float64)
    squares = (centred**2).sum(axis=1)
    found = np.empty((len(asked), k), np.int64)
    rows = max(1, _AT_ONCE // len(zs))
    for first in range(0, len(asked), rows):
        some = asked[first : first + rows]
        distances = squares - 2 * centred[some] @ centred.T  # less the square of the one that is asked
        distances[np.arange(len(some)), some] = np.inf
        found[first : first + rows] = np.argpartition(distances, max(k - 1, 0), axis=1)[:, :k]
    return found


def asked_of(count: int) -> IntArray:
    """Which of N windows to ask for their neighbours: all, or as many as there is time for, evenly spread."""
    return spread_over(count, min(MOST_ASKED, max(FEWEST_ASKED, MOST_PAIRS // max(count, 1))))


def spread_over(count: int, most: int) -> IntArray:
    """At most so many of the numbers 0 … count − 1, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
