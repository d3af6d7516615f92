"""A song on a grid: what a row of its roll is, what a column is, and where its bars begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import starmap
from typing import Annotated, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from vrae_core.columns import BAND, DRUM_NOTE, OTHER_DRUM, TONAL, Part, all_columns, column_of, parts_of, places_in
from vrae_core.corpus.voices import split_voices
from vrae_core.errors import CorpusError
from vrae_core.midi.beats import MOST_CHANGES, Bars, Meter, Tempo, TempoMap, Times
from vrae_core.midi.parts import parts_of_tracks
from vrae_core.midi.song import Song
from vrae_core.piano_roll import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    PIANO_PITCHES,
    STEP_SECONDS,
    STEPS_PER_SECOND,
    BoolArray,
    IntArray,
    Note,
    roll_of_spans,
)

StepsPerBeat = Literal[0, 4, 6, 8, 12, 16, 24]
MOST_STEPS = 1 << 20  # of a song: twelve hours of 12 steps a beat at 120 beats a minute
PAPER_STEPS_PER_BEAT = 8  # that a step of 50 ms is an eighth of, at 150 beats a minute
HIT_BEATS = 1 / 4  # that a hit of the drums is held: one of a single step is too rare a thing to learn


@dataclass(frozen=True)
class Grid:
    """What a cell of a roll is.

    steps_per_beat: steps of a quarter note, through all changes of tempo; 0: steps of 50 ms, the paper's 20 Hz.
    parts: whether a column is a pitch of one part, drums among them, or of all instruments together without drums.
    """

    steps_per_beat: StepsPerBeat = 0
    parts: bool = False

    def __str__(self) -> str:
        return f"{self.steps_per_beat} per beat" if self.steps_per_beat else f"{STEPS_PER_SECOND} Hz"

    @property
    def columns(self) -> tuple[int, ...]:
        """Of a song's roll, before those that hardly sound are left out."""
        return all_columns(self.parts)

    def in_words(self, steps: int) -> str:
        """How long so many steps are, as "48 steps (1 bar of 4/4)" or "2.5 s"."""
        if not self.steps_per_beat:
            return f"{steps * STEP_SECONDS:g} s"
        beats = steps / self.steps_per_beat
        bars, of = (beats / 4, "bar of 4/4") if beats % 4 == 0 else (beats, "beat")
        return f"{steps} steps ({bars:.3g} {of if bars == 1 else of.replace('bar', 'bars').replace('beat', 'beats')})"

    @property
    def played_per_beat(self) -> int:
        """Steps that a player counts as a beat."""
        return self.steps_per_beat or PAPER_STEPS_PER_BEAT


PAPER_GRID = Grid()


@dataclass(frozen=True)
class SongTime:
    """When the steps of a song are; without a tempo map, every 50 ms."""

    steps_per_beat: int = 0
    tempo_map: TempoMap | None = None
    meters: tuple[Meter, ...] = ()

    def seconds_at(self, steps: npt.ArrayLike) -> Times:
        """When steps begin, however late."""
        asked = np.asarray(steps, np.float64)
        if self.tempo_map is None:
            return asked * STEP_SECONDS
        return self.tempo_map.seconds_at(asked / self.steps_per_beat)

    def step_nearest(self, seconds: npt.ArrayLike) -> IntArray:
        """The steps that begin nearest to times."""
        asked = np.asarray(seconds, np.float64)
        if self.tempo_map is None:
            steps = asked * STEPS_PER_SECOND
        else:
            steps = self.tempo_map.beats_at(asked) * self.steps_per_beat
        return np.floor(np.minimum(steps, 2.0**62) + 0.5).astype(np.int64)

    @cached_property
    def bars(self) -> Bars | None:
        """Its bars, or None where nobody knows them."""
        return Bars(self.meters) if self.tempo_map is not None and self.meters and self.steps_per_beat else None

    def bar_lines(self, steps: int) -> IntArray:
        """The steps, below so many, at which bars begin; step 0 alone where nobody knows."""
        return np.zeros(1, np.int64) if self.bars is None else self.bars.lines(steps, self.steps_per_beat)


_Beat = Annotated[float, Meta(ge=0, le=1e9)]
_Rate = Annotated[float, Meta(gt=0, le=1e9)]
_Beats = Annotated[int, Meta(ge=1, le=1 << 16)]


class PlainTime(NamedTuple):
    """A song's time as JSON: tempos as (beat, beats a minute), meters as (beat, numerator, denominator)."""

    tempos: tuple[tuple[_Beat, _Rate], ...]
    meters: tuple[tuple[_Beat, _Beats, _Beats], ...]
    ticks_per_beat: _Rate = 480


def time_to_plain(time: SongTime) -> PlainTime:
    """Numbers and lists, for a file."""
    tempo_map = time.tempo_map or TempoMap()
    return PlainTime(tempo_map.tempos, time.meters, tempo_map.ticks_per_beat)


def time_from_plain(plain: PlainTime, grid: Grid) -> SongTime:
    """The time that ``time_to_plain`` gave, from a file that may hold anything.  Raises: ValueError."""
    for changes in (plain.tempos, plain.meters):
        beats = [change[0] for change in changes]
        if beats != sorted(beats) or (beats and beats[0] != 0) or len(beats) > MOST_CHANGES:
            raise ValueError("its tempos and meters are not in order")
    if not plain.tempos:
        raise ValueError("a song has no tempo")
    tempo_map = TempoMap(tuple(starmap(Tempo, plain.tempos)), plain.ticks_per_beat)
    return SongTime(grid.steps_per_beat, tempo_map, tuple(starmap(Meter, plain.meters)))


