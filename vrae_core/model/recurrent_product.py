"""The matrix product inside the recurrent loop, which is nearly all the work of training."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def native_precision(device: str = "cpu") -> torch.dtype:
    """bfloat16 where the processor, or the graphics card, multiplies it natively, several times as fast as float32."""
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


class RecurrentProduct:
    """x · Wᵀ, used at every step of a loop: multiplies in ``precision``, adds up in float32.

    Autograd would work out W's gradient step by step, in as many small products, and add them up.
    Here each step only notes its factors, and `finish` makes one large product of them, which the
    processor does several times as fast.
    """

    def __init__(self, weight: Tensor, precision: torch.dtype) -> None:
        self.weight = weight
        self.factor = weight.detach().to(precision)  # (out, in)
        self.inputs: list[Tensor] = []
        self.gradients: list[Tensor] = []

    def __call__(self, x: Tensor) -> Tensor:
        """x: (n, in); returns (n, out)."""
        result: Tensor = _Product.apply(x, self)  # type: ignore[no-untyped-call]
        return result

    def finish(self) -> None:
        """After the backward pass: add to the weight's gradient what all steps contribute to it."""
        if self.gradients:
            gradient = (torch.cat(self.gradients).T @ torch.cat(self.inputs)).float()
            self.weight.grad = gradient if self.weight.grad is None else self.weight.grad + gradient


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, product: RecurrentProduct) -> Tensor:
        # detached: with its graph, x would lead from the product's notes back to the product, and nothing be freed
        ctx.product, ctx.x = product, x.detach().to(product.factor.dtype)
        return functional.linear(ctx.x, product.factor).float()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        product: RecurrentProduct = ctx.product
        gradient = gradients[0].to(product.factor.dtype)
        product.inputs.append(ctx.x)
        product.gradients.append(gradient)
        return (gradient @ product.factor).float(), None
