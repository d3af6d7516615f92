"""A corpus: the windows cut from a number of songs (`cutting.py`), as offsets into one roll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol, Self, TypeVar

import numpy as np

from vrae_core.corpus.sampling import PAPER_GRID, Grid, Programs, SongOnsets, SongTime
from vrae_core.midi.beats import Times
from vrae_core.piano_roll import BoolArray, IntArray


class Rolled(Protocol):
    """A song, as far as windows are concerned: a name and a roll (steps, 88) bool."""

    @property
    def name(self) -> str: ...
    @property
    def roll(self) -> BoolArray: ...


class Windows(Protocol):
    """What training needs of the windows it learns from, wherever they lie: see Corpus, which has them in memory."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def pitches(self) -> tuple[int, ...]: ...
    @property
    def window(self) -> int: ...
    @property
    def song_of(self) -> IntArray: ...
    @property
    def offsets(self) -> IntArray: ...
    @property
    def skipped(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...
    def windows(self, indices: slice | Sequence[int] | IntArray = slice(None)) -> BoolArray: ...
    def take(self, indices: Sequence[int] | IntArray) -> Self: ...
    def cells(self) -> Iterator[bytes]: ...


Cut = TypeVar("Cut", bound=Windows)


class BenchmarkPiece(NamedTuple):
    """A song of which there is only the roll."""

    name: str
    roll: BoolArray  # (steps, 88)


@dataclass(frozen=True)
class Corpus:
    """Windows of songs.  All songs' rolls lie on top of each other; a window is where it begins."""

    names: tuple[str, ...]  # one a song
    pitches: tuple[int, ...]  # P, the columns: MIDI numbers, or of parts; see `columns`
    roll: BoolArray  # (steps of all songs, P)
    offsets: IntArray  # (windows,) first row of each in `roll`
    song_of: IntArray  # (windows,) index into `names`
    start_of: IntArray  # (windows,) first step within its song
    window: int  # T
    skipped: tuple[str, ...] = ()  # a sentence for each song that was left out
    grid: Grid = PAPER_GRID
    times: tuple[SongTime, ...] = ()  # one a song, or none if every step lasts 50 ms
    onsets: tuple[SongOnsets, ...] = ()  # one a song, or none if nobody knows
    programs: tuple[Programs, ...] = ()  # one a song, or none if nobody knows

    def __len__(self) -> int:
        return len(self.offsets)

    def windows(self, indices: slice | Sequence[int] | IntArray = slice(None)) -> BoolArray:
        """Gather windows: (n, T, P)."""
        gathered: BoolArray = self.roll[self.offsets[indices][:, None] + np.arange(self.window)]
        return gathered

    def cells(self) -> Iterator[bytes]:
        """What tells these windows from any others: where they begin, and every cell."""
        yield self.offsets.astype("<i8").tobytes()
        yield np.packbits(self.roll).tobytes()

    def start_seconds(self, index: int) -> float:
        """When in its song a window begins."""
        return float(self.time_of(int(self.song_of[index])).seconds_at(int(self.start_of[index])))

    @cached_property
    def starts(self) -> Times:
        """When in its song each window begins, in seconds: (windows,)."""
        return self._when(self.start_of)

    @cached_property
    def durations(self) -> Times:
        """How many seconds each window lasts: (windows,)."""
        return self._when(self.start_of + self.window) - self.starts

    def tempos(self) -> Times:
        """The beats a minute that each window is played at, (windows,); 150 where a step lasts 50 ms."""
        return 60 * self.window / self.grid.played_per_beat / self.durations

    def time_of(self, song: int) -> SongTime:
        """When the steps of a song are."""
        return self.times[song] if self.times else SongTime()

    def _when(self, steps: IntArray) -> Times:
        if not self.times:
            return SongTime().seconds_at(steps)
        seconds = np.empty(len(steps))
        for song in np.unique(self.song_of).tolist():
            own = self.song_of == song
            seconds[own] = self.times[song].seconds_at(steps[own])
        return seconds

    def number_in_song(self, index: int, hop: int) -> int:
        """The number of a window among those of its song that begin every ``hop`` steps, and the one that ends it."""
        return -(-int(self.start_of[index]) // hop)

    def has_windows_of(self, other: Corpus) -> bool:
        """Whether these are the very windows of another, whatever the songs are called."""
        return self.roll is other.roll and self.offsets is other.offsets

    def take(self, indices: Sequence[int] | IntArray) -> Corpus:
        """The same songs with only some of the windows."""
        kept = np.asarray(indices)
        return replace(self, offsets=self.offsets[kept], song_of=self.song_of[kept], start_of=self.start_of[kept])

    def without_song(self, song: int) -> Corpus:
        """The windows of the other songs; the roll stays as it is."""
        rest = self.take(np.flatnonzero(self.song_of != song))
        return replace(
            rest,
            names=(*self.names[:song], *self.names[song + 1 :]),
            song_of=rest.song_of - (rest.song_of > song),
            times=(*self.times[:song], *self.times[song + 1 :]),
            onsets=(*self.onsets[:song], *self.onsets[song + 1 :]),
            programs=(*self.programs[:song], *self.programs[song + 1 :]),
        )


def held_out(corpus: Cut, every: int = 10) -> tuple[Cut, Cut]:
    """Split a corpus: the windows to train on, and every tenth (or ``every``-th) of all, held out for measuring."""
    indices = np.arange(len(corpus))
    chosen = indices % every == every - 1
    return corpus.take(indices[~chosen]), corpus.take(indices[chosen])


def evenly(count: int, most: int) -> IntArray:
    """All numbers below ``count``, or ``most`` of them, evenly spread."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def subset(corpus: Cut, most: int) -> Cut:
    """The corpus itself, or ``most`` of its windows, evenly spread: enough to measure by, however many there are."""
    return corpus if len(corpus) <= most else corpus.take(evenly(len(corpus), most))
