"""How the application starts: what it opens, what it says without sound, and what is loaded before it paints."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from explorer.application import opening
from explorer.audio.output import AudioOutput
from explorer.main_window import MainWindow
from explorer.preferences import Preferences
from explorer.qt.background import anything_running
from explorer.session.playing.instrument import Instrument
from vrae_core.errors import SoundError


@pytest.fixture
def window(session, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.preferences.preferences_path", lambda: tmp_path / "preferences.json")
    audio = AudioOutput(session.playback.player)
    monkeypatch.setattr(audio, "start", lambda: audio.state_changed.emit("A device", True))
    made = MainWindow(session, Preferences(), audio)
    made.instrument = Instrument(session.playback.player, audio)
    yield made
    made.close()
    qtbot.waitUntil(lambda: not made.isVisible())


def open_everything(window, given=()):
    opening.open_everything(window.session, window.audio, window.instrument, window, list(given))


def test_without_fluidsynth_the_transport_says_so_and_nothing_else_fails(window, songs, write_song, qtbot, monkeypatch):
    def no_library() -> None:
        raise SoundError("the FluidSynth library is not installed")

    monkeypatch.setattr(window.instrument, "_make", no_library)
    open_everything(window, [write_song(song) for song in songs])
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    qtbot.waitUntil(lambda: window.transport._audio.text() == "No sound: the FluidSynth library is not installed")
    assert [song.name for song in window.session.library.songs] == ["Low", "Middle", "High"]
    assert window.session.problems == []


def test_without_any_model_the_songs_are_read_and_training_is_offered(window, songs, write_song, qtbot, monkeypatch):
    monkeypatch.setattr(opening, "bundled_models", dict)
    open_everything(window, [write_song(songs[0])])
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    assert "no model" in window.map_panel.empty.words.text()
    assert window.pages.train.setup.chosen_songs()


def test_files_of_the_command_line_are_among_the_recent_ones(window, songs, write_song, make_model, tmp_path, qtbot):
    make_model().save(tmp_path / "mine.safetensors")
    files = [write_song(song) for song in songs[:2]]
    open_everything(window, [tmp_path / "mine.safetensors", *files])
    assert window.preferences.recent_models == [str(tmp_path / "mine.safetensors")]
    assert set(window.preferences.recent_songs) == set(map(str, files))
    qtbot.waitUntil(lambda: not window.session.jobs.running)


HEAVY = ["torch", "scipy", "sklearn", "openTSNE", "matplotlib", "numpy.testing"]
HEAVY += ["pyqtgraph", "mido", "pretty_midi", "rtmidi", "soundfile", "fluidsynth", "PySide6.QtMultimedia"]
AT_FIRST_PAINT = f"""
import os, sys
from PySide6.QtCore import QEvent, QTimer
from explorer.__main__ import main
from explorer.application import run as application
from explorer.main_window import MainWindow

watched = []

class Watched(MainWindow):
    def event(self, event):
        handled = super().event(event)
        if event.type() == QEvent.Type.Paint:
            if not watched:
                made = [name for name in ("train", "compare") if name in vars(self.pages)]
                made += [name for name in ("card",) if name in vars(self.transport)]
                print("painted", made + [name for name in {HEAVY} if name in sys.modules], flush=True)
            watched.append(self)
        return handled

def open_everything(session, audio, instrument, window, *_):
    print("opening", window.pages.count(), flush=True)
    os._exit(0)

application.MainWindow, application.open_everything = Watched, open_everything
main(["vrae-explorer"])
"""


def test_nothing_heavy_is_there_when_the_window_first_paints_and_everything_opens_after_it(tmp_path):
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-c", AT_FIRST_PAINT]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=240)
    assert run.stdout.splitlines() == ["painted []", "opening 3"]


def show_first_page(window, qtbot):
    """The window as it has been painted, with no page made yet but the first."""
    with qtbot.waitExposed(window):
        window.show()
    assert window.pages.count() == 1


def test_a_tab_that_is_pressed_before_its_page_was_made_shows_it(window, qtbot):
    show_first_page(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.compare.isVisible()
    qtbot.mouseClick(window.tabs, Qt.MouseButton.LeftButton, pos=window.tabs.tabRect(1).center())
    assert window.pages.train.isVisible()
    assert not window.pages.compare.isVisible()


def test_a_command_of_a_tab_that_was_never_shown_does_what_it_says(window, qtbot):
    show_first_page(window, qtbot)
    window.actions_by_id["start_training"].trigger()
    assert window.messages.isVisible(), "it says that there are no songs"
    window.actions_by_id["show_runs"].trigger()
    assert window.pages.train.runs.isVisible()


def test_pages_are_made_after_the_first_paint_and_tab_reaches_what_is_below_them_last(window, qtbot):
    show_first_page(window, qtbot)
    done = []
    opening.make_pages(window, lambda: done.append(window.pages.count()))
    assert window.pages.count() == 1
    qtbot.waitUntil(lambda: bool(done))
    assert done == [3]
    parts: list[QWidget] = [window.explore, window.pages.train, window.pages.compare, window.transport]
    order, each = [], window.nextInFocusChain()
    while each is not window:
        if each.focusPolicy() != Qt.FocusPolicy.NoFocus:
            order += [number for number, part in enumerate(parts) if part.isAncestorOf(each)]
        each = each.nextInFocusChain()
    assert set(order) == {0, 1, 2, 3}
    assert order == sorted(order)


def test_what_pages_need_is_loaded_in_the_gui_s_thread(window, monkeypatch, qtbot):
    show_first_page(window, qtbot)
    started = []
    monkeypatch.setattr("explorer.qt.background.Worker.start", started.append)
    opening.make_pages(window, lambda: None)
    assert started == [], "classes of Qt that another thread is the first to ask for brought the window down"


def test_pages_are_not_made_for_a_window_that_closes_meanwhile(window, qtbot):
    show_first_page(window, qtbot)
    opening.make_pages(window, lambda: pytest.fail("it opens everything"))
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible() and not anything_running())
    assert window.pages.count() == 1
