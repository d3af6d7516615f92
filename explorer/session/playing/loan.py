"""Playing something that is not on the map, after which the player has again what it had."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.audio.phrase import Phrase
from explorer.audio.player import Player
from explorer.audio.sequencer import Borrowed
from explorer.session.playing.player_watch import FRAME_MILLISECONDS


class PlayerLoan(QObject):
    """Lends the player to one borrower at a time; the newest wins, and what it plays takes the other's place.

    The music waits as it is, playing, paused or stopped at its place, and is so again afterwards.  Whatever else is
    played meanwhile ends the loan.
    """

    changed = Signal()  # something else is played on loan, or nothing any more
    moved = Signal(float)  # the play-head in it, in steps

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self._borrowed: Borrowed | None = None
        self._key: object = None
        self._clock = QTimer(self, interval=FRAME_MILLISECONDS)
        self._clock.timeout.connect(self._tick)

    @property
    def key(self) -> object:
        """What the borrower calls that which is played; None if the player is not lent."""
        return None if self._borrowed is None or self._borrowed.over else self._key

    def play(self, key: object, phrase: Phrase, loops: bool = False) -> None:
        """Play a phrase in place of the music, once or until something ends it."""
        self._key, self._borrowed = key, self._player.borrow(phrase, loops)
        self._clock.start()
        self.changed.emit()

    def give_back(self) -> None:
        """End what is played on loan; the music goes on if it played before."""
        if self.key is not None:
            self._player.give_back()
        self._tick()

    def _tick(self) -> None:
        if self.key is not None:
            self.moved.emit(self._player.borrowed_position)
        elif self._borrowed is not None:
            self._borrowed = self._key = None
            self._clock.stop()
            self.changed.emit()
