"""Where a phrase is: which of its steps begin in a block, at which sample, and which of them is heard."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from explorer.audio.phrase import STEPS_PER_BEAT, TEMPO, Phrase
from explorer.audio.sounding_notes import SoundingNotes
from vrae_core.midi.sender import BlockEnd


class AtEnd(StrEnum):
    """What follows the last step of a phrase; RUN_ON: a longer phrase, which the music waits for if it is late."""

    STOP = "once"
    LOOP = "loop"
    RUN_ON = "run on"


@dataclass(eq=False)
class Borrowed:
    """A phrase that is played in place of the music."""

    phrase: Phrase
    loops: bool
    over: bool = False


class _Rendered(NamedTuple):
    """Where the newest block ended: enough to tell at any later moment what is heard."""

    place: float  # in steps
    at: float  # on the clock, seconds
    steps_per_second: float
    length: int  # of the phrase, steps
    wrapped: bool  # whether the music before step 0 is the phrase's own end
    steps_per_beat: int = STEPS_PER_BEAT
    per_step: int = 1  # how many of these make one that a place is told in

    def heard(self, now: float, latency: float) -> float:
        """The place that is heard, latency seconds after it was rendered."""
        unheard = max(latency - (now - self.at), 0.0) * self.steps_per_second
        if unheard <= self.place:
            return (self.place - unheard) / self.per_step
        return (self.place - unheard) % self.length / self.per_step if self.wrapped else 0.0


class _Waiting(NamedTuple):
    """The music as it is when another phrase takes its place."""

    phrase: Phrase | None
    next_step: int
    moving: bool
    wrapped: bool
    rendered: _Rendered


class Sequencer:
    """Begins steps in time; the audio thread alone moves it, others may read where it is.

    Of each block it hands over only the notes of steps that begin inside it, each at its exact sample.  Nothing is ever
    pending beyond the block, so a change of music takes nothing back and no note can hang.
    """

    def __init__(self, notes: SoundingNotes, sample_rate: int, clock: Callable[[], float]) -> None:
        self.notes = notes
        # What the player is set to.
        self.at_end = AtEnd.STOP
        self.hold = False
        self.tempo: float | None = None

        self.phrase: Phrase | None = None
        self.next_step = 0  # the one to begin next
        self._sample_rate, self._clock = sample_rate, clock
        self._rendered = _Rendered(0.0, 0.0, 0.0, 1, False)
        self._lent: Borrowed | None = None  # what plays now in place of the music, which waits
        self._waiting: _Waiting | None = None
        self._moving = False
        self._wrapped = False
        self._begun = False  # whether the step before the next is the one that sounds
        self._wait = 0.0  # samples from the start of the block until the next step begins
        self._step_samples = self.samples_per_step

    # --- where it is, for any thread

    @property
    def own_tempo(self) -> float:
        """The phrase's own beats per minute at the place where it is."""
        phrase = self.phrase
        return TEMPO if phrase is None else phrase.tempo_at(max(self.next_step - 1, 0))

    @property
    def samples_per_step(self) -> float:
        """How long a step that begins now lasts."""
        steps_per_beat = STEPS_PER_BEAT if self.phrase is None else self.phrase.steps_per_beat
        return self._sample_rate * 60 / ((self.tempo or self.own_tempo) * steps_per_beat)

    def position(self, latency: float) -> float:
        """The place in the music that is heard now, in steps; where it waits, while a borrowed phrase is played."""
        waiting = self._waiting
        return (self._rendered if waiting is None else waiting.rendered).heard(self._clock(), latency)

    def borrowed_position(self, latency: float) -> float:
        """The place in the borrowed phrase that is heard now, in steps."""
        return 0.0 if self._waiting is None else self._rendered.heard(self._clock(), latency)

    @property
    def block_end(self) -> BlockEnd:
        """Where the music stands at the end of the block being rendered; for the audio thread."""
        place, _, steps_per_second, length, wrapped, steps_per_beat, _ = self._rendered
        return BlockEnd(self._moving, place, steps_per_second, length, wrapped, steps_per_beat)

    # --- a block

    def keep_tempo(self) -> None:
        """Let the step that is under way last as long as the tempo says by now."""
        step_samples = self.samples_per_step
        self._wait *= step_samples / self._step_samples
        self._step_samples = step_samples

    def begin_steps(self, frames: int) -> bool:
        """Begin the steps that fall into a block and note where it ends; whether the music has come to its end."""
        if not self._moving:
            return False
        phrase = self.phrase
        if phrase is None:  # resumed before any phrase came
            self._finish()
            return True
        now = self.notes.now
        self._wait = max(self._wait, self.notes.wait)
        lent = self._lent
        hold = self.hold and lent is None
        while self._wait < frames:
            sample = now + int(self._wait)
            if hold and self._begun:
                self._sound(phrase, max(self.next_step - 1, 0), sample)
            elif self.next_step < len(phrase) or self._goes_round(sample):
                self._sound(phrase, self.next_step, sample)
                self.next_step, self._begun = self.next_step + 1, True
                self._step_samples = self.samples_per_step
            else:
                return self._come_to_the_end(phrase)
            self._wait += self._step_samples
        self._wait -= frames
        place = max(self.next_step - 1.0, 0.0) if hold else self.next_step - self._wait / self._step_samples
        self._rendered = self._place_in(phrase, place, moving=not hold)
        return False

    def _come_to_the_end(self, phrase: Phrase) -> bool:
        self._rendered = self._place_in(phrase, float(len(phrase)))
        if self._lent is not None:
            self.give_back()
        elif self.at_end is AtEnd.RUN_ON:
            self._wait = 0.0
        else:
            self._finish()
            return True
        return False

    def _place_in(self, phrase: Phrase, place: float, moving: bool = True) -> _Rendered:
        rate = self._sample_rate / self._step_samples if moving else 0.0
        return _Rendered(place, self._clock(), rate, len(phrase), self._wrapped, phrase.steps_per_beat, phrase.per_step)

    def _goes_round(self, sample: int) -> bool:
        """At the end of a phrase: whether it begins again, as it then does."""
        self.notes.release_all(sample)  # a new lap strikes its notes again, even those held over the seam
        if not (self.at_end is AtEnd.LOOP if self._lent is None else self._lent.loops):
            return False
        self.next_step, self._wrapped = 0, True
        return True

    def _sound(self, phrase: Phrase, step: int, sample: int) -> None:
        self.notes.sound(phrase.notes_at(step), sample)

    # --- what is asked of it

    def play(self, phrase: Phrase, restart: bool) -> None:
        """Play a phrase, from its start or from the place the music is at."""
        self.give_back()
        if restart:
            self._rewind()
        self.take(phrase)
        self.resume()

    def take(self, phrase: Phrase) -> None:
        """Go on with another phrase from the next step on, at the same place."""
        before = self.phrase
        if self._waiting is None and before is not None and before.per_step != phrase.per_step:
            self._take_up_between_steps(phrase, phrase.per_step / before.per_step)
        elif self._waiting is None:
            self.next_step = self._within(phrase, self.next_step, before)
            self.phrase = phrase
        else:
            waits = self._within(phrase, self._waiting.next_step, self._waiting.phrase)
            self._waiting = self._waiting._replace(phrase=phrase, next_step=waits)

    def _take_up_between_steps(self, phrase: Phrase, ratio: float) -> None:
        """Go on with a phrase of finer steps, or coarser ones, so many to one, at the same place to the sample."""
        place = max(self.next_step - self._wait / self._step_samples, 0.0) * ratio
        following = math.ceil(place - 1e-6)
        self.phrase, self.next_step = phrase, self._within(phrase, following, None)
        self._step_samples = self.samples_per_step
        self._wait = (following - place) * self._step_samples

    def _within(self, phrase: Phrase, step: int, before: Phrase | None) -> int:
        """The step of a phrase that is at the same place as one of the phrase before."""
        if before is not None and before.per_step != phrase.per_step:
            step = round(step * phrase.per_step / before.per_step)
        if step <= len(phrase):
            return step
        return len(phrase) if self.at_end is AtEnd.STOP else step % len(phrase)

    def borrow(self, borrowed: Borrowed) -> None:
        """Play a phrase in place of the music, which waits as it is."""
        if self._waiting is None:
            moving = self._moving
            self._halt()
            self._waiting = _Waiting(self.phrase, self.next_step, moving, self._wrapped, self._rendered)
        self._rewind()
        self.phrase, self._moving, self._lent = borrowed.phrase, True, borrowed

    def give_back(self) -> None:
        """Give the music its place again, if it waits."""
        if self._waiting is not None and self._lent is not None:
            self._rewind()
            self.phrase, self.next_step, self._moving, self._wrapped, self._rendered = self._waiting
            self._lent.over = True
            self._waiting = self._lent = None

    def resume(self) -> None:
        """Go on where it is."""
        self.give_back()
        self._moving = True

    def pause(self) -> None:
        """End the sounding notes and keep the place."""
        self.give_back()
        self._halt()

    def _halt(self) -> None:
        if self._moving:
            self.notes.release_all()
            self._moving = False
            # Resuming plays the step it stopped in once more, so that its notes sound at once.
            self.next_step, self._wait, self._begun = max(self.next_step - self._begun, 0), 0.0, False
            self._rendered = self._rendered._replace(place=float(self.next_step))

    def stop(self) -> None:
        """End the sounding notes and go back to the start."""
        self.give_back()
        self._rewind()
        self._moving = False

    def panic(self) -> None:
        """Stop, and silence everything that still rings."""
        self.stop()
        self.notes.silence()

    def drop_music(self) -> None:
        """Forget all music, and silence it."""
        self.phrase, self._waiting, self._lent = None, None, None
        self._finish()
        self.notes.silence()

    def _finish(self) -> None:
        self._moving = False
        self.next_step, self._wait, self._begun = 0, 0.0, False

    def _rewind(self) -> None:
        self.notes.release_all()
        self.next_step, self._wait, self._begun, self._wrapped = 0, 0.0, False, False
        self._rendered = self._rendered._replace(place=0.0, wrapped=False)
