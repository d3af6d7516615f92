"""Hearing a song of the training's list, as the model would be taught it: quantised, transposed, in steps of 50 ms."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, Signal

from explorer.audio.phrase import Phrase
from explorer.qt.jobs import Jobs
from explorer.session.playing.loan import PlayerLoan
from vrae_core.midi.quantising import AS_PLAYED, Quantising, quantised
from vrae_core.midi.song import Song
from vrae_core.piano_roll import PIANO_PITCHES, roll_from_notes, transposed
from vrae_core.progress import Progress

KEY = "preview"


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

    def stop(self) -> None:
        """Hear the song no more."""
        self._jobs.cancel(KEY)
        if self.song is not None:
            self._loan.give_back()

    def _play(self, song: Song, phrase: Phrase | None) -> None:
        if phrase is not None:
            self._loan.play(song, phrase)


def _phrase(song: Song, semitones: int, quantising: Quantising) -> Generator[Progress, None, Phrase | None]:
    """None: none of its notes is on the piano."""
    yield Progress(0, 0)
    roll = transposed(roll_from_notes(quantised(song, quantising).notes), semitones)
    return Phrase(roll, PIANO_PITCHES) if roll.any() else None
