"""Trainings that are killed again and again, and go on each time: the weights they end with are always the same."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from doses import Result
from test_training_process import FORKED, PATIENCE, Process, filled

from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import RunFolder


def kill(folder: Path, times: int, seed: int) -> Result:
    """So many kills, of as many trainings one after another as that takes."""
    FORKED.set_forkserver_preload(["train_on_call"])
    chance, faults, kills, trainings = random.Random(seed), [], 0, 0
    whole = _trained(filled(_made(folder / "whole")), 0, chance)[1]
    while kills < times:
        trainings += 1
        place = filled(_made(folder / f"training {trainings}"))
        killed, digest = _trained(place, times - kills, chance)
        kills += killed
        if digest != whole:
            faults.append(f"training {trainings}, killed {killed} times, ended with other weights")
        if left := [file.name for file in place.rglob(".*.tmp")]:
            faults.append(f"training {trainings} left {left}")
    result = f"{trainings - len(faults)} of {trainings} trainings ended with the weights of one that nobody killed"
    return Result("A training that is killed goes on and ends as if nothing had been", f"{times} kills", result, faults)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _trained(folder: Path, most: int, chance: random.Random) -> tuple[int, str]:
    """Train to the end with at most so many kills on the way: how many it had, and the digest of the model."""
    run, kills = RunFolder(folder / "m.run"), 0
    while True:
        before = max((row.updates for row in run.rows()), default=0)
        process = Process(folder, *(["--resume"] if run.path.exists() else []))
        goal, deadline = before + chance.randint(1, 60), time.monotonic() + PATIENCE
        while process.running and time.monotonic() < deadline:
            if kills < most and any(row.updates >= goal for row in run.rows()):
                time.sleep(chance.uniform(0, 0.02))
                process.send(signal.SIGKILL)
                break
            time.sleep(0.005)
        status, said = process.ended()
        if status == -signal.SIGKILL:
            kills += 1
        elif status:
            return kills, f"none: it ended with {status}: {said}"
        else:
            return kills, TrainedModel.load(folder / "m.safetensors").digest


def prepare() -> None:
    """Let the trainings be forked from a process that has loaded torch, and finds what it is to run."""
    root = Path(__file__).parents[2]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (root / "tests/end_to_end", root)))
    os.environ["OMP_NUM_THREADS"] = "1"
