"""The closing of the window: every part lets go of what it has, and none that fails or hangs holds up the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

MOST_SECONDS = 3.5  # what still hangs then is left behind

log = logging.getLogger(__name__)


class Closing(QObject):
    """Takes its steps once, in their order, and then waits until nothing is ``busy``: a thread that runs at the end
    would abort the process."""

    began = Signal()
    ended = Signal()

    def __init__(self, parent: QObject, steps: Sequence[Callable[[], object]], busy: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._steps, self._busy = steps, busy
        self._deadline: float | None = None  # once it has begun
        self._timer = QTimer(self, interval=15)
        self._timer.timeout.connect(self._look)

    @property
    def has_begun(self) -> bool:
        return self._deadline is not None

    @property
    def may_end(self) -> bool:
        """Whether there is nothing left to wait for, or no time."""
        return self._deadline is not None and (not self._busy() or time.monotonic() > self._deadline)

    def begin(self) -> None:
        """Ask every part to end; ``ended`` follows."""
        if self._deadline is not None:
            return
        self._deadline = time.monotonic() + MOST_SECONDS
        self.began.emit()
        for step in self._steps:
            try:
                step()
            except Exception:
                log.exception("a part does not close")
        self._timer.start()

    def _look(self) -> None:
        if self.may_end:
            self._timer.stop()
            self.ended.emit()
