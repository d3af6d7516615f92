"""How long an update takes on this machine, measured in a process of its own, and what a training will come to.

Time depends on the recipe and on how many windows and pitches there are, not on what they hold.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from vrae_core.corpus.windows import Corpus
from vrae_core.errors import TrainingError
from vrae_core.model.recipes import ModelConfig, Recipe, recipe_from_plain
from vrae_core.progress import Progress
from vrae_core.training.settings import Plan

MEASURED_SECONDS = 1.5
FEWEST_UPDATES = 3
_PATIENCE = 90.0  # seconds, of which torch takes a few to be imported where much else runs
_POLLED_EVERY = 0.05
_LONGEST_REQUEST = 64 << 10
_USUAL_DENSITY = 0.05  # share of cells that are set

# Updates: how the recipes with Muon, and the others, have gone on the eight bundled songs (docs/experiments.md).
_STAGES_FAST, _STAGES_SLOW = (150, 500, 2500), (3_000, 20_000, 100_000)
_EPOCHS_BY_HEART = 200
_EXPECTED = (
    "Expect little: the model will have just started.",
    "Expect songs that begin to separate, and blurred music.",
    "Expect separate songs, and a rough version of their music.",
    "Expect music close to the songs.",
    "Expect these songs almost note for note.",
)


class Speed(NamedTuple):
    """What was measured."""

    seconds_per_update: float  # the median
    updates: int  # that were made for it


def seconds_per_update(recipe: Recipe, pitches: int, windows: int, threads: int) -> Speed:
    """Train for a moment on windows of noise.  Imports torch; raises: TrainingError."""
    from vrae_core.training.train import train  # noqa: PLC0415 - torch takes 1.5 s to import

    batch = min(windows, recipe.training.batch)  # with as many windows, every update is told
    steps = train(_noise(batch, recipe.model, pitches), recipe, minutes=60.0, threads=threads)
    durations: list[float] = []
    updates, seconds = 0, 0.0
    started = time.perf_counter()
    for step in steps:
        if updates:  # the first also warms up
            durations += [(step.seconds - seconds) / (step.updates - updates)] * (step.updates - updates)
        updates, seconds = step.updates, step.seconds
        if len(durations) >= FEWEST_UPDATES and time.perf_counter() - started >= MEASURED_SECONDS:
            break
    steps.close()
    return Speed(float(np.median(durations)), len(durations))


def measure(recipe: Recipe, pitches: int, windows: int, threads: int) -> Generator[Progress, None, Speed]:
    """``seconds_per_update`` in a process of its own, which ends when this is closed.  Raises: TrainingError."""
    request = json.dumps({"recipe": asdict(recipe), "pitches": pitches, "windows": windows, "threads": threads})
    try:
        with _child() as process:
            try:
                answered = yield from _waited_for(process, request.encode())
            finally:
                process.kill()
    except OSError as problem:
        raise TrainingError(f"the speed of training cannot be measured: {problem.strerror}") from None
    return _answer(answered)


def _child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "vrae_core.training.forecast"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows
    )


def _waited_for(process: subprocess.Popen[bytes], request: bytes) -> Generator[Progress, None, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    process.stdin.close()
    for _ in range(round(_PATIENCE / _POLLED_EVERY)):
        yield Progress(0, 0)
        if process.poll() is not None:
            return process.stdout.read(_LONGEST_REQUEST)
        time.sleep(_POLLED_EVERY)
    raise TrainingError(f"a few updates took longer than {_PATIENCE:.0f} s, so nothing was measured")


def _answer(text: bytes) -> Speed:
    try:
        values = json.loads(text)
        if "problem" in values:
            raise TrainingError(str(values["problem"]))
        return Speed(float(values["seconds_per_update"]), int(values["updates"]))
    except (ValueError, KeyError, TypeError):
        raise TrainingError("the speed of training cannot be measured: the process that does it died") from None


def _noise(windows: int, model: ModelConfig, pitches: int) -> Corpus:
    steps, columns = model.window, model.grid.columns[:pitches]
    roll = np.random.default_rng(0).random((windows * steps, pitches)) < _USUAL_DENSITY
    starts = np.arange(windows) * steps
    return Corpus(("noise",), columns, roll, starts, np.zeros(windows, np.int64), starts, steps, grid=model.grid)


@dataclass(frozen=True)
class Forecast:
    """Figures of a run that has not begun."""

    learnt: int  # windows
    held_out: int
    updates_per_epoch: int
    seconds_per_update: float
    updates: int
    epochs: float
    minutes: float
    expected: str

    @property
    def seconds_per_epoch(self) -> float:
        return self.updates_per_epoch * self.seconds_per_update


def held_out_of(windows: int, share: float) -> int:
    """How many of so many windows are held out."""
    return math.floor(windows * share)


def forecast(plan: Plan, windows: int, seconds_per_update: float) -> Forecast:
    """What a plan comes to on so many windows (at least one) at a speed that was measured."""
    held_out = held_out_of(windows, plan.held_out)
    learnt = windows - held_out
    training = plan.recipe.training
    per_epoch = learnt // min(training.batch, learnt)
    by_clock = int((plan.minutes or 0) * 60 / seconds_per_update)
    updates = training.epochs * per_epoch if plan.minutes is None else by_clock
    epochs = updates / per_epoch
    stages = _STAGES_SLOW if training.muon_learning_rate is None else _STAGES_FAST
    stage = sum(updates >= least for least in stages)
    if stage == len(stages) and epochs >= _EPOCHS_BY_HEART:
        stage += 1
    minutes = updates * seconds_per_update / 60
    return Forecast(learnt, held_out, per_epoch, seconds_per_update, updates, epochs, minutes, _EXPECTED[stage])


def main() -> int:
    """Answer one request on standard input by a line of JSON."""
    asked = json.loads(sys.stdin.buffer.read(_LONGEST_REQUEST))
    try:
        speed = seconds_per_update(
            recipe_from_plain(asked["recipe"]), asked["pitches"], asked["windows"], asked["threads"]
        )
    except (TrainingError, MemoryError, RuntimeError) as error:
        print(json.dumps({"problem": f"the speed of training cannot be measured: {error or 'no memory for it'}"}))
        return 1
    print(json.dumps(speed._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
