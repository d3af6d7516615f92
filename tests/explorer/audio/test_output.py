"""The audio output against devices that obey the test."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.audio import output as audio_output
from explorer.audio import pump as audio_pump
from explorer.audio.output import AudioOutput
from explorer.audio.phrase import Phrase
from explorer.audio.player import Player, State
from explorer.audio.sequencer import AtEnd
from tests.explorer.audio.sound_devices import Device, Devices, Format, Sink, Stream

MUSIC = Phrase(np.ones((6, 1), bool), (60,))
Start = Callable[[Player], AudioOutput]


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system with PulseAudio's library, as most with Linux are."""
    monkeypatch.setattr(audio_output, "pulse_library", lambda: "a library")
    monkeypatch.setattr(audio_output, "PulseStream", Stream)
    monkeypatch.setattr(audio_output, "when_a_server_has_answered", lambda act: act())
    monkeypatch.setattr(Stream, "made", [])
    monkeypatch.setattr(Stream, "server", False)


@pytest.fixture(autouse=True)
def multimedia(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("PySide6.QtMultimedia")
    module.__dict__.update(QMediaDevices=Devices, QAudioSink=Sink, QAudioFormat=Format)
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", module)
    monkeypatch.setattr(audio_pump, "STALL_SECONDS", 60.0)  # however busy the machine is, no device seems to hang
    monkeypatch.setattr(audio_pump, "FIRST_SOUND_SECONDS", 60.0)
    monkeypatch.setattr(audio_output, "pulse_library", lambda: None)
    monkeypatch.setattr(Devices, "default", Device("Loudspeaker"))
    monkeypatch.setattr(Devices, "made", [])
    Sink.may_close.set()
    for name, value in (("hangs", False), ("refuses", False), ("opened", []), ("threads", set()), ("heard", [])):
        monkeypatch.setattr(Sink, name, value)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that hangs is found out soon."""
    monkeypatch.setattr(audio_pump, "STALL_SECONDS", 0.1)
    monkeypatch.setattr(audio_pump, "FIRST_SOUND_SECONDS", 0.2)


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """Starts an output for a player, and ends it after the test."""
    outputs: list[AudioOutput] = []

    def begin(player: Player) -> AudioOutput:
        outputs.append(AudioOutput(player))
        outputs[-1].start()
        return outputs[-1]

    yield begin
    for output in outputs:
        if output.running:
            with qtbot.waitSignal(output.finished):
                output.stop()


def test_the_device_pulls_the_music_in_a_thread_of_its_own(qtbot: QtBot, start: Start) -> None:
    player = Player()
    player.play(MUSIC)
    output = start(player)
    qtbot.waitUntil(lambda: player.state is State.FINISHED)
    assert (output.text, output.audible) == ("Loudspeaker · 60 ms buffer", True)
    assert len(Sink.threads) == 1
    assert threading.get_ident() not in Sink.threads
    assert player.latency == pytest.approx(0.06)
    assert {len(block) for block in Sink.heard} == {220 * 4}


def test_without_a_device_a_timer_keeps_the_music_going(qtbot: QtBot, start: Start) -> None:
    Devices.change_to("")
    player = Player()
    player.play(MUSIC)
    output = start(player)
    qtbot.waitUntil(lambda: player.state is State.FINISHED)
    assert output.text == "No sound device: the music plays silently"
    assert not output.audible


def test_without_qts_sound_module_the_music_goes_on_and_the_reason_is_told(
    qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    player = Player()
    player.play(MUSIC)
    output = start(player)
    qtbot.waitUntil(lambda: player.state is State.FINISHED)
    assert output.text.startswith("No sound: Qt's sound module does not load")


def test_a_device_that_appears_is_used_and_one_that_goes_is_let_go(qtbot: QtBot, start: Start) -> None:
    Devices.change_to("")
    player = Player()
    player.at_end = AtEnd.LOOP
    player.play(MUSIC)
    output = start(player)
    qtbot.waitUntil(lambda: output.text.startswith("No sound device"))
    for name in ("Headphones", "Loudspeaker", "Headphones"):
        Devices.change_to(name)
        qtbot.waitUntil(lambda name=name: output.text.startswith(name) and output.audible is True)
    Devices.change_to("")
    qtbot.waitUntil(lambda: output.audible is False)
    assert Sink.opened == ["Headphones", "Loudspeaker", "Headphones"]
    before = player.position
    qtbot.waitUntil(lambda: player.position != before)


def test_other_devices_coming_and_going_do_not_interrupt(qtbot: QtBot, start: Start) -> None:
    output = start(Player())
    qtbot.waitUntil(lambda: output.audible is True)
    Devices.made[0].audioOutputsChanged.emit()
    qtbot.wait(20)
    assert Sink.opened == ["Loudspeaker"]


def test_a_device_that_cannot_be_opened_is_named(qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sink, "refuses", True)
    player = Player()
    player.play(MUSIC)
    output = start(player)
    qtbot.waitUntil(lambda: player.state is State.FINISHED)
    assert output.text == "Loudspeaker cannot be opened: the music plays silently"


@pytest.mark.usefixtures("impatient", "pulse")
def test_while_a_device_hangs_time_goes_on_and_it_may_come_back_by_itself(qtbot: QtBot, start: Start) -> None:
    player = Player()
    player.at_end = AtEnd.LOOP
    player.play(MUSIC)
    output = start(player)
    qtbot.waitUntil(lambda: len(Sink.heard) > 50)
    Sink.hangs = True
    qtbot.waitUntil(lambda: output.audible is False)
    before = player.position
    qtbot.waitUntil(lambda: player.position != before)
    Sink.hangs = False
    qtbot.waitUntil(lambda: output.audible is True)
    assert Sink.opened == ["Loudspeaker"]
    assert output.text == "Loudspeaker · 60 ms buffer"
    assert all(stream.outlet.closed for stream in Stream.made), "one outlet alone is given the sound"


@pytest.mark.usefixtures("impatient")
def test_a_device_that_hangs_for_good_is_opened_anew(qtbot: QtBot, start: Start) -> None:
    output = start(Player())
    qtbot.waitUntil(lambda: len(Sink.heard) > 50)
    Sink.hangs = True
    qtbot.waitUntil(lambda: len(Sink.opened) > 1)
    Sink.hangs = False
    qtbot.waitUntil(lambda: output.audible is True)


@pytest.mark.usefixtures("impatient", "pulse")
def test_where_the_sound_server_is_gone_no_sink_is_opened_for_qt_would_abort_and_it_is_heard_when_it_is_back(
    qtbot: QtBot, start: Start
) -> None:
    player = Player()
    output = start(player)
    qtbot.waitUntil(lambda: len(Sink.heard) > 50)
    Sink.hangs = True
    qtbot.waitUntil(lambda: output.text == "The sound server stopped: the music plays silently until it is back")
    Devices.made[0].audioOutputsChanged.emit()
    output.try_again()
    Stream.server = True
    qtbot.waitUntil(lambda: output.text == "Sound server · 60 ms buffer")
    assert output.audible
    assert player.latency == pytest.approx(0.06)
    assert Sink.opened == ["Loudspeaker"]
    Sink.hangs = False
    qtbot.wait(20)
    assert not any(Sink.heard[-1]), "two at once would play the music twice as fast"
    output.use_mode("low latency")
    qtbot.waitUntil(lambda: output.text == "Sound server · 12 ms buffer")


@pytest.mark.usefixtures("pulse")
def test_a_sound_server_that_comes_after_the_start_is_heard(qtbot: QtBot, start: Start) -> None:
    Devices.change_to("")
    output = start(Player())
    qtbot.waitUntil(lambda: output.text == "No sound device: the music plays silently")
    Stream.server = True
    qtbot.waitUntil(lambda: output.audible is True)


def test_a_sound_server_that_hangs_at_the_start_is_waited_for_without_asking_qt(
    qtbot: QtBot, start: Start, pulse: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Callable[[], object]] = []
    monkeypatch.setattr(audio_output, "when_a_server_has_answered", answers.append)
    monkeypatch.setattr(audio_output, "LONGEST_ANSWER_SECONDS", 0.01)
    player = Player()
    player.play(MUSIC)
    output = start(player)
    assert (output.text, output.audible) == ("Opening the sound…", None)
    qtbot.waitUntil(lambda: output.text.startswith("The sound server does not answer"))
    qtbot.waitUntil(lambda: player.state is State.FINISHED)
    assert Devices.made == []
    answers[0]()
    qtbot.waitUntil(lambda: output.text == "Loudspeaker · 60 ms buffer")


def test_a_fault_in_playing_the_music_stops_the_music_and_what_is_played_next_is_heard(
    qtbot: QtBot, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    player = Player()
    output = start(player)
    with qtbot.waitSignal(output.failed) as told:
        player.play(None)  # type: ignore[arg-type]
    assert told.args[0].startswith("The music stopped: a fault in VRAE Explorer (TypeError")
    assert "the player failed" in caplog.text
    assert player.state is State.STOPPED
    assert output.audible is True
    player.play(MUSIC)
    qtbot.waitUntil(lambda: player.state is State.FINISHED)


def test_stopping_ends_the_thread_and_says_so(qtbot: QtBot, start: Start) -> None:
    output = start(Player())
    qtbot.waitUntil(lambda: output.audible is True)
    assert output.running
    with qtbot.waitSignal(output.finished):
        output.stop()
    assert not output.running
    assert output.wait(0)


def test_a_device_that_hangs_as_it_closes_does_not_hold_up_the_window(
    qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio_output, "LONGEST_END_SECONDS", 0.05)
    output = start(Player())
    qtbot.waitUntil(lambda: output.audible is True)
    Sink.may_close.clear()
    with qtbot.waitSignal(output.finished):
        output.stop()
    assert not output.wait(0)
    Sink.may_close.set()
    assert output.wait(60)


@pytest.mark.usefixtures("impatient", "pulse")
def test_a_device_that_stalls_again_and_again_is_looked_after_each_time(qtbot: QtBot, start: Start) -> None:
    output = start(Player())
    for _ in range(3):
        Sink.hangs = False
        qtbot.waitUntil(lambda: output.audible is True)
        Sink.hangs = True
        qtbot.waitUntil(lambda: output.audible is False)
    assert Sink.opened == ["Loudspeaker"]


def test_stopping_twice_or_before_the_start_still_says_finished(qtbot: QtBot, start: Start) -> None:
    output = AudioOutput(Player())
    with qtbot.waitSignal(output.finished):
        output.stop()
    output = start(Player())
    with qtbot.waitSignal(output.finished):
        output.stop()
        output.stop()


def test_the_low_latency_mode_opens_the_device_anew_with_a_shorter_buffer(qtbot: QtBot, start: Start) -> None:
    player = Player()
    output = start(player)
    qtbot.waitUntil(lambda: output.audible is True)
    output.use_mode("low latency")
    qtbot.waitUntil(lambda: output.text == "Loudspeaker · 12 ms buffer")
    assert player.latency == pytest.approx(0.012, abs=1e-4)
    output.use_mode("low latency")
    output.use_mode("safe")
    qtbot.waitUntil(lambda: output.text == "Loudspeaker · 60 ms buffer")
    assert Sink.opened == ["Loudspeaker"] * 3, "a mode that is in use already changes nothing"


def test_the_mode_that_was_chosen_before_the_start_is_used(qtbot: QtBot) -> None:
    output = AudioOutput(Player(), "low latency")
    output.start()
    qtbot.waitUntil(lambda: output.text == "Loudspeaker · 12 ms buffer")
    with qtbot.waitSignal(output.finished):
        output.stop()


@pytest.mark.parametrize(("users_own", "asked"), [(None, ["", "15", ""]), ("40", ["40", "40", "40"])])
def test_the_sound_server_is_asked_to_hold_less_in_low_latency_unless_the_user_has_said_how_much(
    qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch, users_own: str | None, asked: list[str]
) -> None:
    monkeypatch.setenv("PULSE_LATENCY_MSEC", "")
    if users_own:
        monkeypatch.setenv("PULSE_LATENCY_MSEC", users_own)
    seen: list[str] = []
    usual = Sink.start
    monkeypatch.setattr(
        Sink, "start", lambda self, source: seen.append(os.environ["PULSE_LATENCY_MSEC"]) or usual(self, source)
    )
    output = start(Player())
    for opened, mode in enumerate(("low latency", "safe"), start=1):
        qtbot.waitUntil(lambda opened=opened: len(seen) == opened and output.audible is True)
        output.use_mode(mode)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen == asked
