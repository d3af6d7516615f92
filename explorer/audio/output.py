"""Puts the player's sound out on the system's default device, from a thread of its own, and says how that stands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from explorer.audio.player import Player
from explorer.audio.pulse import PulseStream, pulse_library, when_a_server_has_answered
from explorer.audio.pump import Outlet, Pump

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QMediaDevices

# What is rendered ahead of the device.  A sound server holds some more; PulseAudio's library, and so PipeWire's too,
# takes from a variable how much, at the start of every stream.  tests/sound/measure_latency.py measures both modes from
# the call to the sound: 76 ms and 24 ms.  With 10 ms in the server's hands the sound begins to break up.
BUFFER_SECONDS = {"safe": 0.06, "low latency": 0.012}
SERVER_MS = {"low latency": "15"}
SERVER_VARIABLE = "PULSE_LATENCY_MSEC"
LONGEST_END_SECONDS = 2.0  # a sink whose sound server hangs may never close
LONGEST_ANSWER_SECONDS = 2.0  # a sound server that has not answered by then is said to hang

OPENING = "Opening the sound…"
NO_DEVICE = "No sound device: the music plays silently"
LOST = "The sound server stopped: the music plays silently until it is back"
HANGS = "The sound server does not answer: the music plays silently until it does"

_started: set[AudioOutput] = set()  # dropping a QThread that runs would abort the process


class AudioOutput(QObject):
    """Plays what a player renders on the system's default device, and follows it when it changes.

    Where there is no device, or none that works, the player is rendered by a timer, unheard, so that the transport
    runs all the same.  ``text`` and ``audible`` tell how it stands; ``state_changed`` gives them when they change.
    Nothing here waits for a sound server in the window's thread.
    """

    state_changed = Signal(str, object)  # one plain phrase; whether anything can be heard, None while all is opened
    tried_again = Signal()  # for whoever opens the synthesizer
    failed = Signal(str)  # one plain sentence about a fault that stopped the music
    finished = Signal()  # after stop(): the thread has ended, or hangs for good

    _open_asked = Signal(object, str, float)  # QAudioDevice, or None for the timer and why; seconds of its buffer
    _close_asked = Signal()
    _answered = Signal()  # the sound server, whatever it said
    _server_gone = Signal()

    def __init__(self, player: Player, mode: str = "safe") -> None:
        super().__init__()
        self.text: str = OPENING
        self.audible: bool | None = None
        self.mode = mode  # one of BUFFER_SECONDS
        self._device_state: tuple[str, bool | None] = (OPENING, None)
        self._synthesizer_opens, self._synthesizer_trouble = False, ""
        self._server_ms = os.environ.get(SERVER_VARIABLE)  # what the user has set goes before ours
        self.running = False  # whether the player is being rendered, heard or not
        self._stopping = False
        self._devices: QMediaDevices | None = None
        self._device: QAudioDevice | None = None  # the one in use
        self._stream: PulseStream | None = None  # the way round Qt to a server that is, or was, away
        self._qt_is_lost = False  # a sink of Qt's has stalled: no other may be opened where PulseAudio is
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._finish)
        self._thread = QThread()
        self._thread.setObjectName("audio output")
        self._thread.finished.connect(self._end)
        self._sample_rate = player.sample_rate
        self._pump = Pump(player)
        self._pump.moveToThread(self._thread)
        self._pump.reported.connect(self._show_device)
        self._pump.taken_up.connect(self._take_up)
        self._pump.stalled.connect(self._revive)
        self._pump.failed.connect(self.failed)
        self._open_asked.connect(self._pump.open)
        self._close_asked.connect(self._pump.close)
        self._answered.connect(self._open_first)
        self._server_gone.connect(self._show_lost)

    def start(self) -> None:
        """Begin; loads Qt's sound module, which takes about 0.1 s, so call it after the window is drawn."""
        _started.add(self)
        self.running = True
        self._thread.start(QThread.Priority.TimeCriticalPriority)
        if pulse_library() is None:
            self._open_first()
            return
        self._open_asked.emit(None, OPENING, 0.0)
        when_a_server_has_answered(self._answered.emit)  # Qt would wait for it in the window's thread
        QTimer.singleShot(int(LONGEST_ANSWER_SECONDS * 1000), self, self._show_hanging)

    def try_again(self) -> None:
        """Look for a device, and have the synthesizer opened, wherever one of them is missing."""
        self.tried_again.emit()
        if self._device_state[1] is False:
            self._open_anew()

    def use_mode(self, mode: str) -> None:
        """Render further ahead ("safe"), or less far ("low latency"): a press is heard sooner, a gap is likelier."""
        if mode == self.mode:
            return
        self.mode = mode
        if self._stream is not None:
            self._open_stream()
        elif self.running and self._device is not None:
            self._open_default()

    def stop(self) -> None:
        """Ask the thread to end; ``finished`` follows.  A window closes after that, never before."""
        self._stopping = True
        self._drop_stream()
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

    # --- the device

    @Slot()
    def _open_first(self) -> None:
        if self._stopping or self._devices is not None:
            return
        try:
            from PySide6.QtMultimedia import QMediaDevices  # noqa: PLC0415 - may be missing, or its libpulse
        except ImportError as error:
            self._open_asked.emit(None, f"No sound: Qt's sound module does not load ({error})", 0.0)
            return
        self._devices = QMediaDevices()  # in this thread: it lives as long as the application
        self._devices.audioOutputsChanged.connect(self._follow_devices)
        self._open_default()

    def _open_default(self) -> None:
        device = self._devices.defaultAudioOutput() if self._devices is not None else None
        self._device = None if device is None or device.isNull() else device
        self._tell_server()
        self._drop_stream()
        self._open_asked.emit(self._device, NO_DEVICE, BUFFER_SECONDS[self.mode])
        if self._device is None and pulse_library() is not None:
            self._open_stream()

    @Slot()
    def _follow_devices(self) -> None:
        if self._devices is None or self._stopping or self._qt_is_lost:
            return
        if self._stream is not None and self._device_state[1]:
            return  # its server looks after the devices
        default = self._devices.defaultAudioOutput()
        changed = self._device is None or default.isNull() or default.id() != self._device.id()
        if changed or not self._device_state[1]:
            self._open_default()

    @Slot()
    def _revive(self) -> None:
        """After a stall; a stream that was opened round Qt goes on by itself."""
        if self._stream is None:
            self._open_anew()

    def _open_anew(self) -> None:
        if self._stopping or not self.running:
            return
        if pulse_library() is None:
            self._open_default()
        else:
            self._qt_is_lost = True
            self._open_stream()

    def _open_stream(self) -> None:
        self._drop_stream()
        self._tell_server()
        self._stream = PulseStream(self._sample_rate, BUFFER_SECONDS[self.mode], self._pump.read)
        self._stream.start(self._server_gone.emit)

    def _drop_stream(self) -> None:
        if self._stream is not None:
            self._stream.end()
            self._stream = None

    def _tell_server(self) -> None:
        """How much of the sound a server should hold; empty is as if not set."""
        os.environ[SERVER_VARIABLE] = self._server_ms or SERVER_MS.get(self.mode, "")

    @Slot(object)
    def _take_up(self, outlet: Outlet) -> None:
        if self._stream is not None and outlet is not self._stream.outlet:
            self._drop_stream()  # Qt's sink came back by itself
            self._qt_is_lost = False

    # --- how it stands

    @Slot()
    def _show_hanging(self) -> None:
        if self._devices is None and not self._stopping:
            self._show_device(HANGS, False)

    @Slot()
    def _show_lost(self) -> None:
        if self._qt_is_lost and not self._device_state[1]:
            self._show_device(LOST, False)

    @Slot(str, bool)
    def _show_device(self, text: str, audible: bool) -> None:
        self._device_state = (text, None if text == OPENING else audible)
        self._tell()

    def show_synthesizer(self, opens: bool, trouble: str) -> None:
        """Take into account whether the synthesizer is being opened, and what is wrong with it, "" if nothing."""
        self._synthesizer_opens, self._synthesizer_trouble = opens, trouble
        self._tell()

    def _tell(self) -> None:
        """What is wrong with the synthesizer is said first: no device would help."""
        text, audible = self._device_state
        if self._synthesizer_opens:
            text, audible = (OPENING, None) if audible else (text, audible)
        elif self._synthesizer_trouble:
            text, audible = self._synthesizer_trouble, False
        if (text, audible) != (self.text, self.audible):
            self.text, self.audible = text, audible
            self.state_changed.emit(text, audible)
