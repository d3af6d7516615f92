"""What MIDI that comes in means: two knobs move a point, and a key starts the music."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Axis = Literal["x", "y"]


class ControlResult(Enum):
    """What a message came to."""

    NOTHING = "nothing"
    MOVED = "moved"
    LEARNT = "learnt"
    STRUCK = "struck"


@dataclass
class Knobs:
    """Two controllers, 0–127, of any channel, and where they stand: 0–1, or None until they are first moved.

    ``learning`` names the axis that the next controller to be moved is given to.
    """

    x_controller: int = 16  # "general purpose 1 and 2" of the MIDI standard
    y_controller: int = 17
    x: float | None = None
    y: float | None = None
    learning: Axis | None = None

    def take(self, message: bytes) -> ControlResult:
        """Follow a message."""
        kind = message[0] & 0xF0 if message else 0
        if len(message) != 3:
            return ControlResult.NOTHING
        if kind == 0x90 and message[2] > 0:
            return ControlResult.STRUCK
        if kind != 0xB0 or message[1] >= 120:  # from 120 on they are not knobs but channel modes
            return ControlResult.NOTHING
        learnt = self._learn(message[1])
        moved = False
        if message[1] == self.x_controller:
            self.x, moved = message[2] / 127, True
        if message[1] == self.y_controller:
            self.y, moved = message[2] / 127, True
        return ControlResult.LEARNT if learnt else ControlResult.MOVED if moved else ControlResult.NOTHING

    def _learn(self, controller: int) -> bool:
        if self.learning is None:
            return False
        if self.learning == "x":
            if controller == self.y_controller:  # the two change places
                self.y_controller, self.y = self.x_controller, None
            self.x_controller, self.x = controller, None
        else:
            if controller == self.x_controller:
                self.x_controller, self.x = self.y_controller, None
            self.y_controller, self.y = controller, None
        self.learning = None
        return True
