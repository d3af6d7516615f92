"""Whether to quit while a file is being written."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from explorer.qt.jobs import Job, Jobs


class Quitting(QObject):
    """Asks before a window closes on a file that is being written, and closes it once that is saved."""

    def __init__(self, window: QWidget, jobs: Jobs, quit_anyway: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._jobs, self._quit_anyway = window, jobs, quit_anyway
        self._awaited: list[Job] = []  # files that are being written, after which the window closes
        jobs.changed.connect(self._close_when_written)

    def ask_first(self) -> bool:
        """Whether a file is being written: the user is asked then what to do."""
        writing = self._jobs.writing
        if writing:
            self._awaited = []
            question = self._window.findChild(QuitQuestion) or QuitQuestion(
                self._window, self._wait_to_close, self._quit_anyway
            )
            question.setText(f"{writing[0].title} is not finished.")
            question.open()
        return bool(writing)

    def _wait_to_close(self) -> None:
        self._awaited = self._jobs.writing
        if not self._awaited:  # it was finished while the question stood there
            self._window.close()

    def _close_when_written(self) -> None:
        """A file that was not written, or was cancelled, has the window stay to say so."""
        if self._awaited and not self._jobs.writing:
            well, self._awaited = all(job.succeeded for job in self._awaited), []
            if well:
                self._window.close()


class QuitQuestion(QMessageBox):
    """Asks without blocking: what is written goes on meanwhile."""

    def __init__(self, parent: QWidget, wait: Callable[[], object], quit_anyway: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("Quit VRAE Explorer")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setInformativeText("Wait closes the window when the file is saved. If you quit now, it is not saved.")
        self.wait = self.addButton("Wait", QMessageBox.ButtonRole.AcceptRole)
        self.quit = self.addButton("Quit anyway", QMessageBox.ButtonRole.DestructiveRole)
        self.stay = self.addButton("Do not quit", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.wait)
        self.setEscapeButton(self.stay)
        self.wait.clicked.connect(wait)
        self.quit.clicked.connect(quit_anyway)
