"""Sessions and history in the window: menus, keys, drops, the title."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from explorer.audio.output import AudioOutput
from explorer.dialogs.preferences import PreferencesDialog
from explorer.main_window import MainWindow
from explorer.preferences import Preferences, load_preferences
from explorer.session.files.session_file import read_session
from tests.explorer.conftest import hear_window


@pytest.fixture
def window(session, songs, make_model, write_song, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.preferences.preferences_path", lambda: tmp_path / "preferences.json")
    made = MainWindow(session, Preferences(), AudioOutput(session.playback.player))
    make_model().save(tmp_path / "chance.safetensors")
    made.files.open([tmp_path / "chance.safetensors", *(write_song(song) for song in songs)])
    made.resize(1280, 720)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    wait(made, qtbot)
    yield made
    made.close()
    qtbot.waitUntil(lambda: not made.isVisible())
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait(window, qtbot):
    session = window.session
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)


def save_as(window, qtbot, file, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), "Session (*.vrae-session)"))
    window.map_panel.view.setFocus()
    with qtbot.waitSignal(window.session.keeping.used):
        qtbot.keyClick(window.map_panel.view, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)


def drop(window, *files):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, none))


def lines(window, menu, title):
    parent = next(action.menu() for action in window.menuBar().actions() if action.text().replace("&", "") == menu)
    parent.aboutToShow.emit()
    return next(each for each in parent.findChildren(QMenu) if each.title() == title)


def test_the_title_names_the_session_and_marks_what_is_not_saved(window, qtbot, tmp_path, monkeypatch):
    assert window.windowTitle() == "3 songs — chance — VRAE Explorer"
    save_as(window, qtbot, tmp_path / "mine", monkeypatch)
    assert (tmp_path / "mine.vrae-session").exists(), "the extension is added"
    assert window.windowTitle() == "mine[*] — 3 songs — chance — VRAE Explorer"
    assert not window.isWindowModified()
    window.session.playback.set_tempo(99)
    assert window.isWindowModified()
    save = window.actions_by_id["save_session"]
    with qtbot.waitSignal(window.session.keeping.used):
        save.trigger()  # asks nothing: it has a file
    assert not window.isWindowModified()
    assert read_session(tmp_path / "mine.vrae-session").player.tempo == 99


def test_the_view_comes_back_when_a_session_is_dropped(window, qtbot, tmp_path, monkeypatch):
    view = window.map_panel.view
    view.show_area((-0.5, -0.25, 1.0, 0.5))
    window.pages.use_tool("path")
    window.pages.show_train()
    area = view.area
    window.pages.show_explore()
    window.pages.use_tool("path")
    save_as(window, qtbot, tmp_path / "mine.vrae-session", monkeypatch)
    window.map_panel.view.reset_view()
    window.pages.use_tool("pan")
    drop(window, tmp_path / "mine.vrae-session")
    wait(window, qtbot)
    assert view.area == pytest.approx(area, abs=1e-6)
    assert window.map_panel.tool == "path"
    window.map_panel.view.reset_view()
    assert view.area is None


def test_recent_files_are_in_menus_and_open_again(window, qtbot, tmp_path, monkeypatch):
    save_as(window, qtbot, tmp_path / "a & b.vrae-session", monkeypatch)
    window.session.playback.set_tempo(99)
    recent = lines(window, "File", "Recent sessions").actions()
    assert [action.text() for action in recent] == ["a && b.vrae-session"]
    recent[0].trigger()
    wait(window, qtbot)
    assert window.session.playback.player.tempo is None
    assert [action.text() for action in lines(window, "File", "Recent models").actions()] == ["chance.safetensors"]
    assert len(lines(window, "File", "Recent songs").actions()) == 3
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert load_preferences(tmp_path / "preferences.json").recent_sessions == [str(tmp_path / "a & b.vrae-session")]


def test_alt_left_and_alt_right_go_back_and_forward_and_say_when_they_can(window, qtbot):
    back, forward = (window.actions_by_id[name] for name in ("back", "forward"))
    assert not lines(window, "Play", "History").isEnabled()
    hear_window(window.session, qtbot, 3)
    assert (back.isEnabled(), forward.isEnabled()) == (False, False)
    hear_window(window.session, qtbot, 30)
    assert (back.isEnabled(), forward.isEnabled()) == (True, False)
    window.map_panel.view.setFocus()
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.session.playback.heard.window == 3
    assert (back.isEnabled(), forward.isEnabled()) == (False, True)
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.session.playback.heard.window == 30
    atlas = window.session.library.atlas
    listed = lines(window, "Play", "History").actions()
    assert [action.text() for action in listed] == [atlas.title(30), atlas.title(3)]
    assert [action.isChecked() for action in listed] == [True, False]
    listed[1].trigger()
    assert window.session.playback.heard.window == 3


def test_reopening_can_be_switched_off(window, qtbot):
    window.actions_by_id["preferences"].trigger()
    page = window.findChild(PreferencesDialog)
    assert page.reopens.isChecked()
    page.reopens.click()
    assert not window.preferences.reopens_session
    page.accept()
