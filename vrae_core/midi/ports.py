"""The system's MIDI ports, through mido and python-rtmidi, which need not be there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from vrae_core.errors import MidiPortError

HOW_TO_GET = "MIDI ports need one more package: pip install python-rtmidi"


class OutputPort(Protocol):
    """Somewhere to send MIDI messages, as their bytes."""

    def send(self, message: bytes) -> None: ...
    def close(self) -> None: ...


class InputPort(Protocol):
    """Something that messages come from until it is closed."""

    def close(self) -> None: ...


class PortNames(NamedTuple):
    """What is plugged in now."""

    outputs: tuple[str, ...]
    inputs: tuple[str, ...]


class _Output:
    def __init__(self, port: Any) -> None:
        self._port = port

    def send(self, message: bytes) -> None:
        import mido  # noqa: PLC0415

        self._port.send(mido.Message.from_bytes(message))

    def close(self) -> None:
        self._port.close()


def port_names() -> PortNames:
    """The ports that are there now.  Raises: MidiPortError in plain words where there can be none."""
    backend = _backend()
    with _plainly("The system's MIDI does not open"):
        return PortNames(tuple(backend.get_output_names()), tuple(backend.get_input_names()))


def open_output(name: str) -> OutputPort:
    """Open a port to send to.  Raises: MidiPortError."""
    backend = _backend()
    with _plainly(f"The MIDI port {name} does not open"):
        return _Output(backend.open_output(name))


def open_input(name: str, receive: Callable[[bytes], None]) -> InputPort:
    """Open a port and hand on what comes from it, in a thread of the driver's.  Raises: MidiPortError."""
    backend = _backend()
    with _plainly(f"The MIDI port {name} does not open"):
        port: InputPort = backend.open_input(name, callback=lambda message: receive(bytes(message.bytes())))
        return port


def find_port(chosen: str, names: Iterable[str]) -> str | None:
    """The port that was once chosen, among those there are now.

    ALSA ends a name in numbers that change when a device is plugged in again ("Synth:Synth MIDI 1 24:0").
    """
    names = list(names)
    if chosen in names:
        return chosen
    return next((name for name in names if _lasting(name) == _lasting(chosen)), None)


def _lasting(name: str) -> str:
    return re.sub(r" \d+:\d+$", "", name)


def _backend() -> Any:
    """mido with its python-rtmidi part, which loads a library of the system's."""
    try:
        import mido  # noqa: PLC0415 - only who uses ports pays for it
        import rtmidi  # noqa: F401, PLC0415 - an extra, which may not be installed
    except ImportError as error:
        raise MidiPortError(HOW_TO_GET) from error
    return mido.Backend("mido.backends.rtmidi")


@contextmanager
def _plainly(what: str) -> Iterator[None]:
    """Whatever a driver raises becomes one sentence: RtMidi's own errors, OSError, ValueError or worse."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise MidiPortError(f"{what} ({reason}).") from error
