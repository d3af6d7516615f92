"""Learning songs: a short training that begins from the base, the model that knows music, or from a map of one's own.

`vrae train SONGS` and the window's *Learn these songs* are this.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from vrae_core.bundled import BASE, bundled_models
from vrae_core.errors import VraeError
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.names import names_listed
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK, SongToTrain
from vrae_core.training.fine_tuning import fine_tuning_recipe

NO_BASE = "The base model is missing or damaged, so the songs are learnt from nothing, which takes longer."
RECIPE = "bars-40d"
USUAL_MINUTES = 3.0
_USUAL_SECONDS = 0.4  # an update (docs/benchmarks.md)
_SHORTEST, _LONGEST = 0.5, 30.0  # minutes
RATE = 2.5  # of the recipe's learning rates: a model that makes music already bears more (docs/experiments.md)
RATE_TO_GO_ON = 0.6  # the same where most of the songs are learnt on: at 2.5 a map of many songs got worse
RATE_FOR_ANOTHER_Z = 2.0  # the same where a plane is learnt from forty dimensions: at 3 it collapsed
_MUON_RATE = 1.5  # of that again, for the recurrent matrices
_KL_WEIGHT = 0.4  # of the recipe's: more notes are right, of windows held out too, and more of both ends half-way
_EPOCHS, _EPOCHS_FROM_NOTHING = 25, 75  # after which most notes are right (docs/experiments.md)
_FEWEST_UPDATES = 200
_MOST_NAMED = 2


def base_model() -> TrainedModel | None:
    """The model that a learning begins from; None if it is missing or damaged."""
    path = bundled_models().get(BASE)
    try:
        return None if path is None else TrainedModel.load(path)
    except VraeError:
        return None


def fits_base(model: ModelConfig) -> bool:
    """Whether a model of this shape can begin from the base, without looking at that.

    Windows may be of any length, and z of any dimension.
    """
    usual = RECIPES[RECIPE].model
    return model == replace(usual, latent=model.latent, context=model.context, window=model.window, hop=model.hop)


def from_base(settings: RunSettings) -> tuple[RunSettings, TrainedModel | None]:
    """A run's settings as it begins from the base, and that; where it is missing or damaged, as they are, and None."""
    base = base_model()
    if base is None:
        return settings, None
    return replace(settings, recipe=learning_recipe(base, settings.recipe), parent=BASE), base


def learning_recipe(start: TrainedModel | None, usual: Recipe | None = None, *, goes_on: bool = False) -> Recipe:
    """How songs are learnt from a model, or from nothing.

    From a model it is so few updates that they are made in another way: at a high rate for half of the time, which
    then falls evenly, and with a shorter memory of earlier gradients (docs/experiments.md).
    usual: a recipe that is asked for, and its z with it; otherwise z is the model's.  goes_on: the model has learnt
    most of these songs already.
    """
    recipe = usual or RECIPES[RECIPE]
    if start is None:
        return recipe
    if usual is None or (usual.model.latent, usual.model.context) == (start.config.latent, start.config.context):
        return _in_few_updates(fine_tuning_recipe(recipe, start, RATE_TO_GO_ON if goes_on else RATE))
    recipe = _in_few_updates(fine_tuning_recipe(recipe, start, RATE_FOR_ANOTHER_Z))
    return replace(recipe, model=replace(recipe.model, latent=usual.model.latent, context=usual.model.context))


def _in_few_updates(recipe: Recipe) -> Recipe:
    settings = recipe.training
    muon = settings.muon_learning_rate
    training = replace(
        settings,
        schedule="linear",
        step_at=0.5,
        betas=(0.8, settings.betas[1]),
        muon_momentum=0.85,
        muon_learning_rate=None if muon is None else _MUON_RATE * muon,
        kl_weight=_KL_WEIGHT * settings.kl_weight,
    )
    return replace(recipe, training=training)


def learning_settings(
    songs: Sequence[Song], minutes: float, start: TrainedModel | None, called: str = BASE, *, goes_on: bool = False
) -> RunSettings:
    """The run that learns songs, named after them.

    start: what it begins from; called: in words; goes_on: whether that has learnt most of the songs already.
    """
    return RunSettings(
        name=named_after(songs),
        recipe_name=RECIPE,
        recipe=learning_recipe(start, goes_on=goes_on),
        songs=tuple(map(SongToTrain.of, songs)),
        minutes=minutes,
        parent="" if start is None else called,
        extra={MARK: True},
    )


def learning_minutes(windows: int, seconds_per_update: float, from_nothing: bool = False) -> float:
    """How long so many windows are best learnt, at a speed that was measured: from half a minute to half an hour."""
    a_epoch = math.ceil(windows / RECIPES[RECIPE].training.batch)
    updates = max(_FEWEST_UPDATES, a_epoch * (_EPOCHS_FROM_NOTHING if from_nothing else _EPOCHS))
    return min(max(updates * seconds_per_update / 60, _SHORTEST), _LONGEST)


def usual_minutes(windows: int) -> float:
    """How long so many windows are learnt where no update has been timed yet."""
    return max(USUAL_MINUTES, learning_minutes(windows, _USUAL_SECONDS))


def is_enough(updates: float, epochs: float) -> bool:
    """Whether most notes of the songs are right after so much training from the base."""
    return updates >= _FEWEST_UPDATES and epochs >= _EPOCHS


def is_learnt(model: TrainedModel) -> bool:
    """Whether a learning can begin from a model: it hears music as the base does."""
    return model.config.parts and model.config.steps_per_beat > 0


def named_after(songs: Sequence[Song]) -> str:
    """What a map of songs is called: "Reel", or "Air, Reel and 6 more"."""
    return names_listed([song.name for song in songs], _MOST_NAMED)
