"""Note onsets: which notes of a file begin where the model lets them begin.

Frame F1 flatters, for most cells of a note follow from its first.  What is heard is whether a note begins on time, so
that onsets are counted in seconds against the file's own notes, and grids can be compared: of one pitch (or kind of
drum), one to one, within 25 ms, as mir_eval's transcription metrics count them without offsets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.beats import Times
from vrae_core.piano_roll import BoolArray, IntArray

WITHIN = 0.025  # seconds
_DIGITS = 3  # of the seconds that onsets are told apart by: unisons of several tracks are one


@dataclass
class Onsets:
    """How many notes begin, in the file and as found, and how many of these are the same."""

    hits: int = 0
    found: int = 0
    true: int = 0

    @property
    def f1(self) -> float:
        """Twice the hits, as a share of all found and all true; 0 if there is neither."""
        return 2 * self.hits / max(1, self.found + self.true)

    def add(self, found: Times, true: Times) -> None:
        """Count two lists of onsets of one pitch, each in order."""
        self.hits += matched(found, true)
        self.found += len(found)
        self.true += len(true)


def matched(found: Times, true: Times, within: float = WITHIN) -> int:
    """How many of two rising lists of onsets can be paired, one to one, no further apart than ``within`` seconds.

    Taking the earliest partner of each in turn gives the most, for all reach equally far.
    """
    hits, waiting = 0, iter(true.tolist())
    other = next(waiting, None)
    for onset in found.tolist():
        while other is not None and other < onset - within - 1e-9:
            other = next(waiting, None)
        if other is None:
            break
        if other <= onset + within + 1e-9:
            hits += 1
            other = next(waiting, None)
    return hits


def note_onsets(corpus: Corpus, rolls: BoolArray) -> dict[Part, Onsets]:
    """Count the onsets of each part that the corpus has, and under ALL those of every pitch, whoever plays it.

    corpus: windows that know when their songs' notes begin.  rolls: (windows, T, P) what the model makes of each; a
    note that the window begins in the middle of is no onset of its.
    """
    found, true = _found(corpus, _begun(corpus, rolls)), _true(corpus)
    counts = {}
    for part in (Part.ALL, *sorted({Part(part) for part in parts_of(corpus.pitches).tolist()})):
        counts[part] = Onsets()
        ours, theirs = _lines(found, part), _lines(true, part)
        for key in np.union1d(ours.keys, theirs.keys).tolist():
            counts[part].add(ours.of(key), theirs.of(key))
    return counts


def note_onset_f1(corpus: Corpus, rolls: BoolArray) -> dict[Part, float]:
    """F1 of the onsets of all that plays, and of each part that the corpus has and the songs play.

    NaN if nobody knows when the notes of the songs begin, or if none begins.
    """
    if not corpus.onsets:
        return {Part.ALL: math.nan}
    counts = note_onsets(corpus, rolls)
    everybody = counts[Part.ALL]
    whole = everybody.f1 if everybody.true or everybody.found else math.nan
    return {Part.ALL: whole} | {part: each.f1 for part, each in counts.items() if part is not Part.ALL and each.true}


class _Timed(NamedTuple):
    """Onsets of all windows, (n,) each: the time in the song, later by so much for every window, and the column."""

    when: Times
    columns: IntArray


class _Lines(NamedTuple):
    """Onsets in the order of what they are told apart by, and then of time."""

    keys: IntArray
    when: Times

    def of(self, key: int) -> Times:
        """When those of a key are, rising."""
        low, high = np.searchsorted(self.keys, (key, key + 1))
        return self.when[low:high]


def _lines(onsets: _Timed, part: Part) -> _Lines:
    """The onsets of a part, by column; of ALL, by pitch, whoever plays it, and by kind of drum."""
    parts, keys = parts_of(onsets.columns.tolist()), onsets.columns
    if part is Part.ALL:
        pitched = np.array(pitches_of(keys.tolist()), np.int64)
        keys = np.where(parts == Part.DRUMS, keys, pitched)
    else:
        keys, onsets = keys[parts == part], _Timed(*(each[parts == part] for each in onsets))
    pairs = np.unique(np.stack([keys, np.round(onsets.when, _DIGITS)]), axis=1)
    return _Lines(pairs[0].astype(np.int64), pairs[1])


def _apart(corpus: Corpus) -> float:
    """Seconds that set the windows apart, so that no onset is taken for one of another window."""
    return float(np.ceil((corpus.starts + corpus.durations).max())) + 1


def _found(corpus: Corpus, begun: BoolArray) -> _Timed:
    """When the notes that begin in windows (n, T, P) do so."""
    windows, steps, columns = np.nonzero(begun)
    seconds = np.empty(len(windows))
    for song in np.unique(corpus.song_of).tolist():
        own = corpus.song_of[windows] == song
        seconds[own] = corpus.time_of(song).seconds_at(corpus.start_of[windows[own]] + steps[own])
    return _Timed(windows * _apart(corpus) + seconds, np.asarray(corpus.pitches)[columns])


def _true(corpus: Corpus) -> _Timed:
    """When the notes of the file begin that are nearest to a step of a window."""
    when, columns, apart = [np.zeros(0)], [np.zeros(0, np.int64)], _apart(corpus)
    for song in np.unique(corpus.song_of).tolist():
        onsets = corpus.onsets[song]
        steps = corpus.time_of(song).step_nearest(onsets.seconds)
        for window in np.flatnonzero(corpus.song_of == song).tolist():
            first = int(corpus.start_of[window])
            inside = slice(*np.searchsorted(steps, (first, first + corpus.window)))
            when.append(window * apart + onsets.seconds[inside])
            columns.append(onsets.columns[inside])
    return _Timed(np.concatenate(when), np.concatenate(columns))


def _begun(corpus: Corpus, rolls: BoolArray) -> BoolArray:
    """Where notes begin, (windows, T, P): not in a window's first step if they sounded in the song before it."""
    begun = rolls.copy()
    begun[:, 1:] &= ~rolls[:, :-1]
    inside = corpus.start_of > 0
    begun[inside, 0] &= ~corpus.roll[corpus.offsets[inside] - 1]
    return begun
