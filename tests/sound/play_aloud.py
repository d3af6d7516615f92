"""Plays a phrase aloud as the application does, with a window's thread that is busy; run by the tests beside it.

Usage: play_aloud.py once | for-ever.  Writes a line whenever something happens; ends when it is written one.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QCoreApplication, QSocketNotifier, QTimer

from explorer.audio.output import AudioOutput
from explorer.audio.phrase import Phrase
from explorer.audio.player import Player, State
from explorer.audio.sequencer import AtEnd
from vrae_core.audio.synthesizer import Synthesizer

WOODBLOCK, PITCH, VELOCITY = 115, 75, 127
ONSETS = np.cumsum([2, 3, 2, 4, 2, 2, 5, 3] * 4)  # steps
STEPS = int(ONSETS[-1]) + 2


def main() -> None:
    sys.setswitchinterval(0.0005)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    application = QCoreApplication([])
    with Synthesizer() as synthesizer:
        player = Player(synthesizer)
        player.programs, player.volume = (WOODBLOCK,), 1.0
        player.at_end = AtEnd.LOOP if sys.argv[1] == "for-ever" else AtEnd.STOP
        output = AudioOutput(player)
        output.state_changed.connect(lambda text, audible: print("audible" if audible else "unheard", text, flush=True))
        output.finished.connect(application.quit)
        output.start()
        told = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        told.activated.connect(lambda: output.stop() if sys.stdin.readline() else told.setEnabled(False))
        busy = QTimer(interval=300)
        busy.timeout.connect(lambda: spin(0.08))
        busy.start()

        def begin() -> None:
            roll = np.zeros((STEPS, 1), bool)
            roll[ONSETS] = True
            player.play(Phrase(roll, (PITCH,), VELOCITY))
            print("playing", flush=True)
            when(lambda: player.state is State.FINISHED, lambda: QTimer.singleShot(1500, output.stop))

        when(lambda: synthesizer.now > synthesizer.sample_rate // 2, begin)  # the device takes sound steadily
        application.exec()
        if not output.wait(1):
            print("abandoned", flush=True)
            os._exit(0)  # as the application does


def when(it_is_time: Callable[[], bool], act: Callable[[], None]) -> None:
    """Look every 20 ms whether it is time."""
    if it_is_time():
        act()
    else:
        QTimer.singleShot(20, lambda: when(it_is_time, act))


def spin(seconds: float) -> None:
    """Hold the interpreter, as a window that draws does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


if __name__ == "__main__":
    main()
