"""How the points of a t-SNE map push each other apart: each pair, or by way of a grid whose nodes do, by FFT.

The grid is that of Linderman et al. 2019, "Fast interpolation-based t-SNE", as openTSNE has it, with three quarters of
its transforms, in single precision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vrae_core.piano_roll import IntArray

_NODES = 3  # of a box, in each direction
_FEWEST_BOXES, _MOST_BOXES = 50, 500  # in each direction
_SIDE = 0.85  # of a box, where there may be so many: with 1 a map of 12,287 windows has a KL of 1.594, not 1.572
_PAIRED_AT_ONCE = 64  # points, with all others: they stay in the cache
_WIDEST = 300  # a map's half width up to which float32 tells how far apart its points are
_Floats = npt.NDArray[np.float64]


def repulsion_of_all_pairs(y: _Floats) -> tuple[float, _Floats]:
    """Σ q_ij and −Σ_j q_ij² (y_i − y_j) / Σ q of points (N, 2), where q_ij = 1 / (1 + |y_i − y_j|²).

    As q = q² (1 + |y_i − y_j|²), what Σ q is follows from the sums of q² that are needed in any case.
    """
    near = y - y.mean(axis=0)
    if np.abs(near).max() < _WIDEST:
        near = near.astype(np.float32)
    one, square = np.ones((len(y), 1), near.dtype), (near**2).sum(axis=1, keepdims=True)
    left, right = np.hstack([-2 * near, one, 1 + square]), np.hstack([near, square, one]).T.copy()
    summed = np.hstack([near, one]).T.copy()
    pulls = np.zeros_like(summed)  # of each point Σ q² y and Σ q²
    place = np.empty(_PAIRED_AT_ONCE * len(y), near.dtype)
    for first in range(0, len(y), _PAIRED_AT_ONCE):  # some with themselves and with all that come after them
        some, after = slice(first, first + _PAIRED_AT_ONCE), slice(first + _PAIRED_AT_ONCE, None)
        rows = left[some]
        q = place[: len(rows) * (len(y) - first)].reshape(len(rows), -1)
        np.matmul(rows, right[:, first:], out=q)
        np.square(q, out=q)
        np.divide(1, q, out=q)
        np.fill_diagonal(q[:, : len(q)], 0)  # none is its own neighbour
        for pulled, of in zip(pulls, summed, strict=True):  # three vectors: a matrix of three columns takes longer
            pulled[some] += q @ of[first:]
            pulled[after] += of[some] @ q[:, _PAIRED_AT_ONCE:]
    pushed = near.T.astype(np.float64) * pulls[2] - pulls[:2]
    total = max(float(pulls[2].sum(dtype=np.float64) + 2 * np.vdot(near.T, pushed)), 1e-30)
    return total, np.ascontiguousarray(-pushed.T / total)


def repulsion_by_grid(y: _Floats) -> tuple[float, _Floats]:
    """The same, nearly: every point's push is that of the nodes around it, as the polynomials through them have it."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - takes long to load

    near = y - (y.min(axis=0) + y.max(axis=0)) / 2
    width = max(float(np.ptp(y, axis=0).max()), 1e-12)
    boxes = int(np.clip(np.ceil(width / _SIDE), _FEWEST_BOXES, _MOST_BOXES))
    side, across = width / boxes, boxes * _NODES
    places, weights = _around((near + width / 2) / side, boxes)
    rows = np.arange(0, places.size + 1, _NODES**2)
    spread = csr_matrix((weights.reshape(-1), places.reshape(-1), rows), shape=(len(y), across**2))
    charges = np.hstack([near, np.ones((len(y), 1))]).astype(np.float32)
    on_nodes = (spread.T @ charges).T.reshape(3, across, across)
    pushes = np.stack([spread @ each.reshape(-1) for each in _pushed(on_nodes, side / _NODES)], dtype=np.float64)
    pushed = near.T * pushes[2] - pushes[:2]
    total = max(float(pushes[2].sum() + 2 * np.vdot(near.T, pushed)) - len(y), 1e-30)  # without each one's own q, 1
    return total, np.ascontiguousarray(-pushed.T / total)


def _around(places: _Floats, boxes: int) -> tuple[IntArray, npt.NDArray[np.float32]]:
    """The nodes of the box that each point lies in, and their weights for it: (N, 9) each; places: in boxes."""
    box = np.minimum(places.astype(np.int64), boxes - 1)
    within = places - box
    nodes = (np.arange(_NODES) + 0.5) / _NODES
    each = [
        np.prod(
            [(within - nodes[other]) / (nodes[node] - nodes[other]) for other in range(_NODES) if other != node], axis=0
        )
        for node in range(_NODES)
    ]
    first, second = np.stack(each, axis=2).transpose(1, 0, 2)
    weights = first[:, :, None] * second[:, None, :]
    at = box[:, :, None] * _NODES + np.arange(_NODES)
    numbers = at[:, 0, :, None] * (boxes * _NODES) + at[:, 1, None, :]
    return numbers.reshape(len(places), -1), weights.reshape(len(places), -1).astype(np.float32)


def _pushed(charges: npt.NDArray[np.float32], apart: float) -> list[npt.NDArray[np.float32]]:
    """Σ q² of every node with the charges, (n, nodes, nodes), of all nodes, which lie so far apart."""
    from scipy import fft  # noqa: PLC0415

    across = charges.shape[1]
    size = fft.next_fast_len(2 * across - 1, real=True)  # so that no push comes round from the other side
    away = np.minimum(np.arange(size), size - np.arange(size)).astype(np.float32) * np.float32(apart)
    squares = 1 + away[:, None] ** 2 + away**2
    kernel = fft.rfft2(1 / squares**2).real  # of what is the same both ways
    pushed = []
    for each in charges:  # the rows that are only there to be empty, or are not asked for, are not transformed
        waves = fft.fft(fft.rfft(each, size), size, axis=0, overwrite_x=True)
        waves *= kernel
        rows = fft.ifft(waves, axis=0, overwrite_x=True)[:across]
        pushed.append(fft.irfft(rows, size, overwrite_x=True)[:, :across])
    return pushed
