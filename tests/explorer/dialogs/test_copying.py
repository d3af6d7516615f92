"""What is copied, or dragged out of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication

from tests.explorer.conftest import hear_window

LEFT = Qt.MouseButton.LeftButton


def test_the_map_and_the_roll_are_copied_as_pictures(window, qtbot):
    hear_window(window.session, qtbot)
    clipboard = QApplication.clipboard()
    for key, part in (("Ctrl+C", window.map_panel.view), (None, window.explore.now_playing.roll)):
        if key:
            qtbot.keyClick(part, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        else:
            window.actions_by_id["copy_roll"].trigger()
        picture = clipboard.image()
        assert picture.size() == part.grab().size()
        assert (
            len({picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}) > 2
        )


def test_the_phrase_is_copied_as_a_midi_file(window, qtbot):
    hear_window(window.session, qtbot)
    with qtbot.waitSignal(QApplication.clipboard().dataChanged):
        window.actions_by_id["copy_phrase"].trigger()
    mime = QApplication.clipboard().mimeData()
    file = Path(mime.urls()[0].toLocalFile())
    assert file.name == "Low 0-01.5.mid"
    assert bytes(mime.data("audio/midi")) == file.read_bytes()
    window.close()
    held = QApplication.clipboard().mimeData()
    assert not held or not held.hasUrls(), "the file goes when the program does"


def test_what_others_have_copied_since_stays_on_the_clipboard(window, qtbot):
    hear_window(window.session, qtbot)
    with qtbot.waitSignal(QApplication.clipboard().dataChanged):
        window.actions_by_id["copy_phrase"].trigger()
    QApplication.clipboard().setText("theirs")
    window.close()
    assert QApplication.clipboard().text() == "theirs"


def test_the_grip_drags_what_is_heard_as_a_file_once_it_is_written(window, qtbot, monkeypatch):
    grip, dragged = window.explore.now_playing.grip, []
    assert not grip.isEnabled()
    hear_window(window.session, qtbot)
    monkeypatch.setattr(QDrag, "exec", lambda drag, actions: dragged.append((drag.mimeData().urls()[0], actions)))
    for count in (1, 2):
        qtbot.mousePress(grip, LEFT, pos=QPoint(8, 8))
        qtbot.mouseMove(grip, QPoint(40, 30))
        qtbot.waitUntil(lambda count=count: len(dragged) == count)
        qtbot.mouseRelease(grip, LEFT)
    assert [url.fileName() for url, _ in dragged] == ["Low 0-01.5.mid"] * 2
    assert dragged[0][0] != dragged[1][0]
    assert all(Path(url.toLocalFile()).exists() for url, _ in dragged)
    assert {actions for _, actions in dragged} == {Qt.DropAction.CopyAction}, "moved, it would be gone"
