"""The window under the mouse: how well the model gives it back, and, if one likes, what that sounds like.

Listening so is no playing: what is heard stays what it was, and goes on when the mouse leaves.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from explorer.audio.phrase import Phrase
from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.qt.background import NewestWins
from explorer.session.path.wandering import Wandering
from explorer.session.playing.decoded import PieceSettings
from explorer.session.playing.loan import PlayerLoan
from explorer.session.playing.playback import Playback
from explorer.session.playing.pressing import phrase_of
from explorer.session.songs.atlas import Atlas
from explorer.session.songs.library import Library
from vrae_core.columns import Part
from vrae_core.midi.song import Song
from vrae_core.model.onsets import note_onset_f1
from vrae_core.model.trained import Posterior

DWELL = 150  # milliseconds that the mouse rests on a dot before it is heard
MOST_KNOWN = 100_000  # figures that are kept


class _Look(NamedTuple):
    atlas: Atlas
    window: int
    settings: PieceSettings


class _HoveredWindow(NamedTuple):
    f1: float
    phrase: Phrase


class Hovering(QObject):
    """Is told which window the mouse is on."""

    known = Signal(int)  # a window whose figure is known now

    def __init__(self, library: Library, playback: Playback, wandering: Wandering, loan: PlayerLoan) -> None:
        super().__init__()
        self._library, self._playback, self._wandering, self._loan = library, playback, wandering, loan
        self.listens = False
        self._window = -1
        self._posterior: Posterior | None = None  # of the windows that are known
        self._f1: dict[int, float] = {}
        self._songs: dict[str, Song] | None = None  # by the name of a song
        self._seen: _HoveredWindow | None = None  # of the window under the mouse
        self._gesture: object = None  # what was heard when the mouse came
        self._looker = NewestWins(_look)
        self._looker.answered.connect(self._take)
        self._dwell = QTimer(self, singleShot=True, interval=DWELL)
        self._dwell.timeout.connect(self._listen)

    def set_listening(self, on: bool) -> None:
        """Let the window under the mouse be heard, or not."""
        self.listens = on
        if not on:
            self._give_back()

    def point_at(self, window: int) -> None:
        """The mouse has come to a window, or has left (−1)."""
        atlas = self._library.atlas
        self._dwell.stop()
        self._window, self._seen = window, None
        if atlas is None or not 0 <= window < len(atlas.corpus):
            self._give_back()
            return
        self._gesture = self._playback.gesture
        if self.listens or window not in self._f1:
            self._looker.ask(_Look(atlas, window, self._playback.piece_settings()))
        if self.listens:
            self._dwell.start()

    def note_onset_f1(self, window: int) -> float | None:
        """How many notes of a window the model gives back in time, if it is known already; NaN for silence."""
        return self._f1.get(window)

    def bar(self, window: int) -> int | None:
        """The bar of its song that a window begins in, if the song's file says so."""
        atlas = self._library.atlas
        if atlas is None:
            return None
        if self._songs is None:
            self._songs = {song.name: song for song in reversed(self._library.songs)}
        song = self._songs.get(atlas.song_name(window))
        return None if song is None else song.bar_at(atlas.corpus.start_seconds(window))

    def show_atlas(self, atlas: Atlas) -> None:
        """Another map of the same windows leaves what is known of them."""
        if atlas.posterior is not self._posterior:
            self._posterior, self._f1, self._songs = atlas.posterior, {}, None
        self.point_at(-1)

    def _take(self, look: _Look, seen: _HoveredWindow) -> None:
        if look.atlas.posterior is not self._posterior:
            return
        if len(self._f1) >= MOST_KNOWN:
            self._f1.clear()
        self._f1[look.window] = seen.f1
        if look.window == self._window:
            self._seen = seen
            self.known.emit(look.window)
            if self.listens and not self._dwell.isActive():
                self._listen()

    def _listen(self) -> None:
        """Only where it takes the place of nothing but silence or a point: a piece, a walk or a hold goes on."""
        if self._seen is None or not self.listens or not self._may_listen():
            return
        self._loan.play(self, self._seen.phrase, loops=self._playback.at_end is AtEnd.LOOP)
        self._seen = None  # once is enough

    def _may_listen(self) -> bool:
        playback = self._playback
        heard, buttons = playback.heard, QApplication.mouseButtons()
        if buttons != Qt.MouseButton.NoButton or playback.gesture is not self._gesture:
            return False
        if self._loan.key is not None:
            return self._loan.key is self
        if playback.player.state is not State.PLAYING:
            return True
        is_piece = heard is None or len(heard.zs) > 1 or playback.at_end is AtEnd.RUN_ON
        return not (is_piece or self._wandering.running or playback.player.hold)

    def _give_back(self) -> None:
        if self._loan.key is self:
            self._loan.give_back()


def _look(look: _Look) -> _HoveredWindow:
    """In the worker's thread: decode the window's own point."""
    atlas, some = look.atlas, [look.window]
    probabilities = atlas.model.decode(atlas.posterior.mu[some], atlas.corpus.window)
    f1 = note_onset_f1(atlas.corpus.take(some), probabilities >= atlas.model.threshold)[Part.ALL]
    time, programs = atlas.played_at(atlas.posterior.mu[look.window], look.window)
    sound = look.settings.sound_of(programs)
    return _HoveredWindow(f1, phrase_of(look.settings.score(probabilities[0]), time, sound))
