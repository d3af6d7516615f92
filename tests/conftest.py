"""No window on a screen, no thread left behind; a sound server for those who want one."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sound_server import SoundServer

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# the same examples every time, and none that fails because the machine is busy
hypothesis.settings.register_profile("ours", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def runs_are_noted_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is trained here is not shown in a window that somebody has open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def no_thread_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose threads outlive it: in the application they would abort the process at its end."""
    before, count = set(threading.enumerate()), _count_of_threads()
    yield
    if 0 < _count_of_threads() <= count:
        return  # to look at every object of the process takes longer than most tests
    deadline = time.monotonic() + 30
    while (left := _threads_beside(before, "qapp" in request.fixturenames)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left running: {left}"


def _count_of_threads() -> int:
    """How many threads the process has, Qt's too; 0 where the system does not say."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else 0


def _threads_beside(before: set[threading.Thread], qt: bool) -> list[object]:
    left: list[object] = [t for t in threading.enumerate() if t not in before and not t.daemon]
    if qt:
        qthread = sys.modules["PySide6.QtCore"].QThread
        # type(), not isinstance(): asking some of torch's objects for their __class__ warns
        left += [o for o in gc.get_objects() if issubclass(type(o), qthread) and o.isRunning()]
    return left


@pytest.fixture
def sound_server() -> Iterator[SoundServer]:
    """A fresh server; skips the test where PulseAudio or its tools are not installed."""
    for program in ("pulseaudio", "pactl", "parec"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: pulseaudio, pulseaudio-utils), so nothing can be heard")
    with tempfile.TemporaryDirectory(prefix="vrae") as folder:
        server = SoundServer(Path(folder))
        server.start()
        yield server
        server.kill()
