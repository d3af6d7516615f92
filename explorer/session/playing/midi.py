"""MIDI ports: what is played goes out by one, and knobs on another move the point that is heard."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.tee import SoundTee
from explorer.preferences import Preferences
from explorer.qt.background import NewestWins
from explorer.qt.messages import Messages
from explorer.session.playing.knobs import Axis, ControlResult, Knobs
from explorer.session.playing.playback import Playback
from vrae_core.errors import MidiPortError
from vrae_core.midi import ports as midi_ports
from vrae_core.midi.ports import InputPort, OutputPort, PortNames, find_port
from vrae_core.midi.sender import TimedSender

LOOK_MILLISECONDS = 2000  # how often it is seen whether the chosen ports are still, or again, there
MARGIN = 0.05  # of the map, beyond its dots, that the knobs reach


class Driver(Protocol):
    """What is needed of the system's MIDI (see vrae_core.midi.ports)."""

    def port_names(self) -> PortNames: ...
    def open_output(self, name: str) -> OutputPort: ...
    def open_input(self, name: str, receive: Callable[[bytes], None]) -> InputPort: ...


class Choice(NamedTuple):
    """The ports' names; "" for none."""

    output: str = ""
    input: str = ""


@dataclass(frozen=True, eq=False)
class Wiring:
    """What is plugged in, and what of it is open; ``trouble`` says what is wrong, if anything."""

    usable: bool = False  # whether there can be any ports: the library is installed, and the system's MIDI opens
    names: PortNames = field(default_factory=lambda: PortNames((), ()))
    output: str = ""
    sender: TimedSender | None = None
    input: str = ""
    input_port: InputPort | None = None
    trouble: str = ""


class _PortsRequest(NamedTuple):
    choice: Choice
    receive: Callable[[bytes], None]


