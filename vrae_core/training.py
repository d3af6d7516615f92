"""Training as a generator: it yields how far it is, is paused by not being asked, and is stopped by closing it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin at barriers starve each other and the sound

import torch

from vrae_core import checkpoint as checkpoints
from vrae_core.corpus import Windows, sampled
from vrae_core.distributed import ALONE, Group, shared_clock
from vrae_core.evaluation import best_threshold
from vrae_core.recipes import Recipe
from vrae_core.trained_model import TrainedModel
from vrae_core.training_run import TrainingRun, TrainingStep

__all__ = ["TrainingStep", "train"]

SECONDS_BETWEEN_CHECKPOINTS = 30.0


def train(
    corpus: Windows,
    recipe: Recipe,
    *,
    epochs: int | None = None,
    minutes: float | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    seed: int = 0,
    threads: int = 1,
    clock: Callable[[], float] = perf_counter,
    group: Group = ALONE,
) -> Generator[TrainingStep, None, TrainedModel]:
    """Train a model; returns it with its threshold measured.

    epochs: length of the run, the recipe's if not given.  minutes: length by the clock instead; the
    schedules then follow the clock.  checkpoint: where to keep the run, every 30 s and when closed.
    resume: go on from that file, if it is there; the result equals that of an uninterrupted run,
    bit for bit on one machine (by the epoch, not by the clock).  clock: what seconds are counted by;
    `time.process_time` leaves out what other programs take of the processor.  group: the processes that
    train together; each runs this with the same arguments, the first writes the checkpoint.

    A run whose bound collapses goes back to its last sound state with half the learning rate, and
    says so in the step's note.

    Raises: TrainingError if the songs give no windows or the bound keeps collapsing;
    ModelFileError if the checkpoint cannot be used; FileError if it cannot be written.
    """
    torch.set_num_threads(threads)
    run = TrainingRun.begin(corpus, recipe, seed, checkpoint if resume else None, group)
    run.clock = shared_clock(group, clock)
    if minutes is None:
        run.last_update = (epochs or recipe.training.epochs) * run.updates_per_epoch
    else:
        run.last_second = 60 * minutes
    checkpoint = checkpoint if group.is_first else None
    saved_at = run.seconds
    try:
        for step in run.steps():
            if checkpoint and run.seconds - saved_at >= SECONDS_BETWEEN_CHECKPOINTS:
                checkpoints.save(checkpoint, run.checkpoint())
                saved_at = run.seconds
            yield step
    finally:
        if checkpoint and run.updates:
            checkpoints.save(checkpoint, run.checkpoint())
    model = run.snapshot()
    return replace(model, threshold=best_threshold(model, sampled(corpus)))
