"""What can be looked for in songs: a phrase, clicked or played in, or a passage with all that is struck in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vrae_core.columns import on_piano, places_in
from vrae_core.corpus.sampling import Grid, SampledSong, sampled
from vrae_core.corpus.windows import Corpus, Rolled
from vrae_core.errors import VraeError
from vrae_core.midi.song import Song
from vrae_core.piano_roll import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    PIANO_PITCHES,
    STEPS_PER_SECOND,
    BoolArray,
    notes_from_roll,
)

MOST_NOTES = 2000  # struck in what is sought: more than 88 keys in a second, over and over
LONGEST = 1200  # steps of what is sought: a minute of 50 ms each, or 25 bars of 4/4 in twelfths of a beat


class PhraseNote(NamedTuple):
    """A note of a phrase: its step, its MIDI pitch, and the steps that it lasts, which no search looks at."""

    step: int
    pitch: int
    length: int = 4


@dataclass(frozen=True)
class Query:
    """Notes to look for, counted from the first step of a passage.

    steps: its length.  whole: whether notes beside them count against a match.  row: where in the corpus' roll it
    was taken from, if it was; what overlaps with it there is no find.
    """

    notes: tuple[PhraseNote, ...]
    steps: int
    whole: bool
    row: int | None = None


class Excerpt(NamedTuple):
    """As many steps of a song as a window has."""

    roll: BoolArray  # (T, P)
    before: BoolArray | None  # (P,) what sounds in the step before
    row: int | None  # where it lies in the corpus' roll, if its song is in it


def phrase(notes: Sequence[PhraseNote]) -> Query:
    """A phrase, which begins with its first note.  Raises: VraeError if it is none."""
    first = min((note.step for note in notes), default=0)
    moved = sorted({note._replace(step=note.step - first) for note in notes})
    steps = moved[-1].step + 1 if moved else 0
    return _checked(Query(tuple(moved), steps, whole=False))


def passage(roll: BoolArray, columns: Sequence[int], before: BoolArray | None = None, row: int | None = None) -> Query:
    """All that is struck in a roll, (steps, P); ``before``, (P,), sounds in the step before it and may be held.

    Whoever plays a pitch, it is one; drums are not looked for.  Raises: VraeError if nothing is struck.
    """
    keys = on_piano(roll, columns)
    notes = [PhraseNote(int(n.start), n.pitch, int(n.end - n.start)) for n in notes_from_roll(keys, step_seconds=1)]
    sounding = np.zeros(len(PIANO_PITCHES), bool) if before is None else on_piano(before, columns)
    held = {pitch for pitch, sounds in zip(PIANO_PITCHES, sounding, strict=True) if sounds}
    struck = sorted(note for note in notes if note.step > 0 or note.pitch not in held)
    return _checked(Query(tuple(struck), len(roll), whole=True, row=row))


def window_of(corpus: Corpus, window: int) -> Query:
    """A window of the corpus.  Raises: VraeError if no note is struck in it."""
    row = int(corpus.offsets[window])
    before = corpus.roll[row - 1] if corpus.start_of[window] else None
    return passage(corpus.windows([window])[0], corpus.pitches, before, row)


def excerpt(song: Song | Rolled, seconds: float, corpus: Corpus, name: str | None = None) -> Excerpt:
    """What begins at a time in a song, as far as the corpus has its pitches; silent beyond the song's end.

    name: what the corpus calls the song, if it is in it.  Raises: CorpusError for a song that has no beats to count.
    """
    on_grid = rolled_on(song, corpus.grid)
    first, columns = int(on_grid.time.step_nearest(seconds)), places_in(corpus.pitches, corpus.grid.columns)
    roll = on_grid.roll[first : first + corpus.window, columns]
    before = on_grid.roll[first - 1, columns] if 0 < first < len(on_grid.roll) else None
    row = None
    if name in corpus.names:
        window = int(np.argmax(corpus.song_of == corpus.names.index(name)))
        row = int(corpus.offsets[window] - corpus.start_of[window]) + first
    return Excerpt(np.pad(roll, ((0, corpus.window - len(roll)), (0, 0))), before, row)


def rolled_on(song: Song | Rolled, grid: Grid) -> SampledSong:
    """A song on a grid, whole.  Raises: CorpusError for one that has no beats to count."""
    return sampled(song, grid) if isinstance(song, Song) else SampledSong(song.name, song.roll)


def _checked(query: Query) -> Query:
    if not query.notes:
        raise VraeError("there is no note to look for")
    if len(query.notes) > MOST_NOTES or query.steps > LONGEST:
        raise VraeError(f"a phrase to look for has at most {MOST_NOTES} notes, within {LONGEST} steps of the model")
    if any(not LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH for note in query.notes):
        raise VraeError(f"a phrase to look for stays on the piano: MIDI pitches {LOWEST_PITCH} to {HIGHEST_PITCH}")
    return query


class PhraseRecording:
    """Takes messages as they come; the first note that is struck is at step 0."""

    def __init__(self, steps: int, steps_per_second: float = STEPS_PER_SECOND) -> None:
        """steps: how long a phrase may be."""
        self._steps, self._steps_per_second = steps, steps_per_second
        self._began: float | None = None
        self._held: dict[int, float] = {}  # per pitch: when it was struck
        self._ended: list[PhraseNote] = []

    @property
    def seconds(self) -> float:
        """How long a phrase may be."""
        return self._steps / self._steps_per_second

    def take(self, message: bytes, seconds: float) -> bool:
        """Follow a message that came at a time; whether it was of a note, and so for nobody else."""
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
        return int(max(0.0, seconds - self._began) * self._steps_per_second + 0.5)
