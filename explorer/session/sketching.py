"""The living map: a run's windows as its newest model sees them, each frame turned to lie on the one before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from explorer.background import NewestWins
from explorer.session.training import Training
from vrae_core.corpus import Corpus
from vrae_core.latent_map import encode_corpus, project
from vrae_core.piano_roll import FloatArray
from vrae_core.progress import finish
from vrae_core.trained_model import TrainedModel

SKETCHED_WINDOWS = 600  # on the living map: enough to see songs part, few enough to encode in a second


class Sketch(NamedTuple):
    """A frame of the living map."""

    points: FloatArray  # (N, 2)
    song_of: npt.NDArray[np.int64]


class _SketchRequest(NamedTuple):
    model: TrainedModel
    corpus: Corpus
    before: FloatArray | None  # the frame shown now


class Sketching(QObject):
    """Draws the run that is shown whenever it has a newer model."""

    sketched = Signal(object)  # Sketch
    failed = Signal(str)

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._training = training
        self._points: FloatArray | None = None
        self._drawn: TrainedModel | None = None
        self._sketcher = NewestWins(_sketch)
        self._sketcher.answered.connect(self._sketched)
        self._sketcher.failed.connect(lambda _request, sentence: self.failed.emit(sentence))
        training.changed.connect(self._look)
        training.snapshot_added.connect(self._look)

    def _look(self) -> None:
        model, corpus = self._training.model, self._training.corpus
        if model is not None and corpus is not None and model is not self._drawn:
            self._drawn = model
            self._sketcher.ask(_SketchRequest(model, corpus, self._points))

    def _sketched(self, request: _SketchRequest, sketch: Sketch) -> None:
        if request.corpus is self._training.corpus:
            self._points = sketch.points
            self.sketched.emit(sketch)


def _sketch(request: _SketchRequest) -> Sketch:
    corpus = request.corpus
    some = np.unique(np.linspace(0, len(corpus) - 1, min(SKETCHED_WINDOWS, len(corpus))).astype(np.int64))
    sample = corpus.take(some)
    posterior = finish(encode_corpus(request.model, sample))
    drawn = finish(project(posterior.mu, "latent" if request.model.config.latent <= 2 else "PCA"))
    same = request.before is not None and len(request.before) == len(drawn.points)
    return Sketch(_turned_like(drawn.points, request.before) if same else drawn.points, sample.song_of)


def _turned_like(points: FloatArray, before: FloatArray) -> FloatArray:
    """The frame turned or mirrored to lie best on the one before, so that dots glide (orthogonal Procrustes)."""
    u, _, vt = np.linalg.svd(points.T @ before)
    return np.asarray(points @ (u @ vt), np.float32)
