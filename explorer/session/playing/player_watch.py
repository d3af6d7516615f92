"""Looks at the player at every frame while it plays, and says where it is and what it does."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.audio.player import Player, State

FRAME_MILLISECONDS = 16


class PlayerWatch(QObject):
    """The player says nothing by itself: its music ends in the audio thread."""

    state_changed = Signal(str)  # one of player.State
    moved = Signal(float)  # the play-head, in steps, while it plays
    ticked = Signal()  # a frame has passed while it plays

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player, self._state = player, State.STOPPED
        self._clock = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=FRAME_MILLISECONDS)
        self._clock.timeout.connect(self._tick)

    def look(self) -> None:
        """Look now: something has been asked of the player."""
        state = self._player.state
        if state is State.PLAYING and not self._clock.isActive():
            self._clock.start()
        elif state is not State.PLAYING:
            self._clock.stop()
        if state is not self._state:
            self._state = state
            self.moved.emit(self._player.position)
            self.state_changed.emit(state)

    def _tick(self) -> None:
        self.moved.emit(self._player.position)
        self.look()
        self.ticked.emit()
