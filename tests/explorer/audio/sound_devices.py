"""What stands for Qt's sound devices and a sound server, and obeys the test."""

# ruff: noqa: N802, N815 - Qt's own names

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from typing import ClassVar

from PySide6.QtCore import QIODevice, QObject, QTimer, Signal

from explorer.audio.pump import Outlet


class Device:
    def __init__(self, name: str) -> None:
        self.name = name

    def isNull(self) -> bool:
        return not self.name

    def id(self) -> str:
        return self.name

    def description(self) -> str:
        return self.name


class Devices(QObject):
    """Stands for QMediaDevices."""

    audioOutputsChanged = Signal()
    default: ClassVar[Device] = Device("")
    made: ClassVar[list[Devices]] = []

    def __init__(self) -> None:
        super().__init__()
        Devices.made.append(self)

    def defaultAudioOutput(self) -> Device:
        return Devices.default

    @classmethod
    def change_to(cls, name: str) -> None:
        cls.default = Device(name)
        for devices in cls.made:
            devices.audioOutputsChanged.emit()


class SinkState(Enum):
    ActiveState = 0
    StoppedState = 2


class Sink(QObject):
    """Stands for QAudioSink: reads 5 ms every 5 ms unless the test makes it hang."""

    hangs: ClassVar[bool] = False
    refuses: ClassVar[bool] = False
    opened: ClassVar[list[str]] = []
    threads: ClassVar[set[int]] = set()
    heard: ClassVar[list[bytes]] = []
    may_close: ClassVar[threading.Event] = threading.Event()

    def __init__(self, device: Device, _form: object) -> None:
        super().__init__()
        Sink.opened.append(device.name)
        self._size = 0
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._read)

    def setBufferSize(self, size: int) -> None:
        self._size = size

    def bufferSize(self) -> int:
        return self._size

    def start(self, source: QIODevice) -> None:
        self._source = source
        self._timer.start()

    def state(self) -> SinkState:
        return SinkState.StoppedState if Sink.refuses else SinkState.ActiveState

    def stop(self) -> None:
        self._timer.stop()
        Sink.may_close.wait(60)

    def _read(self) -> None:
        if not Sink.hangs:
            Sink.threads.add(threading.get_ident())
            Sink.heard.append(self._source.read(220 * 4).data())


class Stream:
    """Stands for PulseStream: asks for sound while the test says that a server is there."""

    server: ClassVar[bool] = False
    made: ClassVar[list[Stream]] = []

    def __init__(self, _rate: int, latency: float, read: Callable[[Outlet, int], bytes]) -> None:
        Stream.made.append(self)
        self.outlet, self.heard = Outlet("Sound server", latency), [b""]
        self._read = read
        self._ended = threading.Event()

    def start(self, gone: Callable[[], object]) -> None:
        threading.Thread(target=self._run, args=(gone,), daemon=True).start()

    def end(self) -> None:
        self.outlet.closed = True
        self._ended.set()

    def _run(self, gone: Callable[[], object]) -> None:
        while not self._ended.wait(0.005):
            if Stream.server:
                self.heard.append(self._read(self.outlet, 220))
            else:
                gone()


class Format:
    """Stands for QAudioFormat."""

    class SampleFormat:
        Int16 = 1

    def setSampleRate(self, _rate: int) -> None: ...
    def setChannelCount(self, _count: int) -> None: ...
    def setSampleFormat(self, _form: int) -> None: ...
