"""Make docs/screenshots/{map,difference,path,training}.png from the real window, the bundled songs and models.

Usage: python docs/make_screenshots.py [MINUTES]   (how long to train for the last; 3 if not given)
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()  # nobody's preferences
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()  # nor session

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from explorer import __main__ as application
from explorer.main_window import MainWindow
from explorer.session.playing.versions import Version
from vrae_core.bundled import bundled_models

FOLDER = Path(__file__).parent / "screenshots"
Condition = Callable[[], object]


def pictures(window: MainWindow, minutes: int) -> Iterator[Condition]:
    """Use the window and take its picture; each yield is what must come about before the next step."""
    session, view = window.session, window.map_panel.view
    playback, library = session.playback, session.library
    window.resize(1440, 900)
    yield lambda: library.atlas is not None and not session.jobs.running
    playback.play_window(230)
    yield lambda: playback.player.position > 18
    view.set_hovered(540)
    _take(window, "map")
    view.set_hovered(-1)
    playback.set_version(Version.DIFFERENCE)
    _take(window, "difference")
    playback.set_version(Version.MODEL)

    models = bundled_models()
    if "20d" in models:
        library.open(models["20d"])
        yield lambda: library.atlas.model.config.latent == 20 and not session.jobs.running
    window.pages.use_tool("path")
    by_song = [next(i for i, s in enumerate(library.atlas.corpus.song_of) if s == song) + 20 for song in (0, 2, 3, 7)]
    for index in by_song:
        session.path.add(session.path.point_at(library.atlas.map.points[index]))
    session.path.choose(None)
    session.pieces.play_path()
    yield lambda: playback.heard is not None and playback.heard.arrivals and not session.jobs.running
    yield lambda: playback.player.position > 130
    _take(window, "path")
    playback.stop()

    window.pages.show_train()
    window.pages.train.setup.plan.choose("best")
    window.pages.train.setup.minutes.setValue(minutes)
    window.pages.train.start()
    yield lambda: session.training.rows and session.training.rows[-1].seconds > 0.9 * 60 * minutes
    _take(window, "training")
    window.close()
    yield lambda: False  # it ends now


def _take(window: MainWindow, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    QTest.qWait(50)
    window.grab().save(str(FOLDER / f"{name}.png"))
    print(FOLDER / f"{name}.png")


def main(minutes: int) -> int:
    """Run the application, and go through the pictures while it runs."""
    timer = QTimer()

    def begin(window: MainWindow) -> None:
        steps = pictures(window, minutes)
        awaited: list[Condition] = [lambda: True]

        def go_on() -> None:
            if awaited[0]():
                timer.stop()  # while a picture is taken events go on
                awaited[0] = next(steps)
                timer.start(30)

        timer.timeout.connect(go_on)
        timer.start(30)

    return application.main(["vrae-explorer"], begin)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
