"""The column right of the map: pages one changes between by small tabs above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget


class Page(NamedTuple):
    """A page of the column: its tab's word, what the tab says of it, and the panel."""

    word: str
    tip: str
    panel: QWidget


class RightColumn(QWidget):
    """Shows one of its pages; with a single one there are no tabs to see."""

    def __init__(self, pages: Sequence[Page]) -> None:
        super().__init__()
        self._pages = pages
        self.tabs, self._stack = QTabBar(), QStackedWidget()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Right of the map")
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setVisible(len(pages) > 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)
        for number, page in enumerate(pages):
            self.tabs.addTab(page.word)
            self.tabs.setTabToolTip(number, page.tip)
            self._stack.addWidget(page.panel)
        self.tabs.setToolTip(", ".join(page.word for page in pages))
        self.tabs.currentChanged.connect(self._stack.setCurrentIndex)

    def show_page(self, panel: QWidget) -> None:
        """Bring a panel to the front."""
        self.tabs.setCurrentIndex([page.panel for page in self._pages].index(panel))
