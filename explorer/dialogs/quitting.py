"""Whether to quit while a file is being written."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


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
