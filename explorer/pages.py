"""The pages that tabs change between, and over the one that is shown the messages and where a drop would land."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from explorer.qt.drop_highlight import DropHighlight
from explorer.qt.notices import MessageBar


class Page(NamedTuple):
    """A page, and what the window does with it."""

    shown: QWidget
    keyboard: QWidget  # gets the keyboard when the page is shown
    messages_over: QWidget  # the part of the page that messages lie over
    top: Callable[[], int]  # how many pixels below its upper edge


class Pages(QStackedWidget):
    """Shows one of its pages, each made when it is first asked for; ``tabs`` is for whoever lays out the window."""

    def __init__(self, below: QWidget) -> None:
        """below: what Tab reaches after the pages."""
        super().__init__()
        self._below = below
        self.tabs, self.messages, self.drop = QTabBar(), MessageBar(self), DropHighlight(self)
        self._makers: list[Callable[[], Page]] = []
        self._made: dict[int, Page] = {}
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def hasHeightForWidth(self) -> bool:
        """No: else what scrolls the window would do so as soon as a page is lower than it would like to be."""
        return False

    def add(self, word: str, make: Callable[[], Page]) -> None:
        """Add a tab of this word; the first one's page is made and shown at once."""
        self._makers.append(make)
        self.tabs.addTab(word)
        if len(self._makers) == 1:
            self.page(0)
            self.tabs.currentChanged.connect(self._show)

    def page(self, number: int) -> Page:
        """A page, which is made if it is not there yet."""
        if number not in self._made:
            made = self._made[number] = self._makers[number]()
            self.addWidget(made.shown)
            if len(self._made) > 1:
                _reach_last(self._below)
        return self._made[number]

    def place_messages(self) -> None:
        """Lay the messages over the page that is shown, whose parts may have moved."""
        page = self.page(self.tabs.currentIndex())
        self.messages.place_over(page.messages_over, page.top())

    def _show(self, number: int) -> None:
        self.setCurrentWidget(self.page(number).shown)
        self.place_messages()
        self.messages.raise_()  # a page that is shown comes to the top
        self.page(number).keyboard.setFocus()


def _reach_last(part: QWidget) -> None:
    """Let Tab reach the controls of a part after all others of the window, for what comes later is put at the end."""
    controls: list[QWidget] = []
    each = _after(part.window())
    while each is not None and each is not part.window():
        if each.focusPolicy() != Qt.FocusPolicy.NoFocus:
            controls.append(each)
        each = _after(each)
    *_, last = (each for each in controls if not part.isAncestorOf(each))
    for each in controls:
        if part.isAncestorOf(each):
            QWidget.setTabOrder(last, each)
            last = each


def _after(part: QWidget) -> QWidget | None:
    """What comes after a part in the order of Tab.

    PySide takes it for the part's own from then on, and when the part is deleted forgets it, with all its menus'
    actions; so it is given back to its parent, where it is already.
    """
    after = part.nextInFocusChain()
    if after is not None:
        after.setParent(after.parentWidget())
    return after
