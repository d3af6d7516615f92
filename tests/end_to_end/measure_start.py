"""Measure how long the window takes from the start of its process to its first paint, and what of that goes where.

Usage: python tests/end_to_end/measure_start.py [RUNS]   (10 if not given; a real window where there is a screen)

Wall time is what a person waits, with all else that the machine does meanwhile; processor time is what the start costs.
The first run, which may have to read everything from the disk, is not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).parents[2]
STARTED = """
import os, sys, time
def spent():
    return time.time(), time.process_time()
begun = spent()
from explorer.__main__ import main
from explorer.application import run as application
imported = spent()
from explorer.main_window import MainWindow

class Watched(MainWindow):
    def __init__(self, *parts):
        self.begun = spent()
        super().__init__(*parts)
        self.made = spent()

def tell(window, *_):  # what is done first once the window has been painted
    for moment in (begun, imported, window.begun, window.made, spent()):
        print(*moment, flush=True)
    os._exit(0)

application.MainWindow, application.make_pages = Watched, tell
main(["vrae-explorer"])
"""
PHASES = ("the interpreter", "imports", "application", "window made", "shown and painted")


def start_once(environment: dict[str, str]) -> np.ndarray:
    """(phases, 2): seconds of wall and of processor time of each."""
    before = time.time()
    run = subprocess.run(
        [sys.executable, "-c", STARTED], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    moments = np.array([line.split() for line in run.stdout.splitlines()], float)
    return np.diff(moments, axis=0, prepend=[[before, 0.0]])


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        places = {f"XDG_{name}_HOME": folder for name in ("CONFIG", "CACHE", "DATA", "STATE")}
        environment = os.environ | places | {"PYTHONPATH": str(REPOSITORY)}
        times = 1000 * np.array([start_once(environment) for _ in range(runs + 1)])[1:]
    print(f"{'ms':20} wall: least  median    processor: least  median")
    rows = [*zip(PHASES, times.swapaxes(0, 1), strict=True), ("to the first paint", times.sum(axis=1))]
    for name, taken in rows:
        (wall, spent), (wall_median, spent_median) = taken.min(axis=0), np.median(taken, axis=0)
        print(f"{name:20} {wall:11.0f} {wall_median:7.0f} {spent:19.0f} {spent_median:7.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
