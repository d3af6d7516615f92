"""Trains one run folder in a process of its own: what the window starts, so that torch is never in its own.

    python -m vrae_core.runs.process FOLDER [--threads N]

Each step is told by a line of JSON on the standard output.  It stops in good order, with a checkpoint, on SIGTERM,
SIGINT or SIGHUP, when the run's steering file asks for it, and when its standard input ends: so when the process that
started it is gone, however that went.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from vrae_core.errors import VraeError
from vrae_core.processes import ending_signals
from vrae_core.runs.control import obeying
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.train import train_in
from vrae_core.runs.windows import corpus_of_run
from vrae_core.training.steering import Steering

NICENESS = 5  # the window and its sound come first
STOPPED = 3  # exit status; 0: finished, 1: failed


def main(argv: Sequence[str] | None = None) -> int:
    """Train; returns the exit status."""
    parser = argparse.ArgumentParser(description="Train one run folder, telling each step as JSON.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    stop = threading.Event()
    _listen(stop)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        return _train(RunFolder(args.folder), args.threads, stop)
    except VraeError as error:
        _tell({"failed": str(error)})
    except MemoryError:
        _tell({"failed": "There is not enough memory to train this; try fewer hidden units or a smaller batch."})
    except RuntimeError as error:  # torch's own kind, accelerators included
        _tell({"failed": _in_words(error)})
    return 1


def _train(run: RunFolder, threads: int, stop: threading.Event) -> int:
    corpus = corpus_of_run(run)
    steering = Steering()
    steps = obeying(run, train_in(run, corpus, steering=steering, threads=threads), steering, stop)
    try:
        while True:
            step = next(steps)
            _tell({name: value for name, value in step._asdict().items() if name != "model"})
    except StopIteration as end:
        return STOPPED if end.value is None else 0
    finally:
        steps.close()


def _listen(stop: threading.Event) -> None:
    for number in ending_signals():
        signal.signal(number, lambda *_: stop.set())

    def until_it_ends() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        stop.set()

    threading.Thread(target=until_it_ends, name="standard input", daemon=True).start()


def _tell(values: dict[str, Any]) -> None:
    with suppress(OSError):  # nobody listens any more: standard input has ended too, and training soon will
        os.write(1, json.dumps(values).encode() + b"\n")


def _in_words(error: RuntimeError) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "out of memory" in str(error) or "can't allocate memory" in str(error):
        return "The processor or accelerator ran out of memory; try fewer hidden units or a smaller batch."
    return f"Training failed because of a fault in VRAE Explorer ({type(error).__name__}: {text[:200]})."


if __name__ == "__main__":
    sys.exit(main())
