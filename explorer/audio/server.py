"""Whether the sound server of a Linux desktop still answers, asked without risk to this process."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot


class ServerCheck(QObject):
    """Finds out whether a new sink may be opened after the old one stalled on Linux.

    When PulseAudio dies, Qt 6.11 tries once, 3 s later, to reach it again.  If that fails it never tries again, and
    opening a sink then aborts the whole process; nothing in Qt tells how it went.  A process of its own can tell safely
    whether the server answers: if it does both before and after Qt's attempt, then that attempt found it too.
    """

    ended = Signal(bool)  # whether a sink may be opened

    QT_TRIES_AFTER = 3.0  # seconds after the server died
    NOTICED_AFTER = 0.6  # seconds from then until this begins, at most
    PROBE = (
        "from PySide6.QtCore import QCoreApplication as A; from PySide6.QtMultimedia import QMediaDevices as D; "
        "a = A([]); raise SystemExit(not D.audioOutputs())"
    )

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._began = time.monotonic()
        self._answered_before = False
        self._process = QProcess(self)
        self._process.finished.connect(self._answer)

    def begin(self) -> None:
        """Ask; ``ended`` follows some four seconds later."""
        self._process.start(sys.executable, ["-c", self.PROBE])

    def give_up(self) -> None:
        """Ask no more; ``ended`` does not follow."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.finished.disconnect(self._answer)
            self._process.kill()
            self._process.waitForFinished(1000)

    @Slot(int, QProcess.ExitStatus)
    def _answer(self, code: int, status: QProcess.ExitStatus) -> None:
        elapsed = time.monotonic() - self._began
        answers = code == 0 and status == QProcess.ExitStatus.NormalExit
        if elapsed < self.QT_TRIES_AFTER - self.NOTICED_AFTER:
            self._answered_before = answers
            wait = self.QT_TRIES_AFTER + 0.5 - elapsed if answers else 0.1
            QTimer.singleShot(int(wait * 1000), self, self.begin)
        else:
            self.ended.emit(answers and self._answered_before)
