"""What really comes out: the application's sound, recorded from a null sink of PulseAudio."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from play_aloud import ONSETS
from sound_server import RATE, SoundServer

STEP_MS = 50
PATIENCE_SECONDS = 60
QT_GIVES_UP_AFTER = 4.0  # it looks for a server that has gone once, 3 s later, and never again


def onsets_ms(sound: np.ndarray) -> list[float]:
    """When the sound rises out of 10 ms of near silence; a drop-out within a note is no onset."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > np.abs(sound).max() / 8)
    onsets = [-1000.0]
    for rise in loud[np.diff(loud, prepend=-RATE) > 0.01 * RATE] * 1000 / RATE:
        if rise > onsets[-1] + 0.8 * STEP_MS * np.diff(ONSETS).min():
            onsets.append(rise)
    return onsets[1:]


def wait_for(line: str, output: IO[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen = []
    for text in output:
        seen.append(text)
        if text.startswith(line):
            return
        assert time.monotonic() < deadline, seen
    pytest.fail(f"it ended without {line!r}: {seen}")


def wait_until_heard(recording: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not np.fromfile(recording, np.int16).any():
        assert time.monotonic() < deadline, "nothing is heard"
        time.sleep(0.2)


def tell_to_end(player: subprocess.Popen[str]) -> None:
    player.stdin.write("end\n")
    player.stdin.flush()


def test_onsets_are_heard_at_their_times_beside_a_busy_window_and_silence_follows(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    recorder = sound_server.record(tmp_path / "heard")
    player = sound_server.play_aloud("once")
    _, faults = player.communicate(timeout=PATIENCE_SECONDS)
    recorder.terminate()
    recorder.wait()
    assert player.returncode == 0, faults
    sound = np.fromfile(tmp_path / "heard", np.int16)
    heard = onsets_ms(sound)
    assert len(heard) == len(ONSETS)
    # A machine that starves every process leaves gaps in the sound, which only ever lengthen the time between two
    # onsets.  Notes that are badly timed come too early as often as too late: so the early ones are the measure.
    off = np.diff(heard) - np.diff(ONSETS) * STEP_MS
    assert np.quantile(off, 0.05) >= -5, off.round(1)
    assert abs(np.quantile(off, 0.25)) <= 2, off.round(1)
    after = sound[int((heard[-1] + 1000) * RATE / 1000) :]
    assert len(after) > RATE // 4
    assert np.abs(after).max() < np.abs(sound).max() / 100


def test_sound_comes_back_after_the_sound_server_was_restarted(sound_server: SoundServer) -> None:
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)
        sound_server.kill()
        sound_server.start()
        wait_for("unheard", player.stdout)
        wait_for("audible", player.stdout)
        assert player.poll() is None
    finally:
        end(player)


def test_a_device_that_stops_reading_is_opened_anew_and_heard_again(sound_server: SoundServer, tmp_path: Path) -> None:
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)
        sound_server.ask("suspend-sink", "null", "1")
        wait_for("unheard The sound device stopped", player.stdout)
        wait_for("audible", player.stdout)  # opened anew: the old stream cannot have gone on
        sound_server.ask("suspend-sink", "null", "0")
        recorder = sound_server.record(tmp_path / "heard")
        wait_until_heard(tmp_path / "heard")
        recorder.terminate()
        recorder.wait()
    finally:
        end(player)


def test_without_a_sound_device_the_music_goes_to_its_end_by_the_clock(sound_server: SoundServer) -> None:
    sound_server.kill()
    player = sound_server.play_aloud("once")
    told, faults = player.communicate(timeout=PATIENCE_SECONDS)
    assert player.returncode == 0, faults
    assert told.splitlines() == ["unheard No sound device: the music plays silently", "playing"]


def test_sound_comes_back_however_long_the_sound_server_was_away(sound_server: SoundServer, tmp_path: Path) -> None:
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)
        sound_server.kill()
        wait_for("unheard The sound server stopped", player.stdout)
        time.sleep(QT_GIVES_UP_AFTER)
        sound_server.start()
        recorder = sound_server.record(tmp_path / "heard")
        wait_for("audible Sound server", player.stdout)
        wait_until_heard(tmp_path / "heard")
        recorder.terminate()
        recorder.wait()
        tell_to_end(player)
        assert player.wait(PATIENCE_SECONDS) == 0
    finally:
        end(player)


def test_a_sound_server_that_comes_after_the_start_is_heard(sound_server: SoundServer) -> None:
    sound_server.kill()
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("unheard No sound device", player.stdout)
        sound_server.start()
        wait_for("audible Sound server", player.stdout)
    finally:
        end(player)


def test_a_sound_server_that_hangs_holds_up_nothing_and_is_heard_when_it_goes_on(sound_server: SoundServer) -> None:
    sound_server.hang()
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)  # by the clock
        wait_for("unheard The sound server does not answer", player.stdout)
        sound_server.go_on()
        wait_for("audible", player.stdout)
        sound_server.hang()
        wait_for("unheard The sound device stopped", player.stdout)
        sound_server.go_on()
        wait_for("audible", player.stdout)
    finally:
        end(player)


def test_a_sound_server_that_hangs_does_not_keep_the_application_from_ending(sound_server: SoundServer) -> None:
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)
        sound_server.hang()
        wait_for("unheard The sound device stopped", player.stdout)
        tell_to_end(player)
        assert player.wait(PATIENCE_SECONDS) == 0, "an ordinary end would abort"
    finally:
        end(player)


def test_the_application_survives_a_sound_server_that_dies_for_good(sound_server: SoundServer) -> None:
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)
        sound_server.kill()
        wait_for("unheard The sound server stopped", player.stdout)
        assert player.poll() is None
    finally:
        end(player)


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)
