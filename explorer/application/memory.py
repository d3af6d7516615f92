"""How the system's allocator gives memory back: as it is set up, it keeps most of what threads have used."""

from __future__ import annotations

import ctypes
import platform

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
