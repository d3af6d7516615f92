"""Which files are MIDI files, and where they are in folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

MIDI_SUFFIXES = (".mid", ".midi", ".rmi", ".kar")
DEEPEST = 16  # folders within folders that are looked into


def is_midi(path: Path) -> bool:
    """Whether a file is called as MIDI files are, in whatever case, and is neither hidden nor AppleDouble's."""
    return path.suffix.lower() in MIDI_SUFFIXES and not path.name.startswith(".")


def midi_files_in(folder: Path) -> Iterator[list[Path]]:
    """The MIDI files of a folder and of those in it, a folder at a time, in an order that is the same each time.

    Hidden folders, and links to folders, which may lead in circles, are passed over; links to files are not.
    """
    for place, folders, names in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if depth < DEEPEST else []
        yield [path for name in sorted(names) if is_midi(path := Path(place, name))]
