"""Files that are dropped on the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog

from tests.explorer.conftest import hear_window, saved
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note

LEFT = Qt.MouseButton.LeftButton


def drop(window, *files):
    """Qt lets nobody send a drop: there is no drag."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier))


def test_files_dropped_on_the_window_are_opened_and_bad_ones_named(window, write_song, tmp_path, qtbot):
    good = write_song(Song("Dropped", tuple(Note(t / 4, t / 4 + 0.2, 50 + t % 9) for t in range(80)), 120.0))
    bad = tmp_path / "bad <b>file.mid"
    bad.write_bytes(b"nothing")
    with qtbot.waitSignal(window.session.library.atlas_changed):
        drop(window, good, bad)
    qtbot.waitUntil(lambda: bool(window.messages.sentences))
    assert "Dropped" in window.session.library.atlas.corpus.names
    assert window.messages.sentences[0].startswith(f"{bad} ")
    assert not window.messages.isHidden()


def test_a_folder_dropped_on_the_training_tab_is_to_be_learnt_and_not_on_the_map(window, write_song, tmp_path, qtbot):
    folder = tmp_path / "album"
    folder.mkdir()
    write_song(Song("Dropped", (Note(0, 4, 50),), 120.0)).rename(folder / "Dropped.mid")
    window.pages.show_train()
    drop(window, folder)
    qtbot.waitUntil(lambda: len(window.session.training_songs.entries) == 4)
    assert [song.name for song in window.pages.train.setup.chosen_songs()][-1] == "Dropped"
    assert len(window.session.library.songs) == 3


def test_files_that_are_dragged_over_the_window_show_where_they_will_land(window, tmp_path, qtbot):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.mid"))])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    window.dragEnterEvent(enter)
    assert window.drop.isVisible()
    assert window.drop.geometry() == window.pages.rect()
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.drop.isVisible()
    window.explore.find_page.dragEnterEvent(enter)
    assert not window.explore.find_page._drop.isHidden()
    window.explore.find_page.dragLeaveEvent(QDragLeaveEvent())
    assert window.explore.find_page._drop.isHidden()


def test_a_saved_file_dropped_back_is_restored_and_opened_as_a_song_is_one(window, tmp_path, qtbot, monkeypatch):
    hear_window(window.session, qtbot)
    session = window.session
    session.playback.set_threshold(0.4)
    roll, file = session.playback.roll, tmp_path / "my piece.mid"
    saved(session, qtbot, lambda: session.exports.save_heard(file))
    hear_window(window.session, qtbot, 11)
    session.playback.set_threshold(0.7)
    with qtbot.waitSignal(session.playback.heard_changed):
        drop(window, file)
    assert (session.playback.roll == roll).all()
    assert window.transport.threshold.value() == pytest.approx(0.4)
    assert len(session.library.songs) == 3
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file)], ""))
    with qtbot.waitSignal(session.library.atlas_changed):
        window.actions_by_id["open_songs"].trigger()
    assert session.library.songs[-1].name == "my piece"
