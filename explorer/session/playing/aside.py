"""Hearing something that is not on the map, once, and giving the player back what it had."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.player import AtEnd, State
from explorer.session.playing.playback import FRAME_MILLISECONDS, Playback
from explorer.session.playing.pressing import phrase_of
from vrae_core.music.score import Score


class Aside(QObject):
    """Plays a score in place of what is heard, which stays as it was and is what Space plays afterwards.

    Whatever else begins to play meanwhile ends it.
    """

    changed = Signal()  # something else is heard aside, or nothing any more
    moved = Signal(float)  # the play-head, in steps

    def __init__(self, playback: Playback) -> None:
        super().__init__()
        self.heard: object = None  # the key of what plays
        self._playback, self._player = playback, playback.player
        self._clock = QTimer(self, interval=FRAME_MILLISECONDS)
        self._clock.timeout.connect(self._tick)
        playback.state_changed.connect(self._state_changed)
        playback.heard_changed.connect(self._forget)

    def play(self, key: object, score: Score) -> None:
        """Hear a score once; ``key`` is what to call it."""
        self._playback.stop()
        self._player.at_end = AtEnd.STOP
        self._player.play(phrase_of(score))
        self.heard = key
        self._clock.start()
        self.changed.emit()

    def stop(self) -> None:
        """Silence, if it plays; the player has again what is heard."""
        if self.heard is not None:
            self._player.stop()
            if self._playback.score is not None:
                self._player.morph(phrase_of(self._playback.score))
            self._forget()

    def _forget(self) -> None:
        if self.heard is not None:
            self.heard = None
            self._clock.stop()
            self._player.at_end = self._playback.at_end
            self.changed.emit()

    def _tick(self) -> None:
        if self._player.state is State.PLAYING:
            self.moved.emit(self._player.position)
        else:
            self.stop()

    def _state_changed(self, state: str) -> None:
        """The transport was used: it plays something else, or what plays here is to end."""
        if state == State.PLAYING:
            self._forget()
        else:
            self.stop()
