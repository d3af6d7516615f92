"""Asking the user for a file or a folder, and remembering where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from explorer.preferences import Preferences
from vrae_core.corpus.midi_files import MIDI_SUFFIXES

MIDI_KINDS = f"MIDI files ({' '.join('*' + suffix for suffix in MIDI_SUFFIXES)});;All files (*)"
MODEL_SUFFIX = ".safetensors"


class Asking:
    """Dialogs of the window; one that is closed gives nothing.  ``kinds`` are Qt's, as in "MIDI (*.mid);;All (*)"."""

    def __init__(self, window: QWidget, preferences: Preferences) -> None:
        self.window, self.preferences = window, preferences

    def file(self, title: str, kinds: str) -> Path | None:
        """A file that is there."""
        name, _ = QFileDialog.getOpenFileName(self.window, title, self.preferences.last_folder, kinds)
        return self._remembered(Path(name)) if name else None

    def midi_files(self, title: str) -> list[Path]:
        """MIDI files that are there."""
        names, _ = QFileDialog.getOpenFileNames(self.window, title, self.preferences.last_folder, MIDI_KINDS)
        return [Path(name) for name in names]

    def folder(self, title: str) -> Path | None:
        """A folder that is there."""
        name = QFileDialog.getExistingDirectory(self.window, title, self.preferences.last_folder)
        return Path(name) if name else None

    def save(self, title: str, name: str, kinds: str, save: Callable[[Path], None]) -> None:
        """Ask where to save; a name without one of the kinds' extensions is given that of the kind that is chosen."""
        start = str(Path(self.preferences.last_folder) / name)
        chosen, kind = QFileDialog.getSaveFileName(self.window, title, start, kinds)
        if not chosen:
            return
        file = Path(chosen)
        if file.suffix.lower() not in _suffixes(kinds):
            file = file.with_name(file.name + _suffixes(kind)[0])
            if file.exists() and not self.may_replace([file.name]):  # the dialog has asked for another name
                return
        save(self._remembered(file))

    def may_replace(self, names: list[str]) -> bool:
        """Ask about files that are there already."""
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        question = QMessageBox(
            QMessageBox.Icon.Question,
            "Replace files",
            f"{names[0]}{others} {'exist' if others else 'exists'} already. Replace?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
            self.window,
        )
        question.setTextFormat(Qt.TextFormat.PlainText)
        return question.exec() == QMessageBox.StandardButton.Yes

    def remember(self, file: Path) -> None:
        """Begin where this file is when one is asked for next."""
        self.preferences.last_folder = str(file.parent)

    def _remembered(self, file: Path) -> Path:
        self.remember(file)
        return file


def _suffixes(kinds: str) -> list[str]:
    return re.findall(r"\*(\.[\w-]+)", kinds)
