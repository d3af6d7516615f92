"""The `?` page and the About page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from explorer.actions import shortcut_lines
from explorer.widgets.controls import Button
from explorer.widgets.labels import Label
from vrae_core import __version__


def shortcuts_page(parent: QWidget) -> QDialog:
    """Every key and gesture, from the action table."""
    page = _page(parent, "Shortcuts")
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(7)
    lines = shortcut_lines()
    half = -(-len(lines) // 2)
    for place, (keys, meaning) in enumerate(lines):
        column = 3 * (place // half)
        grid.addWidget(Label(keys), place % half, column)
        grid.addWidget(Label(meaning, "muted"), place % half, column + 1)
    grid.setColumnMinimumWidth(2, 24)
    return _finished(page, grid)


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


def _finished(page: QDialog, body: QGridLayout | QVBoxLayout) -> QDialog:
    layout = QVBoxLayout(page)
    layout.setContentsMargins(26, 22, 26, 18)
    layout.setSpacing(16)
    layout.addLayout(body)
    close = Button("Close", "Close this page", look="main")
    close.clicked.connect(page.accept)
    layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
    return page
