"""The run that is trained and those that wait for it, remembered in a file: so that nothing is lost with the window."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.preferences import state_folder
from explorer.qt.background import NewestWins
from vrae_core.errors import FileError
from vrae_core.runs.folder import SETTINGS, RunFolder
from vrae_core.safe_files import make_folder, read_bounded, write_atomically

_LARGEST_FILE = 1 << 20
_MOST_WAITING = 100


class RunQueue(QObject):
    """First come, first trained."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunFolder] = []
        self._now: RunFolder | None = None
        self._writer = NewestWins(_write)

    def now(self, run: RunFolder | None) -> None:
        """Remember which run is trained."""
        self._now = run
        self._save()

    def add(self, run: RunFolder) -> None:
        """Let a run wait, behind all others."""
        if all(other.path != run.path for other in self.runs):
            self.runs.append(run)
            self._save()

    def remove(self, run: RunFolder) -> None:
        """A run waits no longer."""
        self.runs = [other for other in self.runs if other.path != run.path]
        self._save()

    def move(self, run: RunFolder, places: int) -> None:
        """Let a run wait for less (−1) or longer (1)."""
        at = [other.path for other in self.runs].index(run.path)
        self.runs.insert(min(max(at + places, 0), len(self.runs) - 1), self.runs.pop(at))
        self._save()

    def take(self) -> RunFolder | None:
        """The run whose turn it is, if any waits."""
        if not self.runs:
            return None
        run = self.runs.pop(0)
        self._save()
        return run

    def restore(self, waiting: list[RunFolder]) -> None:
        """Let the runs wait that waited when the window was closed."""
        self.runs = waiting + [run for run in self.runs if run.path not in {each.path for each in waiting}]
        self.changed.emit()

    def _save(self) -> None:
        paths = [str(run.path) for run in self.runs]
        self._writer.ask((queue_file(), {"now": str(self._now.path) if self._now else "", "waiting": paths}))
        self.changed.emit()


def queue_file() -> Path:
    """Where it is remembered."""
    return state_folder() / "training.json"


def remembered(file: Path) -> tuple[RunFolder | None, list[RunFolder]]:
    """The run that was trained when the window went, and those that waited; none of those that are no longer there."""
    try:
        said = json.loads(read_bounded(file, _LARGEST_FILE))
        now, waiting = RunFolder(Path(str(said["now"]))), [RunFolder(Path(str(p))) for p in said["waiting"]]
        is_there = [os.path.isfile(run.path / SETTINGS) for run in (now, *waiting[:_MOST_WAITING])]
    except (FileError, OSError, ValueError, KeyError, TypeError, RecursionError):
        return None, []
    return (now if said["now"] and is_there[0] else None), [
        run for run, there in zip(waiting, is_there[1:], strict=False) if there
    ]


def _write(request: tuple[Path, dict[str, object]]) -> None:
    file, values = request
    make_folder(file.parent)
    write_atomically(file, json.dumps(values, indent=1).encode())
