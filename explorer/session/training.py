"""A training run: started, paused, stopped, and watched while one goes on listening."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from explorer.background import NewestWins, Worker
from vrae_core.corpus import Corpus, Rolled, build_corpus
from vrae_core.latent_map import encode_corpus, project
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import finish
from vrae_core.recipes import Recipe
from vrae_core.trained_model import TrainedModel

SKETCHED_WINDOWS = 600  # on the living map: enough to see songs part, few enough to encode in a second


class Figures(NamedTuple):
    """One point of the curves; nats per window per step, at KL weight 1."""

    minutes: float
    lower_bound: float
    reconstruction: float
    kl: float


class Sketch(NamedTuple):
    """A frame of the living map."""

    points: FloatArray  # (N, 2)
    song_of: npt.NDArray[np.int64]


class _SketchRequest(NamedTuple):
    model: TrainedModel
    corpus: Corpus
    before: FloatArray | None  # the frame shown now


class Training(QObject):
    """At most one run at a time; its history and newest model stay until the next."""

    changed = Signal()  # started, paused, went on, ended
    stepped = Signal(object)  # vrae_core.training.TrainingStep
    sketched = Signal(object)  # Sketch
    noted = Signal(str)  # what a person should know about the run
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Figures] = []
        self.names: tuple[str, ...] = ()  # the songs it learns
        self.model: TrainedModel | None = None  # the newest
        self.recipe_name = ""
        self._worker: Worker | None = None
        self._corpus: Corpus | None = None
        self._points: FloatArray | None = None
        self._sketcher = NewestWins(_sketch)
        self._sketcher.answered.connect(self._sketched)
        self._sketcher.failed.connect(lambda _request, sentence: self.failed.emit(sentence))

    @property
    def running(self) -> bool:
        """Whether a run goes on, or is paused."""
        return self._worker is not None

    @property
    def paused(self) -> bool:
        """Whether the run is held."""
        return self._worker is not None and self._worker.paused

    def start(self, songs: Sequence[Rolled], recipe_name: str, recipe: Recipe, minutes: float | None) -> None:
        """Train a new model on songs for some minutes, or for the recipe's epochs."""
        if self._worker is not None or not songs:
            return
        self.history, self.model, self._corpus, self._points = [], None, None, None
        self.recipe_name = recipe_name
        self._worker = Worker(_run(songs, recipe, minutes))
        self._worker.progressed.connect(self._progressed)
        self._worker.returned.connect(self._returned)
        self._worker.failed.connect(self.failed)
        self._worker.finished.connect(self._finished)
        self._worker.start()
        self.changed.emit()

    def toggle_pause(self) -> None:
        """Hold the run, or let it go on."""
        if self._worker is not None:
            if self._worker.paused:
                self._worker.resume()
            else:
                self._worker.pause()
            self.changed.emit()

    def stop(self) -> None:
        """End the run; the newest model stays."""
        if self._worker is not None:
            self._worker.cancel()

    def _progressed(self, progress: Any) -> None:
        if isinstance(progress, Corpus):
            self._corpus, self.names = progress, progress.names
            self.changed.emit()
            return
        self.history.append(Figures(progress.seconds / 60, progress.lower_bound, progress.reconstruction, progress.kl))
        if progress.model is not None:
            self._take(progress.model)
        self.stepped.emit(progress)
        if progress.note:
            self.noted.emit(progress.note)

    def _returned(self, model: TrainedModel) -> None:
        self._take(model)

    def _take(self, model: TrainedModel) -> None:
        self.model = model
        if self._corpus is not None:
            self._sketcher.ask(_SketchRequest(model, self._corpus, self._points))

    def _sketched(self, request: _SketchRequest, sketch: Sketch) -> None:
        if request.corpus is self._corpus:
            self._points = sketch.points
            self.sketched.emit(sketch)

    def _finished(self) -> None:
        self._worker = None
        self.changed.emit()


def _run(songs: Sequence[Rolled], recipe: Recipe, minutes: float | None) -> Generator[Any, None, TrainedModel]:
    """Yields the corpus, then a TrainingStep at a time."""
    config = recipe.model
    corpus = build_corpus(songs, config.window, config.hop, cap=recipe.cap, equal_share=recipe.equal_share)
    yield corpus
    from vrae_core.training import train  # noqa: PLC0415 - imports torch, which takes 1.4 s: here it stalls nobody

    return (yield from train(corpus, recipe, minutes=minutes))


def _sketch(request: _SketchRequest) -> Sketch:
    corpus = request.corpus
    some = np.unique(np.linspace(0, len(corpus) - 1, min(SKETCHED_WINDOWS, len(corpus))).astype(np.int64))
    sample = corpus.take(some)
    posterior = finish(encode_corpus(request.model, sample))
    drawn = finish(project(posterior.mu, "latent" if request.model.config.latent <= 2 else "PCA"))
    points = drawn.points if request.before is None else _turned_like(drawn.points, request.before)
    return Sketch(points, sample.song_of)


def _turned_like(points: FloatArray, before: FloatArray) -> FloatArray:
    """The frame turned or mirrored to lie best on the one before, so that dots glide (orthogonal Procrustes)."""
    u, _, vt = np.linalg.svd(points.T @ before)
    return np.asarray(points @ (u @ vt), np.float32)
