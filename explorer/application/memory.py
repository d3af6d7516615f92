"""How memory is given back: the allocator would keep most of what threads used, and Python look for cycles in any."""

from __future__ import annotations

import ctypes
import gc
import platform
import time

from PySide6.QtCore import QObject, QTimer

# Of glibc's <malloc.h>: by itself it has 8 arenas a core, one more for almost every job's thread, each with holes.
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
ARENAS = 2
LARGE = 1 << 20  # bytes: what is as large goes back to the system as soon as it is freed


def keep_little() -> None:
    """Let what threads and large arrays used go back to the system; to be called before there are threads."""
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in ((ARENA_MAX, ARENAS), (MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, LARGE)):
            mallopt(option, value)


LOOK_MS = 200
SHARE = 0.01  # of the time that looking through everything may take


class CycleCollector(QObject):
    """Lets Python look for objects that hold each other in the thread that made this alone, the GUI's.

    By itself it looks in whichever thread happens to make an object, and there destroys the widgets and the items of
    scenes that it finds, while the GUI's thread may be painting them.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._thresholds = gc.get_threshold()
        self._rests_until = 0.0
        timer = QTimer(self, interval=LOOK_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def look(self) -> None:
        """Look through the youngest objects or, as Python would, through older ones too."""
        begun, counts = time.monotonic(), gc.get_count()
        oldest = max((age for age in range(3) if counts[age] > self._thresholds[age]), default=None)
        if oldest == 2 and begun < self._rests_until:
            oldest = 1
        if oldest is not None:
            gc.collect(oldest)
        if oldest == 2:
            now = time.monotonic()
            self._rests_until = now + (now - begun) / SHARE
