"""Putting what the window shows and plays on the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication, QWidget

from explorer.qt.drag_grip import midi_file_data
from explorer.qt.messages import Messages
from explorer.session.files.exports import Exports


class Copying:
    """Each verb puts one thing on the clipboard and says so."""

    def __init__(self, exports: Exports, messages: Messages, map_view: QWidget, roll_view: QWidget) -> None:
        self._exports, self._messages, self._map_view, self._roll_view = exports, messages, map_view, roll_view
        self._file: Path | None = None  # that was copied last

    def copy_map(self) -> None:
        """The map as it is seen, as a picture."""
        self._copy(self._map_view, "map")

    def copy_roll(self) -> None:
        """The piano roll as it is seen, as a picture."""
        self._copy(self._roll_view, "piano roll")

    def copy_phrase(self) -> None:
        """What is heard, as a MIDI file."""

        def copy(made: tuple[Path, bytes]) -> None:
            self._file = made[0]
            QApplication.clipboard().setMimeData(midi_file_data(*made))
            self._messages.say(f"{self._file.name} is on the clipboard as a file.")

        self._exports.make_file_to_hand_over(copy)

    def leave_no_file(self) -> None:
        """Leave no file on the clipboard that goes when the program does.

        Qt's offscreen platform would also crash at the end over data that was made in Python.
        """
        clipboard = QApplication.clipboard()
        held = clipboard.mimeData()  # None for nothing at all
        if self._file is not None and held and held.urls() == [QUrl.fromLocalFile(str(self._file))]:
            clipboard.clear()

    def _copy(self, part: QWidget, name: str) -> None:
        QApplication.clipboard().setPixmap(part.grab())
        self._messages.say(f"The {name} is on the clipboard as an image.")
