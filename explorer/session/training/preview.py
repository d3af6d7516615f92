"""Hearing a song of the training's list, as the model would be taught it: quantised, transposed, in steps of 50 ms."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from explorer.audio.phrase import Phrase
from explorer.qt.jobs import Jobs
from explorer.session.playing.loan import PlayerLoan
from vrae_core.midi.quantising import AS_PLAYED, Quantising, quantised
from vrae_core.midi.song import Song
from vrae_core.piano_roll import PIANO_PITCHES, roll_from_notes, roll_of_spans, step_at, transposed
from vrae_core.progress import Progress

KEY = "preview"
DRUM_CHANNEL = 9


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

    def toggle(self, song: Song, semitones: int, quantising: Quantising = AS_PLAYED) -> None:
        """Hear a song from its start, or no more."""
        if song is self.song:
            self.stop()
        else:
            job = _phrase(song, semitones, quantising)
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
    song, number = track
    notes = [note for note in (*song.notes, *song.drums) if note.track == number]
    if not notes:
        return None
    pitches = sorted({note.pitch for note in notes})
    first = step_at(notes[0].start)
    steps = [(step_at(n.start) - first, step_at(n.end) - first, pitches.index(n.pitch)) for n in notes]
    roll = roll_of_spans(sorted((start, max(end, start + 1), pitch) for start, end, pitch in steps), len(pitches))
    voice = DRUM_CHANNEL if song.tracks[number].is_drums else 0
    return Phrase(roll, tuple(pitches), voices=voice, programs={voice: song.tracks[number].program})


def _phrase(song: Song, semitones: int, quantising: Quantising) -> Generator[Progress, None, Phrase | None]:
    """None: none of its notes is on the piano."""
    yield Progress(0, 0)
    roll = transposed(roll_from_notes(quantised(song, quantising).notes), semitones)
    return Phrase(roll, PIANO_PITCHES) if roll.any() else None
