"""The long jobs that run now: what each is called, how far it is, and how to stop it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.qt.background import Worker
from explorer.qt.messages import Messages
from vrae_core.progress import Progress, Result, Yielded

SECONDS_BETWEEN_LOOKS = 0.05  # of a save that waits, at whether it was cancelled


@dataclass(eq=False)
class Job:
    """A job that runs; ``share`` is how far it is, 0–1, or None if it has not said.

    writes: the file, or the folder of files, that somebody asked for, and would miss.  succeeded: whether it has
    returned.  over: set once its thread has ended, cancelled or not.
    """

    title: str
    worker: Worker
    key: str
    writes: str = ""
    succeeded: bool = False
    share: float | None = None
    text: str = ""
    started: float = field(default_factory=time.monotonic)
    over: threading.Event = field(default_factory=threading.Event)


class Jobs(QObject):
    """Runs generator jobs in threads.  Of the jobs with one key only the newest counts: it cancels the others.

    Jobs that write cancel none: those that write the same file do so one after another, as they were asked for.  One
    that was cancelled may be inside its write, and is waited for too: so the file always holds what came last.
    """

    changed = Signal()  # which jobs run, or how far they are

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._messages = messages
        self.running: list[Job] = []
        self._writing: list[Job] = []  # whose threads have not ended, those that were cancelled among them
        self._waiting: list[tuple[str, Callable[[], object]]] = []

    def start(
        self,
        title: str,
        job: Generator[Yielded, None, Result],
        done: Callable[[Result], object],
        *,
        key: str | None = None,
        progressed: Callable[[Yielded], object] | None = None,
    ) -> None:
        """Run a job; ``done`` gets its result.  The user is told its errors."""
        key = key or title
        self._stop(key)
        self._begin(Job(title, Worker(job), key), done, progressed)

    def save(
        self, file: Path, title: str, job: Generator[Yielded, None, Result], done: Callable[[Result], object]
    ) -> None:
        """Run a job that makes a file, or fills a folder, that somebody asked for; it waits for those of the same."""
        path = os.path.abspath(file)
        before = [entry.over for entry in self._writing if entry.writes == path]
        entry = Job(title, Worker(_once_over(before, job)), f"{title} {id(job)}", path)
        self._writing.append(entry)
        self._begin(entry, done, None)

    def _begin(self, entry: Job, done: Callable[[Any], object], progressed: Callable[[Any], object] | None) -> None:
        self.running.append(entry)
        entry.worker.progressed.connect(lambda progress: self._progressed(entry, progress, progressed))
        entry.worker.returned.connect(lambda result: self._returned(entry, done, result))
        entry.worker.failed.connect(lambda sentence: self._failed(entry, sentence))
        entry.worker.finished.connect(lambda: self._ended(entry))
        entry.worker.start()
        self.changed.emit()

    def cancel(self, key: str) -> None:
        """Stop the job with this key, if there is one: what it yields or returns from now on is dropped."""
        self._stop(key)
        self._go_on()
        self.changed.emit()

    def after(self, key: str, begin: Callable[[], object]) -> None:
        """Do what starts a job with this key when none runs: at once, or in its turn, so that it cancels nothing."""
        self._waiting.append((key, begin))
        self._go_on()

    def _go_on(self) -> None:
        """Begin what has waited, the first of each key first."""
        for turn in list(self._waiting):
            if turn in self._waiting and not self.is_running(turn[0]):
                self._waiting.remove(turn)
                turn[1]()

    def _stop(self, key: str) -> None:
        for entry in [entry for entry in self.running if entry.key == key]:
            self.running.remove(entry)
            entry.worker.cancel()

    @property
    def writing(self) -> list[Job]:
        """Those jobs that make files that somebody asked for."""
        return [entry for entry in self.running if entry.writes]

    def is_running(self, key: str) -> bool:
        """Whether a job with this key runs."""
        return any(entry.key == key for entry in self.running)

    def _progressed(self, entry: Job, progress: Any, tell: Callable[[Any], object] | None) -> None:
        if entry not in self.running:
            return  # cancelled meanwhile
        if tell is not None:
            tell(progress)
        total = getattr(progress, "total", 0)
        entry.share = progress.done / total if total else None
        entry.text = getattr(progress, "text", "")
        self.changed.emit()

    def _returned(self, entry: Job, done: Callable[[Any], object], result: Any) -> None:
        if entry in self.running:
            entry.succeeded = True
            done(result)

    def _failed(self, entry: Job, sentence: str) -> None:
        if entry in self.running:
            self._messages.say(sentence, "error")

    def _ended(self, entry: Job) -> None:
        if entry in self.running:
            self.running.remove(entry)
        if entry in self._writing:
            self._writing.remove(entry)
        entry.over.set()
        entry.worker.deleteLater()  # or the functions connected to it would keep it, and it them
        self._go_on()
        self.changed.emit()


def _once_over(
    before: Sequence[threading.Event], job: Generator[Yielded, None, Result]
) -> Generator[Yielded | Progress, None, Result]:
    for over in before:
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            yield Progress(0, 0, "waiting for the save before it")
    return (yield from job)
