"""The window as a whole: keys, menus, drops, messages, closing."""

from __future__ import annotations

import re
import time
from itertools import combinations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QLineEdit, QMenu, QWidget

from explorer.actions import commands_of
from explorer.audio.player import State
from explorer.dialogs.midi import MidiDialog
from explorer.preferences import load_preferences
from explorer.qt.background import anything_running
from tests.explorer.conftest import hear_window

LEFT = Qt.MouseButton.LeftButton


def test_every_command_has_its_action_and_its_menu(window):
    commands = commands_of(section for sections in window.menus.values() for section in sections)
    assert list(window.actions_by_id) == [command.id for command in commands]
    titles = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert titles == ["File", "Edit", "Play", "Map", "Training", "Help"]


def test_every_menu_is_one_column_on_a_screen_of_720_lines(window):
    menus = [menu for menu in window.menuBar().findChildren(QMenu) if menu.title().strip("&") in window.menus]
    assert len(menus) == 6
    for menu in menus:
        lines = [menu.actionGeometry(action) for action in menu.actions()]
        assert len({line.x() for line in lines}) == 1, menu.title()
        assert lines[-1].bottom() < 720, menu.title()


def test_space_pauses_and_plays_from_the_map_but_types_a_space_in_a_text_field(window, qtbot):
    hear_window(window.session, qtbot)
    player = window.session.playback.player
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Space)
    assert player.state is State.PAUSED
    window.explore.songs.search.setFocus()
    qtbot.keyClicks(window.explore.songs.search, "a b")
    assert window.explore.songs.search.text() == "a b"
    assert player.state is State.PAUSED


def test_space_presses_a_button_that_the_keyboard_has_reached(window, qtbot):
    hear_window(window.session, qtbot)
    window.transport.hold.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(window.transport.hold, Qt.Key.Key_Space)
    assert window.session.playback.player.hold
    assert window.session.playback.player.state is State.PLAYING


def test_a_click_on_a_button_leaves_the_keyboard_with_the_map(window, qtbot):
    qtbot.mouseClick(window.transport.hold, LEFT)
    assert window.map_panel.view.hasFocus()


def test_escape_stops_and_clears(window, qtbot):
    hear_window(window.session, qtbot)
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


def test_delete_and_f2_act_on_a_song_that_was_clicked_and_not_on_the_path(window, qtbot):
    session, songs = window.session, window.explore.songs
    session.path.add(session.path.point_at(window.map_panel.view.points[0]))
    session.path.choose(0)
    names = list(session.library.atlas.corpus.names)
    qtbot.mouseClick(songs.list.viewport(), LEFT, pos=songs.list.visualRect(songs.list.rows.index(1)).center())
    assert window.actions_by_id["delete_point"].text() == "Remove song"
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: list(session.library.atlas.corpus.names) == [names[0], *names[2:]])
    assert len(session.path.points) == 1
    songs.search.setText(names[0])
    qtbot.mouseClick(songs.list.viewport(), LEFT, pos=songs.list.visualRect(songs.list.rows.index(0)).center())
    qtbot.keyClick(window.map_panel.view, Qt.Key.Key_F2)
    name = songs.list.findChild(QLineEdit)
    name.setText("Another")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.library.atlas.corpus.names[0] == "Another")
    session.selection.clear()
    assert not window.actions_by_id["rename_song"].isEnabled()


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
    hear_window(window.session, qtbot)
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
    hear_window(window.session, qtbot)
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
    assert not offered & {f"{verb}_run" for verb in ("resume", "compare", "branch", "fine_tune", "delete")}
    assert "open_run_folder" not in offered
    hear_window(window.session, qtbot)
    assert window.actions_by_id["export_heard"].isEnabled()
    window.session.path.add(window.session.path.point_at(window.map_panel.view.points[0]))
    assert window.actions_by_id["undo"].isEnabled()
    assert window.actions_by_id["undo"].text() == "Undo add a point"


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
    window.pages.use_tool("path")
    path = window.session.path
    for x in range(12):
        path.add(path.point_at(np.array((x, 0), np.float32)))
    qtbot.waitUntil(window.map_panel.path_bar.isVisible)
    QApplication.processEvents()
    for holder in (window.map_panel.path_bar, window.transport, window.transport.as_songs.parentWidget()):
        assert holder.width() >= holder.minimumSizeHint().width(), holder
        parts = [part for part in holder.children() if isinstance(part, QWidget) and part.isVisible()]
        parts = [part for part in parts if not part.isWindow()]
        for one, other in combinations(parts, 2):
            assert not one.geometry().intersects(other.geometry()), (one, other)


def test_on_a_screen_that_is_too_small_the_window_scrolls_and_nothing_is_cut_off(window, qtbot):
    area, setup = window.centralWidget(), window.pages.train.setup
    for label in (setup.estimate, setup.reason):
        label.setText("As many words as a training on this machine may need. " * 3)
        label.show()
    window.resize(window.minimumSize())
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        QApplication.processEvents()
        assert area.horizontalScrollBar().maximum() == area.verticalScrollBar().maximum() == 0, page
    window.setMinimumSize(0, 0)
    window.resize(850, 440)  # 1366×768 where everything is drawn half as large again
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        qtbot.waitUntil(lambda: area.horizontalScrollBar().maximum() > 0)
        assert area.verticalScrollBar().value() == 0
        for button in window.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.width() >= button.sizeHint().width(), button.text()
                assert button.height() >= button.sizeHint().height(), button.text()
    window.transport.export.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.keyClick(window.transport.export, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert not QApplication.focusWidget().visibleRegion().isEmpty()


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
    hear_window(window.session, qtbot)
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


def test_it_closes_when_its_threads_have_ended(window, qtbot):
    hear_window(window.session, qtbot)
    assert anything_running(), "the decoder's thread waits for more"
    window.close()
    assert window.isVisible(), "not yet: a thread that runs at the end would abort the process"
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not anything_running()
