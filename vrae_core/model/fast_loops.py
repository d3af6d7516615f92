"""The loops of `vrae.py` made fast for training: the same equations, and their gradients written by hand.

Autograd would note hundreds of small steps and work out the gradients of the weights step by step. Here each step keeps
what its gradient needs, and the weights' gradients are one large product of all steps. A test holds values and
gradients to those of `vrae.py`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vrae_core.model.recipes import Cell

_sigmoid_back = torch.ops.aten.sigmoid_backward
_tanh_back = torch.ops.aten.tanh_backward


def native_precision(device: str = "cpu") -> torch.dtype:
    """bfloat16 where the processor, or the graphics card, multiplies it natively, several times as fast as float32."""
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


class FastLoops:
    """The loops of the encoder and the decoder.

    state: the first, (n, S); S is H, or 2 H for an LSTM's h and c.  precision: of the products; sums have the state's.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self._free: dict[tuple[Any, ...], list[Tensor]] = {}

    def states(self, driven: Tensor, state: Tensor, recurrent: Tensor, precision: torch.dtype) -> Tensor:
        """The first state and those after each step, (1 + T, n, S); driven: (T, n, G·H); recurrent: (G·H, H)."""
        found: Tensor = _States.apply(self, driven, state, recurrent, precision)  # type: ignore[no-untyped-call]
        return found

    def decode(
        self,
        state: Tensor,
        always: Tensor,
        weights: tuple[Tensor, Tensor, Tensor, Tensor],
        steps: int,
        told: tuple[Tensor, float | Tensor] | None,
        precision: torch.dtype,
    ) -> Tensor:
        """Logits (T, n, P) of so many steps, each fed the probabilities of the one before.

        always: (n, G·H).  weights: recurrent (G·H, H), input (G·H, P), output (P, H) and its bias (P,).
        told: windows (T, n, P), and the share of them that is mixed into what is fed back.
        """
        found: Tensor = _Decode.apply(self, state, always, *weights, steps, told, precision)  # type: ignore[no-untyped-call]
        return found

    def take(self, like: Tensor, *shape: int) -> Tensor:
        """Memory with whatever is in it.  The next update takes the same: new memory costs a processor time."""
        free = self._free.get((shape, like.dtype, like.device))
        return free.pop() if free else like.new_empty(shape)

    def give(self, *tensors: Tensor) -> None:
        """Give back what was taken and is not read any more."""
        for tensor in tensors:
            self._free.setdefault((tuple(tensor.shape), tensor.dtype, tensor.device), []).append(tensor)


class _States(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, loops: FastLoops, driven: Tensor, state: Tensor, recurrent: Tensor, precision: torch.dtype
    ) -> Tensor:
        ctx.loop = loop = _Loop(loops, len(driven), state, recurrent.to(precision))
        for t, step in enumerate(driven.unbind()):
            loop.step(t, step)
        return loop.states.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        loop = _taken(ctx)
        *of_states, last = gradients[0].unbind()
        state = last.clone(memory_format=torch.contiguous_format)
        for t, of_state in reversed(list(enumerate(of_states))):
            loop.back(t, state)
            state += of_state
        driven, recurrent = loop.driven.clone(), loop.recurrent_gradient()
        loop.end()
        return None, driven, state, recurrent, None


