"""Opens the real window, and trains in it until it is killed; or looks at what it offers then, and goes on.

Usage: kill_the_training.py train|go-on.  Prints a line of JSON with what it saw.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

import explorer.__main__ as application
from explorer.main_window import MainWindow

Condition = Callable[[], object]
SECONDS_FOR_A_STEP = 120.0


def train(window: MainWindow) -> Iterator[Condition]:
    """Start a training, and be killed as it goes on."""
    training = window.session.training
    yield lambda: window.session.library.atlas is not None and not window.session.jobs.running
    window.pages.show_train()
    window.pages.train.setup.minutes.setValue(5)
    QTest.mouseClick(window.pages.train.setup.start, Qt.MouseButton.LeftButton)
    yield lambda: len(training.rows) >= 3
    tell(window)
    os.kill(os.getpid(), signal.SIGKILL)


def go_on(window: MainWindow) -> Iterator[Condition]:
    """Accept the offer with the mouse, and let some rows come."""
    training, offer = window.session.training, window.offers.unfinished
    yield offer.isVisible
    said = offer.words.text()
    QTest.mouseClick(offer.yes, Qt.MouseButton.LeftButton)
    yield lambda: training.run is not None and training.rows
    before = len(training.rows)
    yield lambda: window.session.trainer.running and len(training.rows) >= before + 3
    tell(window, offered=said)
    window.close()
    yield lambda: False


def tell(window: MainWindow, **more: object) -> None:
    training = window.session.training
    assert training.run is not None
    rows = [[row.seconds, row.updates] for row in training.rows]
    said = {"run": str(training.run.path), "rows": rows, "said": window.messages.sentences, **more}
    print(json.dumps(said), flush=True)


def begin(window: MainWindow) -> None:
    steps = {"train": train, "go-on": go_on}[sys.argv[1]](window)
    awaited: list[Condition] = [lambda: True]
    deadline = [time.monotonic() + SECONDS_FOR_A_STEP]

    def advance() -> None:
        if awaited[0]():
            awaited[0] = next(steps)
            deadline[0] = time.monotonic() + SECONDS_FOR_A_STEP
        elif time.monotonic() > deadline[0]:
            print(f"waited in vain: {window.messages.sentences}", file=sys.stderr)
            os._exit(1)

    window.timer = QTimer(window, interval=20)
    window.timer.timeout.connect(advance)
    window.timer.start()


if __name__ == "__main__":
    sys.exit(application.main(sys.argv[:1], begin))
