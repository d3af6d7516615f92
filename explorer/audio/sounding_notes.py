"""The notes that sound on a synthesizer, and how loud they are heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from explorer.audio.phrase import PITCHES, Strike

# A synthesizer handles the end of a note before a beginning in the same millisecond, whichever was asked first.
NOTE_APART = 0.002  # seconds from a note's beginning to the next event


class SoundSource(Protocol):
    """What is needed of a synthesizer (see vrae_core.audio.synthesizer); times are samples on its own clock."""

    @property
    def now(self) -> int: ...
    def set_program(self, channel: int, program: int) -> None: ...
    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None: ...
    def note_off_at(self, sample: int, channel: int, pitch: int) -> None: ...
    def render(self, frames: int) -> npt.NDArray[np.int16]: ...
    def all_sounds_off(self) -> None: ...


class SoundingNotes:
    """For the audio thread alone.  Without a synthesizer the notes go on in silence."""

    def __init__(self, sample_rate: int, gain: float) -> None:
        self._sample_rate = sample_rate
        self._synthesizer: SoundSource | None = None
        self._programs: dict[int, int] = {}  # those that it was told
        self._voices: dict[int, int] = {}  # of the columns struck and not yet released
        self._gain = gain
        self._free_from = 0  # the sample from which events may be scheduled again

    @property
    def columns(self) -> frozenset[int]:
        """The columns of the notes that sound."""
        return frozenset(self._voices)

    @property
    def now(self) -> int:
        """Samples on the synthesizer's clock."""
        return 0 if self._synthesizer is None else self._synthesizer.now

    @property
    def wait(self) -> int:
        """Samples until the next event may be scheduled."""
        return self._free_from - self.now

    def use(self, synthesizer: SoundSource | None, programs: Mapping[int, int]) -> None:
        """Play on a synthesizer, with a program for each channel; what sounds on another is heard no more."""
        if synthesizer is not self._synthesizer:
            self._synthesizer, self._programs, self._voices, self._free_from = synthesizer, {}, {}, 0
        if synthesizer is not None and programs != self._programs:
            for channel, program in programs.items():
                if self._programs.get(channel) != program:
                    synthesizer.set_program(channel, program)
            self._programs = dict(programs)

    def sound(self, wanted: Mapping[int, Strike], sample: int) -> None:
        """Let these notes sound from a sample on, and no others.  One that goes on keeps the voice it was struck in."""
        for column in self._voices.keys() - wanted.keys():
            self._release(sample, column)
        for column in wanted.keys() - self._voices.keys():
            self._strike(sample, column, wanted[column])

    def release_all(self, sample: int = 0) -> None:
        """End all notes at a sample, or as soon as may be."""
        for column in tuple(self._voices):
            self._release(max(sample, self.now, self._free_from), column)

    def silence(self) -> None:
        """Forget all notes, and silence whatever still rings."""
        self._voices = {}
        if self._synthesizer is not None:
            self._synthesizer.all_sounds_off()

    def render(self, frames: int, gain: float) -> npt.NDArray[np.int16]:
        """The next block, (frames, 2), sliding from the last gain to the new one so that a change does not click."""
        if self._synthesizer is None:
            return np.zeros((frames, 2), np.int16)
        samples = self._synthesizer.render(frames)
        ramp = np.linspace(self._gain, gain, len(samples), dtype=np.float32)[:, None]
        self._gain = gain
        return (samples * ramp).astype(np.int16)

    def _strike(self, sample: int, column: int, strike: Strike) -> None:
        self._voices[column] = strike.voice
        if self._synthesizer is not None:
            self._synthesizer.note_on_at(sample, strike.voice, column % PITCHES, strike.velocity)
            self._free_from = sample + int(NOTE_APART * self._sample_rate)

    def _release(self, sample: int, column: int) -> None:
        voice = self._voices.pop(column)
        if self._synthesizer is not None:
            self._synthesizer.note_off_at(sample, voice, column % PITCHES)
            self._free_from = max(sample, self._free_from)
