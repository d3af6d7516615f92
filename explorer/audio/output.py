"""Pulls the player's sound into a device from a thread of its own, or keeps the music's time where there is none."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QIODevice, QObject, Qt, QThread, QTimer, Signal, Slot

from explorer.audio.player import Player
from explorer.audio.server import ServerCheck

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSink, QMediaDevices

# What is rendered ahead of the device.  A sound server holds some more; PulseAudio's library, and so PipeWire's too,
# takes from a variable how much, at the start of every stream.  tests/sound/measure_latency.py measures both modes from
# the call to the sound: 76 ms and 24 ms.  With 10 ms in the server's hands the sound begins to break up.
BUFFER_SECONDS = {"safe": 0.06, "low latency": 0.012}
SERVER_MS = {"low latency": "15"}
SERVER_VARIABLE = "PULSE_LATENCY_MSEC"
BYTES_PER_FRAME = 4  # 16-bit stereo
TICK_MS = 10  # how often time is kept where no device keeps it, and the device is looked after
STALL_SECONDS = 0.5  # a device that asks for no sound for so long has died
LONGEST_END_SECONDS = 2.0  # a sink whose sound server hangs may never close
FIRST_SOUND_SECONDS = 3.0  # it may take its time to begin: PulseAudio's null sink takes 1.6 s

NO_DEVICE = "No sound device: the music plays silently"
STALLED = "The sound device stopped: the music plays silently"
LOST = "The sound server stopped: restart VRAE Explorer to hear the music again"

log = logging.getLogger(__name__)

_started: set[AudioOutput] = set()  # dropping a QThread that runs would abort the process


class AudioOutput(QObject):
    """Plays what a player renders on the system's default device, and follows it when it changes.

    Where there is no device, or none that works, the player is rendered by a timer, unheard, so that the transport
    runs all the same.  ``text`` and ``audible`` tell how it stands; ``state_changed`` gives them when they change.
    """

    state_changed = Signal(str, bool)  # one plain phrase; whether anything can be heard
    finished = Signal()  # after stop(): the thread has ended, or hangs for good

    _open_asked = Signal(object, str, float)  # QAudioDevice, or None for the timer and why; seconds of its buffer
    _close_asked = Signal()

    def __init__(self, player: Player, mode: str = "safe") -> None:
        super().__init__()
        self.text, self.audible = "", False
        self.mode = mode  # one of BUFFER_SECONDS
        self._server_ms = os.environ.get(SERVER_VARIABLE)  # what the user has set goes before ours
        self.running = False  # whether the player is being rendered, heard or not
        self._devices: QMediaDevices | None = None
        self._device: QAudioDevice | None = None  # the one in use
        self._check: ServerCheck | None = None
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._finish)
        self._thread = QThread()
        self._thread.setObjectName("audio output")
        self._thread.finished.connect(self._end)
        self._pump = _Pump(player)
        self._pump.moveToThread(self._thread)
        self._pump.reported.connect(self._show)
        self._pump.stalled.connect(self._revive)
        self._open_asked.connect(self._pump.open)
        self._close_asked.connect(self._pump.close)

    def start(self) -> None:
        """Begin; loads Qt's sound module, which takes about 0.1 s, so call it after the window is drawn."""
        _started.add(self)
        self.running = True
        self._thread.start(QThread.Priority.TimeCriticalPriority)
        try:
            from PySide6.QtMultimedia import QMediaDevices  # noqa: PLC0415 - may be missing, or its libpulse
        except ImportError as error:
            self._open_asked.emit(None, f"No sound: Qt's sound module does not load ({error})", 0.0)
            return
        self._devices = QMediaDevices()  # in this thread: it lives as long as the application
        self._devices.audioOutputsChanged.connect(self._follow_devices)
        self._open_default()

    def use_mode(self, mode: str) -> None:
        """Render further ahead ("safe"), or less far ("low latency"): a press is heard sooner, a gap is likelier."""
        if mode != self.mode:
            self.mode = mode
            if self.running and self._device is not None:
                self._open_default()

    def stop(self) -> None:
        """Ask the thread to end; ``finished`` follows.  A window closes after that, never before."""
        self._drop_check()
        if self.running:
            self._close_asked.emit()
            self._patience.start(int(LONGEST_END_SECONDS * 1000))
        else:
            QTimer.singleShot(0, self.finished.emit)

    def wait(self, seconds: float) -> bool:
        """Wait, blocking, until the thread has ended; for the very end of the process only.

        False if it has not: the process must then end by ``os._exit``, for an ordinary end would abort it.
        """
        return self._thread.wait(int(seconds * 1000))

    @Slot()
    def _end(self) -> None:
        self._thread.wait()
        _started.discard(self)
        self._finish()

    @Slot()
    def _finish(self) -> None:
        if self.running:
            self.running = False
            self._patience.stop()
            self.finished.emit()

    def _open_default(self) -> None:
        device = self._devices.defaultAudioOutput() if self._devices is not None else None
        self._device = None if device is None or device.isNull() else device
        os.environ[SERVER_VARIABLE] = self._server_ms or SERVER_MS.get(self.mode, "")  # empty is as if not set
        self._open_asked.emit(self._device, NO_DEVICE, BUFFER_SECONDS[self.mode])

    @Slot()
    def _follow_devices(self) -> None:
        if self._devices is None or not self.running:
            return
        default = self._devices.defaultAudioOutput()
        if self._device is None or default.isNull() or default.id() != self._device.id() or not self.audible:
            self._open_default()

    @Slot()
    def _revive(self) -> None:
        self._drop_check()
        if sys.platform == "linux":
            self._check = ServerCheck(self)
            self._check.ended.connect(self._after_check)
            self._check.begin()
        else:
            self._open_default()

    def _drop_check(self) -> None:
        if self._check is not None:
            self._check.ended.disconnect(self._after_check)
            self._check.give_up()
            self._check.deleteLater()
            self._check = None

    def _after_check(self, server_is_there: bool) -> None:
        if self.audible or not self.running:
            return  # it came back by itself
        if server_is_there:
            self._open_default()
        else:
            self._show(LOST, False)

    @Slot(str, bool)
    def _show(self, text: str, audible: bool) -> None:
        if (text, audible) != (self.text, self.audible):
            self.text, self.audible = text, audible
            self.state_changed.emit(text, audible)


