"""The pages, and the messages over them."""

from __future__ import annotations

from PySide6.QtCore import Qt

from vrae_core.runs.folder import RunFolder

LEFT = Qt.MouseButton.LeftButton


def test_a_message_lies_over_whatever_page_is_shown_next(window):
    window.messages.say("a.mid is empty.", "warning")
    window.show_train()
    at = window.messages.geometry().center()
    assert window.messages.isAncestorOf(window.pages.childAt(at))


def test_a_run_that_is_explored_is_shown_at_once_and_an_offer_stands_beside_its_button(window, tmp_path, qtbot):
    window.show_train()
    window.session.run_models.use(RunFolder(tmp_path / "no run"))
    assert window.tabs.currentIndex() == 0
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    done = []
    window.session.messages.offer("Reels with its 2 songs.", "Show the songs from before", lambda: done.append(True))
    window.messages.button.click()
    assert done == [True]
