"""The pages, and the messages over them."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from explorer.pages import Page, Pages
from explorer.qt.controls import Button
from tests.explorer.conftest import settle
from vrae_core.runs.folder import RunFolder

LEFT = Qt.MouseButton.LeftButton


def test_a_message_lies_over_whatever_page_is_shown_next(window):
    window.messages.say("a.mid is empty.", "warning")
    window.pages.show_train()
    at = window.messages.geometry().center()
    assert window.messages.isAncestorOf(window.pages.childAt(at))


def test_a_run_that_is_explored_is_shown_at_once_and_an_offer_stands_beside_its_button(window, tmp_path, qtbot):
    window.pages.show_train()
    window.session.run_models.use(RunFolder(tmp_path / "no run"))
    assert window.tabs.currentIndex() == 0
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    done = []
    window.session.messages.offer("Reels with its 2 songs.", "Show the songs from before", lambda: done.append(True))
    window.messages.button.click()
    assert done == [True]


def test_a_control_that_is_deleted_leaves_the_others_their_actions(qtbot):
    whole, below = QWidget(), Button("below the pages")
    qtbot.addWidget(whole)
    pages, first, second = Pages(below), Button("of the first page"), Button("of the second")
    layout = QVBoxLayout(whole)
    for part in (gone := Button("gone soon"), beside := QWidget(), pages, below):
        layout.addWidget(part)
    action = QMenu(beside).addAction("possible", lambda: None)
    for word, page in (("First", first), ("Second", second)):
        pages.add(word, lambda page=page: Page(page, page, page, lambda: 0))
    pages.page(1)  # all controls are gone through, so that Tab reaches those below last
    gone.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(gone)
    assert shiboken6.isValid(beside)
    action.setEnabled(False)
    assert (second.isEnabled(), below.isEnabled(), whole.isEnabled()) == (True, True, True)


def test_that_a_song_is_removed_is_said_until_it_is_undone(window, explored, qtbot):
    explored.song_changes.remove(0)
    settle(explored, qtbot)
    assert window.messages.sentences == ["Low is removed from the map."]
    window.actions_by_id["undo"].trigger()
    assert window.messages.sentences == []
    settle(explored, qtbot)
    assert "Low" in explored.library.atlas.corpus.names
