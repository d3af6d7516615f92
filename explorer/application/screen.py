"""Whether there is a screen to open a window on, said in words where Qt would abort the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

NO_SCREEN = 2  # exit status


@contextmanager
def needing_a_screen() -> Iterator[None]:
    """While Qt's application is made, end with one sentence and status 2 if it finds no screen."""
    said: list[str] = []

    def listen(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind == QtMsgType.QtFatalMsg:  # Qt aborts once this returns
            sentence = f"VRAE Explorer needs a screen: {_why(said)}; `vrae --help` shows what works without one"
            print(sentence, file=sys.stderr, flush=True)
            os._exit(NO_SCREEN)
        said.append(text)

    before = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
    for text in said:
        print(text, file=sys.stderr)


def _why(said: list[str]) -> str:
    """The first thing that Qt said is the cause, where the environment does not tell more plainly."""
    chosen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform == "linux" and not chosen:
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    return said[0].strip().rstrip(".") if said else "Qt finds none"
