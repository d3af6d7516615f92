"""The jobs of learning songs: finding what to begin from, timing a few updates, counting the notes that are right."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import NamedTuple

from vrae_core.bundled import BASE
from vrae_core.errors import FileError, TrainingError
from vrae_core.latent.map import encode_corpus
from vrae_core.midi.song import Song
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


class Shown(NamedTuple):
    """The model that is shown, the run that it is of, and the songs that it is shown with."""

    model: TrainedModel | None
    called: str
    run: RunFolder
    songs: tuple[Song, ...]

    def has_learnt_some(self) -> bool:
        """Whether any of the songs is among those that the run learns."""
        with suppress(FileError):
            learnt = self.run.settings().songs
            known = {song.path for song in learnt if song.path} | {song.name for song in learnt if not song.path}
            return any((song.path or song.name) in known for song in self.songs)
        return False


def starting(own: Shown | None) -> Generator[Progress, None, Start]:
    """The model that is shown, if it has learnt some of the songs; the base; or nothing where that cannot be read."""
    yield Progress(0, 1)
    if own is not None and own.has_learnt_some():
        return Start(own.model, own.called)
    return Start(base_model(), BASE)


def timed(windows: int, pitches: int, threads: int) -> Generator[Progress, None, float | None]:
    """The minutes that learning so many windows takes; None if that cannot be measured."""
    start = yield from starting(None)
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
