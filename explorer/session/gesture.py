"""A hand on the map: a press begins music, the drag that follows morphs it.  No Qt."""

from __future__ import annotations

import threading

from explorer.phrase import Phrase
from explorer.player import Player


class Gesture:
    """Lets the thread that decodes give the player what a press and its drag make, so that a busy window delays none.

    Once ``end`` has returned nothing more of the gesture reaches the player.  The lock is held for an append only.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._lock = threading.Lock()
        self._over = False
        self._newest: object = None

    def point_at(self, newest: object) -> None:
        """Whatever was pointed at before is overtaken."""
        self._newest = newest

    def is_overtaken(self, pointed_at: object) -> bool:
        """Whether the hand is elsewhere by now."""
        return self._over or pointed_at is not self._newest

    def hand_over(self, phrase: Phrase) -> bool:
        """Let the music go on with a phrase; False if the gesture is over."""
        with self._lock:
            if not self._over:
                self._player.morph(phrase)
            return not self._over

    def end(self) -> None:
        """Let nothing more through: something else is heard now."""
        with self._lock:
            self._over = True
