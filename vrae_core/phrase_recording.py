"""A phrase played on a MIDI keyboard: messages with their times to notes on steps."""

from __future__ import annotations

from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, step_at
from vrae_core.sought import PhraseNote


class PhraseRecording:
    """Takes messages as they come; the first note that is struck is at step 0."""

    def __init__(self, steps: int) -> None:
        """steps: how long a phrase may be."""
        self._steps = steps
        self._began: float | None = None
        self._held: dict[int, float] = {}  # per pitch: when it was struck
        self.notes: list[PhraseNote] = []  # those that have ended

    def take(self, message: bytes, seconds: float) -> bool:
        """Follow a message that came at a time; whether it was of a note, so that nobody else is to heed it."""
        kind = message[0] & 0xF0 if message else 0
        if len(message) != 3 or kind not in (0x80, 0x90):
            return False
        pitch = message[1]
        self._release(pitch, seconds)
        if kind == 0x90 and message[2] > 0 and LOWEST_PITCH <= pitch <= HIGHEST_PITCH:
            self._began = seconds if self._began is None else self._began
            self._held[pitch] = seconds
        return True

    def is_over(self, seconds: float) -> bool:
        """Whether the time for a phrase has passed since its first note."""
        return self._began is not None and self._step(seconds) >= self._steps

    def end(self, seconds: float) -> list[PhraseNote]:
        """End what is held, and give the phrase."""
        for pitch in list(self._held):
            self._release(pitch, seconds)
        return sorted(self.notes)

    def _release(self, pitch: int, seconds: float) -> None:
        if pitch in self._held:
            start, end = self._step(self._held.pop(pitch)), min(self._step(seconds), self._steps)
            if start < self._steps:
                self.notes.append(PhraseNote(start, pitch, max(1, end - start)))

    def _step(self, seconds: float) -> int:
        assert self._began is not None
        return step_at(max(0.0, seconds - self._began))
