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
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not np.fromfile(tmp_path / "heard", np.int16).any():
            assert time.monotonic() < deadline, "nothing is heard"
            time.sleep(0.2)
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
