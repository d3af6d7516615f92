"""Quitting while a file is being written."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from explorer.dialogs.quitting import QuitQuestion
from vrae_core.errors import FileError

LEFT = Qt.MouseButton.LeftButton


@pytest.mark.parametrize("fails", [False, True])
def test_a_window_that_waits_to_quit_closes_when_the_file_is_written_and_stays_if_it_cannot_be(window, qtbot, fails):
    goes_on = threading.Event()

    def job():
        while not goes_on.wait(0.01):
            yield
        if fails:
            raise FileError("long.wav", "cannot be written: No space left on device")

    window.session.jobs.save(Path("long.wav"), "Saving long.wav", job(), lambda _none: None)
    window.close()
    window.findChild(QuitQuestion).wait.click()
    assert window.isVisible()
    goes_on.set()
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    if fails:
        assert not window.closing.has_begun
        assert "No space left" in window.messages.sentences[0]
    else:
        qtbot.waitUntil(lambda: not window.isVisible())
