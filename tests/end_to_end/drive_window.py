"""Opens the real window and uses it with the mouse and the keyboard of a real X server, by xdotool.

Usage: drive_window.py FOLDER MODEL SONG…  Leaves FOLDER/path.mid, saved by the window, and FOLDER/expected.npy, the
roll that was heard.  Ends with 0 if everything came about, and says what did not.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

import explorer.__main__ as application
from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.main_window import MainWindow

SECONDS_FOR_A_STEP = 120.0  # nothing takes as many
Condition = Callable[[], object]


class Hand:
    """The user's hand.  Each verb is a generator that yields until xdotool has done it."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.view = window, window.map_panel.view

    def _xdotool(self, *words: object) -> Iterator[Condition]:
        process = subprocess.Popen(["xdotool", *map(str, words)])
        yield lambda: process.poll() is not None
        assert process.returncode == 0, f"xdotool {words} failed"

    def _global(self, place: np.ndarray) -> QPoint:
        return self.view.viewport().mapToGlobal(self.view.to_pixels(place).toPoint())

    def focus(self) -> Iterator[Condition]:
        yield from self._xdotool("windowfocus", "--sync", int(self.window.winId()))

    def click(self, place: np.ndarray, button: int = 1) -> Iterator[Condition]:
        """Click on a map point."""
        at = self._global(place)
        yield from self._xdotool("mousemove", at.x(), at.y(), "sleep", 0.05, "click", button)

    def drag(self, start: np.ndarray, end: np.ndarray) -> Iterator[Condition]:
        """Drag from one map point to another in twenty moves."""
        yield from self.pull(self._global(start), self._global(end))

    def pull(self, start: QPoint, end: QPoint) -> Iterator[Condition]:
        """Drag from one place of the screen to another in twenty moves."""
        yield from self._xdotool("mousemove", start.x(), start.y(), "mousedown", 1)
        for share in np.linspace(0, 1, 20).tolist():
            at = start + share * (end - start)
            yield from self._xdotool("mousemove", at.x(), at.y(), "sleep", 0.01)
        yield from self._xdotool("mouseup", 1)

    def tour(self, places: np.ndarray, seconds_a_move: float, moves: int) -> Iterator[Condition]:
        """One long drag through map points, so many moves from each to the next."""
        yield from self._xdotool("mousemove", *self._global(places[0]).toTuple(), "mousedown", 1)
        for start, end in itertools.pairwise(places):
            words: list[object] = []
            for share in np.linspace(0, 1, moves):
                words += ["mousemove", *self._global(start + share * (end - start)).toTuple(), "sleep", seconds_a_move]
            yield from self._xdotool(*words)
        yield from self._xdotool("mouseup", 1)

    def press(self, key: str) -> Iterator[Condition]:
        yield from self._xdotool("key", key)

    def write(self, text: str) -> Iterator[Condition]:
        yield from self._xdotool("type", "--delay", 5, text)


def story(window: MainWindow, folder: Path) -> Iterator[Condition]:
    """What the user does; each yield is what must come about before they go on."""
    session, hand = window.session, Hand(window)
    playback, player, path = session.playback, session.playback.player, session.path
    yield lambda: session.library.atlas is not None and not session.jobs.running
    yield from hand.focus()
    yield window.isActiveWindow
    points = session.library.atlas.map.points
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + np.where(np.eye(len(points)), np.inf, 0)
    lone = int(gaps.min(axis=1).argmax())

    yield from hand.click(points[lone])
    yield lambda: playback.heard is not None and playback.heard.window == lone and player.state is State.PLAYING
    yield lambda: player.position > 3

    low, high = points.min(axis=0), points.max(axis=0)
    start, end = low + 0.2 * (high - low), low + 0.7 * (high - low)
    yield from hand.drag(start, end)
    near = 3 * window.map_panel.view.map_per_pixel()
    yield lambda: np.linalg.norm(playback.heard.places[0] - end) < near
    assert player.state is State.PLAYING

    yield from use_the_keys(hand, window)
    yield from hand.press("space")
    yield lambda: player.state is State.PAUSED

    yield from hand.press("2")
    yield lambda: window.map_panel.tool == "path"
    for place in (points[0], points[len(points) // 2], points[-1]):
        before = len(path.points)
        yield from hand.click(place)
        yield lambda before=before: len(path.points) == before + 1
    yield from hand.press("ctrl+z")
    yield lambda: len(path.points) == 2
    yield from hand.press("ctrl+shift+z")
    yield lambda: len(path.points) == 3
    yield from hand.drag(path.on_map[2], end)
    yield lambda: np.linalg.norm(path.on_map[2] - end) < 4 * near  # it may have been put on a dot

    yield from hand.press("Return")
    yield lambda: bool(playback.heard.arrivals) and player.state is State.PLAYING
    assert playback.roll.any()
    np.save(folder / "expected.npy", playback.roll)

    yield from hand.press("ctrl+e")
    yield lambda: isinstance(QApplication.activeModalWidget(), QFileDialog)
    yield from hand.write(str(folder / "path.mid"))
    yield from hand.press("Return")
    yield (folder / "path.mid").exists
    yield lambda: QApplication.activeModalWidget() is None
    yield from hand.focus()  # which a window manager would give back
    yield window.isActiveWindow

    yield from hand.press("Escape")
    yield lambda: player.state is State.STOPPED and not path.points
    window.grab().save(str(folder / "window.png"))
    yield from hand.press("ctrl+q")
    yield lambda: False  # the application ends now


def use_the_keys(hand: Hand, window: MainWindow) -> Iterator[Condition]:
    """Move the point, go on in the song, hold, run on, loop, choose another sound, all notes off, and play again."""
    playback, player = window.session.playback, window.session.playback.player
    window_steps = window.session.library.model.config.window
    place = playback.heard.places[0]
    yield from hand.press("Right")
    yield lambda: playback.heard.places[0][0] > place[0] and playback.heard.places[0][1] == place[1]
    yield from hand.press("n")
    yield lambda: playback.heard.window is not None
    yield from hand.press("h")
    yield lambda: player.hold
    yield from hand.press("h")
    yield lambda: not player.hold
    yield from hand.press("r")
    yield lambda: playback.at_end is AtEnd.RUN_ON and player.position > window_steps
    yield from hand.press("l")
    yield lambda: playback.at_end is AtEnd.LOOP and player.position < window_steps
    yield from hand.press("s")
    yield window.transport.card.isVisible
    yield from hand.press("m")  # the keyboard is in the list of presets
    yield lambda: playback.sound.preset == "Music box"
    yield from hand.press("Escape")
    yield lambda: not window.transport.card.isVisible()
    assert player.state is State.PLAYING, "Escape closed the card and nothing else"
    yield from hand.press("ctrl+shift+period")
    yield lambda: player.state is State.STOPPED
    yield from hand.press("space")
    yield lambda: player.state is State.PLAYING


class Teller:
    """Goes through the story, a step whenever what the last one waits for has come about."""

    def __init__(self, story: Iterator[Condition]) -> None:
        self._story = story
        self._awaited: Condition = lambda: True
        self._since = time.monotonic()
        self.trouble = ""
        self._timer = QTimer(interval=15)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        try:
            if self._awaited():
                self._awaited, self._since = next(self._story), time.monotonic()
            elif time.monotonic() - self._since > SECONDS_FOR_A_STEP:
                line = self._story.gi_frame.f_lineno
                file = Path(self._story.gi_frame.f_code.co_filename).name
                self.trouble = f"what line {line} of {file} waits for did not come about"
        except Exception:
            self.trouble = traceback.format_exc()
        if self.trouble:
            self._timer.stop()
            QApplication.exit(1)


def run_story(files: list[str], story_of: Callable[[MainWindow], Iterator[Condition]]) -> int:
    """Open the window on some files and go through a story; 0 if all of it came about."""
    tellers: list[Teller] = []
    code = application.main(["vrae-explorer", *files], lambda window: tellers.append(Teller(story_of(window))))
    print(tellers[0].trouble, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(run_story(sys.argv[2:], lambda window: story(window, Path(sys.argv[1]))))
