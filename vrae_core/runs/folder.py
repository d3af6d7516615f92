"""A training run as a folder of plain files that other tools can read.

    run.json                 what is trained on what: name, recipe, songs, seed, length, notes, where it branched from
    start.safetensors        the model it began from, if it began from one
    checkpoint.safetensors   the newest state, to go on from; beside it, until the end, checkpoint.previous.safetensors
    history.csv              a line of figures at a time
    changes.csv              a line for whatever was done to it by hand, and when
    snapshots/000001234.safetensors   a model file each, by the number of updates
    model.safetensors        the finished model
    running.json, .lock      the process that trains it, while one does; .lock stays, and then means nothing

Everything is written whole or not at all, but for the two .csv files, which grow by a line at a time: a last line that
was cut off is left out when it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from vrae_core.errors import FileError
from vrae_core.json_values import Natural, converted, parsed
from vrae_core.model.trained import TrainedModel
from vrae_core.names import unique_names
from vrae_core.processes import began, is_there
from vrae_core.runs import changes as run_changes
from vrae_core.runs import history as run_history
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings, read_name, read_settings, write_settings
from vrae_core.safe_files import alone_in, bytes_in, file_stem, is_held, read_bounded, write_atomically
from vrae_core.training.steering import Change

SETTINGS, START, CHECKPOINT, HISTORY, MODEL, RUNNING = (
    "run.json", "start.safetensors", "checkpoint.safetensors", "history.csv", "model.safetensors", "running.json",
)  # fmt: skip
CHANGES, SNAPSHOTS, TRASH = "changes.csv", "snapshots", ".trash"
MOST_SNAPSHOTS, MOST_SNAPSHOT_BYTES = 120, 40 << 20
_FEWEST_SNAPSHOTS = 3
_SECONDS_TO_LOOK = 0.5  # who only looks whether a run is trained has its lock for an instant
_NOTES, _MOST_NOTES, _LONGEST_PATH = ".trained now", 100, 4096  # files of the paths of runs, in the window's folder
State = Literal["running", "interrupted", "stopped", "finished"]


@dataclass(frozen=True)
class Trainer:
    """What running.json holds: a process, and when it began, in seconds since 1970; older versions wrote it as text."""

    host: str
    process: Natural | None = None
    began: float | str | None = None


class Snapshot(NamedTuple):
    """A model as it was after some updates."""

    updates: int
    path: Path


class RunFolder:
    """One run on disk; several processes may look at it, one trains it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start, self.checkpoint = path / START, path / CHECKPOINT
        self.history, self.changes_file, self.model = path / HISTORY, path / CHANGES, path / MODEL

    @classmethod
    def create(cls, root: Path, settings: RunSettings) -> RunFolder:
        """Make the folder of a new run below ``root``, named after it and the time.

        A run of a name that another there has is the second of that name: "First try (2)".
        Raises: FileError; then no folder is left.
        """
        now = datetime.now(UTC)
        settings = replace(settings, name=unique_names([*_names_in(root), settings.name])[-1])
        stem = file_stem(f"{now:%Y-%m-%d %H-%M-%S} {settings.name}")
        try:
            root.mkdir(parents=True, exist_ok=True)
            path = next(p for p in _numbered(root / stem) if not p.exists())
            (path / SNAPSHOTS).mkdir(parents=True)
        except OSError as problem:
            raise FileError(root, f"cannot hold a new run: {problem.strerror}") from None
        return cls._begun(path, settings, now)

    @classmethod
    def create_at(cls, path: Path, settings: RunSettings) -> RunFolder:
        """Make this very folder that of a new run.  Raises: FileError if there is something in it already."""
        try:
            path.mkdir(exist_ok=True)
            if any(path.iterdir()):
                raise FileError(path, "is not empty and holds no run; give the run another folder")
            (path / SNAPSHOTS).mkdir()
        except OSError as problem:
            raise FileError(path, f"cannot hold a new run: {problem.strerror}") from None
        return cls._begun(path, settings, datetime.now(UTC))

    @classmethod
    def _begun(cls, path: Path, settings: RunSettings, now: datetime) -> RunFolder:
        run = cls(path)
        try:
            run.write_settings(replace(settings, created=settings.created or now.isoformat(timespec="seconds")))
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)  # in which there is nothing else yet
            raise
        return run

    # --- what it is

    def settings(self) -> RunSettings:
        """Read run.json.  Raises: FileError."""
        return read_settings(self.path / SETTINGS)

    def write_settings(self, settings: RunSettings) -> None:
        """Write run.json, atomically.  Raises: FileError."""
        write_settings(self.path / SETTINGS, settings)

    def rename(self, name: str) -> None:
        """Call the run something else; its folder stays where it is.  Raises: FileError."""
        self.write_settings(replace(self.settings(), name=name.strip() or "run"))

    # --- what became of it

    @property
    def state(self) -> State:
        """Whether it runs, and if not, whether it came to its end, was stopped, or its process just went."""
        said = os.path.exists(self.path / RUNNING)  # which raises nothing where one may not look
        if os.path.exists(self.model) and not said:
            return "finished"
        if said:
            return "running" if self.is_alive else "interrupted"
        return "stopped"

    @property
    def is_alive(self) -> bool:
        """Whether the process that said it trains this run is still there.

        One of another machine, or of this one by a name that it had before, is there while the folder is locked, or
        where nobody can tell (`is_held`).  On a shared file system that keeps each machine's locks to itself, as SSHFS
        does, nobody can tell and nobody knows that: a run that another machine trains is then taken for interrupted.
        """
        said = self.trainer()
        if said is None:
            return False
        if said.host != socket.gethostname():
            return is_held(self.path)
        since = said.began if isinstance(said.began, float) else None
        return said.process is not None and is_there(said.process, since)

    def trainer(self) -> Trainer | None:
        """The process that says it trains this run; None if none does."""
        with suppress(FileError, ValueError):
            return converted(parsed(read_bounded(self.path / RUNNING, 4096)), Trainer)
        return None

    @contextmanager
    def being_trained(self) -> Iterator[None]:
        """Say that this process trains the run, in a note beside the window's runs too.

        Raises: FileError if another one does.
        """
        self.check_free()
        taken = "is being trained by another process"
        with alone_in(self.path, taken, _SECONDS_TO_LOOK), self._saying_so(), _noted(self.path):
            for folder in (self.path, self.path / SNAPSHOTS):
                for left in folder.glob(".*.tmp"):  # half-written by a process that was killed
                    with suppress(OSError):
                        left.unlink()
            yield

    def check_free(self, otherwise: str = "") -> None:
        """Raises: FileError, ending in the words of ``otherwise``, if another process trains this run."""
        if self.state == "running":
            said, who = self.trainer(), "by another process"
            if said is not None and said.host != socket.gethostname():
                who = f"on another machine, {said.host[:60]} (if it is not, delete its {RUNNING})"
            raise FileError(self.path, f"is being trained {who}{otherwise}")

    @contextmanager
    def _saying_so(self) -> Iterator[None]:
        said = Trainer(socket.gethostname(), os.getpid(), began())
        write_atomically(self.path / RUNNING, json.dumps(asdict(said)).encode())
        try:
            yield
        finally:
            with suppress(OSError):
                (self.path / RUNNING).unlink()

    def append(self, row: HistoryRow) -> None:
        """Add a line to history.csv.  Raises: FileError."""
        run_history.append(self.history, row)

    def rows(self) -> list[HistoryRow]:
        """The lines of history.csv, without those that are damaged; none if there is no such file yet."""
        return run_history.read(self.history)

    def note(self, change: Change) -> None:
        """Add a line to changes.csv.  Raises: FileError."""
        run_changes.append(self.changes_file, change)

    def changes(self) -> list[Change]:
        """The lines of changes.csv, without those that are damaged."""
        return run_changes.read(self.changes_file)

    def keep_snapshot(self, model: TrainedModel, updates: int) -> Path:
        """Write a snapshot.  Raises: FileError.

        Of more than MOST_SNAPSHOTS, or MOST_SNAPSHOT_BYTES, those that lie closest, in the share of updates between
        their neighbours, go; the first and the last stay.
        """
        file = self.path / SNAPSHOTS / f"{updates:09}.safetensors"
        with suppress(FileExistsError, OSError):
            file.parent.mkdir(exist_ok=True)
        model.save(file)
        most = min(
            MOST_SNAPSHOTS, max(_FEWEST_SNAPSHOTS, MOST_SNAPSHOT_BYTES // file.stat().st_size)
        )  # all of one size
        while len(kept := self.snapshots()) > most:
            between = range(1, len(kept) - 1)
            kept[min(between, key=lambda i: kept[i + 1].updates / max(1, kept[i - 1].updates))].path.unlink()
        return file

    def snapshots(self) -> list[Snapshot]:
        """The snapshots, the oldest first."""
        names: list[str] = []
        with suppress(OSError):
            names = os.listdir(self.path / SNAPSHOTS)
        found = (re.fullmatch(r"(\d{9})\.safetensors", name) for name in names)
        return sorted(Snapshot(int(m[1]), self.path / SNAPSHOTS / m[0]) for m in found if m)

    def disk_used(self) -> int:
        """Bytes on the disk, of what can be looked at."""
        return bytes_in(self.path)

    def trash(self) -> Path:
        """Move the folder among those that were thrown away, from where it can be taken back.  Raises: FileError."""
        self.check_free("; stop it first")
        bin_ = self.path.parent / TRASH
        try:
            bin_.mkdir(exist_ok=True)
            target = next(p for p in _numbered(bin_ / self.path.name) if not p.exists())
            return Path(shutil.move(self.path, target))
        except OSError as problem:
            raise FileError(self.path, f"cannot be deleted: {problem.strerror}") from None


def default_runs_folder() -> Path:
    """Where runs are kept unless one says otherwise."""
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_data_dir("vrae-explorer", appauthor=False)) / "runs"


