"""Whether to quit while a file is being written."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class QuitQuestion(QMessageBox):
    """Asks without blocking: what is written goes on meanwhile, and is done when it says so."""

    def __init__(self, parent: QWidget, quit_anyway: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("Quit VRAE Explorer")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setInformativeText("If you quit now, that file is not saved.")
        self.wait = self.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
        self.quit = self.addButton("Quit anyway", QMessageBox.ButtonRole.DestructiveRole)
        self.setDefaultButton(self.wait)
        self.setEscapeButton(self.wait)
        self.quit.clicked.connect(quit_anyway)
