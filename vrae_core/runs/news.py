"""Following a run by its folder: what is new in it since one last looked, and a line on it for lists."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from vrae_core.clock import seconds_left
from vrae_core.errors import FileError, TrainingError
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.control import read_steering
from vrae_core.runs.folder import RunFolder, Snapshot, State, list_runs
from vrae_core.runs.history import HistoryRow, row_of
from vrae_core.runs.settings import RunSettings
from vrae_core.training.steering import Change

_MOST_AT_ONCE = 64 << 20  # bytes of history
_TAIL = 4096  # bytes that surely hold a whole line


class Seen(NamedTuple):
    """How much of a run is known."""

    history: int = 0  # bytes of history.csv
    columns: tuple[str, ...] = ()
    snapshot: int = -1  # the updates of the newest
    model: str = ""  # the file of the newest model
    changes: int = -1  # bytes of changes.csv


class News(NamedTuple):
    """What came since."""

    seen: Seen
    rows: list[HistoryRow]
    snapshots: list[Snapshot]  # all that are kept now: of many, some are taken away
    model: TrainedModel | None  # if there is a newer one
    state: State
    changes: list[Change] | None = None  # all that was done to it, if that is anything new


def news_of(run: RunFolder, seen: Seen) -> News:
    """What a run's folder holds that is not yet seen.  What is damaged or half-written in it is left out."""
    state = run.state  # before the rest: what is written before the end is then seen with it
    length, columns, rows = _new_rows(run, seen)
    snapshots = run.snapshots()
    file = newest_model(run)
    name = f"{file} {_modified(file)}" if file else ""
    model = None
    if file and name != seen.model:
        with suppress(FileError):
            model = TrainedModel.load(file)
    newest = snapshots[-1].updates if snapshots else seen.snapshot
    written = _size(run.changes_file)
    changes = run.changes() if written != seen.changes else None
    return News(Seen(length, columns, newest, name, written), rows, snapshots, model, state, changes)


def newest_model(run: RunFolder) -> Path | None:
    """The file of a run's newest model, if it has one."""
    snapshots = run.snapshots()
    return run.model if os.path.exists(run.model) else snapshots[-1].path if snapshots else None


def model_to_show(run: RunFolder) -> Path:
    """The file of a run's newest model.  Raises: FileError if its folder is gone, TrainingError if it has none yet."""
    file = newest_model(run)
    if file is not None:
        return file
    if not os.path.exists(run.path):
        raise FileError(run.path, "is not there any more")
    raise TrainingError(f"“{run.settings().name}” has no model yet")


def last_row(run: RunFolder) -> HistoryRow | None:
    """The newest figures of a run, without reading all its history."""
    try:
        with run.history.open("rb") as file:
            columns = _columns(file.readline(_TAIL))
            begin = file.tell()
            file.seek(max(begin, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read(_TAIL).splitlines(keepends=True)
    except OSError:
        return None
    return next((row for line in reversed(lines) if (row := _row(columns, line))), None)


def _new_rows(run: RunFolder, seen: Seen) -> tuple[int, tuple[str, ...], list[HistoryRow]]:
    try:
        with run.history.open("rb") as file:
            columns = _columns(file.readline(_TAIL))
            begin = file.tell()
            anew = file.seek(0, os.SEEK_END) < seen.history or columns != seen.columns
            file.seek(begin if anew else seen.history)
            begin = file.tell()
            data = file.read(_MOST_AT_ONCE)
    except OSError:
        return seen.history, seen.columns, []
    whole = data[: data.rfind(b"\n") + 1]
    if not columns:
        return 0, (), []
    rows = [row for line in whole.splitlines() if (row := _row(columns, line))]
    return begin + len(whole), columns, rows


def _columns(line: bytes) -> tuple[str, ...]:
    return tuple(line.decode(errors="replace").strip().split(",")) if line.endswith(b"\n") else ()


def _row(columns: Sequence[str], line: bytes) -> HistoryRow | None:
    """A line of the history; None if it is cut off or damaged."""
    try:
        (texts,) = csv.reader([line.decode().rstrip("\r\n")])
        return row_of(dict(zip(columns, texts, strict=True)))
    except (ValueError, KeyError, csv.Error):
        return None


def _size(file: os.PathLike[str]) -> int:
    with suppress(OSError):
        return os.stat(file).st_size
    return 0


def _modified(file: os.PathLike[str]) -> int:
    with suppress(OSError):
        return os.stat(file).st_mtime_ns
    return 0


class UnderWay(NamedTuple):
    """A run that is being trained, and how far it is."""

    run: RunFolder
    name: str
    done: float  # 0 to 1; NaN: not known yet
    left: float  # seconds; NaN: not known yet
    paused: bool


def under_way(run: RunFolder) -> UnderWay:
    """How far a run is.  Raises: FileError if its settings cannot be read."""
    settings, row = run.settings(), last_row(run)
    done = math.nan
    if row is not None:
        epochs = settings.epochs or settings.recipe.training.epochs
        share = row.epoch / max(1, epochs) if settings.minutes is None else row.seconds / 60 / settings.minutes
        done = min(1.0, share)
    left = math.nan if row is None else seconds_left(row.seconds, done)
    return UnderWay(run, settings.name, done, left, read_steering(run).paused)


class RunSummary(NamedTuple):
    """What is known of a run; of one whose run.json is damaged, only where it is and what is wrong."""

    run: RunFolder
    settings: RunSettings | None
    state: State
    last: HistoryRow | None  # its newest figures
    disk_used: int  # bytes
    problem: str = ""
    model: Path | None = None  # the file of its newest model

    @property
    def name(self) -> str:
        """What to call it."""
        return self.settings.name if self.settings else self.run.path.name

    @property
    def minutes(self) -> float:
        """How long it was trained."""
        return self.last.seconds / 60 if self.last else 0.0

    @property
    def outcome(self) -> str:
        """How it ended and what came of it, in words that follow its name."""
        how = "finished" if self.state == "finished" else "ended"
        if self.last is None:
            return f"{how} before it had learnt anything."
        if math.isfinite(self.last.note_onset_f1):
            return f"{how}: {self.last.note_onset_f1:.0%} of the notes right."
        return f"{how} after {self.minutes:.1f} min."


def summaries(root: Path) -> list[RunSummary]:
    """The runs in a folder, the newest first."""
    return [summary(run) for run in list_runs(root)]


def summary(run: RunFolder) -> RunSummary:
    """A run in a line."""
    settings, problem = None, ""
    try:
        settings = run.settings()
    except FileError as error:
        problem = str(error)
    return RunSummary(run, settings, run.state, last_row(run), run.disk_used(), problem, newest_model(run))
