"""Finding and reading the songs in files and folders that someone gives."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from vrae_core.corpus.midi_files import midi_files_in
from vrae_core.errors import VraeError
from vrae_core.midi.song import Song, read_song
from vrae_core.progress import Progress
from vrae_core.runs.song_facts import SongFacts, facts_of

MOST_FILES, MOST_FOLDERS = 20_000, 20_000


class ReadSongs(NamedTuple):
    """The songs of the files that can be used, what is to be known of each, and a sentence for every other file."""

    songs: tuple[tuple[Song, SongFacts], ...]
    complaints: tuple[str, ...]


def read(paths: Sequence[Path], known: frozenset[str]) -> Generator[Progress, None, ReadSongs]:
    """Read MIDI files, those in folders included; ``known`` are the paths of songs that need no reading."""
    files, complaints = yield from files_among(paths)
    found = yield from read_files(files, known)
    return ReadSongs(found.songs, (*complaints, *found.complaints))


def read_files(files: Sequence[Path], known: frozenset[str]) -> Generator[Progress, None, ReadSongs]:
    """Read MIDI files, and look into no folder."""
    songs, complaints = [], []
    for done, file in enumerate(files):
        yield Progress(done, len(files), f"Reading {file.name}")
        if os.path.abspath(file) in known:
            complaints.append(f"{file.name} is in the list already")
            continue
        try:
            song = read_song(file)
            songs.append((song, facts_of(song)))
        except VraeError as error:
            complaints.append(str(error))
    return ReadSongs(tuple(songs), tuple(complaints))


def files_among(paths: Sequence[Path]) -> Generator[Progress, None, tuple[list[Path], list[str]]]:
    """The files named, and the MIDI files inside the folders named; and a sentence for every folder without any."""
    files: dict[Path, None] = {}  # a set that keeps its order
    complaints = []
    for path in paths:
        if not os.path.isdir(path):
            files[path] = None
            continue
        found = 0
        for inside in islice(midi_files_in(path), MOST_FOLDERS):
            yield Progress(0, 0, f"Searching {path.name}")
            files |= dict.fromkeys(inside)
            found += len(inside)
            if len(files) > MOST_FILES:
                complaints.append(f"{path} contains too many songs: at most {MOST_FILES:,} are added at once")
                return [*files][:MOST_FILES], complaints
        if not found:
            complaints.append(f"{path} is a folder without MIDI files")
    return [*files], complaints
