"""Long or frequent work in threads of its own, so that the window never waits.

Every signal of Worker and NewestWins is emitted in the thread that made the object, the GUI's: whatever is connected
to them may touch widgets, even a lambda.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from vrae_core.errors import VraeError

PROGRESS_INTERVAL_MS = 33  # a screen shows no more than 30 changes a second
Request = TypeVar("Request")

log = logging.getLogger(__name__)

_running: set[Worker | NewestWins[Any]] = set()  # dropping a QThread that runs would abort the process
# Running or not: one that is first asked while all ends must not begin.
_answering: WeakSet[NewestWins[Any]] = WeakSet()


class _Thread(QThread):
    """Runs one function."""

    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__()
        self._function = function

    def run(self) -> None:
        self._function()

    def forget(self) -> None:
        """Let go of the function, and so of the worker that owns this thread: a cycle might be freed in any thread."""
        self._function = lambda: None


class Worker(QObject):
    """Runs a job, a generator that yields its progress and returns its result, in a thread of its own.

    Ends with ``returned``, ``failed`` or, when cancelled and closed in good order, neither; then always ``finished``.
    Every 33 ms ``progressed`` gives what the job yielded meanwhile; of values of one type in a row, only the newest,
    so that a fast job does not flood the window.
    """

    progressed = Signal(object)
    returned = Signal(object)
    failed = Signal(str)  # one plain sentence
    finished = Signal()

    def __init__(self, job: Generator[Any, None, Any]) -> None:
        super().__init__()
        self._job = job
        self._cancelled = False
        self._unpaused = threading.Event()
        self._unpaused.set()
        self._progress: deque[Any] = deque()  # what is not shown yet
        self._outcome: Callable[[], None] = lambda: None  # emits what came of the job
        self._thread = _Thread(self._work)
        self._thread.finished.connect(self._end)
        self._timer = QTimer(self, interval=PROGRESS_INTERVAL_MS)
        self._timer.timeout.connect(self._show_progress)

    @property
    def running(self) -> bool:
        """Whether ``finished`` is still to come."""
        return self in _running

    @property
    def paused(self) -> bool:
        return not self._unpaused.is_set()

    def start(self) -> None:
        _running.add(self)
        self._timer.start()
        self._thread.start()

    def cancel(self) -> None:
        """Close the job at its next yield; its result, should there still be one, is dropped."""
        self._cancelled = True
        self._unpaused.set()

    def pause(self) -> None:
        """Pull no more from the job after its next yield."""
        if not self._cancelled:
            self._unpaused.clear()

    def resume(self) -> None:
        self._unpaused.set()

    def _work(self) -> None:
        """In the worker thread."""
        try:
            while not self._cancelled:
                self._keep(next(self._job))
                self._unpaused.wait()
            self._job.close()
        except StopIteration as end:
            if not self._cancelled:
                self._outcome = partial(self.returned.emit, end.value)
        except Exception as error:
            self._outcome = partial(self.failed.emit, _sentence(error))

    def _keep(self, progress: Any) -> None:
        """In the worker thread, which alone appends; the window's alone takes away, and from the other end."""
        try:
            if type(self._progress[-1]) is type(progress):
                self._progress[-1] = progress
                return
        except IndexError:
            pass  # all is shown
        self._progress.append(progress)

    def _show_progress(self) -> None:
        for _ in range(len(self._progress)):  # no more than there are now: the worker goes on adding
            self.progressed.emit(self._progress.popleft())

    def _end(self) -> None:
        self._thread.wait()  # it is past run() already
        self._thread.forget()
        self._timer.stop()
        self._show_progress()
        self._outcome()
        _running.discard(self)
        self.finished.emit()


class NewestWins(QObject, Generic[Request]):
    """Answers requests one after another in a thread of its own, skipping those a newer one has overtaken.

    ``function(request)`` runs in that thread: a request carries all it needs, and neither changes anything shared.
    """

    answered = Signal(object, object)  # request, result
    failed = Signal(object, str)  # request, one plain sentence
    finished = Signal()

    def __init__(self, function: Callable[[Request], object]) -> None:
        super().__init__()
        self._function = function
        self._newest: deque[Request] = deque(maxlen=1)  # appending to it drops the request that waited
        self._asked = threading.Event()
        self._cancelled = False
        self._thread = _Thread(self._work)
        self._thread.finished.connect(self._end)
        _answering.add(self)

    @property
    def running(self) -> bool:
        return self in _running

    def ask(self, request: Request) -> None:
        """Have a request answered soon, unless another comes first."""
        self._newest.append(request)
        self._asked.set()
        if not self._cancelled and not self.running:
            _running.add(self)
            self._thread.start()

    def cancel(self) -> None:
        """Answer nothing more and end the thread; this object is of no use afterwards."""
        self._cancelled = True
        self._asked.set()

    def _work(self) -> None:
        """In the worker thread; signals cross to the GUI's by themselves."""
        while not self._cancelled:
            self._asked.wait()
            self._asked.clear()
            try:
                request = self._newest.popleft()
            except IndexError:
                continue
            if self._cancelled:
                return
            try:
                result = self._function(request)
            except Exception as error:
                self.failed.emit(request, _sentence(error))
            else:
                self.answered.emit(request, result)

    def _end(self) -> None:
        self._thread.wait()
        self._thread.forget()
        _running.discard(self)
        self.finished.emit()


def cancel_all() -> None:
    """Ask everything that runs in the background to end; what answers requests takes none from now on."""
    for work in (*_running, *_answering):
        work.cancel()
    _answering.clear()


def anything_running() -> bool:
    """Whether the process must not end yet."""
    return bool(_running)


def jobs_running() -> bool:
    """Whether a job runs, or one that was cancelled has not ended yet."""
    return any(isinstance(work, Worker) for work in _running)


def wait_for_all(seconds: float) -> bool:
    """Wait, blocking, until the threads of all background work have ended; False if some have not.

    For the very end of the process only: a window that closes calls ``cancel_all`` and closes when each is finished.
    """
    deadline = time.monotonic() + seconds
    left = [
        work for work in tuple(_running) if not work._thread.wait(max(int((deadline - time.monotonic()) * 1000), 0))
    ]
    _running.difference_update(set(_running) - set(left))
    return not left


def _sentence(error: Exception) -> str:
    """What to tell the user; a fault of ours goes to the log in full."""
    if isinstance(error, VraeError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this."
    log.error("background work failed", exc_info=error)
    return f"This failed because of a fault in VRAE Explorer ({type(error).__name__}: {error})."
