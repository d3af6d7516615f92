"""The loops of `trained.py` made fast: the same equations, each step in places that are kept.

A logistic function is 1 / (1 + exp(−x)) and a tanh 2 / (1 + exp(−2x)) − 1, with −1 and −2 multiplied into the weights
beforehand: NumPy's exp takes half as long as its tanh, and the gates are divided by rather than multiplied with.
Each gate is one block of memory, and what is done to the gates is done a part at a time, which stays in the cache.
A test holds both loops to those of `trained.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np

from vrae_core.model.recipes import Cell
from vrae_core.piano_roll import BoolArray, FloatArray, IntArray

_CHUNK = 512  # windows that are read together
_PART = 1 << 15  # numbers of a gate: it and the others of its step stay in the cache
_ROWS = 8192  # of a roll whose products with the input weights are kept at once
_LOGISTIC, _TANH = np.float32(-1), np.float32(-2)  # what the argument of each is multiplied with before exp
_ONE, _TWO = np.ones((), np.float32), np.full((), 2, np.float32)  # arrays: a ufunc takes a Python number more slowly
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


def may_saturate() -> np.errstate:
    """A block in which exp may overflow, for 1 / (1 + ∞) is right."""
    return np.errstate(over="ignore")


class FastDecoder:
    """The decoder's loop, its features down and its z across."""

    def __init__(self, cell: Cell, weights: Mapping[str, FloatArray]) -> None:
        self._half = half = _half(cell, "decoder", weights)
        self._input = np.asfortranarray(half.input)
        shown = np.column_stack([-weights["output.weight"], -weights["output.bias"]])
        self._of_h = np.concatenate([np.pad(half.recurrent, ((0, 0), (0, 1))), shown])

    def decoding(
        self, state: FloatArray, always: FloatArray, heard: BoolArray | FloatArray | None, steps: int | None
    ) -> Generator[FloatArray, None, None]:
        """Probabilities (n, P) of one step after another; see `TrainedModel.decoding`.  In `may_saturate` only.

        state: (n, H), or (n, 2 H) for an LSTM's h and c; always: (n, G·H) or (G·H,) what drives the gates beside x.
        """
        half, n, size, driving = self._half, len(state), self._half.size, len(self._half.factors)
        h_and_one = np.ones((size + 1, n), np.float32)
        h = h_and_one[:size]
        h[:] = state.T[:size]
        c = np.ascontiguousarray(state.T[size:])
        gates, driven = (np.empty((driving, n), np.float32) for _ in range(2))
        driven[:] = np.atleast_2d(always).T * half.factors[:, None]
        of_h = np.empty((len(self._of_h), n), np.float32)
        pulled, shown = of_h[:driving], of_h[driving:]
        drives, pulls = (each.reshape(driving // size, size, n) for each in (gates, pulled))
        parts = [
            _STEPS[half.cell](drives[:, some], pulls[:, some], c[some], h[some])
            for some in _parts(size, max(1, _PART // max(n, 1)))
        ]
        fed = np.empty((len(shown), n), np.float32)
        for step in count() if steps is None else range(steps):
            if step:
                np.matmul(self._input, fed, out=gates)
                np.add(gates, driven, out=gates)
                for take_step in parts:
                    take_step()
            if step + 1 == steps:
                np.matmul(self._of_h[driving:], h_and_one, out=shown)
            else:  # one product gives what h shows now, and what it pulls at the next step
                np.matmul(self._of_h, h_and_one, out=of_h)
            _logistic(shown, fed)
            yield fed.T.copy()
            if heard is not None:
                fed[:] = heard[:, step].T


class FastEncoder:
    """The encoder's loop over windows of a roll, which does once what windows have in common.

    Rows that are alike drive the gates alike, and windows whose first steps are alike have the same state after them.
    """

    def __init__(self, cell: Cell, weights: Mapping[str, FloatArray], reversed_input: bool) -> None:
        self._half = half = _half(cell, "encoder", weights)
        self._bias = weights["encoder.bias"] * half.factors
        self._pull = half.recurrent.reshape(-1, half.size, half.size).swapaxes(1, 2).copy()  # a gate after another
        self._reversed = reversed_input

    def read(self, roll: BoolArray, offsets: IntArray, window: int) -> FloatArray:
        """The last h (n, H) of the windows of ``window`` steps that begin at rows ``offsets`` of a roll (steps, P)."""
        size = self._half.size
        read = np.zeros((len(offsets), size), np.float32)
        for block in _blocks(offsets, window) if window else ():
            at = offsets[block, None] + np.arange(window)
            used, row = np.unique(at, return_inverse=True)
            kinds, kind = _alike(roll[used])
            driven = roll[used[kinds]].astype(np.float32) @ self._half.input.T + self._bias
            by_gate = driven.reshape(len(driven), -1, size).swapaxes(0, 1).copy()
            rows = kind[row.reshape(at.shape)]
            rows = np.ascontiguousarray((rows[:, ::-1] if self._reversed else rows).T)
            for some, parted in _in_order(rows):
                read[block][some] = self._states(by_gate, rows[:, some], parted)
        return read

    def _states(self, driven: FloatArray, rows: IntArray, parted: IntArray) -> FloatArray:
        """The last h of windows in order, (n, H).

        driven: (G, rows, H); rows: (T, n) of that; parted: (n,) see `_in_order`.
        """
        half, size, n = self._half, self._half.size, len(parted)
        parted = parted.copy()
        parted[0] = 0
        at_once = max(1, _PART // size)
        pulled = np.empty((len(driven), n, size), np.float32)
        gates = np.empty((len(driven), at_once, size), np.float32)
        h, c, before = (np.zeros((n, size), np.float32) for _ in range(3))
        own = np.zeros(1, np.int64)  # the windows that stand for all that have been alike until now
        for step, of_windows in enumerate(rows):
            now = np.flatnonzero(parted <= step)
            if len(now) > len(own):
                parents = np.searchsorted(own, now, side="right") - 1
                h, before = _taken(h, parents, before)
                if half.cell == "lstm":
                    c, before = _taken(c, parents, before)
                own = now
            np.matmul(h[: len(now)], self._pull, out=pulled[:, : len(now)])
            with may_saturate():
                for some in _parts(len(now), at_once):
                    drive, pull = gates[:, : some.stop - some.start], pulled[:, some]
                    for gate, table in zip(drive, driven, strict=True):
                        np.take(table, of_windows[now[some]], axis=0, out=gate, mode="clip")
                    _STEPS[half.cell](drive, pull, c[some], h[some])()
        return h[np.searchsorted(own, np.arange(n), side="right") - 1]


def _parts(count: int, at_once: int) -> Iterator[slice]:
    return (slice(first, min(first + at_once, count)) for first in range(0, count, at_once))


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


# --- one step of each cell, in place, after the products: what `trained.next_state` says
# gates and pulled: (G, …) what drives the gates from outside, and by h.  The step that is given can be taken again and
# again, for which the arrays are taken apart once: where there is one z that costs as much as the arithmetic.


def _tanh_step(gates: FloatArray, pulled: FloatArray, _c: FloatArray, h: FloatArray) -> Callable[[], None]:
    def take_step() -> None:
        np.add(gates, pulled, out=gates)
        _tanh(gates[0], h)

    return take_step


def _gru_step(gates: FloatArray, pulled: FloatArray, _c: FloatArray, h: FloatArray) -> Callable[[], None]:
    shut, reset, update, candidate = gates[:2], *gates
    pull_shut, pull = pulled[:2], pulled[2]

    def take_step() -> None:
        np.add(shut, pull_shut, out=shut)
        _one_and_exp(shut)
        np.divide(pull, reset, out=pull)
        np.add(candidate, pull, out=candidate)
        _tanh(candidate, candidate)
        np.subtract(h, candidate, out=h)
        np.divide(h, update, out=h)
        np.add(h, candidate, out=h)

    return take_step


def _lstm_step(gates: FloatArray, pulled: FloatArray, c: FloatArray, h: FloatArray) -> Callable[[], None]:
    i, f, g, o = gates

    def take_step() -> None:
        np.add(gates, pulled, out=gates)
        for gate in (i, f, o):
            _one_and_exp(gate)
        _tanh(g, g)
        np.divide(g, i, out=g)
        np.divide(c, f, out=c)
        np.add(c, g, out=c)
        np.multiply(c, _TANH, out=h)
        _tanh(h, h)
        np.divide(h, o, out=h)

    return take_step


_STEPS = {"tanh": _tanh_step, "gru": _gru_step, "lstm": _lstm_step}


def _one_and_exp(x: FloatArray) -> None:
    np.exp(x, out=x)
    np.add(x, _ONE, out=x)


def _logistic(x: FloatArray, out: FloatArray) -> None:
    _one_and_exp(x)
    np.reciprocal(x, out=out)


def _tanh(x: FloatArray, out: FloatArray) -> None:
    _one_and_exp(x)
    np.divide(_TWO, x, out=out)
    np.subtract(out, _ONE, out=out)
