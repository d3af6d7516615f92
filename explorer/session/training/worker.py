"""A run as work in the background: its folder made, and a process started that trains it.

The process is another one, not a thread: importing torch in a thread makes the window wait 180–410 ms, and here 1–14.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

import vrae_core
from vrae_core.corpus.packed import PackedCorpus
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError, TrainingError, VraeError
from vrae_core.midi.song import Song
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import FloatArray, IntArray
from vrae_core.runs.control import Asked, read_steering
from vrae_core.runs.folder import RunFolder, Snapshot
from vrae_core.runs.learning import NO_BASE, from_base
from vrae_core.runs.process import STOPPED
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.train import branch, corpus_of
from vrae_core.runs.windows import corpus_of_run, learnt_windows, save_corpus, shown_corpus
from vrae_core.training.draws import WindowDraws

SECONDS_TO_END = 30.0  # for the checkpoint to be written; then it is ended, and loses what came since the last
_SECONDS_BETWEEN_LOOKS = 0.1


class Begun(NamedTuple):
    """A run that has its folder."""

    run: RunFolder
    settings: RunSettings
    corpus: Corpus | None  # None: too large to be shown
    learnt: IntArray | None = None  # which of its windows are; None: nobody knows


def begin_run(
    root: Path, settings: RunSettings, songs: Sequence[Song], start_from: TrainedModel | None = None
) -> Generator[None, None, Begun]:
    """Make the folder of a run, with its windows in it.  Raises: CorpusError, FileError; then no folder is left."""
    yield
    corpus = corpus_of(settings, songs)
    run = RunFolder.create(root, settings)
    try:
        save_corpus(run, corpus)
        if start_from is not None:
            start_from.save(run.start)
        return begun_on(run, corpus)
    except BaseException:
        shutil.rmtree(run.path, ignore_errors=True)
        raise


def begin_from_base(root: Path, settings: RunSettings, songs: Sequence[Song]) -> Generator[str | None, None, Begun]:
    """The same for a run that begins from the base; from nothing, which it says, if that is missing or damaged."""
    yield None
    settings, base = from_base(settings)
    if base is None:
        yield NO_BASE
    return (yield from begin_run(root, settings, songs, base))


def begun_on(run: RunFolder, corpus: Corpus | PackedCorpus) -> Begun:
    """A run with what can be shown of its windows."""
    shown, learnt = None, None
    with suppress(CorpusError):
        shown = shown_corpus(corpus)
        learnt = learnt_windows(run, shown)
    return Begun(run, run.settings(), shown, learnt)


class Opened(NamedTuple):
    """What one must know of a run to show it."""

    settings: RunSettings
    corpus: Corpus | None
    asked: Asked
    weights: FloatArray | None  # (N,) of its windows: those that are asked, all alike if it cannot learn by them
    learnt: IntArray | None = None  # which of its windows are; None: nobody knows
    problem: str = ""  # why there is no corpus, or why the weights are others than those asked


def open_run(run: RunFolder) -> Opened:
    """Read what one must know of a run to show it."""
    asked = read_steering(run)
    weights = None if asked.window_weights is None else np.array(asked.window_weights, np.float32)
    try:
        corpus = shown_corpus(corpus_of_run(run))
    except VraeError as error:
        problem = f"The windows of this run cannot be shown; only its figures and snapshots are: {error}"
        return Opened(run.settings(), None, asked, weights, problem=problem)
    learnt, problem = learnt_windows(run, corpus), ""
    if learnt is not None and weights is not None:
        try:
            WindowDraws(learnt, len(corpus)).check(weights)
        except TrainingError as error:  # it would be asked the same again whenever it goes on
            weights = np.ones(len(corpus), np.float32)
            problem = f"The windows of this run come alike again: {error}."
    return Opened(run.settings(), corpus, asked, weights, learnt, problem)


def begin_and_train(beginning: Generator[object, None, Begun], threads: int) -> Generator[object, None, None]:
    """Make a run's folder and have it trained."""
    begun = yield from beginning
    yield begun
    yield from _with_notes(train_in_a_process(begun.run, threads))


def train_again(run: RunFolder, threads: int) -> Generator[object, None, None]:
    """Have a run trained from where its checkpoint left it."""
    yield begun_on(run, corpus_of_run(run))
    yield from _with_notes(train_in_a_process(run, threads))


def _with_notes(steps: Generator[SimpleNamespace | None, None, None]) -> Generator[object, None, None]:
    try:
        for step in steps:
            yield step
            if step is not None and step.note:
                yield str(step.note)
    finally:
        steps.close()  # here, so that what it raises then is told


def branch_off(run: RunFolder, snapshot: Snapshot | None) -> Generator[None, None, Begun]:
    """Make the folder of a run that begins from a snapshot of another."""
    yield
    snapshot = snapshot or next(reversed(run.snapshots()), None)
    if snapshot is None:
        raise TrainingError(f"“{run.settings().name}” has no snapshot yet to branch off from")
    corpus = corpus_of_run(run)
    new = branch(run, snapshot, run.path.parent)
    if isinstance(corpus, Corpus):  # else it lies in a file of its own
        save_corpus(new, corpus)
    return begun_on(new, corpus)


def train_in_a_process(run: RunFolder, threads: int) -> Generator[SimpleNamespace | None, None, None]:
    """Have a run trained; yields a step at a time (what a TrainingStep holds, but for its model), and None meanwhile.

    Closing it stops the run, with its checkpoint written.  Raises: TrainingError with what the process says, also of
    that checkpoint.
    """
    command = [sys.executable, "-P", "-m", "vrae_core.runs.process", str(run.path), "--threads", str(threads)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment())
    assert process.stdin is not None
    lines: SimpleQueue[bytes] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), name="training's output", daemon=True)
    reader.start()
    try:
        while True:
            try:
                line = lines.get(timeout=_SECONDS_BETWEEN_LOOKS)
            except Empty:
                yield None
                continue
            if not line:
                break
            yield SimpleNamespace(**_said(line))
        if (code := process.wait()) not in (0, STOPPED):
            raise TrainingError(f"The training process was killed ({code}); its last checkpoint is saved.")
    finally:
        with suppress(OSError):
            process.stdin.close()  # which asks it to stop
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        while not lines.empty() and (line := lines.get()):
            _said(line)


def _said(line: bytes) -> dict[str, Any]:
    """A step as the process tells it.  Raises: TrainingError if it tells of its failure."""
    said: dict[str, Any] = json.loads(line)
    if "failed" in said:
        raise TrainingError(said["failed"])
    return said


def _read(process: subprocess.Popen[bytes], lines: SimpleQueue[bytes]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.put(line)
    lines.put(b"")


def _environment() -> dict[str, str]:
    """This program's own packages first, whatever the folder that one is in."""
    here = str(Path(vrae_core.__file__).parents[1])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path}
