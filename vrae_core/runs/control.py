"""Steering a run from another process: a small file in its folder, which whoever trains it obeys.

`steering.json` is written by the window, or by anyone, and looked at ten times a second.  That it is there while a run
goes on says that the trainer listens.
"""

from __future__ import annotations

import json
import math
import shutil
import socket
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from vrae_core.corpus.windows import Windows
from vrae_core.errors import FileError, TrainingError
from vrae_core.model.evaluation import best_threshold
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress
from vrae_core.runs.folder import RUNNING, RunFolder, Snapshot
from vrae_core.runs.history import HistoryRow
from vrae_core.safe_files import read_bounded, write_atomically
from vrae_core.training.steering import Change, Steering

STEERING = "steering.json"
SECONDS_BETWEEN_LOOKS = 0.1
LEARNING_RATES, KL_WEIGHTS = (0.01, 100.0), (0.0, 100.0)  # the factors that are taken
_LARGEST_FILE = 64 << 20  # bytes: a weight for each of some million windows


class _Placed(Protocol):
    """What a step must tell for a pause to be written down."""

    @property
    def seconds(self) -> float: ...
    @property
    def updates(self) -> int: ...


Step = TypeVar("Step", bound=_Placed)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Asked:
    """What is asked of the process that trains a run."""

    paused: bool = False
    stopped: bool = False
    learning_rate: float = 1.0  # factors, as in Steering
    kl_weight: float = 1.0
    window_weights: tuple[float, ...] | None = None


def write_steering(run: RunFolder, asked: Asked) -> None:
    """Ask something of whoever trains a run.  Raises: FileError."""
    write_atomically(run.path / STEERING, json.dumps(asdict(asked)).encode())


def read_steering(run: RunFolder) -> Asked:
    """What is asked; of a file that is missing or damaged, nothing.  Values out of range are brought into it."""
    try:
        values: dict[str, Any] = json.loads(read_bounded(run.path / STEERING, _LARGEST_FILE))
        weights = values.get("window_weights")
        return Asked(
            paused=values["paused"] is True,
            stopped=values["stopped"] is True,
            learning_rate=_within(values["learning_rate"], LEARNING_RATES),
            kl_weight=_within(values["kl_weight"], KL_WEIGHTS),
            window_weights=None if weights is None else tuple(_within(weight, (0.0, 1e6)) for weight in weights),
        )
    except (FileError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Asked()


def why_not_steered(run: RunFolder) -> str:
    """Why a run that goes on in another process cannot be steered from here; "" if it can."""
    trainer = run.trainer()
    if trainer is not None and trainer.host != socket.gethostname():
        return f"It is trained on another machine, {trainer.host[:60]}, which alone can steer it."
    return "" if (run.path / STEERING).exists() else "The process that trains it cannot be steered from outside."


def obeying(
    run: RunFolder, steps: Generator[Step, None, Result], steering: Steering, stop: threading.Event
) -> Generator[Step, None, Result | None]:
    """The same training, steered by its folder's file; held while that says so; None once a stop is asked for."""
    try:
        with _looked_at(run, steering, stop) as unpaused:
            while not stop.is_set():
                step = next(steps)
                yield step
                _hold(run, step, unpaused, stop)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        steps.close()
    return None


def _hold(run: RunFolder, step: _Placed, unpaused: threading.Event, stop: threading.Event) -> None:
    """Wait while the run is held, and write down that it was."""
    if unpaused.is_set() or stop.is_set():
        return
    here, begun = Change(round(step.seconds, 3), step.updates, "paused"), time.monotonic()
    with suppress(FileError):
        run.note(here)
    while not stop.is_set() and not unpaused.wait(SECONDS_BETWEEN_LOOKS):
        pass
    if unpaused.is_set():
        with suppress(FileError):
            run.note(here._replace(what="went on", after=round(time.monotonic() - begun, 1)))


@contextmanager
def _looked_at(run: RunFolder, steering: Steering, stop: threading.Event) -> Iterator[threading.Event]:
    """Have a thread look at the file; gives what is set while the run is not held."""
    asked = read_steering(run)
    begun = Asked(False, False, asked.learning_rate, asked.kl_weight, asked.window_weights)  # factors outlast a stop
    write_steering(run, begun)
    unpaused, over = threading.Event(), threading.Event()

    def obey(asked: Asked) -> None:
        steering.learning_rate, steering.kl_weight = asked.learning_rate, asked.kl_weight
        weights = asked.window_weights
        if weights is not None:  # else those that the training has set by itself stay
            steering.window_weights = np.array(weights, np.float32)
        (unpaused.clear if asked.paused else unpaused.set)()
        if asked.stopped:
            stop.set()

    def look() -> None:
        seen = (0, 0, 0)
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            if (now := _stamp(run)) != seen:
                seen = now
                obey(read_steering(run))

    obey(begun)
    looking = threading.Thread(target=look, name="steering", daemon=True)
    looking.start()
    try:
        yield unpaused
    finally:
        over.set()
        looking.join()


def _stamp(run: RunFolder) -> tuple[int, int, int]:
    try:
        found = (run.path / STEERING).stat()
    except OSError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_ino, found.st_size


def best_snapshot(rows: Sequence[HistoryRow], snapshots: Sequence[Snapshot]) -> Snapshot | None:
    """The snapshot with the best bound: on what was held out where that was measured, else on what is learnt."""
    held_out = any(math.isfinite(row.held_out_bound) for row in rows)

    def bound(snapshot: Snapshot) -> float:
        before = [r for r in rows if r.updates <= snapshot.updates]
        figures = [r.held_out_bound if held_out else r.lower_bound for r in before]
        return next((figure for figure in reversed(figures) if math.isfinite(figure)), -math.inf)

    return max(snapshots, key=lambda snapshot: (bound(snapshot), snapshot.updates), default=None)


def keep_best(run: RunFolder, corpus: Windows) -> TrainedModel:
    """Make the best snapshot of a run that has stopped its model, with its threshold measured.

    Raises: TrainingError if there is no snapshot yet; FileError; ModelFileError.
    """
    best = best_snapshot(run.rows(), run.snapshots())
    if best is None:
        raise TrainingError("there is no snapshot yet to keep")
    model = TrainedModel.load(best.path)
    model = replace(model, threshold=best_threshold(model, corpus))
    model.save(run.model)
    return model


def leave(run: RunFolder) -> None:
    """Take a run whose process just went as one that was stopped: nobody is asked about it again."""
    if run.state == "interrupted":
        with suppress(OSError):
            (run.path / RUNNING).unlink()


def wait_until_it_ended(run: RunFolder, seconds: float = 15.0) -> Generator[Progress, None, None]:
    """Give the process of a window that is gone the time to write its checkpoint."""
    begun = time.monotonic()
    while run.state == "running" and (passed := time.monotonic() - begun) < seconds:
        yield Progress(passed, seconds, "waiting for its checkpoint")
        time.sleep(0.1)


def restore_from_trash(place: Path, home: Path) -> None:
    """Bring a run that was thrown away back to where it was.  Raises: FileError."""
    if home.exists():
        raise FileError(home, "is already restored")
    try:
        shutil.move(place, home)
    except OSError as problem:
        raise FileError(place, f"cannot be restored: {problem.strerror}") from None


def _within(value: Any, bounds: tuple[float, float]) -> float:
    number = float(value)
    if math.isnan(number):
        raise ValueError("a factor is not a number")
    return min(max(number, bounds[0]), bounds[1])
