"""A song on a grid: what a row of its roll is, what a column is, and where its bars begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import starmap
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from vrae_core.columns import BAND, DRUM_NOTE, OTHER_DRUM, TONAL, Part, all_columns, column_of, columns_of, parts_of
from vrae_core.corpus.voices import split_voices
from vrae_core.errors import CorpusError
from vrae_core.midi.beats import MOST_CHANGES, Bars, Meter, Tempo, TempoMap, Times
from vrae_core.midi.parts import parts_of_tracks
from vrae_core.midi.song import Song
from vrae_core.piano_roll import (
    LOWEST_PITCH,
    PIANO_PITCHES,
    STEP_SECONDS,
    STEPS_PER_SECOND,
    BoolArray,
    IntArray,
    Notes,
    roll_of_spans,
)

StepsPerBeat = Literal[0, 4, 6, 8, 12, 16, 24]
MOST_STEPS = 1 << 20  # of a song: twelve hours of 12 steps a beat at 120 beats a minute
PAPER_STEPS_PER_BEAT = 8  # that a step of 50 ms is an eighth of, at 150 beats a minute
HIT_BEATS = 1 / 4  # that a hit of the drums is held: one of a single step is too rare a thing to learn
_LEFT_OUT = -1  # the part of a track that is not heard
_HIT_COLUMNS = np.array([column_of(Part.DRUMS, DRUM_NOTE.get(pitch, OTHER_DRUM)) for pitch in range(128)])


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
    columns: npt.NDArray[np.int16]


Programs = tuple[int, int, int, int]  # General MIDI, of melody, chords and bass, and the kit of the drums
NO_PROGRAMS: Programs = (0, 0, 0, 0)
NO_ONSETS = SongOnsets(np.zeros(0), np.zeros(0, np.int16))


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
    heard = Notes.joined(song.notes, song.drums) if grid.parts else song.notes
    if int(time.step_nearest(heard.ends.max(initial=0.0))) > MOST_STEPS:
        raise CorpusError(f"{song.name} has more than {MOST_STEPS:,} steps of {grid}")
    if grid.parts:
        roll, placed = _band(song, heard, grid, time)
    else:
        notes = heard.some(heard.on_piano)
        placed = _Placed(notes, notes.pitches.astype(np.int64))
        roll = _roll(placed, PIANO_PITCHES, time)
    return SampledSong(song.name, roll, grid, time, _onsets(placed), _programs(song, placed))


class _Placed(NamedTuple):
    """Notes and the column of each."""

    notes: Notes
    columns: IntArray

    def some(self, which: npt.NDArray[Any]) -> _Placed:
        return _Placed(self.notes.some(which), self.columns[which])


def _joined(*several: _Placed) -> _Placed:
    return _Placed(Notes.joined(*(each.notes for each in several)), np.concatenate([each.columns for each in several]))


def _band(song: Song, notes: Notes, grid: Grid, time: SongTime) -> tuple[BoolArray, _Placed]:
    """(steps, columns) of melody, chords, bass and drums, and the notes that are in it."""
    of_tracks = [_LEFT_OUT if part is None else int(part) for part in song.parts or parts_of_tracks(song)]
    tracks = np.minimum(notes.tracks, len(of_tracks))  # those of no track are told by register
    parts = np.array([*of_tracks, Part.ALL])[tracks]
    on_piano = notes.on_piano
    are_hits, alone = parts == Part.DRUMS, on_piano & (parts == Part.ALL)
    in_parts = on_piano & ~are_hits & ~alone & (parts != _LEFT_OUT)
    hits = notes.some(are_hits)
    struck = _Placed(hits, _HIT_COLUMNS[hits.pitches])
    named = _Placed(notes.some(in_parts), columns_of(parts[in_parts], notes.pitches[in_parts]))
    held = _joined(named, _by_register(notes.some(alone), time))
    layout = all_columns(parts=True)
    lasting = max(1, round(HIT_BEATS * grid.played_per_beat))
    rolls = _roll(held, layout, time), _roll(struck, layout, time, lasting)
    shorter, longer = sorted(rolls, key=len)
    longer[: len(shorter)] |= shorter
    return longer, _joined(held, struck)


def _by_register(notes: Notes, time: SongTime) -> _Placed:
    """The notes of an instrument that plays alone: its highest line is the melody's, its lowest the bass's."""
    pitches = notes.pitches.astype(np.int64)
    if not len(notes):
        return _Placed(notes, pitches)
    roll = _roll(_Placed(notes, pitches), PIANO_PITCHES, time)
    voices = split_voices(roll, PIANO_PITCHES)
    lines = voices[np.minimum(time.step_nearest(notes.starts), len(roll) - 1), pitches - LOWEST_PITCH]
    return _Placed(notes, columns_of(np.array(TONAL)[lines], pitches))


def _roll(placed: _Placed, layout: Sequence[int], time: SongTime, lasting: int = 0) -> BoolArray:
    """Notes in their columns, as long as they last, or ``lasting`` steps each."""
    starts = time.step_nearest(placed.notes.starts)
    ends = starts + lasting if lasting else np.maximum(time.step_nearest(placed.notes.ends), starts + 1)
    places = np.searchsorted(layout, placed.columns)  # a layout rises
    spans = np.stack([starts, ends, places], axis=1)
    return roll_of_spans(spans[np.lexsort((places, ends, starts))], len(layout))


def _onsets(placed: _Placed) -> SongOnsets:
    order = np.argsort(placed.notes.starts, kind="stable")
    return SongOnsets(placed.notes.starts[order], placed.columns[order].astype(np.int16))


def _programs(song: Song, placed: _Placed) -> Programs:
    """The instrument that plays most of each part's notes, or most of all."""
    if not song.tracks:
        return NO_PROGRAMS
    parts = parts_of(placed.columns)
    programs = np.array([track.program for track in song.tracks])[placed.notes.tracks]
    everybody = _commonest(programs[parts != Part.DRUMS], 0)
    melody, chords, bass, drums = (
        _commonest(programs[parts == part], 0 if part == Part.DRUMS else everybody) for part in BAND
    )
    return melody, chords, bass, drums


def _commonest(numbers: IntArray, otherwise: int) -> int:
    """The number that comes most often, of several the one that comes first; or another if there is none."""
    if not len(numbers):
        return otherwise
    distinct, firsts, counts = np.unique(numbers, return_index=True, return_counts=True)
    return int(distinct[np.lexsort((firsts, -counts))[0]])