def trained_now() -> list[RunFolder]:
    """The runs that go on, wherever they lie; notes that killed processes left are taken away."""
    runs = []
    with suppress(OSError):
        for note in sorted((default_runs_folder() / _NOTES).iterdir())[:_MOST_NOTES]:
            with suppress(OSError, FileError, ValueError):
                run = RunFolder(Path(os.fsdecode(read_bounded(note, _LONGEST_PATH))))
                if run.state == "running":
                    runs.append(run)
                else:
                    note.unlink()
    return runs


@contextmanager
def _noted(path: Path) -> Iterator[None]:
    """Leave a note of where a run is that is being trained; where none can be written, it is trained without."""
    place = os.path.realpath(path)
    note = default_runs_folder() / _NOTES / hashlib.sha256(os.fsencode(place)).hexdigest()[:32]
    with suppress(OSError, FileError):
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, os.fsencode(place))
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink()


def list_runs(root: Path) -> list[RunFolder]:
    """The runs in a folder, the newest first; none that may not be looked at, and of such a folder none at all."""
    names: list[str] = []
    with suppress(OSError):
        names = sorted(os.listdir(root), reverse=True)
    there = (name for name in names if not name.startswith(".") and os.path.isfile(root / name / SETTINGS))
    return [RunFolder(root / name) for name in there]


def _names_in(root: Path) -> list[str]:
    """What the runs in a folder are called, but for those that do not say."""
    names = []
    for run in list_runs(root):
        with suppress(FileError):
            names.append(read_name(run.path / SETTINGS))
    return names


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for n in range(2, 10_000):
        yield path.with_name(f"{path.name} ({n})")
