"""Measure both modes of the sound, from a call of the player to the sound in a recording, and count drop-outs.

Usage: python tests/sound/measure_latency.py [CALLS]   (of each kind; 20 if not given)

The modes take turns beside an idle window's thread, and beside one that is busy for 80 ms in every 300 while torch
computes in another.  What is measured holds the recording's own delay too, 2 to 5 ms.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sound_server import RATE, SoundServer

PLAY_ON_CALL = Path(__file__).with_name("play_on_call.py")
LOUD = 600  # of 32,768: the woodblock's onset
GAP_MS = 1.0  # of utter silence within a held note


class Measured(NamedTuple):
    latencies: np.ndarray  # ms, one a call
    gaps: np.ndarray  # ms


def measure(mode: str, load: str, calls: int) -> Measured:
    """Play and record once."""
    with tempfile.TemporaryDirectory(prefix="vrae") as folder:
        server = SoundServer(Path(folder))
        server.start()
        listener = server.listen()
        command = [sys.executable, str(PLAY_ON_CALL), mode, load, str(calls)]
        played = subprocess.run(command, env=server.environment, stdout=subprocess.PIPE, text=True, check=True)
        times, sound = listener.stop()
        server.kill()
    called = [float(line.split()[1]) for line in played.stdout.splitlines() if line.startswith("call")]
    held = float(next(line.split()[1] for line in played.stdout.splitlines() if line.startswith("hold")))
    return Measured(np.array(list(_latencies(called, times, sound))), _gaps(sound[times > held]))


def _latencies(called: list[float], times: np.ndarray, sound: np.ndarray):
    for call in called:
        first, last = np.searchsorted(times, (call, call + 0.3))
        loud = np.flatnonzero(np.abs(sound[first:last]) > LOUD)
        if len(loud):
            yield (times[first + loud[0]] - call) * 1000


def _gaps(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > LOUD // 2)
    edges = np.flatnonzero(np.diff(sound[loud[0] : loud[-1]] == 0))
    silent = np.diff(edges)[::2] * 1000 / RATE  # it begins and ends with sound
    return silent[silent > GAP_MS]


def main(calls: int) -> None:
    print("mode          beside      calls  median   p95   max ms   drop-outs in 10 s  together ms")
    for load in ("idle", "busy"):
        for mode in ("safe", "low latency"):
            latencies, gaps = measure(mode, load, calls)
            median, p95 = np.quantile(latencies, (0.5, 0.95))
            print(
                f"{mode:12}  {load:10}  {len(latencies):5}  {median:6.1f}  {p95:4.1f}  {latencies.max():7.1f}"
                f"   {len(gaps):17}  {gaps.sum():11.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
