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
_OF_Z = ("mean.", "log_sigma.", "context.")  # weights that begin anew if z is another
_HEARS_Z = ("start.weight", "decoder.latent")
_CONTEXT_GAIN = 3.0  # what two layers of context take from the spread of z
_WORDS = {  # how a sentence says a setting: "the model to start from has a gru cell, but lstm is asked for"
    "hidden": ("has {} units in its decoder", "{} are"),
    "encoder_hidden": ("has {} units in its encoder", "{} are"),
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


def fine_tuning_recipe(recipe: Recipe, parent: TrainedModel, rate: float = GENTLER) -> Recipe:
    """A recipe for going on from a model: its shape, and a training that does not unlearn first.

    The windows are the recipe's.  rate: of the recipe's learning rates.
    """
    model = replace(parent.config, window=recipe.model.window, hop=recipe.model.hop)
    settings = recipe.training
    muon = settings.muon_learning_rate
    training = replace(
        settings,
        learning_rate=rate * settings.learning_rate,
        final_learning_rate=rate * settings.final_learning_rate,
        muon_learning_rate=None if muon is None else rate * muon,
        kl_warm_up=0.0,
        teacher_forcing=0.0,
    )
    return replace(recipe, model=model, training=training)


def check_fits(parent: TrainedModel, config: ModelConfig) -> None:
    """Raises: TrainingError if a model of this shape cannot begin from ``parent``.

    Windows may be of any length, and z of any dimension.
    """
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
    all instruments together each part takes over what that knows of its pitch.  If z is another, the decoder hears the
    parent's z as a random projection of it, so that a plane can be learnt for music that is known already.
    Raises: TrainingError if the shapes differ.
    """
    check_fits(parent, config)
    same_z = (parent.config.latent, parent.config.context) == (config.latent, config.context)
    place = {pitch: column for column, pitch in enumerate(parent.pitches)}
    known = [_known_as(pitch, parent.config.parts) for pitch in pitches]
    shared = [column for column, pitch in enumerate(known) if pitch in place]
    theirs = [place[known[column]] for column in shared]
    weights = {}
    for name, value in fresh.items():
        if not same_z and name.startswith(_OF_Z):
            weights[name] = value
            continue
        if not same_z and name in _HEARS_Z:
            weights[name] = _hearing_another_z(parent.weights[name], value, config)
            continue
        if name not in _BY_PITCH:
            weights[name] = parent.weights[name].copy()
            continue
        begun = value if name == "output.bias" else NEW_PITCH * value
        mapped, old = (np.moveaxis(array, _BY_PITCH[name], 0) for array in (begun.copy(), parent.weights[name]))
        mapped[shared] = old[theirs]
        weights[name] = np.ascontiguousarray(np.moveaxis(mapped, 0, _BY_PITCH[name]), np.float32)
    return weights


def _hearing_another_z(theirs: FloatArray, fresh: FloatArray, config: ModelConfig) -> FloatArray:
    """What hears the parent's z, (rows, Jp), for another, (rows, J): the same projection for all that hear it."""
    inputs = fresh.shape[1]
    gain = (_CONTEXT_GAIN if config.context else 1.0) / np.sqrt(inputs)
    projection = gain * np.random.default_rng(0).standard_normal((theirs.shape[1], inputs))
    return np.asarray(theirs @ projection, np.float32)


def _known_as(column: int, by_parts: bool) -> int:
    """The column that a parent knows a column as."""
    part, pitch = int(parts_of((column,))[0]), pitches_of((column,))[0]
    return column if by_parts or part == Part.DRUMS else column_of(Part.ALL, pitch)
