"""What the window offers beside its tabs: to resume a training, to open what was trained, to copy a crash's report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from explorer.qt.messages import Messages
from explorer.qt.notices import Offer
from explorer.session.training.learning import Learning
from explorer.session.training.run_models import RunModels
from explorer.session.training.runs import Runs
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.news import RunSummary
from vrae_core.runs.songs import MARK


class Offers(QObject):
    """Each waits until it is accepted or closed, and covers nothing."""

    resumed = Signal()

    def __init__(self, messages: Messages, runs: Runs, run_models: RunModels, learning: Learning) -> None:
        super().__init__()
        self._messages, self._runs, self._run_models, self._learning = messages, runs, run_models, learning
        self.unfinished, self.crash = Offer("Resume", "Not now"), Offer("Copy report", "Close")
        self.ended = Offer("Open map", "Close")
        self._report = ""
        self._open_trained: Callable[[], object] = lambda: None
        self._trained: Path | None = None  # the folder of the run whose map is offered
        runs.unfinished_found.connect(self._offer_to_resume)
        runs.changed.connect(self._forget_what_goes_on)
        for ended in (runs.ended, runs.ended_elsewhere):
            ended.connect(self._offer_what_was_trained)
        learning.ready.connect(self._offer_what_was_learnt)
        run_models.opening.connect(self._forget_what_is_opened)
        self.unfinished.accepted.connect(self._resume)
        self.unfinished.declined.connect(runs.not_now)
        self.crash.accepted.connect(self._copy_report)
        self.ended.accepted.connect(self._open)

    @property
    def all(self) -> tuple[Offer, ...]:
        """The offers, in the order in which they stand beside each other."""
        return (self.crash, self.unfinished, self.ended)

    def _offer_to_resume(self, run: RunSummary, waiting: int) -> None:
        behind = {0: "", 1: ", and a run is queued"}.get(waiting, f", and {waiting} runs are queued")
        interrupted = f"The training “{run.name}” was interrupted after {run.minutes:.1f} min"
        self.unfinished.show_words(f"{interrupted}{behind}. Resume?")

    def _forget_what_goes_on(self) -> None:
        """A run that was resumed elsewhere, or thrown away, is offered no more."""
        if self._runs.unfinished is None:
            self.unfinished.hide()

    def _resume(self) -> None:
        self._runs.resume()
        self.resumed.emit()

    def _open(self) -> None:
        self._open_trained()

    def offer_report(self, report: str) -> None:
        """Offer to copy the report of a crash; nothing for ""."""
        if report:
            self._report = report
            self.crash.show_words("VRAE Explorer crashed the last time. A report for its makers can be copied.")

    def _copy_report(self) -> None:
        QApplication.clipboard().setText(self._report)
        self._messages.say("The report of the crash is on the clipboard.")

    def _offer_what_was_trained(self, run: RunSummary) -> None:
        if run.settings is None or MARK not in run.settings.extra:  # else it is told once its notes are compared
            self._open_trained, self._trained = lambda: self._run_models.use(run.run), run.run.path
            self.ended.show_words(f"Training “{run.name}” {run.outcome}")

    def _offer_what_was_learnt(self, run: RunFolder, sentence: str) -> None:
        self._open_trained, self._trained = lambda: self._learning.open(run), run.path
        self.ended.show_words(sentence)

    def _forget_what_is_opened(self, run: RunFolder) -> None:
        """A map that somebody opens elsewhere is offered no more."""
        if run.path == self._trained:
            self.ended.hide()
