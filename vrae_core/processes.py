"""What a process asks of the system about itself, and about others."""

from __future__ import annotations

import ctypes
import signal
import sys

_SAME_MOMENT = 5.0  # seconds by which the clock may have been set between two questions
# for the environment: threads that spin where they wait starve each other and the sound; applied only if it is there
# before torch is imported
SLEEPING_THREADS = ("OMP_WAIT_POLICY", "PASSIVE")
_PR_SET_PDEATHSIG = 1  # Linux: the signal a process gets when the one that started it ends


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Get a signal when the process that started this one ends, even by kill -9.  Linux only; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))


def ending_signals() -> tuple[signal.Signals, ...]:
    """What asks a process to end: Ctrl-C, SIGTERM, and SIGHUP, of a terminal that closes, unless `nohup` ignores it."""
    asks = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        asks.append(signal.SIGHUP)
    return tuple(asks)


def began() -> float:
    """When this process began, in seconds since 1970."""
    import psutil  # noqa: PLC0415 - few ask

    return float(psutil.Process().create_time())


def is_there(process: int, since: float | None = None) -> bool:
    """Whether a process is there that began at ``since``, as another one may have its number by now."""
    import psutil  # noqa: PLC0415

    try:
        found = psutil.Process(process)
        same = since is None or abs(found.create_time() - since) < _SAME_MOMENT
        return same and bool(found.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True  # it is there, and somebody else's
    except (psutil.Error, ValueError, OverflowError):
        return False
