"""The jobs of learning songs: finding what to begin from, timing a few updates, counting the notes that are right."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from vrae_core.bundled import BASE
from vrae_core.errors import TrainingError
from vrae_core.latent.map import encode_corpus
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress, Step
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learning import base_model, learning_minutes, learning_recipe
from vrae_core.runs.news import model_to_show
from vrae_core.runs.windows import corpus_of_run, shown_corpus
from vrae_core.tasks.notes_right import notes_right
from vrae_core.training.forecast import measure


class Start(NamedTuple):
    """What a learning begins from."""

    model: TrainedModel | None  # None: from nothing
    called: str
    goes_on: bool = False  # it has learnt most of the songs already


def starting() -> Generator[Progress, None, Start]:
    """The base; or nothing where that cannot be read."""
    yield Progress(0, 1)
    return Start(base_model(), BASE)


def timed(windows: int, pitches: int, threads: int) -> Generator[Progress, None, float | None]:
    """The minutes that learning so many windows takes; None if that cannot be measured."""
    start = yield from starting()
    recipe = learning_recipe(start.model)
    try:
        speed = yield from measure(recipe, pitches, min(windows, recipe.training.batch), threads)
    except TrainingError:
        return None
    return learning_minutes(windows, speed.seconds_per_update, start.model is None)


def right_by_run(run: RunFolder) -> Generator[Step, None, float]:
    """How many of the notes that it learnt a run's model gets right.  Raises: FileError, TrainingError, CorpusError."""
    model, corpus = TrainedModel.load(model_to_show(run)), shown_corpus(corpus_of_run(run))
    posterior = yield from encode_corpus(model, corpus)
    right = yield from notes_right(model, corpus, posterior.mu)
    return float(right.mean())
