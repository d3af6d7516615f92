"""The optimisers of a model's weights, and their moments as arrays for a checkpoint.

Those of ``torch.optim`` do the same, but making one loads PyTorch's compiler, which is never used here: more than a
second of each training's start.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from vrae_core.model.recipes import TrainingConfig
from vrae_core.model.vrae import VRAE
from vrae_core.piano_roll import FloatArray
from vrae_core.training.muon import orthogonal

MUON_DECAY = 0.1  # or the recurrent matrices grow until the loop explodes
_TINY = 1e-8  # keeps what hardly has a gradient from leaping


class Optimiser(ABC):
    """Changes weights by their gradients and the running moments of those, named as torch names them."""

    def __init__(self, weights: Iterable[Tensor], rate: float) -> None:
        self.weights = list(weights)
        self.rate = rate
        self.moments: list[dict[str, Tensor]] = [{} for _ in self.weights]

    @torch.no_grad()
    def step(self, share: float = 1.0) -> None:
        """Change each weight that has a gradient, at so much of the learning rate."""
        for weight, moments in zip(self.weights, self.moments, strict=True):
            if weight.grad is not None:
                self._change(weight, weight.grad, moments, share * self.rate)

    @abstractmethod
    def _change(self, weight: Tensor, gradient: Tensor, moments: dict[str, Tensor], rate: float) -> None: ...


class Adam(Optimiser):
    """Adam (Kingma & Ba 2015, algorithm 1); betas: how much of the mean and of the mean square is kept each time."""

    def __init__(self, weights: Iterable[Tensor], rate: float, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        super().__init__(weights, rate)
        self._betas = betas

    def _change(self, weight: Tensor, gradient: Tensor, moments: dict[str, Tensor], rate: float) -> None:
        first, second = self._betas
        step = moments.setdefault("step", torch.zeros(()))
        mean = moments.setdefault("exp_avg", torch.zeros_like(weight))
        square = moments.setdefault("exp_avg_sq", torch.zeros_like(weight))
        step += 1
        mean.lerp_(gradient, 1 - first)
        square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        spread = square.sqrt().div_(math.sqrt(1 - second ** step.item())).add_(_TINY)
        weight.addcdiv_(mean, spread, value=-rate / (1 - first ** step.item()))


class Muon(Optimiser):
    """Nesterov momentum, orthogonalised, with decoupled weight decay, for matrices."""

    def __init__(
        self, matrices: Iterable[Tensor], rate: float, decay: float = MUON_DECAY, momentum: float = 0.95
    ) -> None:
        super().__init__(matrices, rate)
        self._decay, self._momentum = decay, momentum

    def _change(self, weight: Tensor, gradient: Tensor, moments: dict[str, Tensor], rate: float) -> None:
        held = moments.setdefault("momentum_buffer", torch.zeros_like(gradient))
        held.lerp_(gradient, 1 - self._momentum)
        update = orthogonal(gradient.lerp(held, self._momentum))
        weight.mul_(1 - rate * self._decay)
        tall = math.sqrt(max(1.0, weight.shape[0] / weight.shape[1]))
        weight.add_(update.to(weight.dtype), alpha=-rate * tall)


def optimisers_for(vrae: VRAE, settings: TrainingConfig) -> list[Optimiser]:
    """Adam; or Muon for the recurrent matrices, if it has a learning rate, and Adam for the rest."""
    muon_rate = settings.muon_learning_rate
    recurrent = [name for name in vrae.weights if muon_rate and name.endswith(".recurrent")]
    others = [weight for name, weight in vrae.weights.items() if name not in recurrent]
    optimisers: list[Optimiser] = [Adam(others, settings.learning_rate, settings.betas)]
    if muon_rate:
        matrices = (vrae.weights[name] for name in recurrent)
        optimisers.append(Muon(matrices, muon_rate, momentum=settings.muon_momentum))
    return optimisers


def moments_of(optimisers: Sequence[Optimiser]) -> dict[str, FloatArray]:
    """The optimisers' running moments, one array each, named by their place: "<optimiser>/<weight>/<moment>"."""
    return {
        f"{i}/{j}/{name}": np.atleast_1d(value.cpu().numpy().copy())
        for i, optimiser in enumerate(optimisers)
        for j, moments in enumerate(optimiser.moments)
        for name, value in moments.items()
    }


def restore_moments(optimisers: Sequence[Optimiser], arrays: Mapping[str, FloatArray]) -> None:
    """Put back what `moments_of` took.

    Raises ValueError, KeyError or RuntimeError if these moments are not of these optimisers' weights.
    """
    for optimiser in optimisers:
        optimiser.moments = [{} for _ in optimiser.weights]
    places = {
        f"{i}/{j}": (optimiser.weights[j], moments)
        for i, optimiser in enumerate(optimisers)
        for j, moments in enumerate(optimiser.moments)
    }
    for name, array in arrays.items():
        place, moment = name.rsplit("/", 1)
        weight, moments = places[place]
        value = torch.from_numpy(array.copy())
        moments[moment] = value.view(()) if moment == "step" else value.to(weight.device).view(weight.shape)
