"""What was done to a run by hand, and when: a CSV file beside its figures, and marks to draw on their curves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from vrae_core.clock import duration
from vrae_core.runs.history import append_line, read_lines, write_lines
from vrae_core.training.steering import Change

_IN_ONE_GO = 3.0  # seconds: a slider that is dragged changes its value many times
_MOST = 20_000
_LONGEST = 200  # characters of a name


class ChangeMark(NamedTuple):
    """Where something was done, and what, in words."""

    seconds: float
    updates: int
    words: str


def append(path: Path, change: Change) -> None:
    """Add a line.  Raises: FileError."""
    append_line(path, change)


def read(path: Path) -> list[Change]:
    """The lines, without those that are damaged; none if there is no such file."""
    changes = []
    for line in read_lines(path)[:_MOST]:
        with suppress(ValueError, TypeError, KeyError):
            seconds, before, after = (float(line[name] or math.nan) for name in ("seconds", "before", "after"))
            if not (math.isfinite(seconds) and line["what"] and line["what"].isprintable()):
                raise ValueError("it does not say what was done, or when")
            about = "".join(filter(str.isprintable, line["about"]))[:_LONGEST]  # TypeError: the line was cut off
            changes.append(Change(seconds, int(line["updates"]), line["what"][:_LONGEST], before, after, about))
    return changes


def rewind(path: Path, updates: int) -> None:
    """Drop what came after an update: the run went back to it.  Raises: FileError."""
    changes = read(path)
    kept = [change for change in changes if change.updates <= updates]
    if len(kept) < len(changes):
        write_lines(path, Change, kept)


def marks(changes: Iterable[Change]) -> list[ChangeMark]:
    """What was done, in the order of the updates; a slider's way is one change, and what came at once is one mark."""
    gathered: list[Change] = []
    for change in sorted(changes, key=lambda change: change.updates):
        last = next((i for i in range(len(gathered) - 1, -1, -1) if gathered[i].what == change.what), -1)
        goes_on = last >= 0 and change.seconds - gathered[last].seconds < _IN_ONE_GO
        if goes_on and math.isfinite(change.before):
            gathered[last] = change._replace(before=gathered[last].before)
        else:
            gathered.append(change)
    done: dict[int, list[Change]] = {}
    for change in sorted(gathered, key=lambda change: change.updates):
        if change.before != change.after:  # else it came back to where it was
            done.setdefault(change.updates, []).append(change)
    return [ChangeMark(each[0].seconds, updates, _in_words(each, updates)) for updates, each in done.items()]


def _in_words(changes: Sequence[Change], updates: int) -> str:
    return f"{', '.join(dict.fromkeys(map(_said, changes)))} at update {updates:,}"


def _said(change: Change) -> str:
    if change.about:
        return f"{change.what} {change.about}"
    if math.isfinite(change.before):
        return f"{change.what} {change.before:.3g} → {change.after:.3g}"
    if change.what.startswith("windows ") and math.isfinite(change.after):
        count = f"{change.after:,.0f} "
        return f"{count}{change.what}" if change.after != 1 else f"1 window {change.what.removeprefix('windows ')}"
    if change.what == "went on" and math.isfinite(change.after):
        return f"resumed after {duration(change.after)}"
    return change.what
