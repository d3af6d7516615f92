"""Notes to sound: FluidSynth, rendered in blocks by whoever pulls them, with no clock or device of its own."""

from __future__ import annotations

import ctypes
from collections.abc import Generator, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from vrae_core.audio.file import Sound
from vrae_core.audio.fluidsynth import bundled_soundfont, check_soundfont, load_fluidsynth, load_soundfont
from vrae_core.errors import SoundError
from vrae_core.midi.channels import DRUM_CHANNEL
from vrae_core.midi.export import Track
from vrae_core.progress import Progress

SAMPLE_RATE = 44_100
BLOCK = 64  # frames that FluidSynth computes at a time: notes begin where a block begins
# Measured with TimGM6mb at velocity 90: one note peaks at 0.05–0.09 of full scale, 16 at 0.64, 40 violins at 1.0.
GAIN = 0.5
POLYPHONY = 128  # voices; the quietest is cut when there are more
CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_TICKS_PER_SECOND = 1000  # FluidSynth's sequencer counts whole milliseconds, whatever scale it is given
_REVERB = {"room-size": 0.5, "damp": 0.3, "width": 0.8, "level": 0.4}  # a small hall; it costs 0.1 % of a core
_REVERB_SEND = 91  # the controller that says how much of a channel is sent to the reverb
_SHORTEST_NOTE = 0.01  # seconds; a note-off within the millisecond of its note-on would be handled first


class Synthesizer:
    """FluidSynth behind a few verbs, all of them to be called from the one thread that renders.

    Time is counted in samples (frames) since the start.  A note scheduled for a sample not yet rendered is
    heard one block (64 frames, 1.5 ms) after it, give or take a block.

    Raises: SoundError in plain words if there is no library or no SoundFont, or if that does not load.
    """

    def __init__(self, soundfont: Path | None = None, sample_rate: int = SAMPLE_RATE, gain: float = GAIN) -> None:
        """soundfont: None for the bundled one; any other is tried in another process first, which takes a second."""
        fluidsynth = load_fluidsynth()
        if soundfont is None:
            soundfont = bundled_soundfont()
        elif soundfont != bundled_soundfont():
            check_soundfont(soundfont)
        self.sample_rate = sample_rate
        self.now = 0  # samples rendered so far
        settings: dict[str, float] = {f"synth.reverb.{name}": value for name, value in _REVERB.items()}
        settings |= {"synth.reverb.active": 1, "synth.chorus.active": 0, "synth.polyphony": POLYPHONY}
        self._synth = fluidsynth.Synth(float(gain), float(sample_rate), channels=16, **settings)
        # Its own timer would run on while nobody renders.
        self._sequencer = fluidsynth.Sequencer(_TICKS_PER_SECOND, use_system_timer=False)
        self._port = self._sequencer.register_fluidsynth(self._synth)
        self._remove_events = fluidsynth._fl.fluid_sequencer_remove_events
        self._remove_events.argtypes = [ctypes.c_void_p, ctypes.c_short, ctypes.c_short, ctypes.c_int]
        if not load_soundfont(self._synth, soundfont):
            self.close()
            raise SoundError(f"{soundfont} cannot be loaded by FluidSynth")
        for channel in CHANNELS:
            self._synth.cc(channel, _REVERB_SEND, 40)

    def set_program(self, channel: int, program: int) -> None:
        """Let a channel play a General MIDI program, 0–127, from its next note on."""
        self._synth.program_change(channel, program)

    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None:
        """Begin a note at a sample; one in the past begins with the next block."""
        self._sequencer.note_on(self._tick(sample), channel, pitch, velocity, dest=self._port)

    def note_off_at(self, sample: int, channel: int, pitch: int) -> None:
        """End a note.  Of an end and a beginning within the same millisecond, the end is handled first."""
        self._sequencer.note_off(self._tick(sample), channel, pitch, dest=self._port)

    def render(self, frames: int) -> Sound:
        """The next ``frames`` of sound, (frames, 2) int16."""
        if frames <= 0:
            return np.zeros((0, 2), np.int16)
        self.now += frames
        sound: Sound = self._synth.get_samples(frames).reshape(frames, 2)
        return sound

    def all_sounds_off(self) -> None:
        """Silence every note and forget what was scheduled; only the reverb dies away."""
        self._remove_events(self._sequencer.sequencer, -1, self._port, -1)
        self._synth.all_sounds_off(-1)

    def close(self) -> None:
        """Free everything; nothing may be called afterwards but this."""
        if self._synth is not None:
            self._sequencer.delete()  # first, for it holds on to the synthesizer
            self._synth.delete()
            self._synth = self._sequencer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tick(self, sample: int) -> int:
        return sample * _TICKS_PER_SECOND // self.sample_rate


def render_notes(
    tracks: Iterable[Track],
    tail_seconds: float = 1.0,
    sample_rate: int = SAMPLE_RATE,
    soundfont: Path | None = None,
) -> Generator[Progress, None, Sound]:
    """Play tracks faster than real time; every onset is within a block of 64 frames of its place.

    Yields a Progress in seconds before every second of sound; closing the job stops it.
    Returns: (frames, 2) int16, ``tail_seconds`` longer than the last note.
    Raises: SoundError as Synthesizer does.
    """
    with Synthesizer(soundfont, sample_rate) as synthesizer:
        last = max((_schedule(synthesizer, number, track) for number, track in enumerate(tracks)), default=0)
        frames = last + round(tail_seconds * sample_rate)
        sound = np.empty((frames, 2), np.int16)
        synthesizer.render(BLOCK)  # what is scheduled is heard a block later: leave that block out
        for start in range(0, frames, sample_rate):
            yield Progress(start / sample_rate, frames / sample_rate, "Rendering")
            end = min(start + sample_rate, frames)
            sound[start:end] = synthesizer.render(end - start)
    return sound


def _schedule(synthesizer: Synthesizer, number: int, track: Track) -> int:
    """Schedule a whole track and return the sample its last note ends at.  The sixteenth shares the first's channel."""
    rate = synthesizer.sample_rate
    free = DRUM_CHANNEL if track.is_drums else CHANNELS[number % len(CHANNELS)]
    channel = free if track.channel is None else track.channel
    if track.channel is not None or number < len(CHANNELS):
        synthesizer.set_program(channel, track.program)
    last = 0
    for note in track.notes:
        end = round(max(note.end, note.start + _SHORTEST_NOTE) * rate)
        synthesizer.note_on_at(round(note.start * rate), channel, note.pitch, note.velocity)
        synthesizer.note_off_at(end, channel, note.pitch)
        last = max(last, end)
    return last
