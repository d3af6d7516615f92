"""The loops of `trained.py` made fast: the same equations, each step in places that are kept.

A logistic function is 1 / (1 + exp(−x)) and a tanh 2 / (1 + exp(−2x)) − 1, with −1 and −2 multiplied into the weights
beforehand: NumPy's exp takes half as long as its tanh, and the gates are divided by rather than multiplied with.
A test holds both loops to those of `trained.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from vrae_core.model.recipes import Cell
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

_CHUNK = 256  # windows that are read together: their states stay in the cache
_ROWS = 8192  # of a roll whose products with the input weights are kept at once
_LOGISTIC, _TANH = np.float32(-1), np.float32(-2)  # what the argument of each is multiplied with before exp
_GATES = {"tanh": (_TANH,), "gru": (_LOGISTIC, _LOGISTIC, _TANH), "lstm": (_LOGISTIC, _LOGISTIC, _TANH, _LOGISTIC)}


class _Half(NamedTuple):
    """The weights of the encoder or the decoder, multiplied with what goes before exp."""

    cell: Cell
    size: int  # H
    factors: FloatArray  # (G·H,)
    recurrent: FloatArray  # (G·H, H)
    input: FloatArray  # (G·H, P)


def _half(cell: Cell, name: str, weights: Mapping[str, FloatArray]) -> _Half:
    recurrent = weights[f"{name}.recurrent"]
    size = recurrent.shape[1]
    factors = np.repeat(np.array(_GATES[cell], np.float32), size)
    scaled = (weights[f"{name}.{part}"] * factors[:, None] for part in ("recurrent", "input"))
    return _Half(cell, size, factors, *scaled)


class FastDecoder:
    """The decoder's loop, its features down and its z across, so that each gate is one block of memory."""

    def __init__(self, cell: Cell, weights: Mapping[str, FloatArray]) -> None:
        self._half = half = _half(cell, "decoder", weights)
        # as a product is fastest for one z and for many: the larger dimension is contiguous
        self._shown = np.asfortranarray(-weights["output.weight"])
        self._shown_bias = -weights["output.bias"][:, None]
        own = 2 * half.size if cell == "gru" else len(half.recurrent)  # of a GRU's candidate r scales one product alone
        self._both = np.asfortranarray(np.concatenate([half.input[:own], half.recurrent[:own]], axis=1))
        self._pull = np.asfortranarray(half.recurrent[own:])
        self._heard = np.asfortranarray(half.input[own:])

    def decoding(
        self, state: FloatArray, always: FloatArray, heard: BoolArray | FloatArray | None
    ) -> Generator[FloatArray, None, None]:
        """Probabilities (n, P) of one step after another, without end; see `TrainedModel.decoding`.

        state: (n, H), or (n, 2 H) for an LSTM's h and c; always: (n, G·H) or (G·H,) what drives the gates beside x.
        """
        half, size, pitches = self._half, self._half.size, len(self._shown)
        driven = np.ascontiguousarray(np.atleast_2d(always).T * half.factors[:, None])
        x = np.empty((pitches + size, len(state)), np.float32)  # what is fed back, and h
        fed, h = x[:pitches], x[pitches:]
        h[:] = state.T[:size]
        c = np.ascontiguousarray(state.T[size:])
        gates = np.empty((len(self._both), len(state)), np.float32)
        candidate, other = (np.empty((size, len(state)), np.float32) for _ in range(2))
        step = 0
        while True:
            with np.errstate(over="ignore"):  # 1 / (1 + inf) is right
                if step:
                    np.matmul(self._both, x, out=gates)
                    gates += driven[: len(gates)]
                    if half.cell == "gru":
                        np.matmul(self._pull, h, out=candidate)
                        np.matmul(self._heard, fed, out=other)
                        other += driven[len(gates) :]
                        _gru(gates[:size], gates[size:], candidate, other, h)
                    elif half.cell == "lstm":
                        _lstm(gates.reshape(4, size, -1), c, h)
                    else:
                        _tanh(gates, h)
                np.matmul(self._shown, h, out=fed)
                fed += self._shown_bias
                _logistic(fed)
            yield fed.T.copy()
            if heard is not None:
                fed[:] = heard[:, step].T
            step += 1


