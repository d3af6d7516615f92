"""Where songs come from, so that they can be read again: from their files, or from the run that learnt them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from vrae_core.errors import VraeError
from vrae_core.midi.names import song_name
from vrae_core.midi.song import InRun, Song, read_song
from vrae_core.progress import Progress
from vrae_core.runs.folder import SETTINGS, RunFolder
from vrae_core.runs.learnt_songs import learnt_songs


class SongSource(NamedTuple):
    """A song's file, "" for none; what it is called, "" for what that says; the run whose music it is, if one's."""

    path: str
    name: str = ""
    run: InRun | None = None

    @property
    def is_there(self) -> bool:
        """Whether it can be read as it was."""
        return Path(self.path).exists() if self.run is None else (Path(self.run.folder) / SETTINGS).exists()


def sources_of(songs: Iterable[Song]) -> tuple[SongSource, ...]:
    """Where songs come from; without those that come from nowhere."""
    sources = []
    for song in songs:
        if song.path or song.run is not None:
            usual = song_name(song.path) if song.run is None else song.run.name
            sources.append(SongSource(song.path, "" if song.name == usual else song.name, song.run))
    return tuple(sources)


def read_sources(sources: Sequence[SongSource]) -> Generator[Progress, None, tuple[tuple[Song, ...], tuple[str, ...]]]:
    """The songs that can be read, and one sentence for each of the others, or that is not as it was."""
    songs: list[Song] = []
    complaints: list[str] = []
    runs: dict[str, dict[str, Song]] = {}
    for done, (path, name, run) in enumerate(sources):
        song = None
        if run is not None:
            if run.folder not in runs:
                runs[run.folder] = yield from _of_run(run.folder)
            song = runs[run.folder].get(run.name)
            if song is None:
                instead = f"; it is shown as {path} has it" if path else ""
                complaints.append(f"{run.name} cannot be read from its run any more, {run.folder}{instead}")
        if song is None and path:
            yield Progress(done, len(sources), f"Reading {Path(path).name}")
            try:
                song = read_song(path)
            except VraeError as error:
                complaints.append(str(error))
        if song is not None and song not in songs:
            songs.append(replace(song, name=name) if name else song)
    return tuple(songs), tuple(complaints)


def _of_run(folder: str) -> Generator[Progress, None, dict[str, Song]]:
    with suppress(VraeError):
        learnt = yield from learnt_songs(RunFolder(Path(folder)))
        return {song.run.name: song for song in learnt.songs if song.run is not None}
    return {}
