"""What the decoder makes of a part of the map: density, register and originality of its rolls, coarse to fine.

Each node of a lattice is decoded as a click there would be, and measured by

- density and register, as of the songs' own windows (corpus/attributes.py);
- originality: 1 − F1 of the roll's cells with those of the nearest window of the songs, the one of the highest F1.
  0 is a window of theirs, cell for cell, and 1 shares no cell with any.  It knows the songs on the map, which need
  not be those that the model was trained on, and no transposition or shift in time.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cached_property
from math import ceil, floor, log2
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.corpus import attributes
from vrae_core.corpus.windows import Corpus
from vrae_core.latent.map import LatentMap
from vrae_core.model.trained import TrainedModel
from vrae_core.music.pieces import roll_from_probabilities
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

MEASURES = ("density", "register", "originality")
COLUMNS, ASPECT = 48, 4 / 3  # nodes across the part of the map, about, where it is so much wider than high
STRIDES = (4, 2, 1)  # the lattice is filled in three passes, each twice as fine: about 12 × 9, 24 × 18, 48 × 36
MOST_KNOWN = 60_000  # nodes that are kept
# A roll is compared with all windows if they are no more than these.  Of more of them with about 2,000: those between
# the neighbours of every thinned window that lies near in z.  Among 14,700 windows of the eight songs 96 of 100 rolls
# found the very nearest so, and originality was 0.001 to 0.004 too high on average; the 256 nearest in z found 93, and
# among a million windows of 20 dimensions looking for them takes a quarter of a second for each roll.
EXACT_UP_TO, THINNED_TO, CANDIDATES, FEWEST_NEAR = 8_192, 8_192, 2_048, 8
_BATCH = 64  # decoded at once: 80 ms of work, after which a job may be stopped
_PACKED_AT_ONCE = 1 << 16

Node = tuple[float, float]


class Area(NamedTuple):
    """A part of the map."""

    left: float
    bottom: float
    width: float
    height: float


class DecodedField(NamedTuple):
    """Measures over a part of the map: the value of each node in the middle of its cell."""

    values: FloatArray  # (rows upwards, columns, measures)
    area: Area  # of all cells

    def of(self, measure: str) -> FloatArray:
        """One of the measures: (rows upwards, columns)."""
        return self.values[..., MEASURES.index(measure)]


class FieldProgress(NamedTuple):
    """Progress of a field, with the finest that is whole so far."""

    done: float
    total: float
    text: str
    field: DecodedField | None


class NearestWindows:
    """The windows of a corpus, packed into bits, for rolls to be compared with."""

    def __init__(self, corpus: Corpus, mu: FloatArray) -> None:
        self.corpus, self._mu = corpus, mu

    def originality(self, rolls: BoolArray, zs: FloatArray) -> list[float]:
        """1 − F1 of each roll, (n, T, P), decoded from z (n, J), with the window that is most like it."""
        if len(self.corpus) <= EXACT_UP_TO:
            return [self._originality(roll, None) for roll in rolls]
        return [self._originality(roll, near) for roll, near in zip(rolls, self._candidates(zs), strict=True)]

    def _candidates(self, zs: FloatArray) -> list[IntArray]:
        """For each z the windows among which the one most like its roll is looked for."""
        windows = len(self.corpus)
        stride = -(-windows // THINNED_TO)
        thinned = self._mu[::stride]
        around = np.arange(-stride, stride + 1)
        near = min(max(FEWEST_NEAR, CANDIDATES // len(around)), len(thinned))
        squares = (thinned**2).sum(axis=1) - 2 * zs @ thinned.T
        nearest = np.argpartition(squares, near - 1, axis=1)[:, :near] * stride
        return [np.unique((each[:, None] + around).clip(0, windows - 1)) for each in nearest]

    def _originality(self, roll: BoolArray, candidates: IntArray | None) -> float:
        cells = int(roll.sum())
        chosen = slice(None) if candidates is None else candidates
        windows = self._all if candidates is None else self._gather(candidates)
        shared = np.bitwise_count(windows & _packed(roll)).sum(axis=(1, 2), dtype=np.int64)
        both = cells + self._cells[chosen]
        f1 = np.where(both > 0, 2 * shared / np.maximum(both, 1), 1.0)  # two silences are alike
        return float(1 - f1.max())

    @cached_property
    def _rows(self) -> npt.NDArray[np.uint64]:
        """(steps of all songs, words)"""
        roll = self.corpus.roll
        return np.concatenate([_packed(roll[i : i + _PACKED_AT_ONCE]) for i in range(0, len(roll), _PACKED_AT_ONCE)])

    @cached_property
    def _cells(self) -> IntArray:
        """(N,) how many cells of each window sound"""
        before = np.concatenate([[0], np.cumsum(self.corpus.roll.sum(axis=1, dtype=np.int64))])
        return np.asarray(before[self.corpus.offsets + self.corpus.window] - before[self.corpus.offsets])

    @cached_property
    def _all(self) -> npt.NDArray[np.uint64]:
        return self._gather(np.arange(len(self.corpus)))

    def _gather(self, windows: IntArray) -> npt.NDArray[np.uint64]:
        """(n, T, words)"""
        rows = self.corpus.offsets[windows][:, None] + np.arange(self.corpus.window)
        return np.asarray(self._rows[rows])


class FieldDecoder:
    """Decodes the lattice of a map, and keeps what it knows: after a pan only what is new is decoded.

    Nodes lie at multiples of a power of two, so that a finer lattice holds those of a coarser one.
    """

    def __init__(self, model: TrainedModel, latent_map: LatentMap, threshold: float, nearest: NearestWindows) -> None:
        self.threshold, self.map = threshold, latent_map
        self._model, self._nearest = model, nearest
        self._known: dict[Node, tuple[float, ...]] = {}  # only ever added to: two jobs at once do no harm

    def decoding(self, area: Area) -> Generator[FieldProgress, None, DecodedField]:
        """Fill the lattice over a part of the map, coarse to fine, or at once finely if half of it is known.

        Closing the generator stops it.
        """
        if len(self._known) > MOST_KNOWN:
            self._known = {}
        step = 2.0 ** round(log2(max(area.width, area.height * ASPECT) / COLUMNS))
        field = None
        columns = _multiples(area.left, area.left + area.width, step)
        rows = _multiples(area.bottom, area.bottom + area.height, step)
        total = len(columns) * len(rows)
        known = sum((x, y) in self._known for x in (columns * step).tolist() for y in (rows * step).tolist())
        for stride in STRIDES if known < total / 2 else STRIDES[-1:]:  # what is fine is not shown coarse again
            xs, ys = columns[::stride] * step, rows[::stride] * step
            nodes = [(x, y) for y in ys.tolist() for x in xs.tolist()]
            unknown = [node for node in nodes if node not in self._known]
            done = len(nodes) - len(unknown)
            for first in range(0, len(unknown), _BATCH):
                yield FieldProgress(done + first, total, f"{len(xs)} × {len(ys)}", field)
                self._decode(unknown[first : first + _BATCH])
            values = np.array([self._known[node] for node in nodes], np.float32)
            field = _field(values.reshape(len(ys), len(xs), len(MEASURES)), xs, ys, step * stride)
        assert field is not None
        return field

    def _decode(self, nodes: list[Node]) -> None:
        zs = np.stack([self.map.z_at(node) for node in nodes])
        rolls = roll_from_probabilities(self._model.decode(zs), self.threshold)
        originalities = self._nearest.originality(rolls, zs)
        density = attributes.density(rolls, self._model.pitches, self._nearest.corpus.durations.mean()).tolist()
        register = attributes.register(rolls, self._model.pitches).tolist()
        for node, *values in zip(nodes, density, register, originalities, strict=True):
            self._known[node] = tuple(values)


def _multiples(low: float, high: float, step: float) -> npt.NDArray[np.int64]:
    """Whole numbers whose multiples of ``step`` reach from ``low`` to ``high`` at least, ending on the coarsest."""
    coarse = STRIDES[0] * step
    return np.arange(floor(low / coarse) * STRIDES[0], ceil(high / coarse) * STRIDES[0] + 1)


def _field(values: FloatArray, xs: npt.NDArray[np.floating], ys: npt.NDArray[np.floating], cell: float) -> DecodedField:
    left, bottom = float(xs[0] - cell / 2), float(ys[0] - cell / 2)
    return DecodedField(values, Area(left, bottom, len(xs) * cell, len(ys) * cell))


def _packed(roll: BoolArray) -> npt.NDArray[np.uint64]:
    """Rows of cells (n, P) as bits: (n, words)."""
    words = -(-roll.shape[1] // 64)
    padded = np.pad(roll, ((0, 0), (0, 64 * words - roll.shape[1])))
    return np.ascontiguousarray(np.packbits(padded, axis=1)).view(np.uint64)
