"""The `?` page and the About page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from explorer.actions import MOUSE_HABITS, key_lines
from explorer.widgets.controls import Button
from explorer.widgets.labels import Label
from vrae_core import __version__


def shortcuts_page(parent: QWidget) -> QDialog:
    """Every key and gesture, from the action table."""
    page = _page(parent, "Shortcuts")
    columns = QHBoxLayout()
    columns.setSpacing(48)
    for heading, lines in (("Keys", key_lines()), ("On the map", MOUSE_HABITS)):
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.addWidget(Label(heading, "caps"), 0, 0)
        for row, (keys, meaning) in enumerate(lines, start=1):
            grid.addWidget(Label(keys), row, 0)
            grid.addWidget(Label(meaning, "muted"), row, 1)
        grid.setRowStretch(len(lines) + 1, 1)
        columns.addLayout(grid)
    return _finished(page, columns)


def about_page(parent: QWidget) -> QDialog:
    """What this is, and what it stands on."""
    page = _page(parent, "About VRAE Explorer")
    column = QVBoxLayout()
    column.addWidget(Label(f"VRAE Explorer {__version__}", "title"))
    words = Label(
        "Play a map of music learnt by a Variational Recurrent Auto-Encoder.\n\n"
        "After Otto Fabius and Joost R. van Amersfoort, “Variational Recurrent Auto-Encoders”, arXiv:1412.6581.\n"
        "Sound by FluidSynth with the SoundFont TimGM6mb; windows by Qt."
    )
    words.setWordWrap(True)
    column.addWidget(words)
    return _finished(page, column)


def _page(parent: QWidget, title: str) -> QDialog:
    page = QDialog(parent)
    page.setWindowTitle(title)
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return page


def _finished(page: QDialog, body: QLayout) -> QDialog:
    layout = QVBoxLayout(page)
    layout.setContentsMargins(26, 22, 26, 18)
    layout.setSpacing(16)
    layout.addLayout(body)
    close = Button("Close", "Close this page", look="main")
    close.clicked.connect(page.accept)
    layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
    return page
