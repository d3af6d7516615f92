"""The songs of a run as it learns them, read again to be looked at: from their files, else from the run's windows."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from vrae_core.columns import BAND, Part, parts_of, pitches_of
from vrae_core.corpus.sampling import NO_PROGRAMS
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError, VraeError
from vrae_core.midi.channels import DRUM_CHANNEL
from vrae_core.midi.export import USUAL_TEMPO
from vrae_core.midi.song import InRun, Song, SongTrack, read_song
from vrae_core.piano_roll import NO_NOTES, BoolArray, Note, Notes, notes_from_roll
from vrae_core.progress import Progress
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK, SongToTrain, as_learnt
from vrae_core.runs.windows import corpus_of_run, shown_corpus


class LearntSongs(NamedTuple):
    """What can be read of them, in the run's order."""

    songs: tuple[Song, ...]
    from_windows: tuple[str, ...]  # those of them whose files are gone; of these there are only pitches and times
    missing: tuple[str, ...]  # names of songs of which nothing is left


def learnt_songs(run: RunFolder) -> Generator[Progress, None, LearntSongs]:
    """Read the songs that a run's settings name, with their beats and parts, quantised and transposed as
    it learns them.

    One whose file cannot be read is put together from the windows that the run keeps.  Raises: FileError if the
    settings cannot be read.
    """
    settings = run.settings()
    entries = settings.songs
    found: dict[int, Song] = {}
    for place, entry in enumerate(entries):
        yield Progress(place, len(entries), f"Reading {entry.name}")
        if entry.path:
            with suppress(VraeError):
                found[place] = _as_learnt(read_song(entry.path), entry, settings)
    kept: dict[str, Song] = {}
    if len(found) < len(entries) or not entries:
        yield Progress(len(found), len(entries), "Reading the windows")
        with suppress(VraeError):  # they are gone too, or damaged
            kept = _songs_of(shown_corpus(corpus_of_run(run)))
    if not entries:  # those of a file of `vrae pack` are named there alone
        return LearntSongs(tuple(_of(run, song) for song in kept.values()), tuple(kept), ())
    gone = [place for place in range(len(entries)) if place not in found]
    found |= {place: kept[entries[place].name] for place in gone if entries[place].name in kept}
    return LearntSongs(
        tuple(_of(run, found[place]) for place in sorted(found)),
        tuple(entries[place].name for place in gone if place in found),
        tuple(entries[place].name for place in gone if place not in found),
    )


def _of(run: RunFolder, song: Song) -> Song:
    return replace(song, run=InRun(os.path.abspath(run.path), song.name))


def _as_learnt(song: Song, entry: SongToTrain, settings: RunSettings) -> Song:
    """With the parts that somebody has chosen; where they are found, they are found again."""
    grid = settings.recipe.model.grid
    with suppress(CorpusError):  # it was left out, and is shown as it is in its file
        song = as_learnt(song, entry, grid, as_on_the_map=MARK in settings.extra).song
    return replace(song, name=entry.name, parts=song.parts if entry.semitones else entry.parts)


def _songs_of(corpus: Corpus) -> dict[str, Song]:
    """The songs of windows by their names, as far as the windows reach."""
    songs = {}
    for number, name in enumerate(corpus.names):
        own = corpus.song_of == number
        if not own.any():
            continue
        offsets = corpus.offsets[own]
        begin = max(0, int((offsets - corpus.start_of[own]).min()))
        roll = corpus.roll[begin : int(offsets.max()) + corpus.window]
        songs[name] = _song_of(corpus, number, roll)
    return songs


def _song_of(corpus: Corpus, number: int, roll: BoolArray) -> Song:
    """A song whose roll begins with it; in musical time with its beats and its parts."""
    name, time, parts = corpus.names[number], corpus.time_of(number), parts_of(corpus.pitches)
    when = time.seconds_at(np.arange(len(roll) + 1))
    tempo = USUAL_TEMPO if time.tempo_map is None else time.tempo_map.tempos[0].beats_per_minute
    song = Song(name, NO_NOTES, tempo, tempo_map=time.tempo_map, meters=time.meters)
    if not corpus.grid.parts:
        return replace(song, notes=Notes.of(notes_from_roll(roll, corpus.pitches, when)))
    programs = corpus.programs[number] if corpus.programs else NO_PROGRAMS
    notes: list[Note] = []
    drums: list[Note] = []
    for track, part in enumerate(BAND):
        own = parts == part
        found = notes_from_roll(roll[:, own], pitches_of(np.array(corpus.pitches)[own].tolist()), when)
        found = [note._replace(track=track) for note in found]
        if part is Part.DRUMS:
            drums = found
        else:
            notes += found
    tracks = tuple(
        SongTrack(part.label, DRUM_CHANNEL if part is Part.DRUMS else track, program, part is Part.DRUMS)
        for track, (part, program) in enumerate(zip(BAND, programs, strict=True))
    )
    return replace(song, notes=Notes.of(sorted(notes)), drums=Notes.of(drums), tracks=tracks, parts=BAND)
