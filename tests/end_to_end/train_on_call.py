"""The `vrae` command in a process of its own, forked from one that has torch loaded already: what the tests start."""

from __future__ import annotations

import ctypes
import inspect
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import vrae_core.commands.run_training
import vrae_core.runs.tensorboard
import vrae_core.runs.train
import vrae_core.training.run
import vrae_core.training.train
from vrae_core.__main__ import main
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow

Moment = Literal["before", "after"]


def vrae(
    words: tuple[str, ...],
    folder: Path,
    die: tuple[int, Moment] | None,
    largest_file: int | None,
    above_rights: bool,
    slowly: bool,
) -> None:
    """Run a command line in a folder; what it prints goes into the files `out` and `err` there.

    Checkpoints and rows come many times a second.  die: be killed just before or after the n-th checkpoint gets its
    name.  largest_file: bytes after which the disk takes no more.  above_rights: whether root may write where files
    say that nobody may.  slowly: rest after each row, so that whoever wants to interrupt it comes before its end.
    """
    os.chdir(folder)
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(f"{name}.{os.getpid()}", os.O_WRONLY | os.O_CREAT, 0o666), number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    vrae_core.training.train.SECONDS_BETWEEN_CHECKPOINTS = 0.05
    if "checkpoint_seconds" in inspect.signature(vrae_core.commands.run_training.train_in).parameters:
        vrae_core.commands.run_training.train_in = partial(
            vrae_core.commands.run_training.train_in, checkpoint_seconds=0.05
        )
    vrae_core.runs.train.SECONDS_BETWEEN_ROWS = 0.02
    vrae_core.training.run.SECONDS_BETWEEN_STEPS = 0.1
    if die:
        os.replace = _fatal_replace(*die)
    if largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    if not above_rights:
        _step_down()
    if slowly:
        RunFolder.append = _and_rest(RunFolder.append)
    sys.exit(main(words))


def _and_rest(append: Callable[[RunFolder, HistoryRow], None]) -> Callable[[RunFolder, HistoryRow], None]:
    def append_and_rest(run: RunFolder, row: HistoryRow) -> None:
        append(run, row)
        time.sleep(0.1)

    return append_and_rest


def _fatal_replace(fatal: int, moment: Moment) -> Callable[[str, str], None]:
    really_replace, written = os.replace, 0

    def replace(source: str, target: str) -> None:
        nonlocal written
        written += os.path.basename(target) == "checkpoint.safetensors"
        if written == fatal and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        really_replace(source, target)
        if written == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    return replace


def _step_down() -> None:
    """Give up CAP_DAC_OVERRIDE, which only root has."""
    system = ctypes.CDLL(None)
    header, rights = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    system.capget(header, rights)
    rights[0] &= ~(1 << 1)
    system.capset(header, rights)
