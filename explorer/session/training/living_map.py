"""The living map: a fixed sample of a run's windows as each of its snapshots sees them, and a few of them decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.qt.background import NewestWins
from explorer.qt.messages import Messages
from explorer.session.training.sample import Sample, first_probes, take_sample
from vrae_core.errors import VraeError
from vrae_core.latent.alignment import align
from vrae_core.latent.map import encode_corpus, project
from vrae_core.model.evaluation import frame_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import BoolArray, FloatArray
from vrae_core.progress import finish
from vrae_core.runs.folder import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.session.training.training import Training

MODELS_KEPT = 6  # in memory, of those that were looked at last
MILLISECONDS_EACH = 450  # of a snapshot, when the history plays


@dataclass(frozen=True, eq=False)
class SnapshotMap:
    """The sample as one snapshot sees it: n windows."""

    snapshot: Snapshot
    mu: FloatArray  # (n, J), as the snapshot's model encodes them
    points: FloatArray  # (n, 2), drawn: μ itself or its two principal components, turned like the frame beside it


class Probe(NamedTuple):
    """A window and what a snapshot makes of it, decoded from its μ."""

    place: int  # in the sample
    original: BoolArray  # (T, P)
    probabilities: FloatArray  # (T, P)
    threshold: float
    f1: float


class Shot(NamedTuple):
    """What is shown of a snapshot."""

    frame: SnapshotMap
    model: TrainedModel
    probes: tuple[Probe, ...]


class _SnapshotRequest(NamedTuple):
    snapshot: Snapshot
    sample: Sample
    known: SnapshotMap | None  # the snapshot's, if it was looked at before
    beside: SnapshotMap | None  # the frame to turn it like
    probes: tuple[int, ...]


class LivingMap(QObject):
    """Follows a training.  ``place`` is which of its snapshots is shown; ``live``: always the newest.

    A snapshot is encoded when it is first shown, in a thread; its frame is kept from then on, and never turned again.
    """

    sampled = Signal()  # other windows: another run
    changed = Signal()  # more snapshots, another place among them, it plays or no longer does
    framed = Signal(object)  # the Frame to show
    probed = Signal(object)  # the Shot to show: the frame's, once the probes are decoded

    def __init__(self, messages: Messages, training: Training) -> None:
        super().__init__()
        self._messages, self._training = messages, training
        self.sample: Sample | None = None
        self.place, self.live = -1, True
        self.shot: Shot | None = None  # what is shown
        self.probes: tuple[int, ...] = ()  # places in the sample
        self._frames: dict[int, SnapshotMap] = {}  # by the number of updates
        self._shown: SnapshotMap | None = None
        self._run: object = None
        self._next_replaced = 0
        self._taker = NewestWins(partial(_take, lru_cache(MODELS_KEPT)(TrainedModel.load)))
        self._taker.answered.connect(self._taken)
        self._taker.failed.connect(self._not_taken)
        self._clock = QTimer(self, interval=MILLISECONDS_EACH)
        self._clock.timeout.connect(self._play_on)
        training.changed.connect(self._follow)
        training.snapshot_added.connect(self._follow)
        self._follow()

    # --- which snapshot

    @property
    def snapshots(self) -> list[Snapshot]:
        """The run's, the oldest first."""
        return self._training.snapshots

    @property
    def snapshot(self) -> Snapshot | None:
        """The one that is wanted; what is shown may still be another."""
        return self.snapshots[self.place] if 0 <= self.place < len(self.snapshots) else None

    def show(self, place: int) -> None:
        """Show a snapshot; the last means to follow the newest."""
        if self.snapshots:
            self.place = min(max(place, 0), len(self.snapshots) - 1)
            self.live = self.place == len(self.snapshots) - 1
            self._ask()
            self.changed.emit()

    def go_live(self) -> None:
        """Follow the newest snapshot."""
        self.show(len(self.snapshots) - 1)

    @property
    def playing(self) -> bool:
        """Whether the history goes by."""
        return self._clock.isActive()

    def toggle_play(self) -> None:
        """Let the history go by from the snapshot that is shown, or from the first; or hold it."""
        if self.playing:
            self._clock.stop()
        elif len(self.snapshots) > 1:
            if self.live:
                self.show(0)
            self._clock.start()
        self.changed.emit()

    def _play_on(self) -> None:
        if self._shown is None or self._shown.snapshot == self.snapshot:  # else it is still being encoded
            self.show(self.place + 1)
            if self.live:
                self._clock.stop()
                self.changed.emit()

    def _follow(self, _snapshot: object = None) -> None:
        """The run has more snapshots, or it is another run."""
        training = self._training
        corpus = self.sample.whole if self.sample is not None else None
        if training.run is not self._run or training.corpus is not corpus:
            self._restart()
        if self.live and self.place != len(self.snapshots) - 1:
            self.go_live()
        else:
            self.changed.emit()

    def _restart(self) -> None:
        training = self._training
        self._run, corpus = training.run, training.corpus
        self.sample = take_sample(corpus) if corpus is not None and len(corpus) else None
        self.probes = first_probes(self.sample) if self.sample is not None else ()
        self.place, self.live, self.shot, self._shown, self._next_replaced = -1, True, None, None, 0
        self._frames = {}
        self._clock.stop()
        self.sampled.emit()

    # --- frames and probes

    def put_probe(self, place: int) -> None:
        """Let a window of the sample take a probe's place, each in its turn."""
        if place not in self.probes and self.probes:
            changed = list(self.probes)
            changed[self._next_replaced] = place
            self._next_replaced = (self._next_replaced + 1) % len(changed)
            self.probes = tuple(changed)
            self._ask()

    def _ask(self) -> None:
        snapshot, sample = self.snapshot, self.sample
        if snapshot is None or sample is None:
            return
        known = self._frames.get(snapshot.updates)
        if known is not None:
            self._show_frame(known)
        nearest = min(self._frames, key=lambda updates: abs(updates - snapshot.updates), default=None)
        beside = self._frames[nearest] if nearest is not None else None
        self._taker.ask(_SnapshotRequest(snapshot, sample, known, beside, self.probes))

    def _taken(self, request: _SnapshotRequest, shot: Shot) -> None:
        if request.sample is not self.sample:
            return  # of a run that is no longer shown
        frame = self._frames.setdefault(request.snapshot.updates, shot.frame)
        if self.live or request.snapshot == self.snapshot:  # snapshots may come faster than they can be encoded
            self._show_frame(frame)
            if request.probes == self.probes:
                self.shot = shot
                self.probed.emit(shot)

    def _not_taken(self, request: _SnapshotRequest, sentence: str) -> None:
        if request.sample is self.sample:
            self._clock.stop()
            self._messages.say(sentence, "error")
            self.changed.emit()

    def _show_frame(self, frame: SnapshotMap) -> None:
        if frame is not self._shown:
            self._shown = frame
            self.framed.emit(frame)

    # --- how often windows come

    def weigh(self, chosen: BoolArray, factor: float) -> None:
        """Let windows come ``factor`` times as often as now: those that the chosen of the sample, (n,), stand for.

        Nothing, if the run does not obey.  Raises: VraeError if no window would be left to learn from.
        """
        if self.sample is None or not self._training.steerable:
            return
        self._training.steering.weigh(self.sample.windows_of(chosen), factor, len(self.sample.whole))
        self.changed.emit()

    def weigh_alike(self) -> None:
        """Let all windows come equally often again; nothing, if the run does not obey."""
        if self.sample is not None and self._training.steerable:
            self._training.steering.window_weights = np.ones(len(self.sample.whole), np.float32)
            self.changed.emit()

    @property
    def weights(self) -> FloatArray | None:
        """(N,) how often each window of the run comes; None: alike."""
        weights = self._training.steering.window_weights
        if weights is None or self.sample is None or len(weights) != len(self.sample.whole):
            return None
        return None if (weights == 1).all() else weights


def _take(load: Callable[[Path], TrainedModel], request: _SnapshotRequest) -> Shot:
    """In the thread: load, encode, turn, decode.  Raises: VraeError for a snapshot that cannot be used."""
    corpus, model = request.sample.corpus, load(request.snapshot.path)
    if model.pitches != corpus.pitches:
        raise VraeError(f"{request.snapshot.path.name} was trained on other pitches than these songs have")
    frame = request.known
    if frame is None:
        mu = finish(encode_corpus(model, corpus)).mu
        drawn = finish(project(mu, "latent" if model.config.latent <= 2 else "PCA")).points
        points = drawn if request.beside is None else align(drawn, request.beside.points, resize=False).apply(drawn)
        frame = SnapshotMap(request.snapshot, mu, points)
    chosen = list(request.probes)
    originals = corpus.windows(chosen)
    decoded = model.decode(frame.mu[chosen])
    probes = tuple(
        Probe(place, original, probabilities, model.threshold, frame_f1(probabilities >= model.threshold, original))
        for place, original, probabilities in zip(chosen, originals, decoded, strict=True)
    )
    return Shot(frame, model, probes)
