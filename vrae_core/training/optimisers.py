"""The optimisers of a model's weights, and their moments as arrays for a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from vrae_core.model.recipes import TrainingConfig
from vrae_core.model.vrae import VRAE
from vrae_core.piano_roll import FloatArray
from vrae_core.training.muon import Muon

MUON_DECAY = 0.1  # or the recurrent matrices grow until the loop explodes


def optimisers_for(vrae: VRAE, settings: TrainingConfig) -> list[torch.optim.Optimizer]:
    """Adam; or Muon for the recurrent matrices, if it has a learning rate, and Adam for the rest."""
    muon_rate = settings.muon_learning_rate
    recurrent = [name for name in vrae.weights if muon_rate and name.endswith(".recurrent")]
    others = [weight for name, weight in vrae.weights.items() if name not in recurrent]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.Adam(others, lr=settings.learning_rate, betas=settings.betas)
    ]
    if muon_rate:
        matrices = [vrae.weights[name] for name in recurrent]
        optimisers.append(Muon(matrices, lr=muon_rate, weight_decay=MUON_DECAY))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["initial_lr"] = group["lr"]
    return optimisers


def moments_of(optimisers: list[torch.optim.Optimizer]) -> dict[str, FloatArray]:
    """The optimisers' running moments, one array each, named by their place: "<optimiser>/<weight>/<moment>"."""
    return {
        f"{i}/{j}/{moment}": np.atleast_1d(value.detach().cpu().numpy().copy())
        for i, optimiser in enumerate(optimisers)
        for j, state in optimiser.state_dict()["state"].items()
        for moment, value in state.items()
    }


def restore_moments(optimisers: list[torch.optim.Optimizer], arrays: Mapping[str, FloatArray]) -> None:
    """Put back what `moments_of` took."""
    for i, optimiser in enumerate(optimisers):
        whole = optimiser.state_dict() | {"state": {}}
        for name, array in arrays.items():
            place, weight, moment = name.split("/")
            if int(place) == i:
                value = torch.from_numpy(array.copy())
                whole["state"].setdefault(int(weight), {})[moment] = value[0] if moment == "step" else value
        optimiser.load_state_dict(whole)
