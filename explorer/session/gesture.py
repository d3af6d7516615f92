"""A hand on the map: a press begins music, the drag that follows morphs it.  No Qt."""

from __future__ import annotations

import threading

from explorer.phrase import Phrase
from explorer.player import Player


class Gesture:
    """Gives one press and its drag to the player, whichever thread decodes them.

    The window's thread points and ends, the decoding thread hands over, so that a busy window delays no sound.
    Once ``end`` has returned nothing more of the gesture reaches the player.  The lock is held for an append only.
    """

    def __init__(self, player: Player, begun: bool = False) -> None:
        self._player = player
        self._lock = threading.Lock()
        self._begun, self._over = begun, False
        self._newest: object = None

    @property
    def begun(self) -> bool:
        """Whether its music plays already, so that what comes next morphs it."""
        return self._begun

    def point_at(self, newest: object) -> None:
        """Whatever was pointed at before is overtaken."""
        self._newest = newest

    def is_overtaken(self, pointed_at: object) -> bool:
        """Whether the hand is elsewhere by now."""
        return self._over or pointed_at is not self._newest

    def hand_over(self, phrase: Phrase) -> bool:
        """Begin the music with a phrase, or morph what has begun; False if the gesture is over."""
        with self._lock:
            if self._over:
                return False
            if self._begun:
                self._player.morph(phrase)
            else:
                self._begun = True
                self._player.play(phrase)
            return True

    def hush(self) -> None:
        """Let what is still to come not begin the music, only change what would be played."""
        with self._lock:
            self._begun = True

    def end(self) -> None:
        """Let nothing more through: something else is heard now."""
        with self._lock:
            self._over = True
