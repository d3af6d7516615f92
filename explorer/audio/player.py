"""Plays phrases step by step into blocks of samples; knows neither Qt nor any sound device."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from functools import partial

import numpy as np
import numpy.typing as npt

from explorer.audio.phrase import Phrase
from explorer.audio.sequencer import AtEnd, Borrowed, Sequencer
from explorer.audio.sounding_notes import SoundingNotes, SoundSource

SLOWEST, FASTEST = 40.0, 300.0  # beats per minute


class State(StrEnum):
    """What the transport does; FINISHED: the phrase came to its end by itself."""

    STOPPED = "stopped"
    PLAYING = "playing"
    PAUSED = "paused"
    FINISHED = "finished"


class Player:
    """A transport that plays one phrase at a time against a synthesizer, or in silence without one.

    Two threads meet here and neither waits for the other.  The GUI calls the verbs and sets ``at_end``, ``hold``,
    ``tempo``, ``programs``, ``volume`` and ``synthesizer``; the audio thread alone calls ``render``, and only from
    there are the sequencer moved and the synthesizer touched.  A verb appends to a deque that ``render`` empties before
    each block (append and popleft are atomic in CPython); a setting is one attribute that ``render`` reads once a
    block, and phrases never change.
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
        self._commands: deque[tuple[Callable[[], None], State | None]] = deque()  # and the state that each leads to
        self._borrowed: Borrowed | None = None  # the newest, perhaps over
        self._notes = SoundingNotes(sample_rate, self._gain)
        self.sequencer = Sequencer(self._notes, sample_rate, clock)

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
        return self._tempo or self.sequencer.own_tempo

    @property
    def volume(self) -> float:
        """Loudness 0–1, kept within; its square scales the samples, which sounds even over the whole range."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = min(1.0, max(0.0, float(volume)))  # in this order NaN is silence

    @property
    def _gain(self) -> float:
        return self._volume**2

    @property
    def position(self) -> float:
        """The place in the music that is heard now, in steps; where it waits, while a borrowed phrase is played."""
        return self.sequencer.position(self.latency)

    @property
    def borrowed_position(self) -> float:
        """The place in the borrowed phrase that is heard now, in steps."""
        return self.sequencer.borrowed_position(self.latency)

    @property
    def borrowed(self) -> Borrowed | None:
        """What is played in place of the music, while it is."""
        return self._borrowed if self._borrowed is not None and not self._borrowed.over else None

    # --- the verbs, for any thread; ``borrow`` and ``give_back`` for the GUI's alone

    def play(self, phrase: Phrase, restart: bool = True) -> None:
        """Play a phrase at once, from its start; without ``restart`` from the place the music is at."""
        self._do(State.PLAYING, partial(self.sequencer.play, phrase, restart))

    def morph(self, phrase: Phrase) -> None:
        """Go on with another phrase from the next step on, at the same place; notes common to both are held.

        When nothing plays, it becomes what ``resume`` will play.
        """
        self._ask(partial(self.sequencer.take, phrase))

    def pause(self) -> None:
        """End the sounding notes and keep the place; does nothing unless playing."""
        if self.state is State.PLAYING:
            self._do(State.PAUSED, self.sequencer.pause)

    def resume(self) -> None:
        """Play on from where the music was paused; from the start after a stop or the end."""
        self._do(State.PLAYING, self.sequencer.resume)

    def stop(self) -> None:
        """End the sounding notes, which may ring out, and go back to the start."""
        self._do(State.STOPPED, self.sequencer.stop)

    def panic(self) -> None:
        """Stop, and silence everything that still rings."""
        self._do(State.STOPPED, self.sequencer.panic)

    def borrow(self, phrase: Phrase, loops: bool = False) -> Borrowed:
        """Play a phrase in place of the music, which waits as it is, with its state and its place.

        The phrase's end, ``give_back`` and every verb but ``morph``, which changes what waits, give the music its place
        again.
        """
        self._end_loan()
        self._borrowed = Borrowed(phrase, loops)
        self._ask(partial(self.sequencer.borrow, self._borrowed))
        return self._borrowed

    def give_back(self) -> None:
        """End a borrowed phrase: the music goes on if it played before."""
        if self.borrowed is not None:
            self._end_loan()
            self._ask(self.sequencer.give_back)

    def strike_anew(self) -> None:
        """End what sounds and strike it again with the next step: the instrument that plays it is another one."""
        self._ask(self._notes.release_all)

    def _do(self, state: State, command: Callable[[], None]) -> None:
        self._end_loan()
        self.state = state
        self._ask(command, state)

    def _ask(self, command: Callable[[], None], state: State | None = None) -> None:
        self._commands.append((command, state))

    def _end_loan(self) -> None:
        if self._borrowed is not None:
            self._borrowed.over = True

    # --- the audio thread

    def render(self, frames: int) -> npt.NDArray[np.int16]:
        """The next block of sound, (frames, 2) int16; only ever call it from one thread."""
        while self._commands:
            command, state = self._commands.popleft()
            self._follow_settings()  # those made before the command count for it
            command()
            if state is not None:
                self.state = state
        self._follow_settings()
        phrase = self.sequencer.phrase
        of_phrase = {} if phrase is None else phrase.programs
        self._notes.use(self.synthesizer, dict(enumerate(self.programs)) | dict(of_phrase))
        self.sequencer.keep_tempo()
        if self.sequencer.begin_steps(frames):
            self.state = State.FINISHED
        return self._notes.render(frames, self._gain)

    def _follow_settings(self) -> None:
        sequencer = self.sequencer
        sequencer.at_end, sequencer.hold, sequencer.tempo = self.at_end, self.hold, self._tempo

    def drop_music(self) -> None:
        """Forget the music, after a fault in playing it: the synthesizer stays, and what is played next is heard."""
        self._commands.clear()
        self._end_loan()
        self.sequencer.drop_music()
        self.state = State.STOPPED