class _Pump(QObject):
    """Renders the player in the audio thread: as the device asks, or by the clock."""

    reported = Signal(str, bool)
    stalled = Signal()

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self._sink: QAudioSink | None = None
        self._source: _Source | None = None
        self._timer: QTimer | None = None
        self._name = ""  # what to call the open device
        self._opened = 0.0  # when that was
        self._last_read = 0.0  # when it last asked for sound
        self._rendered_until: float | None = None  # by the clock; None while the device asks

    @Slot(object, str, float)
    def open(self, device: QAudioDevice | None, why_not: str, buffer_seconds: float) -> None:
        """Change to a device, or to the clock if there is none, and say why."""
        self._drop_sink()
        if self._timer is None:  # made here because a timer belongs to the thread that makes it
            self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
            self._timer.timeout.connect(self._tick)
            self._timer.start()
        if device is None:
            self._keep_time()
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

    def read(self, frames: int) -> bytes:
        """Sound for the device."""
        self._last_read = time.monotonic()
        return self._render(frames)

    def _open_sink(self, device: QAudioDevice, buffer_seconds: float) -> None:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink  # noqa: PLC0415 - see AudioOutput.start

        form = QAudioFormat()
        form.setSampleRate(self._player.sample_rate)
        form.setChannelCount(2)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._source = _Source(self.read)
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
        self._name = device.description()
        self._opened = self._last_read = time.monotonic()
        self._take_up(self._sink)

    def _drop_sink(self) -> None:
        if self._sink is not None:
            self._sink.stop()
        self._sink = self._source = None

    def _take_up(self, sink: QAudioSink) -> None:
        """From now on the device keeps the time."""
        self._rendered_until = None
        self._player.latency = sink.bufferSize() / BYTES_PER_FRAME / self._player.sample_rate
        self.reported.emit(f"{self._name} · {self._player.latency * 1000:.0f} ms buffer", True)

    def _keep_time(self) -> None:
        self._player.latency = 0.0
        self._rendered_until = time.monotonic()

    @Slot()
    def _tick(self) -> None:
        now = time.monotonic()
        since_read = now - self._last_read
        if self._rendered_until is None:
            has_begun = self._last_read > self._opened + 0.1  # what it reads at first only fills its buffer
            if since_read > (STALL_SECONDS if has_begun else FIRST_SOUND_SECONDS):
                self._keep_time()
                self.reported.emit(STALLED, False)
                self.stalled.emit()
        elif self._sink is not None and since_read < TICK_MS / 1000:  # it came back by itself
            self._take_up(self._sink)
        else:
            frames = int((now - self._rendered_until) * self._player.sample_rate)
            self._rendered_until += frames / self._player.sample_rate
            self._render(min(frames, self._player.sample_rate // 4))  # after a laptop's sleep, don't catch up

    def _render(self, frames: int) -> bytes:
        try:
            return self._player.render(frames).tobytes()
        except Exception:
            log.exception("the synthesizer failed")
            self._player.synthesizer = None
            self.reported.emit("The synthesizer failed: the music plays silently", False)
            return bytes(frames * BYTES_PER_FRAME)


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
