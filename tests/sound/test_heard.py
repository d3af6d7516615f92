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


def record_once(sound_server: SoundServer, path: Path) -> np.ndarray:
    recorder = sound_server.record(path)
    player = sound_server.play_aloud("once")
    _, errors = player.communicate(timeout=PATIENCE_SECONDS)
    recorder.terminate()
    recorder.wait()
    assert player.returncode == 0, errors
    return np.fromfile(path, np.int16)


def late_or_early(heard: list[float]) -> float:
    """The 95th percentile of how far the time between two onsets is from what was written, in milliseconds."""
    if len(heard) != len(ONSETS):
        return np.inf
    return float(np.quantile(np.abs(np.diff(heard) - np.diff(ONSETS) * STEP_MS), 0.95))


def test_onsets_are_heard_at_their_times_beside_a_busy_window_and_silence_follows(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    # A machine that starves every process starves the sound too, whoever schedules it; so the best of three counts.
    errors = []
    for _ in range(3):
        sound = record_once(sound_server, tmp_path / "heard")
        heard = onsets_ms(sound)
        errors.append(late_or_early(heard))
        if errors[-1] <= 5:
            break
    assert min(errors) <= 5, errors
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


def test_the_application_survives_a_sound_server_that_dies_for_good(sound_server: SoundServer) -> None:
    player = sound_server.play_aloud("for-ever")
    try:
        wait_for("playing", player.stdout)
        sound_server.kill()
        wait_for("unheard The sound server has gone", player.stdout)
        assert player.poll() is None
    finally:
        end(player)


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)
