"""A grip by which what is heard is dragged out of the window, as a MIDI file, into a DAW or a file manager."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication

from explorer.qt.controls import Button


class DragGrip(Button):
    """Asks for a file when it is taken hold of (``wanted``); once it is given one (``take``) it can be dragged."""

    wanted = Signal()

    def __init__(self) -> None:
        tip = "Drag what is heard into a DAW or a file manager, as a MIDI file (or copy it: Ctrl+Shift+C)"
        super().__init__("Drag as MIDI", tip, "grip")
        self.setAccessibleName("Drag what is heard out of the window as a MIDI file")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard copies instead
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._pressed_at: QPointF | None = None
        self._pulled = False  # far enough to be a drag
        self._file: tuple[Path, bytes] | None = None

    def take(self, file: tuple[Path, bytes]) -> None:
        """The file to drag, and its bytes."""
        self._file = file
        self._drag()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at, self._pulled, self._file = event.position(), False, None
            self.wanted.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None:
            way = (event.position() - self._pressed_at).manhattanLength()
            self._pulled = self._pulled or way >= QApplication.startDragDistance()
            self._drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None

    def _drag(self) -> None:
        """Begin, if the hand still holds the grip, has pulled at it, and the file is written."""
        if self._pressed_at is None or not self._pulled or self._file is None:
            return
        self._pressed_at = None
        drag = QDrag(self)
        drag.setMimeData(midi_file_data(*self._file))
        drag.setPixmap(self.grab())
        drag.exec(Qt.DropAction.CopyAction)


def midi_file_data(file: Path, data: bytes) -> QMimeData:
    """A MIDI file as it is dragged or put on the clipboard: where it is, and what is in it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])  # text/uri-list
    mime.setData("audio/midi", data)
    return mime
