"""Sound by way of PulseAudio's own library, which PipeWire has too: it waits for a server, however long one is away."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from explorer.audio.pump import BYTES_PER_FRAME, Outlet

LOOK_SECONDS = 0.5  # between two looks for a server
BLOCK_SECONDS = 0.01  # what is written at once, at most
_PLAYBACK, _S16LE = 1, 3
_WHATEVER = 0xFFFFFFFF


class _Spec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _Buffer(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize"))


@lru_cache
def pulse_library() -> ctypes.CDLL | None:
    """PulseAudio's simple interface, or None where there is none."""
    if sys.platform != "linux":
        return None
    try:
        library = ctypes.CDLL("libpulse-simple.so.0")
        library.pa_simple_new.restype = ctypes.c_void_p
        library.pa_simple_write.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
        library.pa_simple_free.argtypes = [ctypes.c_void_p]
    except (OSError, AttributeError):
        return None
    return library


class PulseStream:
    """Asks for sound, in a thread of its own, while a sound server is there; looks for one while there is none.

    A server that hangs holds up this thread alone, which the process need not wait for at its end.  Qt's own sink is no
    way back to a server that was restarted: Qt looks for it once, 3 s later, and where that look fails, opening a sink
    aborts the process.
    """

    def __init__(self, rate: int, latency: float, read: Callable[[Outlet, int], bytes]) -> None:
        """latency: seconds that the server is to hold; read: called in this stream's thread for its sound."""
        self.outlet = Outlet("Sound server", latency)
        self._rate, self._read = rate, read
        self._ended = threading.Event()

    def start(self, gone: Callable[[], object] = lambda: None) -> None:
        """Begin to look for a server; ``gone`` is called, in that thread, when none is found."""
        threading.Thread(target=self._run, args=(gone,), name="sound server", daemon=True).start()

    def end(self) -> None:
        """Ask for no more sound."""
        self.outlet.closed = True
        self._ended.set()

    def _run(self, gone: Callable[[], object]) -> None:
        library = pulse_library()
        assert library is not None
        while not self._ended.is_set():
            stream = _connect(library, self._rate, self.outlet.latency)
            if stream is None:
                with suppress(RuntimeError):  # whoever is told may have been deleted meanwhile
                    gone()
                self._ended.wait(LOOK_SECONDS)
                continue
            self.outlet.opened = time.monotonic()
            frames = max(int(self._rate * min(BLOCK_SECONDS, self.outlet.latency / 2)), 64)
            written = 0
            while written >= 0 and not self._ended.is_set():
                block = self._read(self.outlet, frames)
                written = library.pa_simple_write(stream, block, len(block), None)
            library.pa_simple_free(stream)


def _connect(library: ctypes.CDLL, rate: int, latency: float) -> int | None:
    """A stream on the server's default device, or None; waits for as long as the server hangs."""
    spec = _Spec(_S16LE, rate, 2)
    size = int(rate * latency) * BYTES_PER_FRAME
    buffer = _Buffer(_WHATEVER, size, size, _WHATEVER, _WHATEVER)
    stream: int | None = library.pa_simple_new(
        None, b"VRAE Explorer", _PLAYBACK, None, b"Music", ctypes.byref(spec), None, ctypes.byref(buffer), None
    )
    return stream


def when_a_server_has_answered(act: Callable[[], object]) -> None:
    """Ask the server, in a thread, and act there when it has answered, also with no; never while it hangs."""
    library = pulse_library()

    def ask() -> None:
        if library is not None and (stream := _connect(library, 44_100, 0.1)) is not None:
            library.pa_simple_free(stream)
        with suppress(RuntimeError):  # as above
            act()

    threading.Thread(target=ask, name="sound server", daemon=True).start()
