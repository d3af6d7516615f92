"""The settings of a model and of its training, and the named recipes that set them all at once."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_type_hints

Cell = Literal["tanh", "gru", "lstm"]
LARGEST_SIZE = 1 << 14  # of any one number in a config
GATES: dict[Cell, int] = {"tanh": 1, "gru": 3, "lstm": 4}  # blocks of `hidden` rows in a cell's weights


@dataclass(frozen=True)
class ModelConfig:
    """What a model is: its shape and what its windows look like.  Stored in the model file."""

    window: int = 50  # T, steps of 50 ms
    hop: int = 50  # steps between the starts of two windows
    latent: int = 2  # J, dimensions of z
    hidden: int = 500  # H, units of the decoder
    encoder_hidden: int = 500
    cell: Cell = "tanh"
    context: int = 0  # units of the layers that turn z into what the decoder hears; 0: z itself
    z_every_step: bool = False  # z enters every step of the decoder, not h_0 alone
    reversed_input: bool = False  # the encoder reads the window backwards (paper, section 4)
    silent_start: bool = False  # the decoder hears x = 0 before its first output, as in the authors' code


@dataclass(frozen=True)
class TrainingConfig:
    """How a model is trained."""

    epochs: int
    batch: int = 100
    learning_rate: float = 1e-3
    final_learning_rate: float = 5e-6
    muon_learning_rate: float | None = None  # of Muon for the recurrent matrices; none: Adam for all
    schedule: Literal["cosine", "exponential", "step"] = "cosine"  # step: falls once, at `step_at` of the run
    step_at: float = 0.5
    warm_up: float = 0.0  # share of the run over which the learning rate rises from 0
    kl_weight: float = 1.0
    kl_warm_up: float = 0.0  # share of the run over which the KL weight rises from 0
    teacher_forcing: float = 0.0  # share of the true past in what the decoder is fed at first; falls evenly to 0
    teacher_forcing_until: float = 0.5  # share of the run after which the decoder runs freely
    betas: tuple[float, float] = (0.95, 0.999)  # the paper's 0.05 and 0.001 weigh the new gradient
    clip: float | None = None  # largest norm of the gradient

    def learning_rate_at(self, done: float) -> float:
        """The learning rate when a share ``done`` of the run is over."""
        first, last = self.learning_rate, self.final_learning_rate
        if done < self.warm_up:
            return first * max(done / self.warm_up, 0.02)
        match self.schedule:
            case "exponential":
                return first * math.exp(math.log(last / first) * done)
            case "step":
                return first if done < self.step_at else last
            case "cosine":
                return last + (first - last) * (0.5 + 0.5 * math.cos(math.pi * done))

    def kl_weight_at(self, done: float) -> float:
        """The KL weight when a share ``done`` of the run is over."""
        return self.kl_weight * (min(1.0, done / self.kl_warm_up) if self.kl_warm_up else 1.0)

    def teacher_forcing_at(self, done: float) -> float:
        """The share of the true past that the decoder is fed when a share ``done`` of the run is over."""
        return self.teacher_forcing * max(0.0, 1 - done / self.teacher_forcing_until)


@dataclass(frozen=True)
class Recipe:
    """A model, its training and its share of the songs."""

    summary: str
    model: ModelConfig
    training: TrainingConfig
    cap: int | None = 520  # most windows a song
    equal_share: bool = True  # every song gives as many windows as the shortest gives
    min_pitch_share: float = 0.0005  # of all set cells: rarer pitches are left out (paper, section 3.1)


FAST = TrainingConfig(
    epochs=500,
    batch=64,
    learning_rate=1.5e-3,
    final_learning_rate=1.5e-5,
    muon_learning_rate=0.015,
    warm_up=0.01,
    kl_warm_up=0.5,
    betas=(0.9, 0.999),
    clip=1.0,
)

RECIPES: dict[str, Recipe] = {
    "paper-2d": Recipe(
        "the paper's two-dimensional model (figure 1)",
        ModelConfig(window=50, hop=50, latent=2),
        TrainingConfig(epochs=40_000, learning_rate=1e-3, final_learning_rate=5e-6, schedule="exponential"),
    ),
    "paper-20d": Recipe(
        "the paper's twenty-dimensional model on overlapping windows (figure 2)",
        ModelConfig(window=40, hop=20, latent=20),
        TrainingConfig(epochs=32_000, learning_rate=2e-5, final_learning_rate=1e-5, schedule="step"),
    ),
    "authors-2d": Recipe(
        "paper-2d as the authors' own code has it: KL weight 0.5, and x = 0 before the first step",
        ModelConfig(window=50, hop=50, latent=2, silent_start=True),
        TrainingConfig(
            epochs=40_000, learning_rate=1e-3, final_learning_rate=5e-6, schedule="exponential", kl_weight=0.5
        ),
    ),
    "authors-20d": Recipe(
        "paper-20d as the authors' own code has it: KL weight 0.4, and x = 0 before the first step",
        ModelConfig(window=40, hop=20, latent=20, silent_start=True),
        TrainingConfig(epochs=32_000, learning_rate=2e-5, final_learning_rate=1e-5, schedule="step", kl_weight=0.4),
    ),
    "fast-2d": Recipe(
        "a two-dimensional map that learns in about half an hour on one processor core",
        ModelConfig(latent=2, cell="gru", encoder_hidden=256, context=128, z_every_step=True, reversed_input=True),
        FAST,
        cap=None,
        equal_share=False,
    ),
    "fast-20d": Recipe(
        "twenty dimensions: the best music, drawn by t-SNE; about half an hour on one processor core",
        ModelConfig(latent=20, cell="gru", encoder_hidden=256, z_every_step=True, reversed_input=True),
        FAST,
        cap=None,
        equal_share=False,
    ),
    "overlap-20d": Recipe(
        "the same from overlapping windows: parts the songs best, sings less well between them; about an hour",
        ModelConfig(hop=25, latent=20, cell="gru", encoder_hidden=256, z_every_step=True, reversed_input=True),
        replace(FAST, teacher_forcing=0.5),
        cap=None,
        equal_share=False,
    ),
}


def recipe_from_plain(values: Mapping[str, Any]) -> Recipe:
    """A recipe from what ``dataclasses.asdict`` made of it and JSON gave back.

    Every value must be of its own kind and finite; what is not there has its default.
    Raises: ValueError, KeyError or TypeError.
    """
    model = _checked(ModelConfig, values["model"])
    training = dict(values["training"])
    betas = training.get("betas", TrainingConfig.betas)
    _check(isinstance(betas, list | tuple), "betas are two numbers, each below 1")
    training["betas"] = tuple(float(beta) for beta in betas)
    cap = values.get("cap")
    recipe = Recipe(
        str(values["summary"]),
        model,
        _checked(TrainingConfig, training),
        None if cap is None else int(cap),
        bool(values.get("equal_share", True)),
        _share(values.get("min_pitch_share", Recipe.min_pitch_share)),
    )
    _check_sense(recipe)
    return recipe


def _check_sense(recipe: Recipe) -> None:
    """Refuse what each number by itself allows and training would divide by, or never come to an end with."""
    model, training = recipe.model, recipe.training
    for name in ("window", "hop", "latent", "hidden", "encoder_hidden"):
        _check(getattr(model, name) >= 1, f"{name} must be at least 1")
    for name in ("epochs", "batch"):
        _check(getattr(training, name) >= 1, f"{name} must be at least 1")
    for name in ("learning_rate", "final_learning_rate", "teacher_forcing_until"):
        _check(getattr(training, name) > 0, f"{name} must be more than 0")
    for name in ("step_at", "warm_up", "kl_warm_up", "teacher_forcing", "teacher_forcing_until"):
        _check(getattr(training, name) <= 1, f"{name} is a share, at most 1")
    _check(
        len(training.betas) == 2 and all(0 <= beta < 1 for beta in training.betas),
        "betas are two numbers, each below 1",
    )
    _check(training.clip is None or training.clip > 0, "clip must be more than 0, or null")
    _check(recipe.cap is None or recipe.cap >= 1, "cap must be at least 1, or null")


def _check(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _share(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ValueError(f"min_pitch_share is not a share: {str(value)[:20]}")
    return float(value)


def _checked(kind: type[Any], values: Mapping[str, Any]) -> Any:
    types = get_type_hints(kind)
    if not set(values) <= set(types):
        raise ValueError(f"it has settings that this program does not know: {sorted(set(values) - set(types))[:3]}")
    for name, value in values.items():
        choices = get_args(types[name])
        if choices and all(isinstance(choice, str) for choice in choices):
            if value not in choices:
                raise ValueError(f"{name} is {str(value)[:20]!r}, not one of {', '.join(choices)}")
        elif name != "betas" and not (value is None and type(None) in choices):
            _check_number(name, value, types[name])
    return kind(**values)


def _check_number(name: str, value: Any, kind: Any) -> None:
    if kind is bool:
        fits = isinstance(value, bool)
    elif kind is int:
        fits = type(value) is int and 0 <= value <= LARGEST_SIZE * (1000 if name == "epochs" else 1)
    else:
        fits = type(value) in (int, float) and 0 <= value <= sys.float_info.max
    if not fits:
        raise ValueError(f"{name} is not a sensible number: {str(value)[:20]}")
