"""Ports that come and go, knobs that move the point, and the page where they are chosen; the driver is not real."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.audio.player import State
from explorer.audio.tee import SoundTee
from explorer.dialogs.midi import MidiDialog
from explorer.preferences import Preferences
from explorer.qt.messages import Messages
from explorer.session.playing.midi import Midi
from vrae_core.errors import MidiPortError
from vrae_core.midi import ports as midi_ports
from vrae_core.midi.ports import PortNames
from vrae_core.midi.sender import MidiClock

LEFT = Qt.MouseButton.LeftButton


class Port:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = self.broken = False

    def send(self, message: bytes) -> None:
        if self.broken:
            raise OSError("no such device")
        self.sent.append(message)

    def close(self) -> None:
        self.closed = True


class Driver:
    """Devices that the test plugs in and out."""

    def __init__(self) -> None:
        self.outputs, self.inputs = ["Synth 24:0", "Drums 28:0"], ["Knobs 32:0"]
        self.trouble = ""
        self.opened: list[tuple[str, Port]] = []
        self.receive = None

    def port_names(self) -> PortNames:
        if self.trouble:
            raise MidiPortError(self.trouble)
        return PortNames(tuple(self.outputs), tuple(self.inputs))

    def open_output(self, name: str) -> Port:
        self.opened.append((name, Port()))
        return self.opened[-1][1]

    def open_input(self, name: str, receive) -> Port:
        self.receive = receive
        self.opened.append((name, Port()))
        return self.opened[-1][1]

    @property
    def newest(self) -> Port:
        return self.opened[-1][1]


@pytest.fixture
def driver():
    return Driver()


@pytest.fixture
def midi(explored, driver):
    messages = Messages()
    made = Midi(messages, explored.playback, driver)
    made.sentences = []
    messages.said.connect(lambda sentence, _kind: made.sentences.append(sentence))
    tee = SoundTee(explored.playback.player)
    explored.playback.player.synthesizer = tee
    made.use_tee(tee)
    yield made
    made.close()


def choose(midi, qtbot, output="", input_name=""):
    """Choose and wait until the driver has been asked."""
    with qtbot.waitSignal(midi._looking.answered):
        midi.choose(output, input_name)
    qtbot.waitUntil(lambda: bool(midi.wiring.names.outputs or midi.wiring.trouble))


def look(midi, qtbot):
    with qtbot.waitSignal(midi._looking.answered):
        midi.look()


def turn(driver, controller, value):
    driver.receive(bytes((0xB0, controller, value)))


def bounds(explored):
    points = explored.library.atlas.map.points
    return points.min(axis=0), points.max(axis=0)


# --- out


def test_the_chosen_port_gets_the_notes_and_is_let_go_when_another_is_chosen(explored, midi, driver, qtbot):
    choose(midi, qtbot, "Synth 24:0")
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(7)
    explored.playback.player.render(22050)
    synth = driver.newest
    qtbot.waitUntil(lambda: any(message[0] & 0xF0 == 0x90 for message in synth.sent))
    choose(midi, qtbot, "Drums 28:0")
    qtbot.waitUntil(lambda: synth.closed)
    assert midi.wiring.output == "Drums 28:0"
    held = set()
    for message in synth.sent:
        if message[0] & 0xF0 == 0x90:
            held.add(message[1])
        elif message[0] & 0xF0 == 0x80:
            held.discard(message[1])
    assert not held


def test_a_port_that_goes_is_said_once_and_taken_up_again_when_it_comes_back(midi, driver, qtbot):
    choose(midi, qtbot, "Synth 24:0")
    first = driver.newest
    driver.outputs.remove("Synth 24:0")
    look(midi, qtbot)
    qtbot.waitUntil(lambda: first.closed)
    look(midi, qtbot)
    assert midi.sentences == ["The MIDI port Synth 24:0 is not connected; it is used again once it is back."]
    driver.outputs.append("Synth 40:0")  # ALSA numbers it anew
    look(midi, qtbot)
    assert midi.wiring.output == "Synth 40:0"
    assert midi.wiring.trouble == ""
    assert driver.newest is not first


def test_a_port_that_fails_while_it_is_listed_is_opened_anew(explored, midi, driver, qtbot):
    choose(midi, qtbot, "Synth 24:0")
    first = driver.newest
    first.broken = True
    midi.wiring.sender.send_at(0.0, b"\xf8")
    qtbot.waitUntil(lambda: midi.wiring.sender.lost)
    look(midi, qtbot)
    assert driver.newest is not first
    assert not midi.wiring.sender.lost


def test_no_midi_at_all_is_words_and_the_music_goes_on(explored, midi, driver, qtbot):
    driver.trouble = "The system's MIDI does not open (no sequencer)."
    choose(midi, qtbot, "Synth 24:0", "Knobs 32:0")
    assert midi.sentences == [driver.trouble]
    assert driver.opened == []
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(7)
    explored.playback.player.render(4410)
    assert explored.playback.player.state is State.PLAYING


def test_a_fault_in_sending_is_told_once_and_the_music_goes_on(explored, midi, driver, qtbot, monkeypatch):
    choose(midi, qtbot, "Synth 24:0")
    monkeypatch.setattr(MidiClock, "messages", lambda *_: 1 / 0)
    for _ in range(3):
        explored.playback.player.render(441)
    qtbot.waitUntil(lambda: bool(midi.sentences))
    qtbot.wait(20)
    assert midi.sentences == ["A fault in sending MIDI (ZeroDivisionError: division by zero). The sound here plays on."]


def test_without_a_choice_nothing_is_complained_of(midi, driver, qtbot):
    driver.trouble = "no"
    look(midi, qtbot)
    assert midi.sentences == []


def test_closing_lets_go_of_both_ports(midi, driver, qtbot):
    choose(midi, qtbot, "Synth 24:0", "Knobs 32:0")
    ports = [port for _, port in driver.opened]
    assert len(ports) == 2
    midi.close()
    qtbot.waitUntil(lambda: all(port.closed for port in ports))


def test_the_choice_is_remembered_and_restored(explored, midi, driver, qtbot):
    choose(midi, qtbot, "Synth 24:0", "Knobs 32:0")
    midi.set_clocked(True)
    midi.set_internal(False)
    midi.knobs.x_controller = 74
    preferences = Preferences()
    midi.remember(preferences)
    another = Midi(Messages(), explored.playback, Driver())
    with qtbot.waitSignal(another._looking.answered):
        another.restore(preferences)
    assert (another.choice, another.knobs.x_controller) == (midi.choice, 74)
    assert (another.clocked, another.internal) == (True, False)
    assert another.wiring.output == "Synth 24:0"
    another.close()


# --- in


def test_two_knobs_move_the_point_over_the_whole_map(explored, midi, driver, qtbot):
    choose(midi, qtbot, input_name="Knobs 32:0")
    low, high = bounds(explored)
    turn(driver, 16, 0)
    turn(driver, 17, 127)
    qtbot.waitUntil(lambda: explored.playback.heard is not None and explored.playback.heard.places[0][0] < low[0])
    qtbot.waitUntil(lambda: explored.playback.heard.places[0][1] > high[1])
    for value in range(128):
        turn(driver, 16, value)
    qtbot.waitUntil(lambda: explored.playback.heard.places[0][0] > high[0])
    assert explored.playback.heard.places[0][1] > high[1], "the other knob stands where it stood"


def test_a_knob_that_was_never_moved_leaves_its_axis_as_it_is(explored, midi, driver, qtbot):
    choose(midi, qtbot, input_name="Knobs 32:0")
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_at((0.3, 0.2))
    turn(driver, 16, 127)
    high = bounds(explored)[1]
    qtbot.waitUntil(lambda: explored.playback.heard.places[0][0] > high[0])
    assert explored.playback.heard.places[0][1] == pytest.approx(0.2)


def test_the_music_goes_on_while_the_knobs_move_and_a_key_starts_it_anew(explored, midi, driver, qtbot):
    choose(midi, qtbot, input_name="Knobs 32:0")
    player = explored.playback.player
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(7)
    player.render(22050)
    before = player.position
    with qtbot.waitSignal(explored.playback.heard_changed):
        turn(driver, 16, 64)
    player.render(441)
    assert player.position >= before > 5
    driver.receive(bytes((0x90, 60, 100)))
    qtbot.waitUntil(lambda: bool(player._commands))
    player.render(441)
    assert player.position < 1
    explored.playback.stop()


# --- the page


@pytest.fixture
def page(midi, driver, qtbot):
    made = MidiDialog(None, midi)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.output.count() > 1)
    return made


def test_the_page_offers_what_is_plugged_in_and_says_what_is_used(page, midi, driver, qtbot):
    assert [page.output.itemText(i) for i in range(page.output.count())] == ["None", "Synth 24:0", "Drums 28:0"]
    assert [page.input.itemText(i) for i in range(page.input.count())] == ["None", "Knobs 32:0"]
    page.output.setCurrentIndex(1)
    page.output.activated.emit(1)
    qtbot.waitUntil(lambda: page.state.text() == "Sending to Synth 24:0.")
    driver.outputs.clear()
    look(midi, qtbot)
    qtbot.waitUntil(lambda: page.output.currentText() == "Synth 24:0 (not connected)")
    assert "is not connected" in page.state.text()


def test_a_knob_is_learnt_by_moving_it(page, midi, driver, qtbot):
    choose(midi, qtbot, input_name="Knobs 32:0")
    qtbot.mouseClick(page.learn["x"], LEFT)
    assert page.knob_words["x"].text() == "Move a knob…"
    turn(driver, 74, 3)
    qtbot.waitUntil(lambda: page.knob_words["x"].text() == "Controller 74")
    assert not page.learn["x"].isChecked()


def test_closing_the_page_ends_the_learning(page, midi, qtbot):
    qtbot.mouseClick(page.learn["y"], LEFT)
    page.close()
    assert midi.knobs.learning is None


def controls(page):
    return (page.output, page.input, page.internal, page.clocked, page.keys_start, *page.learn.values())


def test_without_the_library_the_page_says_how_to_install_it_and_offers_nothing(midi, qtbot, monkeypatch):
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    midi._looker._driver = midi_ports
    made = MidiDialog(None, midi)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: made.state.text() == "MIDI ports need one more package: pip install python-rtmidi")
    assert not any(control.isEnabled() for control in controls(made))


def test_with_the_library_everything_can_be_chosen(page):
    assert all(control.isEnabled() for control in controls(page))


def test_without_drivers_the_page_says_in_one_sentence_why(midi, driver, qtbot):
    driver.trouble = "The system's MIDI does not open (no sequencer)."
    made = MidiDialog(None, midi)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: made.state.text() == driver.trouble)
    assert made.output.count() == 1


def test_everything_on_the_page_has_a_name(page):
    for part in (page.output, page.input, *page.learn.values()):
        assert part.accessibleName()
    for part in (page.internal, page.clocked, page.keys_start):
        assert part.text()
    assert np.all([button.accessibleName() for button in page.learn.values()])