class SongOnsets(NamedTuple):
    """When the notes of a song begin in its file, in order, and the column that each belongs to, rounded to no step."""

    seconds: Times
    columns: IntArray


Programs = tuple[int, int, int, int]  # General MIDI, of melody, chords and bass, and the kit of the drums
NO_PROGRAMS: Programs = (0, 0, 0, 0)
NO_ONSETS = SongOnsets(np.zeros(0), np.zeros(0, np.int64))


@dataclass(frozen=True, eq=False)
class SampledSong:
    """A song's roll (steps, columns of its grid), when its steps are, and when its notes really begin."""

    name: str
    roll: BoolArray
    grid: Grid = PAPER_GRID
    time: SongTime = field(default_factory=SongTime)
    onsets: SongOnsets = NO_ONSETS
    programs: Programs = NO_PROGRAMS


def sampled(song: Song, grid: Grid) -> SampledSong:
    """Put a song's notes on a grid.

    Raises: CorpusError, in words that name the song, if it has no beats to count, or nothing that is heard.
    """
    if song.drums and not (song.notes or grid.parts):
        raise CorpusError(f"{song.name} holds only drums, which this model does not play")
    time = SongTime()
    if grid.steps_per_beat:
        if song.tempo_map is None:
            raise CorpusError(f"{song.name} has no beats in its file")
        time = SongTime(grid.steps_per_beat, song.tempo_map, song.meters)
    last = max((note.end for note in (*song.notes, *(song.drums if grid.parts else ()))), default=0.0)
    if int(time.step_nearest(last)) > MOST_STEPS:
        raise CorpusError(f"{song.name} has more than {MOST_STEPS:,} steps of {grid}")
    if grid.parts:
        roll, notes = _band(song, grid, time)
    else:
        notes = [(note, note.pitch) for note in song.notes if _on_piano(note)]
        roll = song.roll if grid == PAPER_GRID else _roll(notes, PIANO_PITCHES, time)
    return SampledSong(song.name, roll, grid, time, _onsets(notes), _programs(song, notes))


_Placed = tuple[Note, int]  # a note and its column


def _band(song: Song, grid: Grid, time: SongTime) -> tuple[BoolArray, list[_Placed]]:
    """(steps, columns) of melody, chords, bass and drums, and the notes that are in it."""
    parts = song.parts or parts_of_tracks(song)
    placed: list[_Placed] = []
    hits: list[_Placed] = []
    alone: list[Note] = []
    for note in (*song.notes, *song.drums):
        part = parts[note.track] if note.track < len(parts) else Part.ALL
        if part is Part.DRUMS:
            hits.append((note, column_of(part, DRUM_NOTE.get(note.pitch, OTHER_DRUM))))
        elif part is not None and _on_piano(note):
            if part is Part.ALL:
                alone.append(note)
            else:
                placed.append((note, column_of(part, note.pitch)))
    placed += _by_register(alone, time)
    layout = all_columns(parts=True)
    lasting = max(1, round(HIT_BEATS * grid.played_per_beat))
    held, struck = _roll(placed, layout, time), _roll(hits, layout, time, lasting)
    longer, shorter = (held, struck) if len(held) >= len(struck) else (struck, held)
    longer[: len(shorter)] |= shorter
    return longer, placed + hits


def _by_register(notes: Sequence[Note], time: SongTime) -> list[_Placed]:
    """The notes of an instrument that plays alone: its highest line is the melody's, its lowest the bass's."""
    if not notes:
        return []
    roll = _roll([(note, note.pitch) for note in notes], PIANO_PITCHES, time)
    voices = split_voices(roll, PIANO_PITCHES)
    steps = np.minimum(time.step_nearest([note.start for note in notes]), len(roll) - 1).tolist()
    lines = [voices[step, note.pitch - LOWEST_PITCH] for step, note in zip(steps, notes, strict=True)]
    return [(note, column_of(TONAL[line], note.pitch)) for note, line in zip(notes, lines, strict=True)]


def _roll(placed: Sequence[_Placed], layout: Sequence[int], time: SongTime, lasting: int = 0) -> BoolArray:
    """Notes in their columns, as long as they last, or ``lasting`` steps each."""
    starts = time.step_nearest([note.start for note, _ in placed])
    ends = starts + lasting if lasting else np.maximum(time.step_nearest([note.end for note, _ in placed]), starts + 1)
    places = places_in([column for _, column in placed], layout)
    return roll_of_spans(sorted(zip(starts.tolist(), ends.tolist(), places.tolist(), strict=True)), len(layout))


def _onsets(placed: Sequence[_Placed]) -> SongOnsets:
    seconds = np.array([note.start for note, _ in placed])
    order = np.argsort(seconds, kind="stable")
    return SongOnsets(seconds[order], np.array([column for _, column in placed], np.int64)[order])


def _programs(song: Song, placed: Sequence[_Placed]) -> Programs:
    """The instrument that plays most of each part's notes, or most of all."""
    if not song.tracks:
        return NO_PROGRAMS
    parts = parts_of([column for _, column in placed]).tolist()
    of_part = {part: Counter[int]() for part in Part}
    for (note, _), part in zip(placed, parts, strict=True):
        program = song.tracks[note.track].program
        of_part[part][program] += 1
        if part != Part.DRUMS:
            of_part[Part.ALL][program] += 1
    everybody = of_part[Part.ALL].most_common(1)
    usual = everybody[0][0] if everybody else 0
    melody, chords, bass, drums = (
        counted.most_common(1)[0][0] if (counted := of_part[part]) else (0 if part == Part.DRUMS else usual)
        for part in BAND
    )
    return melody, chords, bass, drums


def _on_piano(note: Note) -> bool:
    return LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH
