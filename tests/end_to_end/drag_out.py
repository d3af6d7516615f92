"""Drags what is heard out of the real window onto another program's, twice.

Usage: drag_out.py X Y MODEL SONG…  (X, Y: where to drop)  Prints what the other program must have got.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from drive_window import Condition, Hand, run_story
from PySide6.QtCore import QPoint

from explorer.main_window import MainWindow

SIZE = (1180, 640)


def story(window: MainWindow, x: int, y: int) -> Iterator[Condition]:
    """Hear a window, drag it out; hear another, drag that out."""
    session, hand = window.session, Hand(window)
    window.setGeometry(0, 0, *SIZE)
    yield lambda: session.library.atlas is not None and not session.jobs.running
    yield from hand.focus()
    grip = window.explore.now_playing.grip
    for number in (5, 9):
        session.playback.play_window(number)
        yield lambda number=number: session.playback.heard is not None and session.playback.heard.window == number
        print(json.dumps(session.playback.roll.astype(int).tolist()), flush=True)
        start = grip.mapToGlobal(grip.rect().center())
        yield from hand.pull(start, QPoint(x, y))
    yield from hand.press("ctrl+q")
    yield lambda: False  # the application ends now


if __name__ == "__main__":
    place = int(sys.argv[1]), int(sys.argv[2])
    sys.exit(run_story(sys.argv[3:], lambda window: story(window, *place)))
