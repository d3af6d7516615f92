"""The `?` page and the About page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from explorer.actions import Lines
from explorer.qt.controls import Button, Scrolled
from explorer.qt.labels import Label
from vrae_core import __version__

LONGEST_LINE, NARROWEST = 34, 220  # letters; pixels of a line that is longer, which goes on below


def shortcuts_page(parent: QWidget, shown: Sequence[Sequence[tuple[str, Lines]]]) -> QDialog:
    """Every key and gesture, in columns of headings and their lines; it scrolls where the window is too small."""
    page = _page(parent, "Shortcuts")
    body = QWidget()
    columns = QHBoxLayout(body)
    columns.setContentsMargins(0, 0, 0, 0)
    columns.setSpacing(44)
    for sections in shown:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        for heading, lines in sections:
            if grid.count():
                grid.setRowMinimumHeight(grid.rowCount(), 8)
            grid.addWidget(Label(heading, "caps"), grid.rowCount(), 0, 1, 2)
            for keys, meaning in lines:
                row = grid.rowCount()
                grid.addWidget(Label(keys), row, 0, Qt.AlignmentFlag.AlignTop)
                words = Label(meaning, "muted")
                if len(meaning) > LONGEST_LINE:
                    words.setWordWrap(True)
                    words.setMinimumWidth(NARROWEST)
                grid.addWidget(words, row, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        columns.addLayout(grid)
    area = Scrolled(body, "Shortcuts")
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(min(body.sizeHint().width() + bar, parent.width() - 80))
    area.setMinimumHeight(min(body.sizeHint().height() + 2, parent.height() - 110))
    within = QVBoxLayout()
    within.addWidget(area)
    return _finished(page, within)


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
