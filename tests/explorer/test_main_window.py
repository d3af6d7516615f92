"""The window as a whole: keys, menus, drops, messages, closing."""

from __future__ import annotations

import re
import threading
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QMessageBox,
    QWidget,
)

from explorer.actions import commands_of
from explorer.audio.player import State
from explorer.dialogs.midi import MidiDialog
from explorer.dialogs.quitting import QuitQuestion
from explorer.preferences import load_preferences
from explorer.qt.background import anything_running
from tests.explorer.conftest import saved, tracks_of
from vrae_core.errors import FileError
from vrae_core.midi.song import Song, read_song
from vrae_core.music.piece_recipe import read_recipe
from vrae_core.piano_roll import Note
from vrae_core.runs.folder import RunFolder

LEFT = Qt.MouseButton.LeftButton


def hear(window, qtbot, windows_index=3):
    with qtbot.waitSignal(window.session.playback.heard_changed):
        window.session.playback.play_window(windows_index)


def test_every_command_has_its_action_and_its_menu(window):
    commands = commands_of(section for sections in window.menus.values() for section in sections)
    assert list(window.actions_by_id) == [command.id for command in commands]
    titles = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert titles == ["File", "Edit", "Play", "Map", "Training", "Help"]


def test_space_pauses_and_plays_from_the_map_but_types_a_space_in_a_text_field(window, qtbot):
    hear(window, qtbot)
    player = window.session.playback.player
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Space)
    assert player.state is State.PAUSED
    window.songs_panel.search.setFocus()
    qtbot.keyClicks(window.songs_panel.search, "a b")
    assert window.songs_panel.search.text() == "a b"
    assert player.state is State.PAUSED


def test_space_presses_a_button_that_the_keyboard_has_reached(window, qtbot):
    hear(window, qtbot)
    window.transport.hold.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(window.transport.hold, Qt.Key.Key_Space)
    assert window.session.playback.player.hold
    assert window.session.playback.player.state is State.PLAYING


def test_a_click_on_a_button_leaves_the_keyboard_with_the_map(window, qtbot):
    qtbot.mouseClick(window.transport.hold, LEFT)
    assert window.map_panel.view.hasFocus()


def test_escape_stops_and_clears(window, qtbot):
    hear(window, qtbot)
    window.session.path.add(window.session.path.point_at(window.map_panel.view.points[0]))
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Escape)
    assert window.session.playback.player.state is State.STOPPED
    assert window.session.path.points == ()
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(window.session.path.points) == 1


def test_keys_take_the_tools_and_the_menu_follows(window, qtbot):
    for key, name in (("2", "path"), ("3", "select"), ("4", "lasso"), ("5", "pan"), ("1", "play")):
        qtbot.keyClick(window.map_panel.view, key)
        assert window.map_panel.tool == name
        ticked = [t for t in window.map_panel.tool_buttons if window.actions_by_id[f"tool_{t}"].isChecked()]
        assert ticked == [name]


def test_delete_and_return_act_on_the_path_when_the_map_has_the_keyboard(window, qtbot):
    session = window.session
    for index in (0, 9, 20):
        session.path.add(session.path.point_at(window.map_panel.view.points[index]))
    session.path.choose(2)
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Delete)
    assert len(session.path.points) == 2
    with qtbot.waitSignal(session.playback.heard_changed):
        qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Return)
    assert session.playback.heard.arrivals == (0, 100)


def test_the_shape_of_the_path_is_chosen_from_a_menu_that_follows_undo(window):
    path, actions = window.session.path, window.actions_by_id
    assert actions["path_snap"].isChecked()
    for name, part in (("smooth", "smooth"), ("spherical", "spherical"), ("even", "even_change"), ("closed", "closed")):
        action = actions[f"path_{name}"]
        action.trigger()
        assert getattr(path.manner, part)
        assert action.isChecked()
        path.undo_stack.undo()
        assert not action.isChecked()


def test_letters_keep_a_favourite_and_wander(window, qtbot):
    hear(window, qtbot)
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_F)
    assert len(window.session.path.drawing.favourites) == 1
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_W)
    assert window.session.wandering.running
    assert window.actions_by_id["wander"].isChecked()
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Escape)
    assert not window.session.wandering.running
    assert not window.actions_by_id["wander"].isChecked()


