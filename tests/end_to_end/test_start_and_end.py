"""The application as a process: one window, no session lost, and an end in time whatever hangs."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from window_process import OPENED, PATIENCE, WindowProcess

from vrae_core.bundled import bundled_songs
from vrae_core.midi.export import Track, write_midi
from vrae_core.piano_roll import Note

Start = Callable[..., WindowProcess]
STATE = Path("state") / "vrae-explorer"


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short one: the name of the socket in it has 107 bytes at most, and the usual one is longer now and then."""
    return tmp_path_factory.mktemp("w")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The map of the bundled songs is drawn by the first start alone, as on a user's machine."""
    return {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture
def start(tmp_path: Path, cache: dict[str, str]) -> Iterator[Start]:
    """Starts the application; whatever still runs at the end is killed."""
    made: list[WindowProcess] = []

    def begin(*files: object, **environment: str) -> WindowProcess:
        made.append(WindowProcess(tmp_path, *files, **cache | environment))
        return made[-1]

    yield begin
    for each in made:
        each.process.kill()
        each.process.communicate()


def tempo(session: Path) -> float:
    return json.loads(session.read_bytes())["player"]["tempo"]


def quit_well(window: WindowProcess) -> None:
    window.tell("window.close()")
    status, errors = window.ended()
    assert status == 0, errors
    assert "Traceback" not in errors


# --- one window


def test_a_second_start_hands_its_files_to_the_window_that_is_open(start, tmp_path):
    song = tmp_path / "Handed.mid"
    write_midi(song, [Track("Handed", 0, tuple(Note(t / 2, t / 2 + 0.4, 50 + t % 9) for t in range(80)))])
    first = start().opened()
    status, errors = start(song).ended()
    assert (status, errors) == (0, "")
    first.wait_until(f"[song for song in session.library.songs if song.name == 'Handed'] and {OPENED}")
    first.wait_until("not window.isMinimized()")
    assert first.ask("[song.name for song in session.library.songs]") == ["Handed"]  # in the examples' place
    quit_well(first)
    quit_well(start().opened())


def test_two_starts_at_one_moment_make_one_window(start):
    both = [start(), start()]
    deadline = time.monotonic() + PATIENCE
    while not (gone := [each for each in both if each.process.poll() is not None]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [each.process.returncode for each in gone] == [0]
    (left,) = (each for each in both if each not in gone)
    quit_well(left.opened())


def test_beside_a_window_that_hangs_another_keeps_a_session_of_its_own_and_neither_is_lost(start, tmp_path):
    first = start().opened()
    first.ask("session.playback.set_tempo(97)")
    first.process.send_signal(signal.SIGSTOP)
    second = start().opened()
    assert "keeps a session of its own" in " ".join(second.ask("said"))
    second.ask("session.playback.set_tempo(55)")
    quit_well(second)
    first.process.send_signal(signal.SIGCONT)
    quit_well(first)
    assert tempo(tmp_path / STATE / "autosave.vrae-session") == 97
    third = start().opened()
    assert third.ask("session.playback.player.tempo") == 97
    assert [tempo(Path(file)) for file in third.ask("[str(file) for file in session.keeping.earlier]")] == [55]
    quit_well(third)


def test_what_a_killed_window_left_in_the_way_keeps_nobody_from_starting(start):
    first = start().opened()
    first.process.kill()
    first.process.communicate()
    again = start().opened()
    assert again.ask("said") == []
    quit_well(again)


# --- no session is lost


def test_a_start_with_files_keeps_the_last_session_among_the_earlier_ones(start, tmp_path):
    first = start().opened()
    first.ask("session.playback.set_tempo(97)")
    quit_well(first)
    for _ in range(2):  # and a second one does not replace the first
        again = start(bundled_songs()[0]).opened()
        said = " ".join(again.ask("said"))
        assert "The last session is kept: File ▸ Earlier sessions ▸ " in said
        again.ask("session.playback.set_tempo(111)")
        quit_well(again)
    last = start(bundled_songs()[0]).opened()
    earlier = last.ask("[str(file) for file in session.keeping.earlier]")
    assert sorted(tempo(Path(file)) for file in earlier) == [97, 111, 111]
    last.ask("session.keeping.open(next(f for f in session.keeping.earlier if b'97.0' in f.read_bytes()))")
    last.wait_until(f"session.playback.player.tempo == 97 and {OPENED}")
    assert len(last.ask("[song.name for song in session.library.songs]")) == len(bundled_songs())
    assert last.ask("session.keeping.file") is None, "it belongs to no file, as before"
    quit_well(last)


def test_a_folder_opens_its_songs_and_a_file_that_is_missing_is_told(start, tmp_path):
    folder = tmp_path / "album" / "disc one"
    folder.mkdir(parents=True)
    notes = tuple(Note(t / 2, t / 2 + 0.4, 50 + t % 9) for t in range(80))
    write_midi(folder / "In a folder.mid", [Track("In a folder", 0, notes)])
    window = start(tmp_path / "album", tmp_path / "missing.mid").opened()
    assert window.ask("[song.name for song in session.library.songs]") == ["In a folder"]
    assert "missing.mid does not exist" in " ".join(window.ask("said"))
    quit_well(window)


# --- an end in time


def test_a_terminal_that_closes_saves_the_session(start, tmp_path):
    window = start().opened()
    window.ask("session.playback.set_tempo(97)")
    window.process.send_signal(signal.SIGHUP)
    assert window.ended()[0] == 0
    assert tempo(tmp_path / STATE / "autosave.vrae-session") == 97


def hang_a_worker(window: WindowProcess) -> None:
    """A job that no longer comes to its next yield, once the map is drawn."""
    window.ask("end_as_usual()")
    window.wait_until("not session.jobs.running")
    window.ask("setattr(sys, 'held', [threading.Event(), threading.Event()])")
    window.ask("session.jobs.start('Hanging', (sys.held[0].set() or sys.held[1].wait() for _ in range(9)), print)")
    window.wait_until("sys.held[0].is_set()")  # or the end may cancel it before its thread has begun


def test_a_worker_that_hangs_holds_up_neither_the_session_nor_the_end(start, tmp_path):
    window = start().opened()
    window.ask("session.playback.set_tempo(97)")
    hang_a_worker(window)
    window.tell("window.close()")
    assert window.ended()[0] == 0
    assert tempo(tmp_path / STATE / "autosave.vrae-session") == 97
    assert "a thread hangs at the end" in (tmp_path / STATE / "log" / "vrae-explorer.log").read_text()
    again = start().opened()
    assert not again.ask("window.offers.crash.isVisible()"), "that was no crash"
    quit_well(again)


def test_a_window_that_hangs_as_it_closes_is_ended_by_force_and_that_is_reported(start, tmp_path):
    window = start().opened()
    window.ask("session.playback.set_tempo(97)")
    window.ask("end_as_usual()")
    window.ask("setattr(session.midi, 'close', lambda: time.sleep(1000)) or None")
    window.ask("setattr(window.closing, '_steps', [*window.closing._steps[:3], session.midi.close])")
    window.tell("window.close()")
    assert window.ended()[0] == 1
    assert tempo(tmp_path / STATE / "autosave.vrae-session") == 97
    again = start().opened()
    again.wait_until("window.offers.crash.isVisible()")
    again.ask("window.offers.crash.yes.click()")
    report = again.ask("type(window).__mro__ and QtWidgets.QApplication.clipboard().text()")
    assert "Timeout" in report
    assert "VRAE Explorer" in report
    quit_well(again)


@pytest.mark.parametrize("left", [0, 200])
def test_a_full_disk_keeps_the_session_of_before_and_the_window_closes(start, tmp_path, left):
    first = start().opened()
    first.ask("session.playback.set_tempo(97)")
    quit_well(first)
    window = start().opened()
    window.ask("signal.signal(25, signal.SIG_IGN)")  # SIGXFSZ
    window.ask(f"resource.setrlimit(1, ({left}, -1))")  # RLIMIT_FSIZE
    window.ask("session.playback.set_tempo(55)")
    window.tell("window.close()")
    status, errors = window.ended()
    assert status == 0, errors
    assert tempo(tmp_path / STATE / "autosave.vrae-session") == 97
    assert not list(tmp_path.rglob("*.tmp"))


def test_while_a_file_is_written_quitting_asks(start, tmp_path):
    window = start().opened()
    window.ask("setattr(sys, 'held', threading.Event())")
    job = "(sys.held.wait(0.05) or i for i in range(100_000))"
    window.ask(f"session.jobs.save('long.wav', 'Saving long.wav', {job}, print)")
    window.ask("window.close()")
    question = "window.findChild(QtWidgets.QMessageBox)"
    assert window.ask(f"{question}.text()") == "Saving long.wav is not finished."
    window.ask(f"{question}.wait.click()")
    assert window.ask("[job.title for job in session.jobs.writing]") == ["Saving long.wav"]
    assert window.ask("window.isVisible()")
    window.ask("window.close()")
    window.tell(f"{question}.quit.click()")
    assert window.ended()[0] == 0


def test_a_signal_ends_it_whatever_dialog_is_open(start):
    window = start().opened()
    window.tell("window.show_about()")
    window.tell("QtWidgets.QMessageBox.question(window, 'A question', 'Yes?')")
    time.sleep(1)
    window.process.send_signal(signal.SIGTERM)
    assert window.ended()[0] == 0


# --- with real sound and a real screen


def test_a_sound_server_that_hangs_does_not_hold_up_the_end(start, sound_server, tmp_path):
    window = start(**sound_server.own).opened()
    window.ask("end_as_usual()")
    window.wait_until("window.audio.audible")
    window.ask("session.playback.set_tempo(97)")
    sound_server._process.send_signal(signal.SIGSTOP)
    try:
        window.tell("window.close()")
        status, errors = window.ended()
    finally:
        sound_server._process.send_signal(signal.SIGCONT)
    assert status == 0, errors
    assert tempo(tmp_path / STATE / "autosave.vrae-session") == 97


def test_a_sound_server_that_has_hung_for_some_time_does_not_either(start, sound_server):
    window = start(**sound_server.own).opened()
    window.ask("end_as_usual()")
    window.wait_until("window.audio.audible")
    sound_server._process.send_signal(signal.SIGSTOP)
    try:
        window.wait_until("not window.audio.audible")
        window.tell("window.close()")
        status, errors = window.ended()
    finally:
        sound_server._process.send_signal(signal.SIGCONT)
    assert status == 0, errors


def test_on_a_screen_of_its_size_the_window_fits_and_is_remembered(start, screen):
    real = {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
    window = start(**real).opened()
    at = "[window.frameGeometry().left(), window.frameGeometry().top(), window.width(), window.height()]"
    left, top, width, height = window.ask(at)
    assert left >= 0
    assert top >= 0
    assert left + width <= 1440
    assert top + height <= 900
    window.ask("window.setGeometry(30, 50, 1250, 700)")
    window.wait_until("window.width() == 1250")
    quit_well(window)
    again = start(**real).opened()
    assert again.ask("[window.width(), window.height()]") == [1250, 700]
    quit_well(again)
