"""Songs, cut into the windows of a corpus.

A song is put on a grid first (`sampling.py`): steps of 50 ms as in the paper, or parts of a beat, where windows begin
on bar lines.  A piece of the polyphonic benchmark (`benchmark.py`) has nothing but its roll.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.columns import places_in
from vrae_core.corpus.sampling import PAPER_GRID, Grid, SampledSong, SongOnsets, SongTime, sampled
from vrae_core.corpus.windows import Corpus, Rolled
from vrae_core.errors import CorpusError
from vrae_core.midi.song import Song
from vrae_core.piano_roll import BoolArray, IntArray

MIN_PITCH_SHARE = 0.0005  # of all set cells: "no significant amount of notes" below it (paper, section 3.1)
PAPER_CAP = 520  # windows a song (paper, section 3.1: "the first 520 data points from each song")


def choose_pitches(
    songs: Sequence[Song | Rolled], min_share: float = MIN_PITCH_SHARE, grid: Grid = PAPER_GRID
) -> tuple[int, ...]:
    """The columns that hold at least ``min_share`` of all set cells of all songs."""
    return _worth_keeping((song.roll for song, _ in _on_grid(songs, grid) if song is not None), min_share, grid)


def _worth_keeping(rolls: Iterable[BoolArray], min_share: float, grid: Grid) -> tuple[int, ...]:
    cells = np.zeros(len(grid.columns), np.int64)
    for roll in rolls:
        cells += roll.sum(axis=0)
    return pitches_worth_keeping(cells, min_share, grid.columns)


def pitches_worth_keeping(
    cells: IntArray, min_share: float, columns: Sequence[int] = PAPER_GRID.columns
) -> tuple[int, ...]:
    """The same, if it is known how many cells of each column are set."""
    return tuple(column for column, n in zip(columns, cells, strict=True) if n and n >= min_share * cells.sum())


def window_counts(
    steps: Sequence[int] | IntArray, window: int, hop: int, cap: int | None, equal_share: bool
) -> IntArray:
    """How many windows songs of so many steps of 50 ms give, as `build_corpus` cuts them: (songs,), at least 1 each."""
    counts: IntArray = np.maximum(np.asarray(steps, np.int64) - window, 0) // hop + 1
    return shared_out(counts, cap, equal_share)


def window_starts(steps: int, window: int, hop: int, bar_lines: IntArray | None = None) -> IntArray:
    """The steps at which the windows of a song of so many steps begin.

    bar_lines: where its bars begin.  Windows then begin on them, ``hop`` steps apart or as few less as bars allow:
    every second bar if a hop is two bars, or every ``hop`` steps from a bar line on if it is less than a bar; the last
    window is flush with the end of the song.
    """
    last = max(steps - window, 0)
    if bar_lines is None:
        return np.arange(0, last + 1, hop)
    starts = np.unique(np.concatenate(_from_bars(np.append(bar_lines, steps), hop)))
    starts = starts[starts <= last]
    return starts if len(starts) and starts[-1] == last else np.append(starts, last)


def _from_bars(lines: IntArray, hop: int) -> list[IntArray]:
    """Places at most a hop apart, those of each bar together; ``lines`` ends with the end of the song."""
    places, due = [lines[:0]], int(lines[0])
    for first, end in pairwise(lines.tolist()):
        if end > due:  # the next bar line would be too late
            places.append(np.arange(first, end, hop))
            due = first + hop
    return places


def shared_out(counts: IntArray, cap: int | None, equal_share: bool) -> IntArray:
    """What is left of songs' windows, (songs,), with a cap and equal shares."""
    if cap is not None:
        counts = np.minimum(counts, cap)
    return np.full_like(counts, counts.min()) if equal_share and len(counts) else counts


def build_corpus(
    songs: Sequence[Song | Rolled],
    window: int,
    hop: int,
    *,
    cap: int | None = PAPER_CAP,
    equal_share: bool = True,
    pitches: Sequence[int] | None = None,
    to_the_end: bool = False,
    grid: Grid = PAPER_GRID,
) -> Corpus:
    """Cut songs into windows of ``window`` steps, ``hop`` steps apart, from each song's beginning.

    cap: most windows a song gives.  equal_share: every song gives as many as the shortest gives.
    pitches: the columns to keep; chosen from the songs if not given.
    to_the_end: where less than a hop is left of a song, a last window ends with it.  Trainings do without, for theirs
    are the paper's windows, and figures are those of the windows that were learnt; whatever shows songs shows all.
    grid: what a step is.  In musical time windows begin on bar lines (`window_starts`) and always reach the end.

    A song shorter than one window ends in silence.  A song with none of the pitches, or without beats where beats are
    counted, is left out and named in ``skipped``.  Raises CorpusError if no song is left.
    """
    if not songs:
        raise CorpusError("no songs were given")
    read = _on_grid(songs, grid)
    if pitches is None:
        all_read = list(read)
        pitches = _worth_keeping((song.roll for song, _ in all_read if song is not None), MIN_PITCH_SHARE, grid)
        read = iter(all_read)
    columns = places_in(pitches, grid.columns)
    skipped: list[str] = []
    kept: list[_Kept] = []
    for song, why in read:
        if song is None:
            skipped.append(why)
        elif (roll := song.roll[:, columns]).any():
            roll = np.pad(roll, ((0, max(0, window - len(roll))), (0, 0)))
            kept.append(_Kept(replace(song, roll=_NO_CELLS), len(roll), np.packbits(roll)))
        else:
            skipped.append(f"{song.name} uses none of the {len(pitches)} pitches that the model knows")
    if not kept:
        raise CorpusError("; ".join(skipped))
    cut = [_starts(song, steps, window, hop, to_the_end) for song, steps, _ in kept]
    counts = shared_out(np.array([len(starts) for starts in cut]), cap, equal_share)
    starts = [of_song[:count] for of_song, count in zip(cut, counts.tolist(), strict=True)]
    bases = np.cumsum([0, *(steps for _, steps, _ in kept)])
    return Corpus(
        names=tuple(song.name for song, *_ in kept),
        pitches=tuple(pitches),
        offsets=np.concatenate([base + start for base, start in zip(bases[:-1], starts, strict=True)]),
        song_of=np.repeat(np.arange(len(kept)), [len(start) for start in starts]),
        start_of=np.concatenate(starts),
        window=window,
        skipped=tuple(skipped),
        grid=grid,
        times=tuple(song.time for song, *_ in kept) if grid.steps_per_beat else (),
        onsets=_onsets([song for song, *_ in kept]),
        programs=tuple(song.programs for song, *_ in kept),
        roll=_stacked(kept, len(columns)),  # last, for it takes their cells away
    )


