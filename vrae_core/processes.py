"""What a process asks of the system about itself."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # Linux: the signal a process gets when the one that started it ends


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Get a signal when the process that started this one ends, even by kill -9.  Linux only; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
