"""The Preferences page: each choice acts at once and is remembered."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from explorer.audio.output import AudioOutput
from explorer.dialogs.preferences import PreferencesDialog
from explorer.main_window import MainWindow
from explorer.preferences import Preferences, load_preferences
from explorer.session.playing.instrument import FAILED
from tests.explorer.conftest import end


@pytest.fixture
def window(session, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.preferences.preferences_path", lambda: tmp_path / "preferences.json")
    style, palette = QApplication.instance().styleSheet(), QApplication.palette()
    made = MainWindow(session, Preferences(), AudioOutput(session.playback.player))
    made.show()
    yield made
    end(made, qtbot)
    QApplication.instance().setStyleSheet(style)
    QApplication.setPalette(palette)


@pytest.fixture
def page(window):
    window.actions_by_id["preferences"].trigger()
    return window.findChild(PreferencesDialog)


def choose(box, text):
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_the_sound_s_mode_acts_at_once_and_is_kept(window, page, qtbot, tmp_path):
    choose(page.sound_mode, "Low latency")
    assert window.audio.mode == "low latency"
    page.accept()
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert load_preferences(tmp_path / "preferences.json").sound_mode == "low latency"


def test_the_page_shows_what_is_set(window, page):
    assert (page.sound_mode.currentText(), page.theme.currentText()) == ("Safe", "Dark")
    page.accept()
    window.audio.use_mode("low latency")
    window.preferences.sound_mode, window.preferences.theme = "low latency", "light"
    window.show_preferences()
    newest = window.findChildren(PreferencesDialog)[-1]
    assert (newest.sound_mode.currentText(), newest.theme.currentText()) == ("Low latency", "Light")


def test_the_device_and_its_latency_are_told_as_they_change(window, page):
    window.audio.state_changed.emit("Loudspeaker · 12 ms", True)
    assert page.device.text().startswith("Loudspeaker · 12 ms.")


def test_where_nothing_is_heard_the_sound_can_be_looked_for_again(window, page, qtbot):
    assert not page.again.isVisible()
    window.audio.state_changed.emit("No sound device", False)
    assert page.again.isVisible()
    with qtbot.waitSignal(window.audio.tried_again):
        page.again.click()


def test_the_light_and_this_page_tell_the_same(window, page):
    window.audio.show_synthesizer(True, "")
    window.audio._show_device("Loudspeaker · 60 ms buffer", True)
    assert page.device.text().startswith("Opening the sound. ")
    window.audio.show_synthesizer(False, FAILED)
    assert page.device.text().startswith(f"{FAILED}. ")
    assert window.transport._audio.text() == FAILED
    assert window.transport._light._good is False


def test_the_colours_change_at_once_and_the_menu_knows(window, page):
    choose(page.theme, "Light")
    assert window.preferences.theme == "light"
    assert window.actions_by_id["light_theme"].isChecked()
    choose(page.theme, "Dark")
    assert not window.actions_by_id["light_theme"].isChecked()


def test_every_control_can_be_reached_by_keyboard_and_has_a_name(page):
    for box in (page.sound_mode, page.theme):
        assert box.accessibleName()
        assert box.focusPolicy() & box.focusPolicy().TabFocus
