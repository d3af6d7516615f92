"""The models that one can choose from, as the lines of a drop-down."""

from __future__ import annotations

from pathlib import Path

from explorer.qt.controls import DropDown
from explorer.session.songs.library import Library


def list_models(box: DropDown, library: Library, name: str, path: Path | None) -> None:
    """List those in files, then those of runs, each line with its file; ``name`` and ``path``: of the one in use.

    One in use that is neither has a line without a file.  No name: none is in use.
    """
    box.clear()
    for each, file in library.models.items():
        box.addItem(each, str(file))
    if name and path not in library.of_runs and name not in library.models:
        box.addItem(name, None)
    if library.of_runs:
        box.insertSeparator(box.count())
    for file, run in library.of_runs.items():
        box.addItem(run.name, str(file))
    place = box.findData(str(path)) if path is not None else -1
    box.setCurrentIndex(place if place >= 0 else box.findText(name) if name else -1)
