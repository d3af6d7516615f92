"""Faults are logged, said once each, and a crash is reported at the next start."""

from __future__ import annotations

import faulthandler
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from explorer.application import faults as the_module
from explorer.application.faults import LAST_CRASH, LOG, Faults
from vrae_core.progress import finish

SCRIPT = """
import sys
from pathlib import Path
from explorer.application.faults import Faults
faults = Faults(Path(sys.argv[1]))
faults.begin()
"""


@pytest.fixture
def faults(tmp_path, monkeypatch):
    """Begun, and after the test everything is as pytest has it."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    made = Faults(tmp_path)
    made.said = []
    made.begin()
    made.say_with(made.said.append)
    yield made
    made.end()
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = before, level
    faulthandler.enable()


def crash(folder: Path, words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT + words, str(folder)],
        env=environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


def fail(times=1):
    for _ in range(times):
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError as error:
            sys.excepthook(type(error), error, error.__traceback__)


def test_a_fault_that_comes_sixteen_times_a_second_is_said_and_logged_once(faults, tmp_path):
    fail(160)
    assert faults.said == ["A fault in VRAE Explorer: ZeroDivisionError: division by zero"]
    text = (tmp_path / LOG).read_text()
    assert text.count("ZeroDivisionError") == 1
    assert "Traceback" in text


def test_another_fault_is_said_too(faults):
    fail()
    sys.excepthook(KeyError, KeyError("x"), None)
    sys.excepthook(KeyError, KeyError("y"), None)
    assert len(faults.said) == 3


def test_a_fault_in_a_thread_is_said_as_well(faults):
    for _ in range(2):
        thread = threading.Thread(target=[].pop)
        thread.start()
        thread.join()
    assert faults.said == ["A fault in VRAE Explorer: IndexError: pop from empty list"]


def test_what_background_work_logs_again_and_again_fills_no_log(faults, tmp_path):
    for _ in range(50):
        try:
            [].pop()
        except IndexError:
            logging.getLogger("somewhere").exception("background work failed")
    assert (tmp_path / LOG).read_text().count("IndexError") == 1


def test_the_log_never_grows_beyond_its_bound(faults, tmp_path, monkeypatch):
    for _ in range(60):
        logging.getLogger("somewhere").warning("x" * 100_000)
    files = sorted(tmp_path.glob(f"{LOG}*"))
    assert len(files) == the_module.OLD_LOGS + 1
    assert all(file.stat().st_size <= the_module.LARGEST_LOG for file in files)


@pytest.mark.parametrize(
    ("words", "reported"),
    [("import ctypes; ctypes.string_at(0)", "Segmentation fault"), ("import os; os.abort()", "Aborted")],
)
def test_a_crash_is_reported_at_the_next_start_and_only_then(faults, tmp_path, words, reported):
    crashed = crash(tmp_path, f"import logging; logging.getLogger('x').warning('just before')\n{words}")
    assert crashed.returncode < 0
    report = finish(faults.look_for_a_crash())
    assert reported in report
    assert "VRAE Explorer" in report.splitlines()[0]
    assert "just before" in report
    assert finish(faults.look_for_a_crash()) == ""
    assert (tmp_path / LAST_CRASH).exists()


def test_a_start_that_fails_is_reported_at_the_next_one(faults, tmp_path):
    crash(tmp_path, "faults.write_report(ValueError('no window'))")
    assert "ValueError: no window" in finish(faults.look_for_a_crash())


def test_a_path_that_is_not_utf_8_is_told_in_the_log_and_the_report(faults, tmp_path):
    words = "path = 'F\\udcfcr Elise.mid'"
    crash(tmp_path, f"import logging; {words}; logging.warning(path); faults.write_report(ValueError(path))")
    assert finish(faults.look_for_a_crash()).count("F\\udcfcr Elise.mid") == 2


def test_a_process_that_was_killed_or_ended_well_leaves_nothing_to_report(faults, tmp_path):
    crash(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    crash(tmp_path, "faults.end()")
    assert finish(faults.look_for_a_crash()) == ""
    assert [file.name for file in tmp_path.glob("crash-*")] == [f"crash-{os.getpid()}.txt"]


def test_a_process_that_does_not_end_in_time_is_ended_and_says_where_it_hung(faults, tmp_path):
    hung = crash(tmp_path, "import time\nfaults.end_within(0.3)\ntime.sleep(50)")
    assert hung.returncode == 1
    assert "Timeout" in finish(faults.look_for_a_crash())


def test_where_nothing_can_be_written_there_is_no_log_and_everything_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    ran = crash(tmp_path / "file" / "below", "import logging; logging.getLogger('x').warning('said'); faults.end()")
    assert ran.returncode == 0
    assert "said" in ran.stderr
