"""Search: the windows of a corpus that are like a few notes, like another window or like a file.

How alike two passages sound is told by the notes that are struck, however long they are held.  A note counts as
shared if the same pitch is struck within one step of where it would be.  What is sought is laid along every song
step by step, not only where windows begin, so that a window is found that holds it anywhere; in all transpositions
if asked.  A phrase is ranked by the share of its notes that are there, for a tune's accompaniment must not count
against it; a whole passage by the F1 of what both strike, so that what only one of them has counts against it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.columns import on_piano
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import Corpus, Rolled
from vrae_core.errors import VraeError
from vrae_core.latent.map import LatentMap
from vrae_core.model.trained import TrainedModel
from vrae_core.names import comparable
from vrae_core.piano_roll import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    STEP_SECONDS,
    BoolArray,
    FloatArray,
    IntArray,
)
from vrae_core.progress import Progress, passed_through
from vrae_core.tasks.query import Query, window_of

TOP = 50  # windows that a search gives unless asked for more or fewer
MOST_PIECES = 240  # windows of a file that are looked up: ten minutes of music
_SAME = 2  # steps: matches that begin no farther apart are one, of which the better is given
_AT_ONCE = 1 << 16  # steps of the songs compared between two yields


class Hit(NamedTuple):
    """A window that was found, and how good the match is.

    score: the share of the phrase's notes, the F1 of the notes struck, or in z the distance, where less is better.
    shared, of: notes, 0 of 0 in z.  at: seconds into the song at which the match begins.  semitones: how much higher
    than what was sought.  query_at: seconds into the file that was sought.
    """

    window: int
    score: float
    shared: int
    of: int
    at: float
    semitones: int = 0
    query_at: float = 0.0


def named(corpus: Corpus, text: str) -> IntArray:
    """The windows of all songs in whose name every word of a text occurs, in the order of their numbers."""
    words = comparable(text).split()
    fits = np.array(
        [bool(words) and all(word in name for word in words) for name in map(comparable, corpus.names)], bool
    )
    return np.flatnonzero(fits[corpus.song_of])


def nearest_in_z(
    latent_map: LatentMap, corpus: Corpus, z: npt.ArrayLike, top: int = TOP, row: int | None = None
) -> list[Hit]:
    """The windows whose μ lie nearest to z, (J,), but for those that overlap with the passage at ``row``."""
    overlapping = 0 if row is None else int(np.sum(np.abs(corpus.offsets - row) < corpus.window))
    windows, distances = latent_map.nearest_in_z(z, top + overlapping)
    hits = []
    for window, distance in zip(windows.tolist(), distances.tolist(), strict=True):
        if row is None or abs(int(corpus.offsets[window]) - row) >= corpus.window:
            hits.append(Hit(window, distance, 0, 0, corpus.start_seconds(window)))
    return hits[:top]


def find(
    corpus: Corpus, query: Query, transposed: bool = False, top: int = TOP
) -> Generator[Progress, None, list[Hit]]:
    """The windows that hold what is sought, the best first; each once, with its best match, and what needs
    the fewest semitones before what is as good.

    A match counts for the window that holds most of it.  At any time a part of the songs is looked at, so that a
    million windows need no more memory than a few, but for the best of every window.
    """
    shifts = _shifts(query) if transposed else [0]
    songs = _Songs(corpus)
    best = np.zeros(len(corpus), np.float32)
    rows, semitones = np.zeros(len(corpus), np.int64), np.zeros(len(corpus), np.int8)
    for first in range(0, len(corpus.roll), _AT_ONCE):
        count = min(_AT_ONCE, len(corpus.roll) - first)
        part = songs.part(first, count, query)
        values, shift_of = np.zeros(count, np.float32), np.zeros(count, np.int8)
        for number, shift in enumerate(shifts):
            yield Progress(first + count * number / len(shifts), len(corpus.roll), "comparing notes")
            these = part.values(query, shift)
            better = these > values
            values[better], shift_of[better] = these[better], shift
        windows, places = _peaks(songs.holding(first + np.arange(count), query.steps), values)
        better = values[places] > best[windows]
        windows, places = windows[better], places[better]
        best[windows], rows[windows], semitones[windows] = values[places], first + places, shift_of[places]
    kept: list[int] = []
    for window in np.lexsort((np.abs(semitones), -best)).tolist():
        if len(kept) == top or not best[window]:
            break
        if all(abs(rows[window] - rows[other]) > _SAME for other in kept):
            kept.append(window)
    return [songs.hit(query, window, int(rows[window]), int(semitones[window])) for window in kept]


def find_pieces(
    corpus: Corpus, latent_map: LatentMap | None, model: TrainedModel, song: Rolled, transposed: bool, top: int = TOP
) -> Generator[Progress, None, list[Hit]]:
    """The windows like any of those that another song is cut into from its first note on, each with its best match.

    latent_map: look for the nearest in z rather than in sound.  A song that is in the corpus finds itself.
    Raises: CorpusError if the model knows no pitch of it.
    """
    begins = 0 if corpus.grid.steps_per_beat else int(song.roll.any(axis=1).argmax())
    cut = build_corpus(
        [song if corpus.grid.steps_per_beat else _From(song.name, song.roll[begins:])],
        corpus.window,
        corpus.window,
        cap=MOST_PIECES,
        equal_share=False,
        pitches=model.pitches,
        grid=corpus.grid,
    )
    found: dict[int, Hit] = {}
    for number in range(len(cut)):
        yield Progress(number, len(cut), "comparing windows")
        hits: list[Hit] = []
        if latent_map is not None:
            hits = nearest_in_z(latent_map, corpus, model.encode(cut.windows([number])).mu[0], top)
        else:
            with suppress(VraeError):  # nothing is struck in it
                query = replace(window_of(cut, number), row=None)
                hits = yield from _within(find(corpus, query, transposed, top), number, len(cut))
        for hit in hits:
            placed = hit._replace(query_at=begins * STEP_SECONDS + cut.start_seconds(number))
            found[hit.window] = min(found.get(hit.window, placed), placed, key=_badness)
    return sorted(found.values(), key=_badness)[:top]


class _From(NamedTuple):
    """A song from its first note on."""

    name: str
    roll: BoolArray


def _within(job: Generator[Progress, None, list[Hit]], number: int, total: int) -> Generator[Progress, None, list[Hit]]:
    """The progress of one of several jobs."""
    return (yield from passed_through(job, lambda step: Progress(number + step.done / step.total, total, step.text)))


def _badness(hit: Hit) -> float:
    return -hit.score if hit.of else hit.score


def _shifts(query: Query) -> list[int]:
    """All transpositions that stay on the piano, the nearest first: of equal matches the first is kept."""
    pitches = [note.pitch for note in query.notes]
    return sorted(range(LOWEST_PITCH - min(pitches), HIGHEST_PITCH - max(pitches) + 1), key=abs)


def _peaks(windows: IntArray, values: FloatArray) -> tuple[IntArray, IntArray]:
    """Of steps that each count for a window, in rising order: the windows, and the first step of each that is best."""
    begins = np.flatnonzero(np.diff(windows, prepend=-1))
    group = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(windows)))
    at_peak = np.flatnonzero(values == np.maximum.reduceat(values, begins)[group])
    return windows[begins], at_peak[np.searchsorted(group[at_peak], np.arange(len(begins)))]


class _Songs:
    """A corpus as its songs' steps: where songs begin, where their windows end, and which window a step counts for."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        bases = corpus.offsets - corpus.start_of
        self.begins = np.unique(bases)  # of the songs that have windows
        song = np.searchsorted(self.begins, bases)
        self.ends = np.zeros(len(self.begins), np.int64)
        np.maximum.at(self.ends, song, corpus.offsets + corpus.window)
        self._order = np.argsort(corpus.offsets, kind="stable")
        self._sorted = corpus.offsets[self._order]

    def song_at(self, rows: IntArray) -> IntArray:
        return np.maximum(np.searchsorted(self.begins, rows, side="right") - 1, 0)

    def holding(self, rows: IntArray, steps: int) -> IntArray:
        """For passages that begin at some rows: the window, of the same song, that holds most of each."""
        wanted = rows + (steps - self._corpus.window) / 2
        after = np.searchsorted(self._sorted, wanted).clip(1, max(1, len(self._sorted) - 1))
        before, after = after - 1, np.minimum(after, len(self._sorted) - 1)
        nearer = np.where(self._sorted[after] - wanted < wanted - self._sorted[before], after, before)
        song = self.song_at(rows)
        low = np.searchsorted(self._sorted, self.begins[song])
        high = np.searchsorted(self._sorted, self.ends[song] - self._corpus.window, side="right") - 1
        return np.asarray(self._order[nearer.clip(low, np.maximum(low, high))])

    def part(self, first: int, count: int, query: Query) -> _Part:
        """What is needed to lay a passage at each of ``count`` rows."""
        corpus = self._corpus
        low, high = first - 2, first + count + query.steps + 1
        inside = on_piano(corpus.roll[max(0, low) : high], corpus.pitches)
        cells = np.pad(inside, ((max(0, -low), high - max(0, low) - len(inside)), (0, 0)))
        begins = self.begins - first  # at them nothing of the song before is held, or near
        held = _without(cells[:-1], begins + 1)
        struck = cells[1:] & ~held  # from the row before the first on
        exact = struck[1:-1]
        near = exact | _without(struck[:-2], begins) | _without(struck[2:], begins - 1)
        rows = first + np.arange(count)
        song = self.song_at(rows)
        possible = (rows >= self.begins[song]) & (rows + query.steps <= self.ends[song])
        if query.row is not None:
            possible &= np.abs(rows - query.row) >= query.steps
        counts = np.concatenate([[0], np.cumsum(exact.sum(axis=1))])
        return _Part(
            np.ascontiguousarray(exact.T).view(np.uint8),
            np.ascontiguousarray(near.T).view(np.uint8),
            (counts[query.steps : query.steps + count] - counts[:count]).astype(np.float32),
            possible,
        )

    def hit(self, query: Query, window: int, row: int, semitones: int) -> Hit:
        """A match in words."""
        part = self.part(row, 1, query)
        shared = int(part.shared(part.near, query, semitones)[0])
        score = part.f1(shared, query)[0] if query.whole else shared / len(query.notes)
        step = row - int(self._corpus.offsets[window]) + int(self._corpus.start_of[window])
        at = float(self._corpus.time_of(int(self._corpus.song_of[window])).seconds_at(step))
        return Hit(window, round(float(score), 4), shared, len(query.notes), round(at, 2), semitones)