def test_a_changes_between_original_and_model_and_shift_a_shows_the_difference(window, qtbot):
    playback, view = window.session.playback, window.map_panel.view
    assert not window.actions_by_id["toggle_original"].isEnabled()
    hear(window, qtbot)
    versions = []
    for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        qtbot.keyClick(view, Qt.Key.Key_A, modifier)
        versions.append(str(playback.version))
    assert versions == ["original", "model", "difference"]


def test_the_question_mark_lists_the_shortcuts(window, qtbot):
    qtbot.keyClick(window.map_panel.view, "?")
    pages = window.findChildren(QDialog)
    assert len(pages) == 1
    words = {label.text() for label in pages[0].findChildren(QLabel)}
    assert {"Space", "Play/Pause", "Shift-drag"} <= words
    pages[0].accept()


def test_the_midi_ports_have_one_page_with_or_without_a_driver(window, qtbot):
    with qtbot.waitSignal(window.session.midi._looking.answered):
        window.actions_by_id["midi_ports"].trigger()
    window.actions_by_id["midi_ports"].trigger()
    (page,) = window.findChildren(MidiDialog)
    assert page.output.itemText(0) == "None"
    assert page.output.count() > 1 or page.state.text(), "no ports are said in words"
    page.accept()
    qtbot.waitUntil(lambda: not window.findChildren(MidiDialog))


def test_only_what_can_be_done_is_offered(window, qtbot):
    offered = {name for name, action in window.actions_by_id.items() if action.isEnabled()}
    assert not offered & {"export_heard", "export_path", "copy_phrase", "play_path", "undo", "redo", "use_model"}
    hear(window, qtbot)
    assert window.actions_by_id["export_heard"].isEnabled()
    window.session.path.add(window.session.path.point_at(window.map_panel.view.points[0]))
    assert window.actions_by_id["undo"].isEnabled()
    assert window.actions_by_id["undo"].text() == "Undo add a point"


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


def test_a_saved_midi_file_is_what_was_heard(window, tmp_path, qtbot, monkeypatch):
    hear(window, qtbot)
    window.session.playback.set_threshold(0.4)
    target = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "MIDI (*.mid)"))
    saved(window.session, qtbot, window.actions_by_id["export_heard"].trigger)
    notes = [note for track in tracks_of(window.session) for note in track.notes]
    assert len(read_song(tmp_path / "out.mid").notes) == len(notes)
    qtbot.waitUntil(lambda: "Saved" in " ".join(window.messages.sentences))


def test_a_folder_dropped_on_the_training_tab_is_to_be_learnt_and_not_on_the_map(window, write_song, tmp_path, qtbot):
    folder = tmp_path / "album"
    folder.mkdir()
    write_song(Song("Dropped", (Note(0, 4, 50),), 120.0)).rename(folder / "Dropped.mid")
    window.show_train()
    drop(window, folder)
    qtbot.waitUntil(lambda: len(window.session.training_songs.entries) == 4)
    assert [song.name for song in window.train_panel.setup.chosen_songs()][-1] == "Dropped"
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
    window.find_panel.dragEnterEvent(enter)
    assert not window.find_panel._drop.isHidden()
    window.find_panel.dragLeaveEvent(QDragLeaveEvent())
    assert window.find_panel._drop.isHidden()


def test_a_point_of_the_path_is_deleted_only_where_one_is_chosen(window):
    delete, path = window.actions_by_id["delete_point"], window.session.path
    assert not delete.isEnabled()
    path.add(path.point_at(np.zeros(2, np.float32)))
    path.choose(0)
    assert delete.isEnabled()
    path.choose(None)
    assert not delete.isEnabled()


