"""Muon, the optimiser of the recurrent matrices, in the precision that the processor multiplies fast.

Momentum whose update is made orthogonal by a few Newton–Schulz iterations (Jordan et al. 2024,
https://kellerjordan.github.io/posts/muon/).  ``torch.optim.Muon`` always iterates in bfloat16, which a processor
without it emulates: there an update took three seconds, not a quarter of one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from vrae_core.model.fast_loops import native_precision

_A, _B, _C = 3.4445, -4.7750, 2.0315  # the quintic that is steepest at zero
_ITERATIONS = 5
_SMALLEST = 1e-7


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, with decoupled weight decay; the names of its state are torch's."""

    def __init__(
        self, matrices: Iterable[Tensor], lr: float, weight_decay: float = 0.1, momentum: float = 0.95
    ) -> None:
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Change the matrices by their gradients."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is not None:
                    state = self.state[matrix]
                    held = state.setdefault("momentum_buffer", torch.zeros_like(matrix.grad))
                    held.lerp_(matrix.grad, 1 - group["momentum"])
                    update = orthogonal(matrix.grad.lerp(held, group["momentum"]))
                    matrix.mul_(1 - group["lr"] * group["weight_decay"])
                    tall = math.sqrt(max(1.0, matrix.shape[0] / matrix.shape[1]))
                    matrix.add_(update.to(matrix.dtype), alpha=-group["lr"] * tall)


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest matrix whose singular values are all about 1 (0.7 to 1.2): (n, m).

    Every iteration multiplies the matrix with a polynomial in its Gram matrix, which changes the singular values alone.
    Where a processor iterates in float32, it does so on those: it takes the Gram matrix apart, in a third of the
    time that the iterations need.
    """
    x = matrix / matrix.norm().clamp(min=_SMALLEST)
    tall = x.shape[0] > x.shape[1]
    precision = native_precision(matrix.device.type)
    if precision is torch.float32 and x.device.type == "cpu" and x.isfinite().all():
        factor = _factor(x.T @ x if tall else x @ x.T)
        return torch.mm(x, factor) if tall else torch.mm(factor, x)
    return _iterated(x.T.to(precision)).T if tall else _iterated(x.to(precision))


def _factor(gram: Tensor) -> Tensor:
    """What all iterations together multiply a wide matrix with, of which this is the Gram matrix."""
    squares, vectors = torch.linalg.eigh(gram)
    squares = squares.double().clamp(min=0)  # of the singular values
    factors = torch.ones_like(squares)
    for _ in range(_ITERATIONS):
        each = _A + squares * (_B + squares * _C)
        factors *= each
        squares *= each**2
    return torch.mm(vectors * factors.to(gram.dtype), vectors.T)


def _iterated(x: Tensor) -> Tensor:
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=_B, alpha=_C), x, beta=_A)
    return x
