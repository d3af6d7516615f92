"""Another program that files can be dropped on: prints each drop, with what is in the file, as a line of JSON.

Usage: drop_target.py X Y WIDTH HEIGHT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        mime = event.mimeData()
        event.acceptProposedAction()
        file = Path(mime.urls()[0].toLocalFile())
        got = {"name": file.name, "file": file.read_bytes().hex(), "data": bytes(mime.data("audio/midi")).hex()}
        print(json.dumps(got | {"formats": mime.formats()}), flush=True)


if __name__ == "__main__":
    app = QApplication(sys.argv)
    target = Target()
    target.setGeometry(*map(int, sys.argv[1:5]))
    target.show()
    print("ready", flush=True)
    sys.exit(app.exec())
