"""The settings of a model and of its training, and the named recipes that set them all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Cell = Literal["tanh", "gru", "lstm"]


@dataclass(frozen=True)
class ModelConfig:
    """What a model is: its shape and what its windows look like.  Stored in the model file."""

    window: int = 50  # T, steps of 50 ms
    hop: int = 50  # steps between the starts of two windows
    latent: int = 2  # J, dimensions of z
    hidden: int = 500  # H, units of the encoder and of the decoder
    cell: Cell = "tanh"
    z_every_step: bool = False  # z enters every decoder step, not h_0 alone
    reversed_input: bool = False  # the encoder reads the window backwards
