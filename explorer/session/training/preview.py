"""Hearing a song of the training's list, as the model would be taught it: quantised, transposed, in steps of 50 ms."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.phrase import Phrase
from explorer.audio.player import AtEnd, State
from explorer.qt.jobs import Jobs
from explorer.session.path.wandering import Wandering
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import phrase_of
from vrae_core.midi.quantising import AS_PLAYED, Quantising, quantised
from vrae_core.midi.song import Song
from vrae_core.piano_roll import PIANO_PITCHES, roll_from_notes, transposed
from vrae_core.progress import Progress

KEY = "preview"


class SongPreview(QObject):
    """Borrows the player, and gives it back with what was heard in it before, stopped."""

    changed = Signal()

    def __init__(self, jobs: Jobs, playback: Playback, wandering: Wandering) -> None:
        super().__init__()
        self.song: Song | None = None  # what is heard
        self._jobs, self._playback, self._wandering = jobs, playback, wandering
        self._timer = QTimer(self, interval=200)
        self._timer.timeout.connect(self._watch)
        playback.heard_changed.connect(self._forget)  # something else is heard
        playback.state_changed.connect(self._follow_transport)

    def toggle(self, song: Song, semitones: int, quantising: Quantising = AS_PLAYED) -> None:
        """Hear a song from its start, or no more."""
        if song is self.song:
            self.stop()
        else:
            job = _phrase(song, semitones, quantising)
            self._jobs.start(f"Playing {song.name}", job, lambda phrase: self._play(song, phrase), key=KEY)

    def stop(self) -> None:
        """Give the player back."""
        self._jobs.cancel(KEY)
        if self.song is None:
            return
        playback = self._playback
        self._forget()
        playback.stop()
        if playback.score is not None:
            playback.player.morph(phrase_of(playback.score))

    def _play(self, song: Song, phrase: Phrase | None) -> None:
        if phrase is None:
            return
        self._wandering.stop()
        self._playback.stop()  # the transport shows that what it plays has ended
        self._playback.player.at_end = AtEnd.STOP
        self._playback.player.play(phrase)
        self.song = song
        self._timer.start()
        self.changed.emit()

    def _watch(self) -> None:
        if self._playback.player.state is not State.PLAYING:
            self.stop()

    def _follow_transport(self, state: str) -> None:
        if state == State.PLAYING:
            self._forget()  # something else plays
        else:
            self.stop()

    def _forget(self) -> None:
        if self.song is not None:
            self.song = None
            self._timer.stop()
            self._playback.player.at_end = self._playback.at_end
            self.changed.emit()


def _phrase(song: Song, semitones: int, quantising: Quantising) -> Generator[Progress, None, Phrase | None]:
    """None: none of its notes is on the piano."""
    yield Progress(0, 0)
    roll = transposed(roll_from_notes(quantised(song, quantising).notes), semitones)
    return Phrase(roll, PIANO_PITCHES) if roll.any() else None
