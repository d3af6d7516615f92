"""The run that is shown: followed and steered while one goes on listening, whoever trains it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.qt.background import NewestWins, Worker
from explorer.qt.messages import Messages
from explorer.session.training.trainer import Trainer
from explorer.session.training.worker import Begun, Opened, open_run
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import TrainingError
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import IntArray
from vrae_core.runs.changes import ChangeMark, marks
from vrae_core.runs.control import Asked, keep_best, why_not_steered, write_steering
from vrae_core.runs.folder import RunFolder, Snapshot, State
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import News, Seen, news_of
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.windows import corpus_of_run
from vrae_core.training.steering import Steering

FOLLOW_MS = 1000  # a run's rows come about once a second


class Training(QObject):
    """``run`` is the one that this window trains, another that went before, or one that another process trains.

    Its rows and snapshots come from its folder in every case.
    """

    changed = Signal()  # another run is shown, or it was started, paused, went on, ended
    stepped = Signal(object)  # what a TrainingStep holds, but for its model; of this window's own run, if it is shown
    row_added = Signal(object)  # Row
    snapshot_added = Signal(object)  # Snapshot
    marked = Signal()  # there are other marks

    def __init__(self, messages: Messages, trainer: Trainer) -> None:
        super().__init__()
        self._messages, self._trainer = messages, trainer
        self.run: RunFolder | None = None
        self.settings: RunSettings | None = None  # of the run shown
        self.rows: list[HistoryRow] = []
        self.snapshots: list[Snapshot] = []
        self.marks: list[ChangeMark] = []  # where it was steered, paused, resumed, branched
        self.corpus: Corpus | None = None
        self.model: TrainedModel | None = None  # the newest
        self.state: State = "stopped"  # of the run shown
        self.steering = Steering()  # of the run shown; see `steer`
        self.unsteered = ""  # why the run shown cannot be steered
        self._asked = Asked()
        self._asked_here = False  # since the run was shown; if not, what its file says counts
        self._listening = False  # whether the own process listens already
        self._keeps_best = False
        self._seen = Seen()
        self._opener, self._follower = NewestWins(open_run), NewestWins(_news_since)
        self._writer = NewestWins(_write_asked)
        self._opener.answered.connect(self._opened)
        self._follower.answered.connect(self._followed)
        for part in (self._opener, self._writer):
            part.failed.connect(lambda _request, sentence: messages.say(sentence, "error"))
        self._timer = QTimer(self, interval=FOLLOW_MS)
        self._timer.timeout.connect(self._look)
        trainer.starting.connect(self._starting)
        trainer.begun.connect(self._begun)
        trainer.stepped.connect(self._stepped)
        trainer.finished.connect(self._finished)
        trainer.changed.connect(self.changed)

    # --- what goes on

    @property
    def attached(self) -> bool:
        """Whether another process trains the run that is shown."""
        return self.state == "running" and not self._shows_own

    @property
    def steerable(self) -> bool:
        """Whether the run that is shown goes on and obeys."""
        return not self.why_not_steered

    @property
    def why_not_steered(self) -> str:
        """Why the run that is shown does not obey, in a sentence; "" if it does."""
        if self._shows_own:
            return ""
        return self.unsteered if self.attached else "No training is running."

    @property
    def paused(self) -> bool:
        """Whether the run that is shown is held."""
        return self.steerable and self._asked.paused

    @property
    def name(self) -> str:
        """What the run that is shown is called."""
        return self.settings.name if self.settings else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The songs of the run that is shown."""
        return self.corpus.names if self.corpus else ()

    @property
    def _shows_own(self) -> bool:
        return self._trainer.running and (self._trainer.run is None or _is(self._trainer.run, self.run))

    # --- steering

    def toggle_pause(self) -> None:
        """Hold the run, or let it go on."""
        if self.steerable:
            self._ask(replace(self._asked, paused=not self._asked.paused))
            self.changed.emit()

    def steer(self, *, learning_rate: float | None = None, kl_weight: float | None = None) -> None:
        """Multiply what the schedules give from the next update on."""
        if learning_rate is not None:
            self.steering.learning_rate = learning_rate
        if kl_weight is not None:
            self.steering.kl_weight = kl_weight
        self._send_steering()

    def weigh(self, windows: IntArray, factor: float) -> bool:
        """Let some of the run's windows come so many times as often, 0: no more; whether that could be done.

        It says so if no window would be left to learn from.
        """
        if self.corpus is None or not self.steerable:
            return False
        try:
            self.steering.weigh(windows, factor, len(self.corpus))
        except TrainingError as error:
            self._messages.say(f"That is not possible: {error}.", "warning")
            return False
        self._send_steering()
        return True

    def weigh_alike(self) -> None:
        """Let all windows come alike again."""
        if self.corpus is not None and self.steerable:
            self.steering.window_weights = np.ones(len(self.corpus), np.float32)
            self._send_steering()

    def stop(self) -> None:
        """End the run that is shown, or this window's own; what it has learnt stays, and it can go on."""
        if self.attached:
            if self.steerable:
                self._ask(replace(self._asked, stopped=True))
        else:
            self._trainer.stop()

    def stop_and_keep_best(self) -> None:
        """End the run, and make its best snapshot its model."""
        self._keeps_best = self.steerable
        self.stop()

    def _send_steering(self) -> None:
        """What is set in ``steering`` goes to the process, should it be anything new."""
        if not self.steerable or self.run is None:
            return
        steering, weights = self.steering, self.steering.window_weights
        asked = replace(
            self._asked,
            learning_rate=steering.learning_rate,
            kl_weight=steering.kl_weight,
            window_weights=None if weights is None else tuple(weights.tolist()),
        )
        if asked != self._asked:
            self._ask(asked)

    def _ask(self, asked: Asked) -> None:
        self._asked, self._asked_here = asked, True
        if self.run is not None:
            self._writer.ask((self.run, asked))

    # --- showing

    def show_run(self, run: RunFolder) -> None:
        """Show a run, of whatever process, and follow it if it goes on."""
        if not _is(run, self.run):
            self._show(run)
            self.changed.emit()

    def _show(self, run: RunFolder | None) -> None:
        self.run, self.settings, self.corpus, self.model = run, None, None, None
        self.rows, self.snapshots, self._seen, self.state = [], [], Seen(), "stopped"
        self._take_marks([])
        self.steering, self.unsteered = Steering(), ""
        self._asked, self._asked_here = Asked(), False
        self._timer.stop()
        if run is not None:
            self._opener.ask(run)

    def _opened(self, run: RunFolder, opened: Opened) -> None:
        if run is not self.run:
            return
        self.settings, self.corpus = opened.settings, opened.corpus
        asked = opened.asked
        if not self._asked_here:
            begins = self._shows_own and not self._listening  # and nothing holds it, whatever was asked before
            self._asked = replace(asked, paused=asked.paused and not begins)
        self.steering = Steering(asked.learning_rate, asked.kl_weight, opened.weights, learnt=opened.learnt)
        if opened.problem:
            self._messages.say(opened.problem, "warning")
        self._timer.start()
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        if self.run is not None:
            self._send_steering()
            self._follower.ask((self.run, self._seen))

    def _followed(self, request: tuple[RunFolder, Seen], found: tuple[News, str]) -> None:
        run, seen = request
        if run is not self.run or seen is not self._seen:
            return
        all_is_new, was = seen == Seen(), (self.state, self.unsteered)
        news, self.unsteered = found
        self._seen, self.state, self.model = news.seen, news.state, news.model or self.model
        self.rows += news.rows
        self.snapshots = news.snapshots
        new_snapshots = [snapshot for snapshot in news.snapshots if snapshot.updates > seen.snapshot]
        if news.changes is not None:
            self._take_marks(marks(news.changes))
        if all_is_new or was != (self.state, self.unsteered):
            self.changed.emit()
        if not all_is_new or len(news.rows) + len(new_snapshots) < 3:
            for row in news.rows:
                self.row_added.emit(row)
            for snapshot in new_snapshots:
                self.snapshot_added.emit(snapshot)
        if was[0] == "running" != self.state and not self._trainer.running:
            self._keep_best_if_asked(run)

    def _take_marks(self, found: list[ChangeMark]) -> None:
        if found != self.marks:
            self.marks = found
            self.marked.emit()

    # --- what the trainer says

    def _starting(self, run: RunFolder | None) -> None:
        self._listening = False
        self._show(run)

    def _begun(self, begun: Begun) -> None:
        if self.run is None or _is(self.run, begun.run):
            self.run = begun.run
            self.settings, self.corpus, self.state = begun.settings, begun.corpus, "running"
            self.steering.learnt = begun.learnt
            self._timer.start()

    def _stepped(self, step: object) -> None:
        if not self._listening:  # from now on it looks at what is asked; what came before may have been overwritten
            self._listening = True
            self._look()
            if self._shows_own and self._asked != Asked():
                self._ask(self._asked)
        if self._shows_own:
            self.stepped.emit(step)

    def _finished(self, run: RunFolder | None) -> None:
        self._look()
        if run is not None and _is(run, self.run):
            self.state = "stopped"
            self._keep_best_if_asked(run)

    def _keep_best_if_asked(self, run: RunFolder) -> None:
        if self._keeps_best:
            self._keeps_best = False
            worker = Worker(_keep_best_of(run))
            worker.returned.connect(lambda model: self._kept(run, model))
            worker.failed.connect(lambda sentence: self._messages.say(sentence, "error"))
            worker.start()

    def _kept(self, run: RunFolder, model: TrainedModel) -> None:
        if run is self.run:
            self.model = model
            self._look()
        updates = model.about.get("updates", "?")
        self._messages.say(f"Kept the best snapshot, of {updates} updates, as the run's model.")
        self.changed.emit()


def _is(run: RunFolder | None, other: RunFolder | None) -> bool:
    return run is not None and other is not None and run.path == other.path


def _news_since(request: tuple[RunFolder, Seen]) -> tuple[News, str]:
    """What is new of a run, and why it does not obey: a process that was shown as it began does so only later."""
    run, seen = request
    return news_of(run, seen), why_not_steered(run)


def _write_asked(request: tuple[RunFolder, Asked]) -> None:
    write_steering(*request)


def _keep_best_of(run: RunFolder) -> Generator[None, None, TrainedModel]:
    yield
    return keep_best(run, corpus_of_run(run))
