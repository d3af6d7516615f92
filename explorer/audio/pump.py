"""Renders the player in the audio thread: as a device or a sound server asks, or by the clock where none does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QIODevice, QObject, Qt, QTimer, Signal, Slot

from explorer.audio.player import Player

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSink

BYTES_PER_FRAME = 4  # 16-bit stereo
TICK_MS = 10  # how often time is kept where no device keeps it, and the device is looked after
STALL_SECONDS = 0.5  # a device that asks for no sound for so long has died
FIRST_SOUND_SECONDS = 3.0  # it may take its time to begin: PulseAudio's null sink takes 1.6 s

STALLED = "The sound device stopped: the music plays silently"

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Outlet:
    """Something that asks for sound."""

    name: str
    latency: float  # seconds
    opened: float = 0.0  # when that was, on time.monotonic's clock
    last_read: float = 0.0  # when it last asked
    closed: bool = False  # set by whoever let it go: it gets no more sound


class Pump(QObject):
    """Gives the player's sound to one outlet at a time, silence to any other; whoever asks first after a stall gets it.

    All of it runs in the thread that this object is moved to, but for ``read``, which an outlet may call from its own.
    """

    reported = Signal(str, bool)  # how the device stands; whether anything is heard
    taken_up = Signal(object)  # the Outlet that keeps the time from now on
    stalled = Signal()
    failed = Signal(str)  # a fault in playing the music, which has stopped

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self._sink: QAudioSink | None = None
        self._source: _Source | None = None
        self._sinks_outlet: Outlet | None = None
        self._timer: QTimer | None = None
        self._rendering = threading.Lock()  # held for a block: an outlet that comes back may meet the clock's
        self._outlet: Outlet | None = None  # None while the clock keeps the time
        self._told: Outlet | None = None  # the outlet that was last reported
        self._rendered_until = 0.0  # by the clock
        self._faulty = False  # whether the last block failed

    @Slot(object, str, float)
    def open(self, device: QAudioDevice | None, why_not: str, buffer_seconds: float) -> None:
        """Change to a device, or to the clock if there is none, and say why."""
        self._drop_sink()
        self._keep_time()
        if self._timer is None:  # made here because a timer belongs to the thread that makes it
            self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
            self._timer.timeout.connect(self._tick)
            self._timer.start()
        if device is None:
            self.reported.emit(why_not, False)
        else:
            self._open_sink(device, buffer_seconds)

    @Slot()
    def close(self) -> None:
        """Give everything back and end the thread."""
        self._drop_sink()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.thread().quit()

    def read(self, outlet: Outlet, frames: int) -> bytes:
        """Sound for an outlet."""
        outlet.last_read = time.monotonic()
        with self._rendering:
            if (self._outlet is None or self._outlet.closed) and not outlet.closed:
                self._outlet = outlet
                self._player.latency = outlet.latency
            if outlet is not self._outlet:
                return bytes(frames * BYTES_PER_FRAME)
            return self._render(frames)

    def _open_sink(self, device: QAudioDevice, buffer_seconds: float) -> None:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink  # noqa: PLC0415 - see AudioOutput.start

        form = QAudioFormat()
        form.setSampleRate(self._player.sample_rate)
        form.setChannelCount(2)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        outlet = Outlet(device.description(), buffer_seconds, time.monotonic())
        self._sinks_outlet = outlet
        self._source = _Source(lambda frames: self.read(outlet, frames))
        # Unbuffered: QIODevice would otherwise read 16 KB ahead, a third of a second.
        self._source.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)
        self._sink = QAudioSink(device, form)
        self._sink.setBufferSize(int(buffer_seconds * self._player.sample_rate) * BYTES_PER_FRAME)
        self._sink.start(self._source)
        if self._sink.state().name == "StoppedState":  # an enum that PySide6 gives two different classes
            self._drop_sink()
            self._keep_time()
            self.reported.emit(f"{device.description()} cannot be opened: the music plays silently", False)
            return
        outlet.latency = self._sink.bufferSize() / BYTES_PER_FRAME / self._player.sample_rate
        outlet.opened = outlet.last_read = time.monotonic()
        self._outlet, self._player.latency = outlet, outlet.latency
        self._tell(outlet)

    def _drop_sink(self) -> None:
        if self._sink is not None:
            self._sink.stop()
        self._sink = self._source = None

    def _tell(self, outlet: Outlet) -> None:
        self._told = outlet
        if self._sinks_outlet is not None and outlet is not self._sinks_outlet:
            self._sinks_outlet.closed = True  # the sink has stalled; to stop it might take for ever
        self.taken_up.emit(outlet)
        self.reported.emit(f"{outlet.name} · {outlet.latency * 1000:.0f} ms buffer", True)

    def _keep_time(self) -> None:
        """From now on the clock keeps the time."""
        with self._rendering:
            self._outlet = self._told = None
            self._player.latency = 0.0
            self._rendered_until = time.monotonic()

    @Slot()
    def _tick(self) -> None:
        outlet, now = self._outlet, time.monotonic()
        if outlet is None:
            self._render_by_clock(now)
        elif outlet is not self._told:  # it came by itself
            self._tell(outlet)
        else:
            has_begun = outlet.last_read > outlet.opened + 0.1  # what it reads at first only fills its buffer
            if now - outlet.last_read > (STALL_SECONDS if has_begun else FIRST_SOUND_SECONDS):
                self._keep_time()
                self.reported.emit(STALLED, False)
                self.stalled.emit()

    def _render_by_clock(self, now: float) -> None:
        with self._rendering:
            if self._outlet is None:
                frames = int((now - self._rendered_until) * self._player.sample_rate)
                self._rendered_until += frames / self._player.sample_rate
                self._render(min(frames, self._player.sample_rate // 4))  # after a laptop's sleep, don't catch up

    def _render(self, frames: int) -> bytes:
        """A block; a fault in the music stops the music, and nothing else."""
        try:
            block = self._player.render(frames).tobytes()
        except Exception as error:
            self._player.drop_music()
            if not self._faulty:
                log.exception("the player failed")
                self.failed.emit(f"The music stopped: a fault in VRAE Explorer ({type(error).__name__}: {error}).")
            self._faulty = True
            return bytes(frames * BYTES_PER_FRAME)
        self._faulty = False
        return block


class _Source(QIODevice):
    """What the sink reads from."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        super().__init__()
        self._read = read

    def readData(self, most: int) -> bytes:
        return self._read(most // BYTES_PER_FRAME)

    def writeData(self, _data: object, _size: int) -> int:
        return -1

    def bytesAvailable(self) -> int:
        return 1 << 20  # never at its end

    def isSequential(self) -> bool:
        return True
