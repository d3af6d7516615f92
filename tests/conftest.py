"""No window on a screen, and no thread left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def no_thread_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose threads outlive it: in the application they would abort the process at its end."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2
    while (left := _threads_beside(before, "qapp" in request.fixturenames)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left running: {left}"


def _threads_beside(before: set[threading.Thread], qt: bool) -> list[object]:
    left: list[object] = [t for t in threading.enumerate() if t not in before and not t.daemon]
    if qt:
        qthread = sys.modules["PySide6.QtCore"].QThread
        # type(), not isinstance(): asking some of torch's objects for their __class__ warns
        left += [o for o in gc.get_objects() if issubclass(type(o), qthread) and o.isRunning()]
    return left