def test_in_the_smallest_window_nothing_of_the_path_bar_or_the_transport_overlaps(window, qtbot):
    window.resize(window.minimumSize())
    window.transport.show_audio("No sound device: the music plays silently", False)
    window.use_tool("path")
    path = window.session.path
    for x in range(12):
        path.add(path.point_at(np.array((x, 0), np.float32)))
    qtbot.waitUntil(window.map_panel.path_bar.isVisible)
    QApplication.processEvents()
    for holder in (window.map_panel.path_bar, window.transport):
        parts = [part for part in holder.children() if isinstance(part, QWidget) and part.isVisible()]
        parts = [part for part in parts if not part.isWindow()]
        for one, other in combinations(parts, 2):
            assert not one.geometry().intersects(other.geometry()), (one, other)


def drop(window, *files):
    """Qt lets nobody send a drop: there is no drag."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier))


def test_a_saved_file_dropped_back_is_restored_and_opened_as_a_song_is_one(window, tmp_path, qtbot, monkeypatch):
    hear(window, qtbot)
    session = window.session
    session.playback.set_threshold(0.4)
    roll, file = session.playback.roll, tmp_path / "my piece.mid"
    saved(session, qtbot, lambda: session.exports.save_heard(file))
    hear(window, qtbot, 11)
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


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("out", "Ogg Vorbis (*.ogg)", "out.ogg"),
        ("out.flac", "MIDI (*.mid *.midi)", "out.flac"),
        ("piece 1.5", "MIDI (*.mid *.midi)", "piece 1.5.mid"),
    ],
)
def test_the_extension_decides_and_a_name_without_one_gets_the_chosen_kind_s(
    window, tmp_path, qtbot, monkeypatch, typed, kind, written
):
    hear(window, qtbot)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / typed), kind))
    saved(window.session, qtbot, window.actions_by_id["export_heard"].trigger)
    assert (tmp_path / written).exists()


def test_a_file_the_dialog_did_not_ask_about_is_not_replaced_unasked(window, tmp_path, qtbot, monkeypatch):
    hear(window, qtbot)
    (tmp_path / "piece.mid").write_text("precious")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "piece"), "MIDI (*.mid *.midi)"))
    answer = QMessageBox.StandardButton.Cancel
    monkeypatch.setattr(QMessageBox, "exec", lambda box: answer)
    window.actions_by_id["export_heard"].trigger()
    assert not window.session.jobs.running
    answer = QMessageBox.StandardButton.Yes
    saved(window.session, qtbot, window.actions_by_id["export_heard"].trigger)
    assert read_song(tmp_path / "piece.mid").notes


def test_selected_windows_are_saved_and_those_that_are_there_asked_about(window, tmp_path, qtbot, monkeypatch):
    assert not window.actions_by_id["export_windows"].isEnabled()
    window.session.selection.set(np.arange(len(window.session.library.atlas.corpus)) < 4)
    offered, asked = [], []

    def choose(question):
        offered.append(question.comboBoxItems())
        question.setTextValue(offered[0][0])
        return True

    monkeypatch.setattr(QInputDialog, "exec", choose)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or QMessageBox.StandardButton.Cancel)
    saved(window.session, qtbot, window.actions_by_id["export_windows"].trigger)
    assert len(list(tmp_path.glob("Low *.mid"))) == 4
    assert len(offered[0]) == 8
    assert asked == []
    window.actions_by_id["export_windows"].trigger()
    assert asked == ["Low 0-00.0.mid and 3 more exist already. Replace?"]
    assert not window.session.jobs.running


def test_a_medley_is_asked_its_length(window, tmp_path, qtbot, monkeypatch):
    hear(window, qtbot)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (12, True))
    names = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: names.append(a[2]) or (str(tmp_path / "m.mid"), ""))
    saved(window.session, qtbot, window.actions_by_id["export_medley"].trigger)
    assert names[0].endswith("Low 0-01.5, 12 s.mid")
    assert read_recipe(tmp_path / "m.mid").steps == 240


def test_the_map_and_the_roll_are_copied_as_pictures(window, qtbot):
    hear(window, qtbot)
    clipboard = QApplication.clipboard()
    for key, part in (("Ctrl+C", window.map_panel.view), (None, window.now_playing_panel.roll)):
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
    hear(window, qtbot)
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
    hear(window, qtbot)
    with qtbot.waitSignal(QApplication.clipboard().dataChanged):
        window.actions_by_id["copy_phrase"].trigger()
    QApplication.clipboard().setText("theirs")
    window.close()
    assert QApplication.clipboard().text() == "theirs"


def test_the_grip_drags_what_is_heard_as_a_file_once_it_is_written(window, qtbot, monkeypatch):
    grip, dragged = window.now_playing_panel.grip, []
    assert not grip.isEnabled()
    hear(window, qtbot)
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


def test_a_job_shows_after_a_moment_and_can_be_cancelled(window, qtbot):
    def slow():
        for i in range(1000):
            time.sleep(0.005)
            yield type("P", (), {"done": i, "total": 1000, "text": "counting"})()

    results = []
    window.session.jobs.start("Counting", slow(), results.append)
    assert window.job_strip.isHidden(), "a job that is over at once should not flicker"
    qtbot.waitUntil(lambda: not window.job_strip.isHidden())
    qtbot.mouseClick(window.job_strip._cancel, LEFT)
    qtbot.waitUntil(window.job_strip.isHidden)
    qtbot.waitUntil(lambda: not any(job.title == "Counting" for job in window.session.jobs.running))
    assert results == []


def test_both_themes_can_be_worn_and_are_remembered(window, tmp_path):
    dark = window.grab().toImage()
    window.actions_by_id["light_theme"].trigger()
    light = window.grab().toImage()
    assert light.pixelColor(640, 300).lightness() > dark.pixelColor(640, 300).lightness() + 100
    window._save_preferences()
    assert load_preferences(tmp_path / "preferences.json").theme == "light"


def test_no_text_is_clipped_at_1280_by_720(window, qtbot):
    hear(window, qtbot)
    for page in (0, 1, 2):
        window.tabs.setCurrentIndex(page)
        QApplication.processEvents()
        for button in window.findChildren(QAbstractButton):
            if button.isVisible():
                hint = button.sizeHint()
                assert button.width() >= hint.width(), button.text()
                assert button.height() >= hint.height(), button.text()
    assert window.width() == 1280
    assert window.height() == 720


def test_everything_that_takes_the_keyboard_has_a_name(window):
    for button in window.findChildren(QAbstractButton):
        if button.focusPolicy() & Qt.FocusPolicy.TabFocus and button.isVisible():
            assert button.accessibleName() or button.text(), button


def test_the_title_names_songs_and_model(window):
    assert re.fullmatch(r"3 songs — chance — VRAE Explorer", window.windowTitle())


def test_the_title_takes_another_name_of_the_model(window):
    window.session.library.name_model("Reels")
    assert window.windowTitle() == "3 songs — Reels — VRAE Explorer"


def test_a_run_that_is_explored_is_shown_at_once_and_an_offer_stands_beside_its_button(window, tmp_path, qtbot):
    window.show_train()
    window.session.run_models.use(RunFolder(tmp_path / "no run"))
    assert window.tabs.currentIndex() == 0
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    done = []
    window.session.messages.offer("Reels with its 2 songs.", "Show the songs from before", lambda: done.append(True))
    window.messages.button.click()
    assert done == [True]


def test_it_closes_when_its_threads_have_ended(window, qtbot):
    hear(window, qtbot)
    assert anything_running(), "the decoder's thread waits for more"
    window.close()
    assert window.isVisible(), "not yet: a thread that runs at the end would abort the process"
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not anything_running()


def test_a_message_lies_over_whatever_page_is_shown_next(window):
    window.messages.say("a.mid is empty.", "warning")
    window.show_train()
    at = window.messages.geometry().center()
    assert window.messages.isAncestorOf(window.pages.childAt(at))


@pytest.mark.parametrize("fails", [False, True])
def test_a_window_that_waits_to_quit_closes_when_the_file_is_written_and_stays_if_it_cannot_be(window, qtbot, fails):
    goes_on = threading.Event()

    def job():
        while not goes_on.wait(0.01):
            yield
        if fails:
            raise FileError("long.wav", "cannot be written: No space left on device")

    window.session.jobs.start("Saving long.wav", job(), lambda _none: None, writes=True)
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