class FastEncoder:
    """The encoder's loop over windows of a roll, which does once what windows have in common.

    Rows that are alike drive the gates alike, and windows whose first steps are alike have the same state after them.
    """

    def __init__(self, cell: Cell, weights: Mapping[str, FloatArray], reversed_input: bool) -> None:
        self._half = _half(cell, "encoder", weights)
        self._bias = weights["encoder.bias"] * self._half.factors
        self._pull = np.ascontiguousarray(self._half.recurrent.T)
        self._reversed = reversed_input

    def read(self, roll: BoolArray, offsets: IntArray, window: int) -> FloatArray:
        """The last h (n, H) of the windows of ``window`` steps that begin at rows ``offsets`` of a roll (steps, P)."""
        read = np.zeros((len(offsets), self._half.size), np.float32)
        for block in _blocks(offsets, window) if window else ():
            at = offsets[block, None] + np.arange(window)
            used, row = np.unique(at, return_inverse=True)
            kinds, kind = _alike(roll[used])
            driven = roll[used[kinds]].astype(np.float32) @ self._half.input.T + self._bias
            rows = kind[row.reshape(at.shape)]
            rows = np.ascontiguousarray((rows[:, ::-1] if self._reversed else rows).T)
            for some, parted in _in_order(rows):
                read[block][some] = self._states(driven, rows[:, some], parted)
        return read

    def _states(self, driven: FloatArray, rows: IntArray, parted: IntArray) -> FloatArray:
        """The last h of windows in order, (n, H); rows: (T, n) of ``driven``; parted: (n,) see `_in_order`."""
        half, size, n = self._half, self._half.size, len(parted)
        parted = parted.copy()
        parted[0] = 0
        gates, pulled = (np.empty((n, len(self._pull.T)), np.float32) for _ in range(2))
        h, c, before = (np.zeros((n, size), np.float32) for _ in range(3))
        own = np.zeros(1, np.int64)  # the windows that stand for all that have been alike until now
        for step, of_windows in enumerate(rows):
            now = np.flatnonzero(parted <= step)
            some = len(now)
            if some > len(own):
                parents = np.searchsorted(own, now, side="right") - 1
                h, before = _taken(h, parents, before)
                if half.cell == "lstm":
                    c, before = _taken(c, parents, before)
                own = now
            drive = gates[:some]
            np.take(driven, of_windows[now], axis=0, out=drive, mode="clip")
            pull = pulled[:some]
            np.matmul(h[:some], self._pull, out=pull)
            with np.errstate(over="ignore"):
                if half.cell == "gru":
                    drive[:, : 2 * size] += pull[:, : 2 * size]
                    reset, update, candidate = (drive[:, i * size : (i + 1) * size] for i in range(3))
                    _gru(reset, update, pull[:, 2 * size :], candidate, h[:some])
                elif half.cell == "lstm":
                    drive += pull
                    _lstm([drive[:, i * size : (i + 1) * size] for i in range(4)], c[:some], h[:some])
                else:
                    drive += pull
                    _tanh(drive, h[:some])
        return h[np.searchsorted(own, np.arange(n), side="right") - 1]


def _taken(states: FloatArray, rows: IntArray, place: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The states of some rows, in another place, which changes with that of the states."""
    np.take(states, rows, axis=0, out=place[: len(rows)], mode="clip")
    return place, states


def _blocks(offsets: IntArray, window: int) -> Iterator[slice]:
    """The windows in parts that lie on few rows of the roll, or are one window."""
    new = np.minimum(np.abs(np.diff(offsets, prepend=offsets[:1] - window)), window)
    part = np.cumsum(new) // _ROWS
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(offsets)]
    return (slice(first, end) for first, end in pairwise(edges) if end > first)


def _alike(rows: BoolArray) -> tuple[IntArray, IntArray]:
    """One row of each kind that there is, and the kind of every row."""
    packed = np.packbits(rows, axis=1)
    packed = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    kinds, kind = np.zeros(1, np.int64), np.zeros(len(rows), np.int64)
    for word in packed.view(np.int64).T:
        words, of_row = np.unique(word, return_inverse=True)
        _, kinds, kind = np.unique(kind * len(words) + of_row, return_index=True, return_inverse=True)
    return kinds, kind


def _in_order(rows: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Windows a chunk at a time, in an order in which those that begin alike are neighbours.

    rows: (T, n).  Gives indices of windows, and the step at which each parts from the one before it; T: it never does.
    """
    order = np.lexsort(rows[::-1])
    ordered = rows[:, order]
    differ = ordered[:, 1:] != ordered[:, :-1]
    parted = np.concatenate([[0], np.where(differ.any(axis=0), differ.argmax(axis=0), len(rows))])
    heads = np.flatnonzero(parted < len(rows))  # those unlike any other
    for first in range(0, len(heads), _CHUNK):
        end = heads[first + _CHUNK] if first + _CHUNK < len(heads) else len(order)
        yield order[heads[first] : end], parted[heads[first] : end]


# --- one step of each cell, in place: what `trained.next_state` says, after the products


def _logistic(x: FloatArray) -> None:
    np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def _tanh(x: FloatArray, out: FloatArray) -> None:
    np.exp(x, out=x)
    x += 1
    np.divide(2, x, out=out)
    out -= 1


def _gru(reset: FloatArray, update: FloatArray, pulled: FloatArray, driven: FloatArray, h: FloatArray) -> None:
    for gate in (reset, update):
        np.exp(gate, out=gate)
        np.add(gate, 1, out=gate)
    pulled /= reset
    driven += pulled
    _tanh(driven, driven)
    h -= driven
    h /= update
    h += driven


def _lstm(gates: Iterable[FloatArray], c: FloatArray, h: FloatArray) -> None:
    i, f, g, o = gates
    for gate in (i, f, o):
        np.exp(gate, out=gate)
        np.add(gate, 1, out=gate)
    _tanh(g, g)
    g /= i
    c /= f
    c += g
    np.multiply(c, _TANH, out=h)
    _tanh(h, h)
    h /= o
