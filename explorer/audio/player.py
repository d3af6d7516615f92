"""Plays phrases step by step into blocks of samples; knows neither Qt nor any sound device."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from explorer.audio.phrase import PITCHES, STEPS_PER_BEAT, TEMPO, Phrase, Strike
from vrae_core.midi.sender import BlockEnd

SLOWEST, FASTEST = 40.0, 300.0  # beats per minute
# A synthesizer handles the end of a note before a beginning in the same millisecond, whichever was asked first.
NOTE_APART = 0.002  # seconds from a note's beginning to the next event


class AtEnd(StrEnum):
    """What follows the last step of a phrase; RUN_ON: a longer phrase, which the music waits for if it is late."""

    STOP = "once"
    LOOP = "loop"
    RUN_ON = "run on"


class State(StrEnum):
    """What the transport does; FINISHED: the phrase came to its end by itself."""

    STOPPED = "stopped"
    PLAYING = "playing"
    PAUSED = "paused"
    FINISHED = "finished"


class SoundSource(Protocol):
    """What the player needs of a synthesizer (see vrae_core.audio.synthesizer); times are samples on its own clock."""

    @property
    def now(self) -> int: ...
    def set_program(self, channel: int, program: int) -> None: ...
    def note_on_at(self, sample: int, channel: int, pitch: int, velocity: int) -> None: ...
    def note_off_at(self, sample: int, channel: int, pitch: int) -> None: ...
    def render(self, frames: int) -> npt.NDArray[np.int16]: ...
    def all_sounds_off(self) -> None: ...


class _Rendered(NamedTuple):
    """Where the newest block ended: enough to tell at any later moment what is heard."""

    place: float  # in steps
    at: float  # on the player's clock, seconds
    steps_per_second: float
    length: int  # of the phrase, steps
    wrapped: bool  # whether the music before step 0 is the phrase's own end
    steps_per_beat: int = STEPS_PER_BEAT
    per_step: int = 1  # how many of these make one that a place is told in


@dataclass(eq=False)
class Borrowed:
    """A phrase that is played in place of the music."""

    phrase: Phrase
    loops: bool
    over: bool = False


class _Waiting(NamedTuple):
    """The music as it is when another phrase takes its place."""

    phrase: Phrase | None
    next: int
    moving: bool
    wrapped: bool
    rendered: _Rendered


class Player:
    """A transport that plays one phrase at a time against a synthesizer, or in silence without one.

    Two threads meet here and neither waits for the other.  The GUI calls the verbs and sets ``at_end``, ``hold``,
    ``tempo``, ``programs``, ``volume`` and ``synthesizer``; the audio thread alone calls ``render``, and only from
    there is the synthesizer touched.  A verb appends to a deque that ``render`` empties before each block (append and
    popleft are atomic in CPython); a setting is one attribute that ``render`` reads once a block, and phrases never
    change.

    ``render`` hands the synthesizer only the notes of steps that begin inside the block, each at its exact sample.
    Nothing is ever pending beyond the block, so a change of music takes nothing back and no note can hang.
    """

    def __init__(
        self,
        synthesizer: SoundSource | None = None,
        sample_rate: int = 44100,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.sample_rate = sample_rate
        self.synthesizer = synthesizer
        self.state = State.STOPPED  # set at once by the verbs, so that a button can follow; FINISHED by render
        self.at_end = AtEnd.STOP
        self.hold = False  # time stands still: what sounds goes on sounding, and a morph changes it
        self.programs: tuple[int, ...] = (0,)  # General MIDI, 0–127, of each voice; a voice's number is its channel
        self.latency = 0.0  # seconds from render to the ear; set by the audio output
        self._tempo: float | None = None
        self._volume = 0.8
        self._clock = clock
        self._commands: deque[Callable[[], None]] = deque()
        self._rendered = _Rendered(0.0, 0.0, 0.0, 1, False)
        self._borrowed: Borrowed | None = None  # the newest, perhaps over
        # Below: the audio thread's own.
        self._in_use: SoundSource | None = None
        self._programs_in_use: dict[int, int] = {}
        self._gain_in_use = self._gain
        self._phrase: Phrase | None = None
        self._lent: Borrowed | None = None  # what plays now in place of the music, which waits
        self._waiting: _Waiting | None = None
        self._moving = False
        self._wrapped = False
        self._next = 0  # the step to begin next
        self._begun = False  # whether the step before it is the one that sounds
        self._wait = 0.0  # samples from the start of the block until it begins
        self._step_samples = self._samples_per_step
        self._sounding: dict[int, int] = {}  # columns struck and not yet released, and the voice of each
        self._free_from = 0  # the sample from which events may be scheduled again

    @property
    def tempo(self) -> float | None:
        """Beats per minute, kept within 40–300, or None for that of the music itself.

        A change acts at once, in mid-step.
        """
        return self._tempo

    @tempo.setter
    def tempo(self, beats_per_minute: float | None) -> None:
        if beats_per_minute is not None:
            beats_per_minute = min(FASTEST, max(SLOWEST, float(beats_per_minute)))  # in this order NaN is the slowest
        self._tempo = beats_per_minute

    @property
    def tempo_now(self) -> float:
        """Beats per minute at the place in the music that is heard, whoever sets them."""
        phrase = self._phrase
        if self._tempo is not None:
            return self._tempo
        return TEMPO if phrase is None else phrase.tempo_at(max(self._next - 1, 0))

    @property
    def volume(self) -> float:
        """Loudness 0–1, kept within; its square scales the samples, which sounds even over the whole range."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = min(1.0, max(0.0, float(volume)))  # in this order NaN is silence

    @property
    def position(self) -> float:
        """The place in the music that is heard now, in steps; where it waits, while a borrowed phrase is played."""
        waiting = self._waiting
        return self._heard(self._rendered if waiting is None else waiting.rendered)

    @property
    def borrowed_position(self) -> float:
        """The place in the borrowed phrase that is heard now, in steps."""
        return 0.0 if self._waiting is None else self._heard(self._rendered)

    def _heard(self, rendered: _Rendered) -> float:
        """The rendered place less the output's latency."""
        place, at, steps_per_second, length, wrapped, _, per_step = rendered
        unheard = max(self.latency - (self._clock() - at), 0.0) * steps_per_second
        if unheard <= place:
            return (place - unheard) / per_step
        return (place - unheard) % length / per_step if wrapped else 0.0

    @property
    def block_end(self) -> BlockEnd:
        """Where the music stands at the end of the block being rendered; for the audio thread."""
        place, _, steps_per_second, length, wrapped, steps_per_beat, _ = self._rendered
        return BlockEnd(self._moving, place, steps_per_second, length, wrapped, steps_per_beat)

    @property
    def borrowed(self) -> Borrowed | None:
        """What is played in place of the music, while it is."""
        return self._borrowed if self._borrowed is not None and not self._borrowed.over else None

    # The verbs, for any thread; ``borrow`` and ``give_back`` for the GUI's alone.

    def play(self, phrase: Phrase, restart: bool = True) -> None:
        """Play a phrase at once, from its start; without ``restart`` from the place the music is at."""
        self._do(State.PLAYING, partial(self._play, phrase, restart))

    def morph(self, phrase: Phrase) -> None:
        """Go on with another phrase from the next step on, at the same place; notes common to both are held.

        When nothing plays, it becomes what ``resume`` will play.
        """
        self._commands.append(partial(self._take, phrase))

    def pause(self) -> None:
        """End the sounding notes and keep the place; does nothing unless playing."""
        if self.state is State.PLAYING:
            self._do(State.PAUSED, self._pause)

    def resume(self) -> None:
        """Play on from where the music was paused; from the start after a stop or the end."""
        self._do(State.PLAYING, self._resume)

    def stop(self) -> None:
        """End the sounding notes, which may ring out, and go back to the start."""
        self._do(State.STOPPED, self._stop)

    def panic(self) -> None:
        """Stop, and silence everything that still rings."""
        self._do(State.STOPPED, self._panic)

    def _do(self, state: State, command: Callable[[], None]) -> None:
        self._end_loan()
        self.state = state
        self._commands.append(command)

    def borrow(self, phrase: Phrase, loops: bool = False) -> Borrowed:
        """Play a phrase in place of the music, which waits as it is, with its state and its place.

        The phrase's end, ``give_back`` and every verb but ``morph``, which changes what waits, give the music its place
        again.
        """
        self._end_loan()
        self._borrowed = Borrowed(phrase, loops)
        self._commands.append(partial(self._borrow, self._borrowed))
        return self._borrowed

    def give_back(self) -> None:
        """End a borrowed phrase: the music goes on if it played before."""
        if self.borrowed is not None:
            self._end_loan()
            self._commands.append(self._give_back)

    def _end_loan(self) -> None:
        if self._borrowed is not None:
            self._borrowed.over = True

    def strike_anew(self) -> None:
        """End what sounds and strike it again with the next step: the instrument that plays it is another one."""
        self._commands.append(self._release_all)

    # The audio thread.

    def render(self, frames: int) -> npt.NDArray[np.int16]:
        """The next block of sound, (frames, 2) int16; only ever call it from one thread."""
        while self._commands:
            self._commands.popleft()()
        self._follow_settings()
        if self._moving:
            self._begin_steps(frames)
        if self._in_use is None:
            return np.zeros((frames, 2), np.int16)
        return self._with_volume(self._in_use.render(frames))

    def drop_music(self) -> None:
        """Forget the music, after a fault in playing it: the synthesizer stays, and what is played next is heard."""
        self._commands.clear()
        self._end_loan()
        self._phrase, self._waiting, self._lent, self._sounding = None, None, None, {}
        self._finish()
        self.state = State.STOPPED
        if self._in_use is not None:
            self._in_use.all_sounds_off()

    def _begin_steps(self, frames: int) -> None:
        """Begin the steps that fall into this block and note where it ends."""
        phrase = self._phrase
        if phrase is None:  # resumed before any phrase came
            self._finish()
            return
        now = self._now
        self._wait = max(self._wait, self._free_from - now)
        lent = self._lent
        hold = self.hold and lent is None
        while self._wait < frames:
            sample = now + int(self._wait)
            if hold and self._begun:
                self._sound(phrase, max(self._next - 1, 0), sample)
            elif self._next < len(phrase) or self._goes_round(sample):
                self._sound(phrase, self._next, sample)
                self._next, self._begun = self._next + 1, True
                self._step_samples = self._samples_per_step
            else:
                self._rendered = self._place_in(phrase, float(len(phrase)))
                if lent is not None:
                    self._give_back()
                elif self.at_end is AtEnd.RUN_ON:
                    self._wait = 0.0
                else:
                    self._finish()
                return
            self._wait += self._step_samples
        self._wait -= frames
        place = max(self._next - 1.0, 0.0) if hold else self._next - self._wait / self._step_samples
        self._rendered = self._place_in(phrase, place, moving=not hold)

    def _place_in(self, phrase: Phrase, place: float, moving: bool = True) -> _Rendered:
        rate = self.sample_rate / self._step_samples if moving else 0.0
        return _Rendered(place, self._clock(), rate, len(phrase), self._wrapped, phrase.steps_per_beat, phrase.per_step)

    def _goes_round(self, sample: int) -> bool:
        """At the end of a phrase: whether it begins again, as it then does."""
        self._release_all(sample)  # a new lap strikes its notes again, even those held over the seam
        if not (self.at_end is AtEnd.LOOP if self._lent is None else self._lent.loops):
            return False
        self._next, self._wrapped = 0, True
        return True

    def _sound(self, phrase: Phrase, step: int, sample: int) -> None:
        """Let the notes of a step sound, and no others.  One that goes on keeps the voice it was struck in."""
        wanted = phrase.notes_at(step)
        for pitch in self._sounding.keys() - wanted.keys():
            self._release(sample, pitch)
        for pitch in wanted.keys() - self._sounding.keys():
            self._strike(sample, pitch, wanted[pitch])

    def _play(self, phrase: Phrase, restart: bool) -> None:
        self._give_back()
        if restart:
            self._rewind()
        self._take(phrase)
        self._resume()

    def _take(self, phrase: Phrase) -> None:
        before = self._phrase
        if self._waiting is None and before is not None and before.per_step != phrase.per_step:
            self._take_up_between_steps(phrase, phrase.per_step / before.per_step)
        elif self._waiting is None:
            self._next = self._within(phrase, self._next, before)
            self._phrase = phrase
        else:
            waits = self._within(phrase, self._waiting.next, self._waiting.phrase)
            self._waiting = self._waiting._replace(phrase=phrase, next=waits)

    def _take_up_between_steps(self, phrase: Phrase, ratio: float) -> None:
        """Go on with a phrase of finer steps, or coarser ones, so many to one, at the same place to the sample."""
        place = max(self._next - self._wait / self._step_samples, 0.0) * ratio
        following = math.ceil(place - 1e-6)
        self._phrase, self._next = phrase, self._within(phrase, following, None)
        self._step_samples = self._samples_per_step
        self._wait = (following - place) * self._step_samples

    def _within(self, phrase: Phrase, step: int, before: Phrase | None) -> int:
        """The step of a phrase that is at the same place as one of the phrase before."""
        if before is not None and before.per_step != phrase.per_step:
            step = round(step * phrase.per_step / before.per_step)
        if step <= len(phrase):
            return step
        return len(phrase) if self.at_end is AtEnd.STOP else step % len(phrase)

    def _borrow(self, borrowed: Borrowed) -> None:
        if self._waiting is None:
            moving = self._moving
            self._halt()
            self._waiting = _Waiting(self._phrase, self._next, moving, self._wrapped, self._rendered)
        self._rewind()
        self._phrase, self._moving, self._lent = borrowed.phrase, True, borrowed

    def _give_back(self) -> None:
        if self._waiting is not None and self._lent is not None:
            self._rewind()
            self._phrase, self._next, self._moving, self._wrapped, self._rendered = self._waiting
            self._lent.over = True
            self._waiting = self._lent = None

    def _resume(self) -> None:
        self._give_back()
        self.state = State.PLAYING
        self._moving = True

    def _pause(self) -> None:
        self._give_back()
        self._halt()
        self.state = State.PAUSED

    def _halt(self) -> None:
        if self._moving:
            self._release_all()
            self._moving = False
            # Resuming plays the step it stopped in once more, so that its notes sound at once.
            self._next, self._wait, self._begun = max(self._next - self._begun, 0), 0.0, False
            self._rendered = self._rendered._replace(place=float(self._next))

    def _stop(self) -> None:
        self._give_back()
        self._rewind()
        self._moving = False
        self.state = State.STOPPED

    def _panic(self) -> None:
        self._stop()
        if self._in_use is not None:
            self._in_use.all_sounds_off()

    def _finish(self) -> None:
        self._moving = False
        self._next, self._wait, self._begun = 0, 0.0, False
        self.state = State.FINISHED

    def _rewind(self) -> None:
        self._release_all()
        self._next, self._wait, self._begun, self._wrapped = 0, 0.0, False, False
        self._rendered = self._rendered._replace(place=0.0, wrapped=False)

    def _release_all(self, sample: int = 0) -> None:
        """End all notes at a sample, or as soon as may be."""
        for pitch in tuple(self._sounding):
            self._release(max(sample, self._now, self._free_from), pitch)

    def _strike(self, sample: int, pitch: int, strike: Strike) -> None:
        self._sounding[pitch] = strike.voice
        if self._in_use is not None:
            self._in_use.note_on_at(sample, strike.voice, pitch % PITCHES, strike.velocity)
            self._free_from = sample + int(NOTE_APART * self.sample_rate)

    def _release(self, sample: int, pitch: int) -> None:
        voice = self._sounding.pop(pitch)
        if self._in_use is not None:
            self._in_use.note_off_at(sample, voice, pitch % PITCHES)
            self._free_from = max(sample, self._free_from)

    @property
    def _now(self) -> int:
        return 0 if self._in_use is None else self._in_use.now

    @property
    def _samples_per_step(self) -> float:
        steps_per_beat = STEPS_PER_BEAT if self._phrase is None else self._phrase.steps_per_beat
        return self.sample_rate * 60 / (self.tempo_now * steps_per_beat)

    @property
    def _gain(self) -> float:
        return self._volume**2

    def _follow_settings(self) -> None:
        """Take over, once a block, what the GUI may have set meanwhile."""
        if self.synthesizer is not self._in_use:
            self._sounding = {}  # the old one is heard no more
            self._in_use, self._programs_in_use, self._free_from = self.synthesizer, {}, 0
        programs = dict(enumerate(self.programs)) | dict(self._phrase.programs if self._phrase is not None else {})
        if self._in_use is not None and programs != self._programs_in_use:
            for channel, program in programs.items():
                if self._programs_in_use.get(channel) != program:
                    self._in_use.set_program(channel, program)
            self._programs_in_use = programs
        step_samples = self._samples_per_step
        self._wait *= step_samples / self._step_samples
        self._step_samples = step_samples

    def _with_volume(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Scale a block, sliding from the last gain to the new one so that a change does not click."""
        gain = self._gain
        ramp = np.linspace(self._gain_in_use, gain, len(samples), dtype=np.float32)[:, None]
        self._gain_in_use = gain
        return (samples * ramp).astype(np.int16)
