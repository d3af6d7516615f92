"""Hearing a song as it is learnt, or one of its tracks, in its own time, by its own instruments."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.audio.phrase import Phrase
from explorer.qt.jobs import Jobs
from explorer.session.playing.loan import PlayerLoan
from explorer.session.songs.own_notes import OwnNotes
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.errors import CorpusError
from vrae_core.midi.song import Song
from vrae_core.piano_roll import BoolArray, Notes
from vrae_core.progress import Progress
from vrae_core.runs.songs import SongToTrain, as_learnt

KEY = "preview"


class TrackOfSong(NamedTuple):
    """A track, by its number."""

    song: Song
    number: int


class SongPreview(QObject):
    """Plays one song of the list at a time."""

    changed = Signal()

    def __init__(self, jobs: Jobs, loan: PlayerLoan) -> None:
        super().__init__()
        self._jobs, self._loan = jobs, loan
        loan.changed.connect(self.changed)

    @property
    def song(self) -> Song | None:
        """What is heard."""
        return self._loan.key if isinstance(self._loan.key, Song) else None

    def toggle(self, song: Song, how: SongToTrain, grid: Grid = PAPER_GRID) -> None:
        """Hear a song from its start with what is done to it before it is learnt on a grid, or no more."""
        if song is self.song:
            self.stop()
        else:
            job = _as_learnt(song, how, grid)
            self._jobs.start(f"Playing {song.name}", job, lambda phrase: self._play(song, phrase), key=KEY)

    @property
    def track(self) -> TrackOfSong | None:
        """Which track alone is heard."""
        return self._loan.key if isinstance(self._loan.key, TrackOfSong) else None

    def toggle_track(self, song: Song, number: int) -> None:
        """Hear one track of a song from its first note, by its own instrument, or no more."""
        asked, heard = TrackOfSong(song, number), self.track
        if heard and heard.song is song and heard.number == number:
            self.stop()
        else:
            name = song.tracks[number].name or song.name
            self._jobs.start(f"Playing {name}", _alone(asked), lambda phrase: self._play(asked, phrase), key=KEY)

    def stop(self) -> None:
        """Hear the song, or the track, no more."""
        self._jobs.cancel(KEY)
        if self.song is not None or self.track is not None:
            self._loan.give_back()

    def _play(self, key: Song | TrackOfSong, phrase: Phrase | None) -> None:
        if phrase is not None:
            self._loan.play(key, phrase)


def _alone(track: TrackOfSong) -> Generator[Progress, None, Phrase | None]:
    """None: it has no notes."""
    yield Progress(0, 0)
    return _phrase(_only(track.song, lambda notes: notes.tracks == track.number), from_its_first_note=True)


def _as_learnt(song: Song, how: SongToTrain, grid: Grid) -> Generator[Progress, None, Phrase | None]:
    """None: no note of it is learnt."""
    yield Progress(0, 0)
    with suppress(CorpusError):  # it is left out: then it is heard as it is
        song = as_learnt(song, how, grid).song
    left_out = [number for number, part in enumerate(song.parts) if part is None]
    song = _only(song, lambda notes: ~np.isin(notes.tracks, left_out))
    return _phrase(song) if song.drums or song.notes.on_piano.any() else None


def _only(song: Song, wanted: Callable[[Notes], BoolArray]) -> Song:
    notes, drums = song.notes, song.drums
    return replace(song, notes=notes.some(wanted(notes)), drums=drums.some(wanted(drums)))


def _phrase(song: Song, from_its_first_note: bool = False) -> Phrase | None:
    own = OwnNotes.of_song(song)
    if not len(own.starts):
        return None
    return own.from_on(float(own.starts.min()) if from_its_first_note else 0.0, song.tempo_map)