class Midi(QObject):
    """Keeps the chosen ports open while they are there, and takes them up again when they come back.

    The driver is only asked in a thread of its own: it may take its time.  Its failures are words, never errors.
    """

    changed = Signal()  # which ports there are, which are chosen or open, or a knob was learnt

    _came = Signal(object)  # a message's bytes, from the driver's thread to ours
    _sending_failed = Signal(str)  # from the audio thread to ours

    def __init__(self, messages: Messages, playback: Playback, driver: Driver = midi_ports) -> None:
        super().__init__()
        self._messages = messages
        self.choice = Choice()
        self.knobs = Knobs()
        self.keys_start = True  # whether a key that is struck starts the music anew
        self.internal, self.clocked = True, False
        self.listener: Callable[[bytes], bool] | None = None  # hears messages first, and may keep them to itself
        self.wiring = Wiring()
        self._tee: SoundTee | None = None
        self._playback = playback
        self._looker = _Looker(driver)
        self._looking = NewestWins(self._looker.look)
        self._looking.answered.connect(self._found)
        self._came.connect(self._take)
        self._faults_told: set[str] = set()
        self._sending_failed.connect(self._tell_once)
        self._timer = QTimer(self, interval=LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def use_tee(self, tee: SoundTee) -> None:
        """Send what goes through this one."""
        self._tee = tee
        tee.on_midi_failure = lambda error: self._sending_failed.emit(f"{type(error).__name__}: {error}")
        self._set_tee()

    def restore(self, preferences: Preferences) -> None:
        """Take up what was chosen in an earlier run."""
        self.internal, self.clocked = preferences.midi_internal, preferences.midi_clock
        self.keys_start = preferences.midi_keys_start
        self.knobs.x_controller, self.knobs.y_controller = preferences.midi_knobs
        if preferences.midi_output or preferences.midi_input:
            self.choose(preferences.midi_output, preferences.midi_input)

    def remember(self, preferences: Preferences) -> None:
        """Hand over what is chosen, for the next run."""
        preferences.midi_output, preferences.midi_input = self.choice
        preferences.midi_internal, preferences.midi_clock = self.internal, self.clocked
        preferences.midi_keys_start = self.keys_start
        preferences.midi_knobs = [self.knobs.x_controller, self.knobs.y_controller]

    def look(self) -> None:
        """See which ports there are, and open or close what is chosen."""
        self._looking.ask(_PortsRequest(self.choice, self._came.emit))

    def choose(self, output: str | None = None, input_name: str | None = None) -> None:
        """Choose a port to send to or to listen to, "" for none."""
        self.choice = Choice(
            self.choice.output if output is None else output, self.choice.input if input_name is None else input_name
        )
        if any(self.choice):
            self._timer.start()
        else:
            self._timer.stop()
        self.look()
        self.changed.emit()

    def set_internal(self, internal: bool) -> None:
        """Whether the music is heard here as well as sent."""
        self.internal = internal
        self._set_tee()

    def set_clocked(self, clocked: bool) -> None:
        """Whether the beat is sent."""
        self.clocked = clocked
        self._set_tee()

    def learn(self, axis: Axis | None) -> None:
        """Give the next knob that is moved to an axis of the map."""
        self.knobs.learning = axis
        self.changed.emit()

    def close(self) -> None:
        """Let go of the ports; what sounds on them ends."""
        self._timer.stop()
        if self._tee is not None:
            self._tee.sender = None
        self._looker.close()

    def _set_tee(self) -> None:
        if self._tee is not None:
            self._tee.internal, self._tee.clocked = self.internal, self.clocked
            self._tee.sender = self.wiring.sender

    def _tell_once(self, fault: str) -> None:
        """A fault may come back with every block."""
        if fault not in self._faults_told:
            self._faults_told.add(fault)
            self._messages.say(f"A fault in sending MIDI ({fault}). The sound here plays on.", "error")

    def _found(self, request: _PortsRequest, wiring: Wiring) -> None:
        before, self.wiring = self.wiring, wiring
        self._set_tee()
        if request.choice != self.choice:
            return  # there is a newer request
        if any(self.choice) and wiring.trouble and wiring.trouble != before.trouble:
            self._messages.say(wiring.trouble, "warning")
        self.changed.emit()

    # --- what comes in

    def _take(self, message: bytes) -> None:
        if self.listener is not None and self.listener(message):
            return
        heard = self.knobs.take(message)
        if heard is ControlResult.LEARNT:
            self.changed.emit()
        if heard in (ControlResult.MOVED, ControlResult.LEARNT):
            self._move()
        elif heard is ControlResult.STRUCK and self.keys_start:
            self._playback.restart()

    def _move(self) -> None:
        """Move the point to where the knobs stand; where one was never moved, the point keeps its place."""
        atlas, heard = self._playback.atlas, self._playback.heard
        if atlas is None or not len(atlas.map.points):
            return
        low, high = atlas.map.points.min(axis=0), atlas.map.points.max(axis=0)
        low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
        place = (low + high) / 2 if heard is None else heard.place_at(self._playback.player.position)
        share = np.array([np.nan if knob is None else knob for knob in (self.knobs.x, self.knobs.y)])
        point = np.where(np.isnan(share), place, low + share * (high - low))
        if heard is None:
            self._playback.play_at(point)
        else:
            self._playback.morph_to(point)


class _Looker:
    """Asks the driver, in the thread of the requests, and holds what is open between one and the next."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._now = Wiring()
        self._closed = False

    def look(self, request: _PortsRequest) -> Wiring:
        """Bring what is open into line with what is chosen and there."""
        try:
            found = replace(self._now, usable=True, names=self._driver.port_names(), trouble="")
        except MidiPortError as error:
            found = replace(self._now, usable=False, names=PortNames((), ()), trouble=str(error))
        now = self._with_output(found, request.choice.output)
        now = self._with_input(now, request.choice.input, request.receive)
        self._now = now
        if self._closed:
            self.close()
        return now

    def close(self) -> None:
        """Close what is open, also what is being opened just now."""
        self._closed = True
        now, self._now = self._now, Wiring()
        if now.sender is not None:
            now.sender.close()
        if now.input_port is not None:
            with suppress(Exception):
                now.input_port.close()

    def _with_output(self, now: Wiring, chosen: str) -> Wiring:
        found = find_port(chosen, now.names.outputs) if chosen else None
        if now.sender is not None and (found != now.output or now.sender.lost):
            now.sender.close()
            now = replace(now, output="", sender=None)
        if found is not None and now.sender is None:
            try:
                sender = TimedSender(self._driver.open_output(found))
            except MidiPortError as error:
                return replace(now, trouble=str(error))
            sender.start()
            return replace(now, output=found, sender=sender)
        return _missing(now, chosen, found)

    def _with_input(self, now: Wiring, chosen: str, receive: Callable[[bytes], None]) -> Wiring:
        found = find_port(chosen, now.names.inputs) if chosen else None
        if now.input_port is not None and found != now.input:
            with suppress(Exception):  # its device may be gone, and a driver may raise anything then
                now.input_port.close()
            now = replace(now, input="", input_port=None)
        if found is not None and now.input_port is None:
            try:
                return replace(now, input=found, input_port=self._driver.open_input(found, receive))
            except MidiPortError as error:
                return replace(now, trouble=str(error))
        return _missing(now, chosen, found)


def _missing(now: Wiring, chosen: str, found: str | None) -> Wiring:
    """Say that a chosen port is not there, unless something worse is said already."""
    if not chosen or found is not None or now.trouble:
        return now
    return replace(now, trouble=f"The MIDI port {chosen} is not connected; it is used again once it is back.")
