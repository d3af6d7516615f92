"""Training as a generator: it yields how far it is, is paused by not being asked, and is stopped by closing it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from vrae_core.processes import SLEEPING_THREADS

os.environ.setdefault(*SLEEPING_THREADS)

import torch

from vrae_core.corpus.windows import Windows
from vrae_core.errors import FileError, TrainingError
from vrae_core.model.evaluation import best_threshold
from vrae_core.model.recipes import Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.training import checkpoint as checkpoints
from vrae_core.training.distributed import ALONE, Group, shared_clock
from vrae_core.training.run import TrainingRun
from vrae_core.training.steering import Steering
from vrae_core.training.step import TrainingStep

__all__ = ["TrainingStep", "train"]

SECONDS_BETWEEN_CHECKPOINTS = 20.0  # of training; with all that is done beside it, no more than 30


def train(
    corpus: Windows,
    recipe: Recipe,
    *,
    epochs: int | None = None,
    minutes: float | None = None,
    checkpoint: Path | None = None,
    checkpoint_seconds: float = SECONDS_BETWEEN_CHECKPOINTS,
    resume: bool = False,
    seed: int = 0,
    threads: int = 1,
    held_out: float = 0.0,
    steering: Steering | None = None,
    start_from: TrainedModel | None = None,
    clock: Callable[[], float] = perf_counter,
    group: Group = ALONE,
) -> Generator[TrainingStep, None, TrainedModel]:
    """Train a model; returns it with its threshold measured.

    epochs: length of the run, the recipe's if not given.  minutes: length by the clock instead; the
    schedules then follow the clock.  checkpoint: where to keep the run, every so many seconds and when closed.
    resume: go on from that file, if it is there; the result equals that of an uninterrupted run,
    bit for bit on one machine (by the epoch, not by the clock), whatever was steered.
    held_out: share of the windows that are not learnt but measured.  steering: what may change meanwhile;
    with ``stop`` set to "best" the best model so far is returned.  start_from: a model whose weights a new
    run begins with; it may know other pitches.  clock: what seconds are counted by; `time.process_time`
    leaves out what other programs take of the processor.  group: the processes that train together; each runs this
    with the same arguments, the first measures and writes the checkpoint, and none can be steered once it has begun.

    Measuring and writing files count neither as time of the run nor against ``minutes``; measuring takes no
    more than a twentieth of the training's time beside it.

    A run whose bound collapses goes back to its last sound state with half the learning rate; windows' weights that
    leave none to learn are refused, and those before stay; a checkpoint that cannot be written leaves the last one in
    place and is tried again; one that is damaged gives way to the one before.  A step's note says so.

    Raises: TrainingError if the songs give no windows, the bound keeps collapsing, what is steered cannot be done,
    ``start_from`` has another shape or the memory does not suffice; ModelFileError if the checkpoint cannot be
    used; FileError from closing it if the checkpoint cannot be written.
    """
    torch.set_num_threads(threads)
    with _memory_in_words():
        run = TrainingRun.begin(
            corpus,
            recipe,
            seed,
            checkpoint if resume else None,
            held_out=held_out,
            steering=steering,
            start_from=start_from,
            clock=clock,
            group=group,
        )
        run.clock = shared_clock(group, clock)
        if minutes is None:
            run.last_update = (epochs or recipe.training.epochs) * run.updates_per_epoch
        else:
            run.last_second = 60 * minutes
        keeper = _Keeper(run, checkpoint if group.is_first else None, checkpoint_seconds)
        try:
            for step in run.steps():
                note = keeper.keep_if_due()
                yield step._replace(note="; ".join(filter(None, (step.note, note))))
        except GeneratorExit:
            keeper.keep()
            raise
        except BaseException:
            with suppress(FileError, MemoryError):  # the first error is the one to tell
                keeper.keep()
            raise
        with suppress(FileError):  # if the disk is full, whoever is given the model will learn it as they save it
            keeper.keep()
        model = run.best_model() if run.steering.stop else run.snapshot()
        return replace(model, threshold=best_threshold(model, corpus))


class _Keeper:
    """Writes the checkpoints of a run; what fails is told once, and tried again."""

    def __init__(self, run: TrainingRun, path: Path | None, seconds_between: float) -> None:
        self._run, self._path, self._between = run, path, seconds_between
        self._kept_at = run.seconds
        self._sound = not run.note  # else the newest file is damaged, and must not push out the one before
        self._failed = False

    def keep_if_due(self) -> str:
        """Write a checkpoint if it is time; returns a sentence if that began to fail."""
        if self._path is None or self._run.seconds - self._kept_at < self._between:
            return ""
        self._kept_at = self._run.seconds
        try:
            self.keep()
        except FileError as problem:
            reported, self._failed = self._failed, True
            return "" if reported else f"{problem}; training continues, and what was saved before stays"
        self._failed = False
        return ""

    def keep(self) -> None:
        """Write a checkpoint now, if there is anything to keep.  Raises: FileError."""
        if self._path is not None and self._run.updates and self._run.whole:
            checkpoints.save(self._path, self._run.checkpoint(), keep_previous=self._sound)
            self._sound = True


@contextmanager
def _memory_in_words() -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "alloc" in str(error):
            sentence = "not enough memory: a smaller batch, shorter windows or fewer units need less of it"
            raise TrainingError(sentence) from error
        raise