_NO_CELLS = np.zeros((0, 0), bool)


class _Kept(NamedTuple):
    """A song of a corpus: its steps, and its cells as bits, or the cells of all songs would be held twice."""

    song: SampledSong  # without them
    steps: int
    bits: npt.NDArray[np.uint8]


def _stacked(songs: list[_Kept], columns: int) -> BoolArray:
    """The songs' cells on top of each other; each leaves the list once it is copied."""
    roll = np.empty((sum(steps for _, steps, _ in songs), columns), bool)
    end = len(roll)
    while songs:
        _, steps, bits = songs.pop()
        roll[end - steps : end] = np.unpackbits(bits, count=steps * columns).reshape(steps, columns)
        end -= steps
    return roll


def _onsets(songs: Sequence[SampledSong]) -> tuple[SongOnsets, ...]:
    known = tuple(song.onsets for song in songs)
    return known if any(len(onsets.seconds) for onsets in known) else ()


def _starts(song: SampledSong, steps: int, window: int, hop: int, to_the_end: bool) -> IntArray:
    if song.grid.steps_per_beat:
        return window_starts(steps, window, hop, song.time.bar_lines(steps))
    starts = window_starts(steps, window, hop)
    last = steps - window
    return np.append(starts, last) if to_the_end and starts[-1] < last else starts


def _on_grid(songs: Iterable[Song | Rolled], grid: Grid) -> Iterator[tuple[SampledSong | None, str]]:
    """Each song on the grid, or why it cannot be: one after the other, for their rolls are large."""
    for song in songs:
        try:
            if isinstance(song, Song):
                yield sampled(song, grid), ""
            elif grid == PAPER_GRID:
                yield SampledSong(song.name, song.roll), ""
            else:
                yield None, f"{song.name} is a roll without notes, and cannot be put on {grid}"
        except CorpusError as why:
            yield None, str(why)


def unknown_shares(songs: Sequence[Song | Rolled], pitches: Sequence[int], grid: Grid) -> Iterator[tuple[str, float]]:
    """Of each song that can be put on the grid: its name, and the share of its cells that are on other columns."""
    columns = places_in(pitches, grid.columns)
    for song, _ in _on_grid(songs, grid):
        if song is not None:
            yield song.name, float(1 - song.roll[:, columns].sum() / max(1, song.roll.sum()))


def same_windows(
    corpus: Corpus, songs: Sequence[Song | Rolled], window: int, pitches: Sequence[int], grid: Grid = PAPER_GRID
) -> Corpus:
    """The windows of a corpus as another model sees them: those of the same songs that begin where they begin.

    songs: those that the corpus was cut from, in their order.  Beyond its end a song is silent, and so it is if it
    has none of the pitches: window i of both is the same music.  On another grid a window begins at the nearest step.
    """
    known = places_in(corpus.pitches, corpus.grid.columns)
    kept = [
        (song, place)
        for place, (song, _) in enumerate(_on_grid(songs, corpus.grid))
        if song is not None and song.roll[:, known].any()
    ]
    if tuple(song.name for song, _ in kept) != corpus.names:
        raise CorpusError("these are not the songs that the windows were cut from")
    others = [song for song, _ in kept]
    start_of = corpus.start_of
    if grid != corpus.grid:
        read = list(_on_grid([songs[place] for _, place in kept], grid))
        if why := next((why for song, why in read if song is None), ""):
            raise CorpusError(why)
        others = [song for song, _ in read if song is not None]
        start_of = _steps_of(corpus, [song.time for song in others])
    columns = places_in(pitches, grid.columns)
    last = np.zeros(len(kept), np.int64)
    np.maximum.at(last, corpus.song_of, start_of)
    rolls = [
        np.pad(song.roll[:, columns], ((0, max(0, end + window - len(song.roll))), (0, 0)))
        for song, end in zip(others, last.tolist(), strict=True)
    ]
    bases = np.cumsum([0, *(len(roll) for roll in rolls)])
    return Corpus(
        names=corpus.names,
        pitches=tuple(pitches),
        roll=np.concatenate(rolls),
        offsets=bases[corpus.song_of] + start_of,
        song_of=corpus.song_of,
        start_of=start_of,
        window=window,
        grid=grid,
        times=tuple(song.time for song in others) if grid.steps_per_beat else (),
        onsets=_onsets(others),
        programs=tuple(song.programs for song in others),
    )


def _steps_of(corpus: Corpus, times: Sequence[SongTime]) -> IntArray:
    """The steps of other times at which the windows of a corpus begin."""
    steps = np.empty(len(corpus), np.int64)
    for song, time in enumerate(times):
        own = corpus.song_of == song
        steps[own] = time.step_nearest(corpus.starts[own])
    return steps
