"""A run that begins from a model that was trained before, on these songs or on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from vrae_core.columns import Part, column_of, parts_of, pitches_of
from vrae_core.errors import TrainingError
from vrae_core.model.recipes import ModelConfig, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray

NEW_PITCH = 0.1  # how large the weights of a pitch that the model did not know begin, against those of a new model
GENTLER = 0.3  # of the recipe's learning rates: what is known should be changed, not lost
_BY_PITCH = {"encoder.input": 1, "decoder.input": 1, "output.weight": 0, "output.bias": 0}  # the axis of pitches
_WORDS = {  # how a sentence says a setting: "the model to start from has 20 latent dimensions, but 2 are asked for"
    "latent": ("has {} latent dimensions", "{} are"),
    "hidden": ("has {} units in its decoder", "{} are"),
    "encoder_hidden": ("has {} units in its encoder", "{} are"),
    "context": ("has {} context units", "{} are"),
    "cell": ("has a {} cell", "{} is"),
    "z_every_step": ("hears z {}", "{} is"),
    "reversed_input": ("reads its windows {}", "{} is"),
    "silent_start": ("starts {}", "{} is"),
}
_YES_NO = {
    "z_every_step": ("at every step", "at its start alone"),
    "reversed_input": ("backwards", "forwards"),
    "silent_start": ("with silence", "without silence"),
}


def fine_tuning_recipe(recipe: Recipe, parent: TrainedModel) -> Recipe:
    """A recipe for going on from a model: its shape, and a training that does not unlearn first.

    The windows are the recipe's.
    """
    model = replace(parent.config, window=recipe.model.window, hop=recipe.model.hop)
    settings = recipe.training
    muon = settings.muon_learning_rate
    training = replace(
        settings,
        learning_rate=GENTLER * settings.learning_rate,
        final_learning_rate=GENTLER * settings.final_learning_rate,
        muon_learning_rate=None if muon is None else GENTLER * muon,
        kl_warm_up=0.0,
        teacher_forcing=0.0,
    )
    return replace(recipe, model=model, training=training)


def check_fits(parent: TrainedModel, config: ModelConfig) -> None:
    """Raises: TrainingError if a model of this shape cannot begin from ``parent``; windows may be of any length."""
    for name, (has, asked) in _WORDS.items():
        values = (getattr(parent.config, name), getattr(config, name))
        if values[0] != values[1]:
            theirs, ours = (_YES_NO[name][not value] if name in _YES_NO else value for value in values)
            raise TrainingError(f"the model to start from {has.format(theirs)}, but {asked.format(ours)} asked for")
    if parent.config.parts and not config.parts:
        raise TrainingError("the model to start from hears parts, but all instruments together are asked for")


def starting_weights(
    parent: TrainedModel, config: ModelConfig, pitches: Sequence[int], fresh: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """The parent's weights for these pitches.

    fresh: those of a new model of this shape.  A pitch that both know keeps the parent's weights; one that is new
    has small ones and the fresh output bias, its log-odds; one that no longer occurs goes.  From a parent that hears
    all instruments together each part takes over what that knows of its pitch.
    Raises: TrainingError if the shapes differ.
    """
    check_fits(parent, config)
    place = {pitch: column for column, pitch in enumerate(parent.pitches)}
    known = [_known_as(pitch, parent.config.parts) for pitch in pitches]
    shared = [column for column, pitch in enumerate(known) if pitch in place]
    theirs = [place[known[column]] for column in shared]
    weights = {}
    for name, value in fresh.items():
        if name not in _BY_PITCH:
            weights[name] = parent.weights[name].copy()
            continue
        begun = value if name == "output.bias" else NEW_PITCH * value
        mapped, old = (np.moveaxis(array, _BY_PITCH[name], 0) for array in (begun.copy(), parent.weights[name]))
        mapped[shared] = old[theirs]
        weights[name] = np.ascontiguousarray(np.moveaxis(mapped, 0, _BY_PITCH[name]), np.float32)
    return weights


def _known_as(column: int, by_parts: bool) -> int:
    """The column that a parent knows a column as."""
    part, pitch = int(parts_of((column,))[0]), pitches_of((column,))[0]
    return column if by_parts or part == Part.DRUMS else column_of(Part.ALL, pitch)
