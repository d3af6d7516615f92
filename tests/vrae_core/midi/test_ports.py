"""Looking for MIDI ports is safe where there are none, and says in plain words why."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from vrae_core.errors import MidiPortError
from vrae_core.midi.ports import find_port, open_input, open_output, port_names


class Driver:
    """What python-rtmidi is to mido: made by the test, for the machine has neither driver nor device."""

    trouble: Exception | None = None
    names = ("Synth:Synth MIDI 1 24:0", "Drums 28:0")
    made: list[Driver]

    def __init__(self, **_: Any) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.sent: list[list[int]] = []
        self.callback: Any = None
        self.made.append(self)

    def get_ports(self) -> list[str]:
        return list(self.names)

    def get_current_api(self) -> int:
        return 0

    def open_port(self, number: int) -> None:
        self.number: int | None = number

    def close_port(self) -> None:
        self.number = None

    def delete(self) -> None: ...
    def cancel_callback(self) -> None: ...
    def ignore_types(self, *_: bool) -> None: ...

    def set_callback(self, callback: Any) -> None:
        self.callback = callback

    def send_message(self, message: list[int]) -> None:
        self.sent.append(message)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> type[Driver]:
    fake: Any = ModuleType("rtmidi")
    kind = type("OneDriver", (Driver,), {"made": []})
    fake.MidiIn = fake.MidiOut = kind
    fake.API_UNSPECIFIED, fake.API_RTMIDI_DUMMY = 9, 0
    fake.get_compiled_api = lambda: [0]
    monkeypatch.setitem(sys.modules, "rtmidi", fake)
    monkeypatch.delitem(sys.modules, "mido.backends.rtmidi", raising=False)
    return kind


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    for look in (port_names, lambda: open_output("x"), lambda: open_input("x", print)):
        with pytest.raises(MidiPortError, match="pip install python-rtmidi"):
            look()


def test_a_driver_that_raises_becomes_one_sentence(driver: type[Driver]) -> None:
    driver.trouble = OSError("MidiOutAlsa::initialize: error creating\n ALSA sequencer client object.")
    with pytest.raises(MidiPortError) as caught:
        port_names()
    assert str(caught.value) == (
        "The system's MIDI does not open (MidiOutAlsa::initialize: error creating ALSA sequencer client object)."
    )
    with pytest.raises(MidiPortError, match="Drums does not open"):
        open_output("Drums")


def test_ports_are_listed_and_messages_reach_them(driver: type[Driver]) -> None:
    assert port_names().outputs == driver.names
    port = open_output("Drums 28:0")
    port.send(b"\x90\x3c\x5a")
    port.send(b"\xf8")
    assert driver.made[-1].number == 1
    assert driver.made[-1].sent == [[0x90, 60, 90], [0xF8]]
    port.close()
    assert driver.made[-1].number is None


def test_what_comes_in_is_handed_on_as_bytes_until_the_port_is_closed(driver: type[Driver]) -> None:
    heard: list[bytes] = []
    port = open_input("Drums 28:0", heard.append)
    driver.made[-1].callback(([0xB0, 16, 99], 0.0), None)
    assert heard == [b"\xb0\x10\x63"]
    port.close()


def test_a_port_that_is_not_there_is_said_not_to_open(driver: type[Driver]) -> None:
    with pytest.raises(MidiPortError, match="Gone does not open"):
        open_output("Gone")


def test_a_device_plugged_in_anew_is_known_by_its_name() -> None:
    names = ["Synth:Synth MIDI 1 24:0", "Synth:Synth MIDI 2 24:1", "Drums 28:0"]
    assert find_port("Drums 20:0", names) == "Drums 28:0"
    assert find_port("Synth:Synth MIDI 2 24:1", names) == "Synth:Synth MIDI 2 24:1"
    assert find_port("Synth:Synth MIDI 2 40:1", names) == "Synth:Synth MIDI 2 24:1"
    assert find_port("Organ 20:0", names) is None