class _Decode(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        loops: FastLoops,
        state: Tensor,
        always: Tensor,
        recurrent: Tensor,
        fed_back: Tensor,
        shown: Tensor,
        bias: Tensor,
        steps: int,
        told: tuple[Tensor, float | Tensor] | None,
        precision: torch.dtype,
    ) -> Tensor:
        loop = _Loop(loops, steps - 1, state, recurrent.to(precision))
        fed_back, shown = fed_back.to(precision), shown.to(precision)
        logits = bias.new_empty(steps, len(state), len(bias))
        heard = torch.empty_like(logits)
        for t, (row, fed) in enumerate(zip(logits.unbind(), heard.unbind(), strict=True)):
            torch.add(_times(loop.h[t], shown.T), bias, out=row)
            if t < loop.steps:
                torch.sigmoid(row, out=fed)
                if told:
                    fed.lerp_(told[0][t], told[1])
                loop.step(t, _times(fed, fed_back.T).add_(always))
        ctx.loop, ctx.heard, ctx.weights, ctx.free = loop, heard, (fed_back, shown), 1 - told[1] if told else None
        ctx.save_for_backward(logits)
        return logits

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        loop = _taken(ctx)
        fed_back, shown = ctx.weights
        probabilities = ctx.heard if ctx.free is None else ctx.saved_tensors[0].sigmoid()
        logits = gradients[0].clone(memory_format=torch.contiguous_format)
        state = torch.zeros_like(loop.states[0])
        h = state[:, : loop.size]
        always = state.new_zeros(len(state), len(fed_back))
        rows = zip(logits.unbind(), probabilities.unbind(), strict=True)
        for t, (row, probability) in reversed(list(enumerate(rows))):
            if t < loop.steps:
                loop.back(t, state)
                driven = loop.driven[t]
                always += driven
                fed = _sigmoid_back(_times(driven, fed_back), probability)
                row.add_(fed if ctx.free is None else fed * ctx.free)
            _add_times(h, row, shown)
        of_fed_back = _of_weights(loop.driven, ctx.heard, fed_back.dtype)
        of_shown = _of_weights(logits, loop.states[..., : loop.size], shown.dtype)
        recurrent, of_bias = loop.recurrent_gradient(), logits.sum(dim=(0, 1))
        loop.end()
        return None, state, always, recurrent, of_fed_back, of_shown, of_bias, None, None, None


def _taken(ctx: Any) -> _Loop:
    """The loop that was gone through; but once, for going back writes over what it kept."""
    if ctx.loop is None:
        raise RuntimeError("these steps have been gone back through already")
    loop, ctx.loop = ctx.loop, None
    return loop  # type: ignore[no-any-return]


class _Loop:
    """So many steps of a cell, and what they keep; once `back` has been there, their gradients in its place."""

    def __init__(self, loops: FastLoops, steps: int, state: Tensor, recurrent: Tensor) -> None:
        self._loops, self._cell = loops, _CELLS[loops.cell]
        n, gates, self.size = len(state), *recurrent.shape
        self.steps = steps
        self.states = loops.take(state, steps + 1, n, state.shape[1])
        self.states[0] = state
        self.h = self.states[..., : self.size].unbind()  # before each step and after the last, (n, H)
        self._kept = loops.take(state, steps, n, self._cell.kept * self.size)
        self._each = list(zip(self.states[:-1].unbind(), self.states[1:].unbind(), self._kept.unbind(), strict=True))
        # of a GRU: what the candidate pulls, r, u, the candidate, so that those pulled and those driven are neighbours
        self._shift = self.size if loops.cell == "gru" else 0
        self._pull, self._pull_back = recurrent.T, recurrent.roll(self._shift, 0)
        self._pulled = self._kept[..., :gates]
        self.driven = self._kept[..., self._shift : self._shift + gates]  # once `back` was there, (T, n, G·H)

    def step(self, t: int, driven: Tensor) -> None:
        """Go on from state t; driven: (n, G·H), what reaches the gates from outside."""
        self._cell.step(_times(self.h[t], self._pull), driven, *self._each[t])

    def back(self, t: int, state: Tensor) -> None:
        """Make of the gradient of the state after step t that of the state before it."""
        self._cell.back(state, *self._each[t])
        _add_times(state[:, : self.size], self._pulled[t], self._pull_back)

    def recurrent_gradient(self) -> Tensor:
        """The gradient of the recurrent weights, (G·H, H)."""
        return _of_weights(self._pulled, self.states[..., : self.size], self._pull.dtype).roll(-self._shift, 0)

    def end(self) -> None:
        """Give the memory back."""
        self._loops.give(self.states, self._kept)


# --- one step of each cell, as `vrae.next_state` says, and back: the gradient of the state after it becomes that of the
# state before, what reaches that by the products left out, and what was kept becomes the gradients of the gates


