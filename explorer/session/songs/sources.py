"""Where songs come from, so that they can be read again: from their files, or from the run that learnt them.

And what somebody has changed of them since: their names, the parts of their tracks, their beats.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from vrae_core.columns import Part
from vrae_core.errors import CorpusError, VraeError
from vrae_core.midi.beat_estimation import with_estimated_beats
from vrae_core.midi.song import InRun, Song, read_song
from vrae_core.names import song_name
from vrae_core.progress import Progress
from vrae_core.runs.folder import SETTINGS, RunFolder
from vrae_core.runs.learnt_songs import learnt_songs


class SongSource(NamedTuple):
    """A song's file, "" for none; what it is called, "" for what that says; the run whose music it is, if one's."""

    path: str
    name: str = ""
    run: InRun | None = None
    parts: tuple[Part | None, ...] = ()  # of its tracks, if somebody has chosen
    estimated_beats: bool = False
    beats_kept: bool = False  # somebody was asked whether to estimate them

    @property
    def is_there(self) -> bool:
        """Whether it can be read as it was."""
        return os.path.exists(self.path if self.run is None else os.path.join(self.run.folder, SETTINGS))


Place = tuple[str, InRun | None]  # the file and the run that tell which song it is


def place_of(song: Song | SongSource) -> Place:
    """What says of a song that it is the same, whatever was changed of it."""
    return song.path, song.run


def sources_of(songs: Iterable[Song], beats_kept: frozenset[Place] = frozenset()) -> tuple[SongSource, ...]:
    """Where songs come from; without those that come from nowhere.

    beats_kept: the songs of which somebody was asked whether to estimate their beats.
    """
    sources = []
    for song in songs:
        if song.path or song.run is not None:
            usual = song_name(song.path) if song.run is None else song.run.name
            name = "" if song.name == usual else song.name
            kept = place_of(song) in beats_kept
            sources.append(SongSource(song.path, name, song.run, song.parts, song.estimated_beats, kept))
    return tuple(sources)


def edited(song: Song, source: SongSource) -> Song:
    """A song that was read again as it was; parts of tracks that it has no more are left out."""
    parts = source.parts if len(source.parts) == len(song.tracks) else song.parts
    song = replace(song, name=source.name or song.name, parts=parts)
    if source.estimated_beats and not song.estimated_beats:
        with suppress(CorpusError):  # its file has changed, and has too few notes by now
            return with_estimated_beats(song)
    return song


def as_in_file(song: Song) -> Song:
    """What a song that was changed is equal to when its file is read once more, but for its name."""
    return replace(song, parts=(), estimated_beats=False)


def read_sources(sources: Sequence[SongSource]) -> Generator[Progress, None, tuple[tuple[Song, ...], tuple[str, ...]]]:
    """The songs that can be read, and one sentence for each of the others, or that is not as it was."""
    songs: list[Song] = []
    complaints: list[str] = []
    runs: dict[str, dict[str, Song]] = {}
    for done, source in enumerate(sources):
        path, run, song = source.path, source.run, None
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
        if song is not None and (changed := edited(song, source)) not in songs:
            songs.append(changed)
    return tuple(songs), tuple(complaints)


def _of_run(folder: str) -> Generator[Progress, None, dict[str, Song]]:
    with suppress(VraeError):
        learnt = yield from learnt_songs(RunFolder(Path(folder)))
        return {song.run.name: song for song in learnt.songs if song.run is not None}
    return {}
