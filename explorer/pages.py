"""The pages that tabs change between, and over the one that is shown the messages and where a drop would land."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from explorer.qt.drop_highlight import DropHighlight
from explorer.qt.notices import MessageBar


class _Page(NamedTuple):
    keyboard: QWidget  # gets the keyboard when the page is shown
    messages_over: QWidget  # the part of the page that messages lie over
    top: Callable[[], int]  # how many pixels below its upper edge


class Pages(QStackedWidget):
    """Shows one of its pages; ``tabs`` is for whoever lays out the window."""

    def __init__(self) -> None:
        super().__init__()
        self.tabs, self.messages, self.drop = QTabBar(), MessageBar(self), DropHighlight(self)
        self._pages: list[_Page] = []
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def add(self, word: str, page: QWidget, keyboard: QWidget, messages_over: QWidget, top: Callable[[], int]) -> None:
        """Add a page, and a tab of this word."""
        self.addWidget(page)
        self._pages.append(_Page(keyboard, messages_over, top))
        self.tabs.addTab(word)
        if len(self._pages) == 1:
            self.tabs.currentChanged.connect(self._show)

    def place_messages(self) -> None:
        """Lay the messages over the page that is shown, whose parts may have moved."""
        page = self._pages[self.tabs.currentIndex()]
        self.messages.place_over(page.messages_over, page.top())

    def _show(self, number: int) -> None:
        self.setCurrentIndex(number)
        self.place_messages()
        self.messages.raise_()  # a page that is shown comes to the top
        self._pages[number].keyboard.setFocus()
