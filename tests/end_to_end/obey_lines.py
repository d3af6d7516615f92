"""Opens the real window; each line on the standard input is Python, evaluated in the window's thread.

Usage: obey_lines.py [FILE…]   What a line gives is printed as a line of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
import time

from explorer.__main__ import main

OUTPUT = os.dup(1)  # whatever libraries do with theirs
AMPLE_SECONDS = 60.0  # to end in: on a busy machine what is slow must not be taken for what hangs


def obey(window) -> None:
    from PySide6 import QtWidgets  # noqa: PLC0415 - as late as the application loads it
    from PySide6.QtCore import QObject, Signal  # noqa: PLC0415

    from explorer import closing  # noqa: PLC0415
    from explorer.application import run  # noqa: PLC0415

    def take_time(parts: float, process: float, threads: float) -> None:
        closing.MOST_SECONDS, run.SECONDS_TO_END, run.SECONDS_FOR_THREADS = parts, process, threads

    usual = closing.MOST_SECONDS, run.SECONDS_TO_END, run.SECONDS_FOR_THREADS
    take_time(AMPLE_SECONDS, 2 * AMPLE_SECONDS, AMPLE_SECONDS)

    class Lines(QObject):
        came = Signal(str)

    names = {"window": window, "session": window.session, "QtWidgets": QtWidgets, "said": []}
    names["end_as_usual"] = lambda: take_time(*usual)  # for what hangs
    window.session.messages.said.connect(lambda sentence, _kind: names["said"].append(sentence))  # some leave again
    names |= {module.__name__: module for module in (os, resource, signal, sys, threading, time)}
    window.lines = Lines()

    def obey_line(line: str) -> None:
        try:
            answer = eval(line, names)
        except Exception as error:
            answer = repr(error)
        os.write(OUTPUT, json.dumps(answer, default=str).encode() + b"\n")

    window.lines.came.connect(obey_line)
    threading.Thread(target=lambda: [window.lines.came.emit(line) for line in sys.stdin], daemon=True).start()
    os.write(OUTPUT, b'"ready"\n')


if __name__ == "__main__":
    sys.exit(main(["vrae-explorer", *sys.argv[1:]], obey))
