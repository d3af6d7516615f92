"""The jobs of keeping a session: writing it, and finding what a session file holds."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from explorer.session.files.contents import Contents
from explorer.session.files.session_file import read_session, to_bytes
from explorer.session.path.drawing import Drawing
from vrae_core.errors import FileError, VraeError
from vrae_core.model.file import read_digest
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import Progress
from vrae_core.safe_files import make_folder, write_atomically


class FoundSession(NamedTuple):
    """What a session file holds, and where the model is whose weights it names."""

    contents: Contents | None  # None: it cannot be opened
    model_path: Path | None = None
    complaint: str = ""


def write(
    file: Path, contents: Contents, model: TrainedModel, drawing: Drawing, folder: Path
) -> Generator[Progress, None, str]:
    """Write a session; a model that is in no file is put into one first.  Raises: FileError."""
    yield Progress(0, 1, "Writing the session")
    assert contents.model is not None
    source = contents.model._replace(digest=model.digest)
    if not source.path:
        kept = folder / "models" / f"{model.digest}.safetensors"
        if not kept.exists():
            make_folder(kept.parent)
            model.save(kept)
        source = source._replace(path=str(kept))
    if file.parent == folder:
        make_folder(folder)
    write_atomically(file, to_bytes(replace(contents, model=source, drawing=drawing.as_plain())))
    return ""


def or_complaint(job: Generator[Progress, None, str]) -> Generator[Progress, None, str]:
    """Run a job; what a user can do nothing about just now is a sentence, not an error."""
    try:
        return (yield from job)
    except VraeError as error:
        return str(error)


def find(
    file: Path, known: list[Path], first: Generator[Progress, None, str] | None = None
) -> Generator[Progress, None, FoundSession]:
    """Read a session and look for its model.  Raises: FileError if it is no session."""
    yield Progress(0, 1, f"Reading {file.name}")
    contents = read_session(file)
    if first is not None:
        yield from or_complaint(first)
    model = contents.model
    for path in [Path(model.path), *known] if model is not None and model.path else known:
        yield Progress(0, 1, f"Searching {path.name}")
        with suppress(VraeError):  # moved or damaged meanwhile: not the one
            if model is not None and read_digest(path) == model.digest:
                return FoundSession(contents, path)
    return FoundSession(contents)


def find_or_complaint(
    file: Path, known: list[Path], first: Generator[Progress, None, str] | None
) -> Generator[Progress, None, FoundSession]:
    """``find``, with a complaint in place of the error."""
    try:
        return (yield from find(file, known, first))
    except FileError as error:
        return FoundSession(None, complaint=str(error))


def find_last(file: Path, backup: Path, known: list[Path]) -> Generator[Progress, None, FoundSession]:
    """The session that was kept by itself; whatever cannot be opened of it is put aside, not written over."""
    if not file.exists():
        return FoundSession(None)
    try:
        found = yield from find(file, known)
    except FileError as error:
        complaint = f"The last session cannot be opened ({error})."
        with suppress(OSError):
            os.replace(file, backup)
            complaint += f" It is saved as {backup}."
        return FoundSession(None, complaint=complaint)
    assert found.contents is not None
    if found.contents.complaints or found.model_path is None or _some_are_missing(found.contents):
        with suppress(OSError, FileError):
            write_atomically(backup, file.read_bytes())
            return found._replace(complaint=f"The last session is saved unchanged as {backup}.")
    return found


def _some_are_missing(contents: Contents) -> bool:
    return not all(song.is_there for song in contents.songs or ())
