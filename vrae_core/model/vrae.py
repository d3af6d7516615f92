"""The Variational Recurrent Auto-Encoder in torch, for training (Fabius & van Amersfoort 2014, section 2).

`trained.py` states the same equations in NumPy, for playing; a test holds the two together.  `fast_loops.py` goes
through the loops faster.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vrae_core.model.fast_loops import FastLoops, native_precision
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import Cell, ModelConfig
from vrae_core.piano_roll import FloatArray

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
        self._loops = FastLoops(config.cell)

    @classmethod
    def new(cls, config: ModelConfig, pitch_share: FloatArray, seed: int = 0, device: str = "cpu") -> VRAE:
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
        weights = {name: weight.to(device).requires_grad_() for name, weight in weights.items()}
        return cls(config, weights, native_precision(device))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """μ and log σ, each (n, J), of windows x (n, T, P)."""
        w, h = self.weights, self.read(x)
        mu = functional.linear(h, w["mean.weight"], w["mean.bias"])
        return mu, functional.linear(h, w["log_sigma.weight"], w["log_sigma.bias"])

    def read(self, x: Tensor) -> Tensor:
        """The encoder's last h (n, He) of windows x (n, T, P)."""
        w, size = self.weights, self.config.encoder_hidden
        x = x.transpose(0, 1)  # (time, batch, pitch)
        if self.config.reversed_input:
            x = x.flip(0)
        driven = functional.linear(x, w["encoder.input"], w["encoder.bias"])
        state = x.new_zeros(x.shape[1], size * (2 if self.config.cell == "lstm" else 1))
        return self._loops.states(driven, state, w["encoder.recurrent"], self.precision)[-1, :, :size]

    def decode(self, z: Tensor, steps: int, true: Tensor | None = None, share: float | Tensor = 0.0) -> Tensor:
        """Logits (n, steps, P) of z (n, J), each step fed the probabilities of the one before.

        true: (n, steps, P) windows, of which a ``share`` is mixed into what is fed back: training may begin with
        teacher forcing (Williams & Zipser 1989), and runs freely once the share is 0.
        """
        w = self.weights
        state, always = self.start(z)
        weights = w["decoder.recurrent"], w["decoder.input"], w["output.weight"], w["output.bias"]
        mixed = isinstance(share, Tensor) or share > 0  # to ask a tensor would wait for the card
        told = (true.transpose(0, 1), share) if true is not None and mixed else None
        logits = self._loops.decode(state, always.expand(len(z), -1), weights, steps, told, self.precision)
        return logits.transpose(0, 1)

    def start(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """What z (n, J) gives the decoder: its first state, and what drives its gates at every step beside x."""
        w, config = self.weights, self.config
        if config.context:
            for layer in ("context.1", "context.2"):
                z = functional.silu(functional.linear(z, w[f"{layer}.weight"], w[f"{layer}.bias"]))
        state = torch.tanh(functional.linear(z, w["start.weight"], w["start.bias"]))
        always = w["decoder.bias"]
        if config.z_every_step:
            always = always + functional.linear(z, w["decoder.latent"])
        if config.silent_start:
            state = next_state(config.cell, always, state, w["decoder.recurrent"])
        return state, always

    def predict(self, x: Tensor, state: Tensor, always: Tensor) -> Tensor:
        """Logits (n, T, P) of every step of x (n, T, P) for a decoder that is told the true steps before it.

        state, always: as `start` gives them.  Teacher forcing; `decode` runs freely.
        """
        w = self.weights
        driven = always + functional.linear(x[:, :-1].transpose(0, 1), w["decoder.input"])
        states = self._loops.states(driven, state, w["decoder.recurrent"], self.precision).transpose(0, 1)
        return functional.linear(states[..., : self.config.hidden], w["output.weight"], w["output.bias"])

    def bound(self, x: Tensor, noise: Tensor, teacher_forcing: float | Tensor = 0.0) -> Bound:
        """The terms of the lower bound for windows x (n, T, P) with one sample of z each.

        noise: (n, J) standard normal; z = μ + σ ε, the reparametrisation.  teacher_forcing: the share of x in
        what the decoder is fed; the bound is the free-running decoder's where it is 0.
        """
        mu, log_sigma = self.encode(x)
        sigma = log_sigma.exp()
        logits = self.decode(mu + sigma * noise, x.shape[1], x, teacher_forcing)
        log_likelihood = (x * logits - functional.softplus(logits)).sum((1, 2))
        return Bound(log_likelihood, 0.5 * (mu**2 + sigma**2 - 1) - log_sigma)

    def numpy_weights(self) -> dict[str, FloatArray]:
        """A copy of the weights for a TrainedModel."""
        return {name: weight.detach().cpu().numpy().copy() for name, weight in self.weights.items()}

    def _states(self, driven: Tensor, state: Tensor, recurrent: Tensor, precision: torch.dtype) -> Tensor:
        """The equations of the states' loop, which `FastLoops` goes through faster."""
        found = [state]
        for step in driven:
            found.append(next_state(self.config.cell, step, found[-1], recurrent, precision))
        return torch.stack(found)

    def _decode(
        self,
        state: Tensor,
        always: Tensor,
        weights: tuple[Tensor, Tensor, Tensor, Tensor],
        steps: int,
        told: tuple[Tensor, float | Tensor] | None,
        precision: torch.dtype,
    ) -> Tensor:
        """The equations of the decoder's loop, which `FastLoops` goes through faster."""
        recurrent, fed_back, shown, bias = weights
        logits: list[Tensor] = []
        while len(logits) < steps:
            if logits:
                heard = torch.sigmoid(logits[-1])
                if told:
                    heard = torch.lerp(heard, told[0][len(logits) - 1], told[1])
                driven = always + _product(heard, fed_back, precision)
                state = next_state(self.config.cell, driven, state, recurrent, precision)
            logits.append(_product(state[:, : self.config.hidden], shown, precision) + bias)
        return torch.stack(logits)


def next_state(
    cell: Cell, driven: Tensor, state: Tensor, recurrent: Tensor, precision: torch.dtype | None = None
) -> Tensor:
    """One step of a cell: shapes and the order of the gates are those of `trained.next_state`, but recurrent: (G·H, H).

    precision: of the product with the recurrent weights, if not theirs.
    """
    size = recurrent.shape[1]
    pulled = _product(state[:, :size], recurrent, precision or recurrent.dtype)
    if cell == "tanh":
        return torch.tanh(driven + pulled)
    if cell == "gru":
        reset, update = torch.sigmoid(driven[..., : 2 * size] + pulled[:, : 2 * size]).chunk(2, dim=1)
        candidate = torch.tanh(driven[..., 2 * size :] + reset * pulled[:, 2 * size :])
        return torch.lerp(candidate, state, update)
    i, f, g, o = (driven + pulled).chunk(4, dim=1)
    c = torch.sigmoid(f) * state[:, size:] + torch.sigmoid(i) * torch.tanh(g)
    return torch.cat([torch.sigmoid(o) * torch.tanh(c), c], dim=1)


def _product(x: Tensor, weights: Tensor, precision: torch.dtype) -> Tensor:
    """x · Wᵀ: (n, in), (out, in) → (n, out)."""
    return functional.linear(x.to(precision), weights.to(precision)).to(x.dtype)


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