class _Part(NamedTuple):
    """Some rows of the songs, and as many after them as are compared with what is laid at the last."""

    exact: npt.NDArray[np.uint8]  # (88, steps) notes that are struck
    near: npt.NDArray[np.uint8]  # (88, steps) the same, and a step earlier and later
    beside: FloatArray  # (rows,) notes struck from a row on for as long as the passage lasts
    possible: BoolArray  # (rows,) whether the passage can lie there

    def shared(self, struck: npt.NDArray[np.uint8], query: Query, semitones: int) -> npt.NDArray[np.uint16]:
        """At each row, how many notes are shared."""
        count = len(self.possible)
        total = np.zeros(count, np.uint16)
        for note in query.notes:
            total += struck[note.pitch + semitones - LOWEST_PITCH, note.step : note.step + count]
        return total

    def f1(self, shared: npt.ArrayLike, query: Query) -> FloatArray:
        """2 × shared / (those sought + those there)."""
        f1 = 2 * np.asarray(shared, np.float32) / (len(query.notes) + self.beside)
        return np.asarray(np.minimum(f1, 1), np.float32)

    def values(self, query: Query, semitones: int) -> FloatArray:
        """How good a match is at each row, for ranking; 0 where there is none."""
        shared = self.shared(self.near, query, semitones)
        exact = self.shared(self.exact, query, semitones) / np.float32(len(query.notes))
        f1 = self.f1(shared, query)
        ranked = f1 + exact / 1000 if query.whole else shared + (f1 + exact) / np.float32(2.1)
        return np.where(self.possible & (shared > 0), ranked, 0).astype(np.float32)


def _without(rows: BoolArray, indices: IntArray) -> BoolArray:
    """Rows with some of them empty; indices beyond them are none of them."""
    rest = rows.copy()
    rest[indices[(indices >= 0) & (indices < len(rows))]] = False
    return rest
