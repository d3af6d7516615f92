"""Measure, in the real window with the 20-D model, how long a press takes to reach the player.

Usage: python tests/end_to_end/measure_presses.py [PRESSES]   (of each kind; 40 if not given)

Times run from the moment a press is posted to the window; a press that comes while the window draws waits for that.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator

os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()  # nobody's preferences
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()  # nor session
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp()  # nor runs

from explorer import __main__ as application  # isort: skip - first, for it says how many threads NumPy takes

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from explorer.main_window import MainWindow
from vrae_core.bundled import bundled_models
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain

WAIT_MS = 250  # from one press to the next
RECIPE = "fast-20d"


def measuring(window: MainWindow, presses: int) -> Iterator[None]:
    """Go through the measurements; between two steps the window lives on."""
    session = window.session
    given: list[float] = []
    for verb in ("play", "morph"):
        usual = getattr(session.playback.player, verb)
        setattr(
            session.playback.player, verb, lambda music, usual=usual: given.append(time.perf_counter()) or usual(music)
        )
    while session.library.atlas is None or session.jobs.running:
        yield
    print("ms from a press until        the beginning: median    p95    the whole: median    p95", flush=True)
    yield from _press_often(window, given, presses, "alone")
    songs = tuple(SongToTrain(song.name) for song in session.library.songs)
    settings = RunSettings(RECIPE, RECIPE, RECIPES[RECIPE], songs, minutes=60)
    session.trainer.start(settings, session.library.songs)
    while not session.training.rows:
        yield
    yield from _press_often(window, given, presses, "beside a training")
    window.close()


def _press_often(window: MainWindow, given: list[float], presses: int, name: str) -> Iterator[None]:
    view, points = window.map_panel.view, window.session.library.atlas.map.points
    source, times = np.random.default_rng(0), []
    for point in points[source.integers(len(points), size=presses)]:
        given.clear()
        at = view.to_pixels(point)
        where, button, kinds = view.viewport().mapToGlobal(at), Qt.MouseButton, QEvent.Type
        posted = time.perf_counter()
        for kind, held in ((kinds.MouseButtonPress, button.LeftButton), (kinds.MouseButtonRelease, button.NoButton)):
            event = QMouseEvent(kind, at, where, button.LeftButton, held, Qt.KeyboardModifier.NoModifier)
            QApplication.postEvent(view.viewport(), event)
        until = time.monotonic() + WAIT_MS / 1000 * source.uniform(0.8, 1.2)
        while time.monotonic() < until or len(given) < 2:
            yield
        times.append([1000 * (when - posted) for when in given[:2]])
    (begun, whole), (begun_p95, whole_p95) = np.quantile(times, (0.5, 0.95), axis=0)
    print(f"{name:28} {begun:22.2f} {begun_p95:6.2f} {whole:20.2f} {whole_p95:6.2f}", flush=True)


def main(presses: int) -> int:
    """Run the application on the 20-D model, and press while it runs."""
    timer = QTimer(interval=10)

    def begin(window: MainWindow) -> None:
        steps = measuring(window, presses)
        timer.timeout.connect(lambda: next(steps, None))
        timer.start()

    return application.main(["vrae-explorer", str(bundled_models()["20d"])], begin)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
