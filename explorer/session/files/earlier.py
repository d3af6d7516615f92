"""The folder that a window keeps its session in, and the sessions of before, which nothing writes over."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Generator
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from explorer.session.files.jobs import FoundSession, find_last
from explorer.session.files.session_file import SUFFIX
from vrae_core.errors import FileError, InUseError
from vrae_core.progress import Progress
from vrae_core.safe_files import alone_in

AUTOSAVE, SET_ASIDE, EARLIER = f"autosave{SUFFIX}", f"set aside{SUFFIX}", "earlier sessions"
MOST_EARLIER = 50  # the newest
_OTHER_WINDOWS = "window "  # and a number: a folder within that of the first


class Place(NamedTuple):
    """A folder of sessions that no other process writes to until ``lock`` is closed, or the process ends."""

    folder: Path
    lock: ExitStack


class FoundAtStart(NamedTuple):
    """What there was when a window began to keep its session."""

    place: Place
    found: FoundSession
    archived: list[Path]  # sessions that nobody reopens, where they are now
    earlier: list[Path]  # the newest first


def begin(root: Path, patience: float, reopens: bool, known: list[Path]) -> Generator[Progress, None, FoundAtStart]:
    """Take the folder, or after so many seconds one beside it, and open the last session in it or archive that."""
    place = yield from _take_place(root, patience)
    archived = []
    if place.folder == root:
        for other in sorted(root.glob(f"{_OTHER_WINDOWS}*")):
            if (free := _taken(other)) is not None:
                with free.lock:
                    archived += archive(other / AUTOSAVE, root)
    found = FoundSession(None)
    if reopens:
        found = yield from find_last(place.folder / AUTOSAVE, place.folder / SET_ASIDE, known)
    else:
        archived += archive(place.folder / AUTOSAVE, root)
    return FoundAtStart(place, found, archived, earlier_sessions(root))


def earlier_sessions(root: Path, opened: Path | None = None) -> list[Path]:
    """The newest first; what is more than 50 is removed, but for the one that is just being opened."""
    there = sorted((root / EARLIER).glob(f"*{SUFFIX}"), reverse=True)
    for old in there[MOST_EARLIER:]:
        if old != opened:
            with suppress(OSError):
                old.unlink()
    return there[:MOST_EARLIER]


def is_earlier(file: Path, root: Path) -> bool:
    """Whether a file is one of the earlier sessions."""
    return file.parent == root / EARLIER


def earlier_file(root: Path, when: float) -> Path:
    """A name that none of the earlier sessions has: the date and the time of this one."""
    stem = f"{datetime.fromtimestamp(when):%Y-%m-%d %H.%M.%S}"
    names = itertools.chain([stem], (f"{stem} ({number})" for number in itertools.count(2)))
    with suppress(OSError):
        (root / EARLIER).mkdir(parents=True, exist_ok=True)
    return next(file for name in names if not (file := root / EARLIER / f"{name}{SUFFIX}").exists())


def archive(file: Path, root: Path) -> list[Path]:
    """Where a session is now that another one takes the place of; none if there was none, or it cannot be moved."""
    with suppress(OSError):
        kept = earlier_file(root, file.stat().st_mtime)
        os.replace(file, kept)
        return [kept]
    return []


def _take_place(root: Path, patience: float) -> Generator[Progress, None, Place]:
    deadline = time.monotonic() + patience
    while (place := _taken(root)) is None and time.monotonic() < deadline:
        yield Progress(0, 1, "Another window is closing")
        time.sleep(0.05)
    if place is not None:
        return place
    others = (root / f"{_OTHER_WINDOWS}{number}" for number in itertools.count(2))
    return next(place for folder in others if (place := _taken(folder)) is not None)


def _taken(folder: Path) -> Place | None:
    """None if another process has it.  One that cannot be locked is taken: writing says what is wrong with it."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    lock = ExitStack()
    try:
        lock.enter_context(alone_in(folder, "another window has it"))
    except InUseError:
        return None
    except FileError:
        pass
    return Place(folder, lock)
