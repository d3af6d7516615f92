"""What threads have used goes back to the system, and cycles of objects are looked for in one thread."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QObject, Qt

from explorer.application.memory import CycleCollector

THREADS = """
import ctypes, threading
from explorer.application.memory import keep_little
keep_little()
ready = threading.Barrier(9)
def use():
    kept = [bytearray(2000) for _ in range(100)]
    ready.wait()
for _ in range(8):
    threading.Thread(target=use).start()
ready.wait()
system = ctypes.CDLL(None)
system.malloc_info(0, ctypes.c_void_p.in_dll(system, "stdout"))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have no arenas to be told of")
def test_the_threads_of_many_jobs_share_two_arenas():
    said = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True).stdout
    assert 1 <= said.count("<heap nr=") <= 2


@pytest.fixture
def collector():
    gc.collect()
    parent = QObject()
    yield CycleCollector(parent)
    parent.deleteLater()


@pytest.mark.usefixtures("collector")
def test_qt_objects_that_hold_themselves_end_in_the_gui_s_thread_whichever_thread_makes_many_objects(qtbot):
    ended = []
    alone = QObject()
    alone.itself = alone
    alone.destroyed.connect(lambda: ended.append(threading.current_thread()), Qt.ConnectionType.DirectConnection)
    del alone
    kept = []
    worker = threading.Thread(target=lambda: kept.extend([] for _ in range(100_000)))
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread()]
