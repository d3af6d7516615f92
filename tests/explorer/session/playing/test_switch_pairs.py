"""After any two switches of the transport, one after the other, a click is heard through the real sound path."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from explorer.audio.output import AudioOutput
from explorer.audio.pump import Outlet
from explorer.session.playing.instrument import Instrument
from explorer.session.playing.versions import Version
from tests.explorer.note_taker import phrase
from vrae_core.audio.synthesizer import Synthesizer
from vrae_core.midi.sender import TimedSender
from vrae_core.music.sound import PRESETS, Sound

RATE = 44_100


class Port:
    """Takes whatever MIDI there is."""

    def send(self, message: bytes) -> None:
        assert all(byte < 128 for byte in message[1:])

    def close(self) -> None: ...


class Struck(Synthesizer):
    """The real one; counts the notes that it is given."""

    struck = 0

    def note_on_at(self, *note: int) -> None:
        self.struck += 1
        super().note_on_at(*note)


class Stage:
    """A session whose player is rendered as a sound device would ask, with a MIDI port that gets the beat."""

    def __init__(self, session, qtbot):
        self.session, self.playback = session, session.playback
        self.player = player = session.playback.player
        self.output = AudioOutput(player)
        self.instrument = Instrument(player, self.output, Struck)
        self.midi_faults: list[Exception] = []
        session.midi.use_tee(self.instrument.tee)
        self.instrument.tee.on_midi_failure = self.midi_faults.append
        self.instrument.tee.clocked = True
        self.instrument.tee.sender = self.sender = TimedSender(Port())
        self.outlet = Outlet("A device", 0.06)
        self.chance = np.random.default_rng(5)
        self.instrument.open()
        qtbot.waitUntil(lambda: self.instrument.tee.synthesizer is not None)
        self.synthesizer = self.instrument.tee.synthesizer
        self.playback.set_threshold(0.3)
        points = session.library.atlas.map.points
        session.path.add(session.path.point_at(points[0]))
        session.path.add(session.path.point_at(points[-1]))

    def hear(self, seconds: float) -> np.ndarray:
        """Render, in blocks as a device may ask for them; what arrives meanwhile arrives."""
        heard = []
        for size in self.chance.integers(100, 2000, 100):
            QApplication.processEvents()
            heard.append(np.frombuffer(self.output._pump.read(self.outlet, int(size)), np.int16))
            self.sender.work()
            if sum(map(len, heard)) > 2 * seconds * RATE:
                break
        return np.concatenate(heard)

    def begin(self) -> None:
        """As after the start, with a window playing."""
        playback = self.playback
        self.session.wandering.stop()
        playback.clear()
        playback.set_at_end(playback.at_end.LOOP)
        playback.set_tempo(150)
        playback.set_volume(0.8)
        playback.set_sound(Sound())
        self.click()
        playback.set_version(Version.MODEL)

    def click(self) -> None:
        self.playback.play_window(4)

    def finish_jobs(self) -> None:
        deadline = time.monotonic() + 120
        while self.session.jobs.running:
            QApplication.processEvents()
            assert time.monotonic() < deadline


Switch = Callable[[Stage], object]
SWITCHES: dict[str, Switch] = {
    "hold": lambda s: s.playback.set_hold(not s.player.hold),
    "loop": lambda s: s.playback.loop(),
    "once": lambda s: s.playback.play_once(),
    "run on": lambda s: s.playback.run_on(),
    "slow": lambda s: s.playback.set_tempo(40),
    "fast": lambda s: s.playback.set_tempo(300),
    "original": lambda s: s.playback.toggle_original(),
    "wander": lambda s: (s.session.wandering.set_running(True), s.session.wandering.step()),
    "song": lambda s: (s.session.pieces.play_song(), s.finish_jobs()),
    "path": lambda s: (s.session.pieces.play_path(), s.finish_jobs()),
    "click": lambda s: s.click(),
    "drag": lambda s: s.playback.morph_to(s.session.library.atlas.map.points[9]),
    "pause": lambda s: s.playback.toggle(),
    "stop": lambda s: s.playback.stop(),
    "clear": lambda s: s.playback.clear(),
    "panic": lambda s: s.playback.panic(),
    "volume": lambda s: s.playback.set_volume(0.3),
    "instrument": lambda s: s.playback.set_sound(Sound(*PRESETS["Jazz trio"][::-1])),
    "hover": lambda s: s.player.borrow(phrase("#.#.")),
}


@pytest.mark.parametrize("first", SWITCHES)
def test_a_click_is_heard_after_any_two_switches(first, explored, qtbot, caplog):
    stage = Stage(explored, qtbot)
    for second in SWITCHES:
        stage.begin()
        stage.hear(0.1)
        for name in (first, second):
            SWITCHES[name](stage)
            stage.hear(0.1)
        struck = stage.synthesizer.struck
        stage.click()
        heard = stage.hear(0.15)
        assert stage.synthesizer.struck > struck, f"{first}, {second}: nothing is struck"
        assert np.sqrt(np.mean(heard.astype(float) ** 2)) > 20, f"{first}, {second}: nothing is heard"
    assert stage.instrument.tee.synthesizer is stage.synthesizer, "it has not failed"
    assert stage.instrument.trouble == ""
    assert stage.midi_faults == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert explored.problems == []
    stage.synthesizer.close()
