"""What a training says of itself at every step, and how that is worked out from its updates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vrae_core.model.evaluation import ACTIVE_KL
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray


class TrainingStep(NamedTuple):
    """Where training stands.  The figures are means since the last step, in nats per window per time step."""

    done: float  # 0 to 1
    epoch: int  # finished epochs
    updates: int
    seconds: float  # spent training; pauses, measuring and the writing of files left out
    lower_bound: float  # KL weight 1, whatever weight is trained with
    reconstruction: float
    kl: float
    learning_rate: float  # as the schedule, collapses and steering make it
    active_units: int
    teacher_forcing: float  # share of the true past that the decoder is fed; the bound is its own where it is 0
    model: TrainedModel | None  # a snapshot, at the end of each epoch and of the run
    note: str = ""  # what a person should know: that the run went back to an earlier state
    kl_weight: float = math.nan  # as the schedule and steering make it
    gradient_norm: float = math.nan  # before it is clipped
    windows_per_second: float = math.nan  # that were learnt from
    held_out_bound: float = math.nan  # from here on as in `measures.Measured`; NaN where not measured
    held_out_reconstruction: float = math.nan
    held_out_kl: float = math.nan
    frame_f1: float = math.nan
    song_accuracy: float = math.nan
    note_onset_f1: float = math.nan


class Update(NamedTuple):
    """What one gradient step gave."""

    reconstruction: float  # nats a window
    kl: Tensor  # (J,) nats a window
    gradient_norm: float = math.nan


class MeanFigures(NamedTuple):
    """Means over updates, per window per step; and how many dimensions are active."""

    lower_bound: float
    reconstruction: float
    kl: float
    active_units: int
    gradient_norm: float


def figures_of(updates: Sequence[Update], window: int) -> MeanFigures:
    """The means of some updates on windows of so many steps."""
    reconstruction = sum(update.reconstruction for update in updates) / len(updates) / window
    kl = torch.stack([update.kl for update in updates]).mean(dim=0)
    per_step = float(kl.sum()) / window
    norm = sum(update.gradient_norm for update in updates) / len(updates)
    return MeanFigures(reconstruction - per_step, reconstruction, per_step, int((kl > ACTIVE_KL).sum()), norm)


def as_array(updates: Sequence[Update], latent: int) -> FloatArray:
    """Updates for a checkpoint: (n, 1 + J), the reconstruction and the KL of each dimension."""
    rows = [np.concatenate(([update.reconstruction], update.kl.numpy())) for update in updates]
    return np.array(rows, np.float32).reshape(-1, 1 + latent)


def from_array(rows: FloatArray) -> list[Update]:
    """Put back what `as_array` took."""
    return [Update(float(row[0]), torch.from_numpy(row[1:].copy())) for row in rows]
