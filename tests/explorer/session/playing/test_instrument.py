"""The synthesizer that is opened in the background, and opened again when it fails."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.audio.output import AudioOutput
from explorer.audio.player import Player, State
from explorer.audio.sequencer import AtEnd
from explorer.session.playing.instrument import FAILED, Instrument
from tests.explorer.note_taker import NoteTaker, phrase
from vrae_core.audio.synthesizer import Synthesizer
from vrae_core.errors import SoundError


class Breakable(NoteTaker):
    """Sounds until the test breaks it."""

    broken = False

    def render(self, frames: int) -> np.ndarray:
        if self.broken:
            raise RuntimeError("broken")
        super().render(frames)
        return np.full((frames, 2), 1000, np.int16)


class Maker:
    """Makes synthesizers, and writes down which and in which thread."""

    def __init__(self) -> None:
        self.made: list[Breakable] = []
        self.threads: set[int] = set()
        self.trouble = ""

    def __call__(self) -> Breakable:
        self.threads.add(threading.get_ident())
        if self.trouble:
            raise SoundError(self.trouble)
        self.made.append(Breakable())
        return self.made[-1]


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def player() -> Player:
    made = Player()
    made.at_end = AtEnd.LOOP
    made.play(phrase("####"))
    return made


def opened(qtbot: QtBot, instrument: Instrument, ask: Callable[[], object]) -> None:
    ask()
    qtbot.waitUntil(lambda: instrument._worker is None and not instrument.opening)


def test_it_is_made_in_a_thread_of_its_own_and_what_plays_meanwhile_is_heard_then(
    player: Player, make: Maker, qtbot: QtBot
) -> None:
    instrument = Instrument(player, AudioOutput(player), make)
    player.render(441)
    opened(qtbot, instrument, instrument.open)
    player.render(4410)
    assert threading.get_ident() not in make.threads
    assert make.made[0].steps("on"), "it struck what was sounding"


def test_one_that_fails_is_replaced_at_once_by_itself_and_then_on_request(
    player: Player, make: Maker, qtbot: QtBot
) -> None:
    instrument = Instrument(player, AudioOutput(player), make)
    opened(qtbot, instrument, instrument.open)
    player.render(441)
    make.made[0].broken = True
    player.render(441)
    qtbot.waitUntil(lambda: len(make.made) == 2 and not instrument.opening)
    assert instrument.trouble == ""
    assert player.render(441).any()
    make.made[1].broken = True
    player.render(441)
    qtbot.waitUntil(lambda: instrument.trouble == FAILED)
    qtbot.wait(50)
    assert len(make.made) == 2, "one that always fails would be made for ever"
    assert not player.render(441).any()
    opened(qtbot, instrument, instrument.try_again)
    assert player.render(4410).any()
    assert len(make.made) == 3


def test_why_there_is_none_is_said_and_one_that_can_be_made_later_is_made_on_request(
    player: Player, make: Maker, qtbot: QtBot
) -> None:
    make.trouble = "FluidSynth is not installed"
    instrument = Instrument(player, AudioOutput(player), make)
    opened(qtbot, instrument, instrument.open)
    assert instrument.trouble == "No sound: FluidSynth is not installed"
    make.trouble = ""
    opened(qtbot, instrument, instrument.try_again)
    assert instrument.trouble == ""


def test_the_output_says_that_the_sound_is_being_opened_that_it_plays_and_that_the_synthesizer_failed(
    player: Player, make: Maker, qtbot: QtBot
) -> None:
    output = AudioOutput(player)
    instrument = Instrument(player, output, make)
    assert (output.text, output.audible) == ("Opening the sound…", None)
    output._show_device("Loudspeaker", True)
    assert (output.text, output.audible) == ("Opening the sound…", None), "a device alone is not heard"
    opened(qtbot, instrument, instrument.open)
    assert (output.text, output.audible) == ("Loudspeaker", True)
    for number in range(2):
        player.render(441)
        make.made[number].broken = True
        player.render(441)
        qtbot.waitUntil(lambda number=number: len(make.made) == 2 and not instrument.opening)
    qtbot.waitUntil(lambda: (output.text, output.audible) == (FAILED, False))
    output.try_again()
    qtbot.waitUntil(lambda: (output.text, output.audible) == ("Loudspeaker", True))


def test_the_real_one_is_replaced_too(player: Player, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    instrument = Instrument(player, AudioOutput(player))
    opened(qtbot, instrument, instrument.open)
    assert np.concatenate([player.render(441) for _ in range(20)]).any()
    first = instrument.tee.synthesizer
    assert isinstance(first, Synthesizer)
    monkeypatch.setattr(first, "render", lambda _frames: 1 / 0)
    player.render(441)
    qtbot.waitUntil(lambda: instrument.tee.synthesizer is not first)
    assert np.concatenate([player.render(441) for _ in range(20)]).any()


class BrokenSynthesizer:
    now = 0

    def set_program(self, channel: int, program: int) -> None:
        raise RuntimeError("broken")


def test_a_synthesizer_that_fails_falls_silent_and_the_music_goes_on(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)  # where nothing is heard
    monkeypatch.setattr("explorer.audio.output.pulse_library", lambda: None)
    player = Player()
    output = AudioOutput(player)
    instrument = Instrument(player, output, BrokenSynthesizer)  # type: ignore[arg-type]
    output.start()
    instrument.open()
    player.play(phrase("######"))
    qtbot.waitUntil(lambda: player.state is State.FINISHED)
    qtbot.waitUntil(lambda: output.text == "The synthesizer failed: the music plays silently")
    assert output.audible is False
    assert "broken" in caplog.text
    with qtbot.waitSignal(output.finished):
        output.stop()
