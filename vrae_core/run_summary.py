"""A run in a line: what a list of runs tells of each, read without its whole history."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from vrae_core.errors import FileError
from vrae_core.run_folder import Row, RunFolder, RunSettings, State, list_runs
from vrae_core.run_news import last_row


class RunSummary(NamedTuple):
    """What is known of a run; of one whose run.json is damaged, only where it is and what is wrong."""

    run: RunFolder
    settings: RunSettings | None
    state: State
    last: Row | None  # its newest figures
    disk_used: int  # bytes
    problem: str = ""

    @property
    def name(self) -> str:
        """What to call it."""
        return self.settings.name if self.settings else self.run.path.name

    @property
    def minutes(self) -> float:
        """How long it was trained."""
        return self.last.seconds / 60 if self.last else 0.0


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
    try:
        used = run.disk_used()
    except OSError:  # something went while it was counted
        used = 0
    return RunSummary(run, settings, run.state, last_row(run), used, problem)
