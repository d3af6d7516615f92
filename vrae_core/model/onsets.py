"""Note onsets: which notes of a file begin where the model lets them begin.

Frame F1 flatters, for most cells of a note follow from its first.  What is heard is whether a note begins on time, so
that onsets are counted in seconds against the file's own notes, and grids can be compared: of one pitch (or kind of
drum), one to one, within 25 ms, as mir_eval's transcription metrics count them without offsets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from vrae_core.columns import Part, parts_of, pitches_of
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.beats import Times
from vrae_core.piano_roll import BoolArray, IntArray

WITHIN = 0.025  # seconds
_DIGITS = 3  # of the seconds that onsets are told apart by: unisons of several tracks are one
_NONE: Times = np.zeros(0)


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
    present = sorted({Part(part) for part in parts_of(corpus.pitches).tolist()})
    counts = {part: Onsets() for part in (Part.ALL, *present)}
    keys, begun = [_keys(column) for column in corpus.pitches], _begun(corpus, rolls)
    for song in np.unique(corpus.song_of).tolist():
        time, true = corpus.time_of(song), _true_onsets(corpus, song)
        for window in np.flatnonzero(corpus.song_of == song).tolist():
            first = int(corpus.start_of[window])
            found = _found_onsets(keys, begun[window], time.seconds_at(np.arange(first, first + corpus.window)))
            for key in found.keys() | true.keys():
                counts[key.part].add(
                    found.get(key, _NONE), true[key].between(first, first + corpus.window) if key in true else _NONE
                )
    return counts


def note_onset_f1(corpus: Corpus, rolls: BoolArray) -> dict[Part, float]:
    """F1 of the onsets of all that plays, and of each part that the corpus has and the songs play."""
    counts = note_onsets(corpus, rolls)
    return {part: each.f1 for part, each in counts.items() if part is Part.ALL or each.true}


class _Key(NamedTuple):
    """What onsets are told apart by; part ALL: whoever plays it."""

    part: Part
    is_drum: bool
    pitch: int


def _keys(column: int) -> tuple[_Key, ...]:
    """Of a column: that of whoever plays its pitch, and that of its part."""
    part, pitch = Part(int(parts_of((column,))[0])), pitches_of((column,))[0]
    everybody = _Key(Part.ALL, part is Part.DRUMS, pitch)
    return (everybody,) if part is Part.ALL else (everybody, _Key(part, part is Part.DRUMS, pitch))


def _by_key(onsets: Iterable[tuple[_Key, float]]) -> dict[_Key, Times]:
    found: dict[_Key, set[float]] = defaultdict(set)
    for key, seconds in onsets:
        found[key].add(round(seconds, _DIGITS))
    return {key: np.array(sorted(each)) for key, each in found.items()}


def _found_onsets(keys: Sequence[tuple[_Key, ...]], begun: BoolArray, seconds: Times) -> dict[_Key, Times]:
    """When the notes (T, P) that begin do so."""
    cells = np.argwhere(begun).tolist()
    return _by_key((key, float(seconds[step])) for step, column in cells for key in keys[column])


class _Line(NamedTuple):
    """The onsets of a key in a song, in order, and the steps that they are nearest to."""

    seconds: Times
    steps: IntArray

    def between(self, first: int, end: int) -> Times:
        """Those of some steps."""
        low, high = np.searchsorted(self.steps, (first, end))
        return self.seconds[low:high]


def _true_onsets(corpus: Corpus, song: int) -> dict[_Key, _Line]:
    seconds, columns = corpus.onsets[song]
    keys = {column: _keys(column) for column in np.unique(columns).tolist()}
    pairs = zip(seconds.tolist(), columns.tolist(), strict=True)
    lines = _by_key(chain.from_iterable(((key, when) for key in keys[column]) for when, column in pairs))
    time = corpus.time_of(song)
    return {key: _Line(line, time.step_nearest(line)) for key, line in lines.items()}


def _begun(corpus: Corpus, rolls: BoolArray) -> BoolArray:
    """Where notes begin, (windows, T, P): not in a window's first step if they sounded in the song before it."""
    begun = rolls.copy()
    begun[:, 1:] &= ~rolls[:, :-1]
    inside = corpus.start_of > 0
    begun[inside, 0] &= ~corpus.roll[corpus.offsets[inside] - 1]
    return begun
