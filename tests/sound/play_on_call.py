"""Plays a short note on every call and then one that is held, and says when; run by measure_latency.py beside it.

Usage: play_on_call.py MODE idle|busy CALLS
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time

import numpy as np
from play_aloud import spin, when
from PySide6.QtCore import QCoreApplication, QTimer

from explorer.audio.output import AudioOutput
from explorer.audio.phrase import Phrase
from explorer.audio.player import Player
from explorer.audio.sequencer import AtEnd
from vrae_core.audio.synthesizer import Synthesizer

WOODBLOCK, ORGAN = 115, 19
HELD_SECONDS = 10


def main(mode: str, load: str, calls: int) -> None:
    sys.setswitchinterval(0.0005)
    application = QCoreApplication([])
    synthesizer = Synthesizer()
    player = Player(synthesizer)
    player.programs, player.volume, player.at_end = (WOODBLOCK,), 1.0, AtEnd.LOOP
    output = AudioOutput(player, mode)
    output.finished.connect(application.quit)
    output.start()
    busy = QTimer(interval=300)
    busy.timeout.connect(lambda: spin(0.08))
    if load == "busy":
        busy.start()
        threading.Thread(target=compute, daemon=True).start()
    roll = np.zeros((400, 1), bool)
    roll[0] = True
    left = iter(range(calls))

    def call() -> None:
        if next(left, None) is None:
            hold()
            return
        print(f"call {time.monotonic():.6f}", flush=True)
        player.play(Phrase(roll, (75,), 127))
        QTimer.singleShot(400 + random.randrange(50), call)

    def hold() -> None:
        player.programs = (ORGAN,)
        print(f"hold {time.monotonic():.6f}", flush=True)
        player.play(Phrase(np.ones((400, 1), bool), (60,), 100))
        QTimer.singleShot(HELD_SECONDS * 1000, output.stop)

    when(lambda: synthesizer.now > synthesizer.sample_rate, call)  # the device takes sound steadily
    application.exec()
    os._exit(0)  # the thread that computes does not end by itself


def compute() -> None:
    """As a training does."""
    import torch  # noqa: PLC0415 - only where it is wanted

    torch.set_num_threads(1)
    weights = (torch.randn(500, 500) * 0.01).requires_grad_()
    while True:
        state = torch.randn(100, 500)
        for _ in range(50):
            state = torch.tanh(state @ weights)
        state.sum().backward()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
