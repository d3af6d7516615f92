"""What threads have used goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

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
