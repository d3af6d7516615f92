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
        self._ended: list[PhraseNote] = []

    def take(self, message: bytes, seconds: float) -> bool:
        """Follow a message that came at a time; whether it was of a note, so that nobody else is to heed it."""
        kind = message[0] & 0xF0 if message else 0
        if len(message) != 3 or kind not in (0x80, 0x90):
            return False
        pitch = message[1]
        if pitch in self._held:
            self._ended.append(self._note(pitch, self._held.pop(pitch), seconds))
        if kind == 0x90 and message[2] > 0 and LOWEST_PITCH <= pitch <= HIGHEST_PITCH:
            self._began = seconds if self._began is None else self._began
            self._held[pitch] = seconds
        return True

    def notes_until(self, seconds: float) -> list[PhraseNote]:
        """The phrase so far; what is held lasts until now."""
        held = [self._note(pitch, struck, seconds) for pitch, struck in self._held.items()]
        return sorted(note for note in (*self._ended, *held) if note.step < self._steps)

    def _note(self, pitch: int, struck: float, ended: float) -> PhraseNote:
        start = self._step(struck)
        return PhraseNote(start, pitch, max(1, min(self._step(ended), self._steps) - start))

    def _step(self, seconds: float) -> int:
        assert self._began is not None
        return step_at(max(0.0, seconds - self._began))
