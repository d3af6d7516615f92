"""The Variational Recurrent Auto-Encoder in torch, for training (Fabius & van Amersfoort 2014, section 2).

`trained_model.py` states the same equations in NumPy, for playing; a test holds the two together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vrae_core.model_file import weight_shapes
from vrae_core.piano_roll import FloatArray
from vrae_core.recipes import ModelConfig
from vrae_core.recurrent_product import RecurrentProduct, native_precision

FIRST_LOG_SIGMA = -2.0  # posteriors begin narrow, so that z says something before the KL term has silenced it


class Bound(NamedTuple):
    """The lower bound's two terms, one row a window, in nats: log-likelihood (n,) and KL divergence (n, J)."""

    reconstruction: Tensor
    kl: Tensor


class VRAE:
    """Encoder and decoder over one dictionary of weights, named and shaped as in the model file."""

    def __init__(self, config: ModelConfig, weights: dict[str, Tensor], precision: torch.dtype = torch.float32) -> None:
        self.config = config
        self.weights = weights
        self.precision = precision  # of the products inside the loop
        self._products: list[RecurrentProduct] = []  # those whose gradients `backward` must finish

    @classmethod
    def new(cls, config: ModelConfig, pitch_share: FloatArray, seed: int = 0) -> VRAE:
        """An untrained model.

        pitch_share: (P,) how often each pitch sounds; the output bias begins at its log-odds.
        Recurrent matrices begin orthogonal, the others normal with variance 1 / fan-in.
        """
        source = torch.Generator().manual_seed(seed)
        weights = {
            name: _first_weight(name, shape, source) for name, shape in weight_shapes(config, len(pitch_share)).items()
        }
        share = torch.as_tensor(np.clip(pitch_share, 1e-4, 1 - 1e-4), dtype=torch.float32)
        weights["output.bias"] = torch.logit(share)
        weights["log_sigma.bias"] += FIRST_LOG_SIGMA
        for half, units in (("encoder", config.encoder_hidden), ("decoder", config.hidden)):
            if config.cell != "tanh":  # the GRU's update gate and the LSTM's forget gate begin on "keep"
                weights[f"{half}.bias"][units : 2 * units] = 1.0
        return cls(config, {name: weight.requires_grad_() for name, weight in weights.items()}, native_precision())

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """μ and log σ, each (n, J), of windows x (n, T, P)."""
        w, size = self.weights, self.config.encoder_hidden
        x = x.transpose(0, 1)  # (time, batch, pitch)
        if self.config.reversed_input:
            x = x.flip(0)
        driven = functional.linear(x, w["encoder.input"], w["encoder.bias"])
        pull = self._product("encoder.recurrent")
        state = x.new_zeros(x.shape[1], size * (2 if self.config.cell == "lstm" else 1))
        for step in driven:
            state = self._next_state(step, state[:, :size], state[:, size:], pull)
        h = state[:, :size]
        mu = functional.linear(h, w["mean.weight"], w["mean.bias"])
        return mu, functional.linear(h, w["log_sigma.weight"], w["log_sigma.bias"])

    def decode(self, z: Tensor, steps: int) -> Tensor:
        """Logits (n, steps, P) of z (n, J), each step fed the probabilities of the one before."""
        w, config = self.weights, self.config
        if config.context:
            for layer in ("context.1", "context.2"):
                z = functional.silu(functional.linear(z, w[f"{layer}.weight"], w[f"{layer}.bias"]))
        state = torch.tanh(functional.linear(z, w["start.weight"], w["start.bias"]))
        always = w["decoder.bias"]
        if config.z_every_step:
            always = always + functional.linear(z, w["decoder.latent"])
        pull, feed_back, show = (self._product(f) for f in ("decoder.recurrent", "decoder.input", "output.weight"))
        if config.silent_start:
            state = self._next_state(always, state[:, : config.hidden], state[:, config.hidden :], pull)
        logits: list[Tensor] = []
        while len(logits) < steps:
            if logits:
                driven = always + feed_back(torch.sigmoid(logits[-1]))
                state = self._next_state(driven, state[:, : config.hidden], state[:, config.hidden :], pull)
            logits.append(show(state[:, : config.hidden]) + w["output.bias"])
        return torch.stack(logits, dim=1)

    def bound(self, x: Tensor, noise: Tensor) -> Bound:
        """The terms of the lower bound for windows x (n, T, P) with one sample of z each.

        noise: (n, J) standard normal; z = μ + σ ε, the reparametrisation.
        """
        mu, log_sigma = self.encode(x)
        sigma = log_sigma.exp()
        logits = self.decode(mu + sigma * noise, x.shape[1])
        log_likelihood = -functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2))
        return Bound(log_likelihood, 0.5 * (mu**2 + sigma**2 - 1) - log_sigma)

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of ``loss`` to the weights' ``grad``."""
        loss.backward()  # type: ignore[no-untyped-call]
        for product in self._products:
            product.finish()
        self._products.clear()

    def numpy_weights(self) -> dict[str, FloatArray]:
        """A copy of the weights for a TrainedModel."""
        return {name: weight.detach().numpy().copy() for name, weight in self.weights.items()}

    def _product(self, name: str) -> RecurrentProduct:
        self._products.append(RecurrentProduct(self.weights[name], self.precision))
        return self._products[-1]

    def _next_state(self, driven: Tensor, h: Tensor, c: Tensor, pull: RecurrentProduct) -> Tensor:
        """One step of the cell; gates in the order that `trained_model.next_state` documents."""
        pulled = pull(h)
        if self.config.cell == "tanh":
            return torch.tanh(driven + pulled)
        if self.config.cell == "gru":
            size = h.shape[1]
            reset, update = torch.sigmoid(driven[..., : 2 * size] + pulled[:, : 2 * size]).chunk(2, dim=1)
            candidate = torch.tanh(driven[..., 2 * size :] + reset * pulled[:, 2 * size :])
            return torch.lerp(candidate, h, update)
        i, f, g, o = (driven + pulled).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.cat([torch.sigmoid(o) * torch.tanh(c), c], dim=1)


def _first_weight(name: str, shape: tuple[int, ...], source: torch.Generator) -> Tensor:
    if len(shape) == 1:
        return torch.zeros(shape)
    if name.endswith(".recurrent"):
        rows, size = shape
        blocks = [_orthogonal(size, source) for _ in range(rows // size)]
        return torch.cat(blocks)
    return torch.randn(shape, generator=source) / math.sqrt(shape[1])


def _orthogonal(size: int, source: torch.Generator) -> Tensor:
    q, r = torch.linalg.qr(torch.randn(size, size, generator=source))
    signed: Tensor = q * r.diagonal().sign()  # else the decomposition would favour some rotations
    return signed