class _Tanh:
    kept = 1

    @staticmethod
    def step(pulled: Tensor, driven: Tensor, before: Tensor, after: Tensor, kept: Tensor) -> None:
        _tanh(torch.add(pulled, driven, out=after))

    @staticmethod
    def back(state: Tensor, before: Tensor, after: Tensor, kept: Tensor) -> None:
        _tanh_back(state, after, grad_input=kept)
        state.zero_()


class _Gru:
    kept = 4

    @staticmethod
    def step(pulled: Tensor, driven: Tensor, before: Tensor, after: Tensor, kept: Tensor) -> None:
        size = before.shape[1]
        pull, gates, candidate = torch.split(kept, [size, 2 * size, size], dim=1)
        torch.add(pulled[:, : 2 * size], driven[:, : 2 * size], out=gates).sigmoid_()
        pull.copy_(pulled[:, 2 * size :])
        _tanh(torch.addcmul(driven[:, 2 * size :], gates[:, :size], pull, out=candidate))
        torch.lerp(candidate, before, gates[:, size:], out=after)

    @staticmethod
    def back(state: Tensor, before: Tensor, after: Tensor, kept: Tensor) -> None:
        pull, reset, update, candidate = kept.chunk(4, dim=1)
        of_update = (before - candidate).mul_(state)
        carried = state * update
        _tanh_back(state.sub_(carried), candidate, grad_input=candidate)
        _sigmoid_back(of_update, update, grad_input=update)
        of_reset = candidate * pull
        torch.mul(candidate, reset, out=pull)
        _sigmoid_back(of_reset, reset, grad_input=reset)
        state.copy_(carried)


class _Lstm:
    kept = 5

    @staticmethod
    def step(pulled: Tensor, driven: Tensor, before: Tensor, after: Tensor, kept: Tensor) -> None:
        size = before.shape[1] // 2
        gates, bent = torch.split(kept, [4 * size, size], dim=1)
        torch.add(pulled, driven, out=gates)
        i, f, g, o = gates.chunk(4, dim=1)
        for gate in (i, f, o):
            gate.sigmoid_()
        h, c = after.chunk(2, dim=1)
        torch.mul(f, before[:, size:], out=c).addcmul_(i, _tanh(g))
        torch.mul(o, _tanh(bent.copy_(c)), out=h)

    @staticmethod
    def back(state: Tensor, before: Tensor, after: Tensor, kept: Tensor) -> None:
        i, f, g, o, bent = kept.chunk(5, dim=1)
        h, c = state.chunk(2, dim=1)
        c += _tanh_back(h * o, bent)
        _sigmoid_back(h * bent, o, grad_input=o)
        of_i, of_f, of_g = c * g, c * before.chunk(2, dim=1)[1], c * i
        c *= f
        h.zero_()
        for gradient, gate in ((of_i, i), (of_f, f)):
            _sigmoid_back(gradient, gate, grad_input=gate)
        _tanh_back(of_g, g, grad_input=g)


_CELLS: dict[Cell, type[_Tanh] | type[_Gru] | type[_Lstm]] = {"tanh": _Tanh, "gru": _Gru, "lstm": _Lstm}


def _tanh(x: Tensor) -> Tensor:
    """tanh in place, by way of the logistic function, which takes a third of the time."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)


def _times(x: Tensor, weights: Tensor) -> Tensor:
    return torch.mm(x.to(weights.dtype), weights).to(x.dtype)


def _add_times(to: Tensor, x: Tensor, weights: Tensor) -> None:
    if to.dtype == weights.dtype:
        to.addmm_(x, weights)
    else:
        to += torch.mm(x.to(weights.dtype), weights)


def _of_weights(gradients: Tensor, inputs: Tensor, precision: torch.dtype) -> Tensor:
    """The gradient (out, in) of weights that have multiplied inputs (T, n, in), or their beginning."""
    inputs = inputs[: len(gradients)]
    left, right = (each.reshape(-1, each.shape[-1]).to(precision) for each in (gradients, inputs))
    return torch.mm(left.T, right).to(gradients.dtype)
