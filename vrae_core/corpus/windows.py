"""A corpus: the windows cut from a number of songs, as offsets into one roll.

A song is whatever has a name and a roll: the ``Song`` of a MIDI file, whose steps last 50 ms, or a
``Piece`` of the polyphonic benchmark (`benchmark.py`), whose steps are beats or parts of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from vrae_core.errors import CorpusError
from vrae_core.piano_roll import PIANO_PITCHES, STEP_SECONDS, BoolArray, IntArray

MIN_PITCH_SHARE = 0.0005  # of all set cells: "no significant amount of notes" below it (paper, section 3.1)
MOST_SHUFFLED = 1 << 17  # windows that are put in order all at once, which takes a millisecond or two
PAPER_CAP = 520  # windows a song (paper, section 3.1: "the first 520 data points from each song")


_Numbers = npt.NDArray[np.uint64]


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
    pitches: tuple[int, ...]  # P, MIDI numbers of the columns
    roll: BoolArray  # (steps of all songs, P)
    offsets: IntArray  # (windows,) first row of each in `roll`
    song_of: IntArray  # (windows,) index into `names`
    start_of: IntArray  # (windows,) first step within its song
    window: int  # T
    skipped: tuple[str, ...] = ()  # a sentence for each song that was left out

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
        """Where in its song a window begins, if the song's steps last 50 ms."""
        return float(self.start_of[index]) * STEP_SECONDS

    def number_in_song(self, index: int, hop: int) -> int:
        """The number of a window among those of its song that begin every ``hop`` steps, and the one that ends it."""
        return -(-int(self.start_of[index]) // hop)

    def take(self, indices: Sequence[int] | IntArray) -> Corpus:
        """The same songs with only some of the windows."""
        kept = np.asarray(indices)
        return Corpus(
            self.names,
            self.pitches,
            self.roll,
            self.offsets[kept],
            self.song_of[kept],
            self.start_of[kept],
            self.window,
            self.skipped,
        )


def held_out(corpus: Cut, every: int = 10) -> tuple[Cut, Cut]:
    """Split a corpus: the windows to train on, and every tenth (or ``every``-th) of all, held out for measuring."""
    indices = np.arange(len(corpus))
    chosen = indices % every == every - 1
    return corpus.take(indices[~chosen]), corpus.take(indices[chosen])


def sampled(corpus: Cut, most: int) -> Cut:
    """The corpus itself, or ``most`` of its windows, evenly spread: enough to measure by, however many there are."""
    if len(corpus) <= most:
        return corpus
    return corpus.take(np.linspace(0, len(corpus) - 1, most).astype(np.int64))


def order_of(count: int, seed: tuple[int, ...], first: int, length: int) -> IntArray:
    """Some of the numbers below ``count`` in an order drawn by chance: those from place ``first`` on.

    Many are not shuffled but renumbered, place by place, by a Feistel cipher of four rounds on
    numbers of 2 b bits, which is a permutation; a number beyond ``count`` is enciphered again until it is below.
    (Black & Rogaway 2002, Ciphers with arbitrary finite domains.)
    """
    source = np.random.default_rng(seed)
    if count <= MOST_SHUFFLED:
        return source.permutation(count)[first : first + length]
    half = np.uint64((count - 1).bit_length() + 1) // np.uint64(2)
    keys = source.integers(1, 1 << 63, (4, 2), dtype=np.uint64) | np.uint64(1)
    places = np.arange(first, min(first + length, count), dtype=np.uint64)
    out = np.full(len(places), count, np.uint64)
    while (beyond := out >= count).any():
        places[beyond] = out[beyond] = _enciphered(places[beyond], half, keys)
    return out.astype(np.int64)


def _enciphered(numbers: _Numbers, half: np.uint64, keys: _Numbers) -> _Numbers:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for factor, added in keys:
        mixed = (right + added) * factor  # wraps around, as it is meant to
        mixed ^= mixed >> np.uint64(29)
        left, right = right, left ^ ((mixed * factor) >> np.uint64(32)) & mask
    return (left << half) | right


def names_listed(names: Sequence[str], most: int = 50) -> str:
    """The names of songs in one line, cut short where there are too many to read."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def choose_pitches(songs: Sequence[Rolled], min_share: float = MIN_PITCH_SHARE) -> tuple[int, ...]:
    """The pitches that hold at least ``min_share`` of all set cells of all songs."""
    return pitches_worth_keeping(np.sum([song.roll.sum(axis=0) for song in songs], axis=0), min_share)


def pitches_worth_keeping(cells: IntArray, min_share: float) -> tuple[int, ...]:
    """The same, if it is known how many cells (88,) of each pitch are set."""
    return tuple(pitch for pitch, n in zip(PIANO_PITCHES, cells, strict=True) if n and n >= min_share * cells.sum())


def window_counts(
    steps: Sequence[int] | IntArray, window: int, hop: int, cap: int | None, equal_share: bool
) -> IntArray:
    """How many windows songs of so many steps give, as `build_corpus` cuts them: (songs,), at least 1 each."""
    counts: IntArray = np.maximum(np.asarray(steps, np.int64) - window, 0) // hop + 1
    if cap is not None:
        counts = np.minimum(counts, cap)
    return np.full_like(counts, counts.min()) if equal_share and len(counts) else counts


def build_corpus(
    songs: Sequence[Rolled],
    window: int,
    hop: int,
    *,
    cap: int | None = PAPER_CAP,
    equal_share: bool = True,
    pitches: Sequence[int] | None = None,
    to_the_end: bool = False,
) -> Corpus:
    """Cut songs into windows of ``window`` steps, ``hop`` steps apart, from each song's beginning.

    cap: most windows a song gives.  equal_share: every song gives as many as the shortest gives.
    pitches: the columns to keep; chosen from the songs if not given.
    to_the_end: where less than a hop is left of a song, a last window ends with it.  Trainings do without, for theirs
    are the paper's windows, and figures are those of the windows that were learnt; whatever shows songs shows all.

    A song shorter than one window ends in silence.  A song with none of the pitches is left out
    and named in ``skipped``.  Raises CorpusError if no song is left.
    """
    if not songs:
        raise CorpusError("no songs were given")
    chosen = tuple(pitches) if pitches is not None else choose_pitches(songs)
    columns = [pitch - PIANO_PITCHES[0] for pitch in chosen]
    kept: list[tuple[Rolled, BoolArray]] = []
    skipped: list[str] = []
    for song in songs:
        roll = song.roll[:, columns]
        if not roll.any():
            skipped.append(f"{song.name} uses none of the {len(chosen)} pitches that the model knows")
        else:
            missing = max(0, window - len(roll))
            kept.append((song, np.pad(roll, ((0, missing), (0, 0)))))
    if not kept:
        raise CorpusError("; ".join(skipped))

    counts = window_counts([len(roll) for _, roll in kept], window, hop, cap, equal_share)
    bases = np.cumsum([0, *(len(roll) for _, roll in kept)])
    starts = [np.arange(n) * hop for n in counts.tolist()]
    if to_the_end:
        lasts = [len(roll) - window for _, roll in kept]
        starts = [
            np.append(start, last) if start[-1] < last < start[-1] + hop else start
            for start, last in zip(starts, lasts, strict=True)
        ]
    return Corpus(
        names=tuple(song.name for song, _ in kept),
        pitches=chosen,
        roll=np.concatenate([roll for _, roll in kept]),
        offsets=np.concatenate([base + start for base, start in zip(bases[:-1], starts, strict=True)]),
        song_of=np.repeat(np.arange(len(kept)), [len(start) for start in starts]),
        start_of=np.concatenate(starts),
        window=window,
        skipped=tuple(skipped),
    )


def same_windows(corpus: Corpus, songs: Sequence[Rolled], window: int, pitches: Sequence[int]) -> Corpus:
    """The windows of a corpus as another model sees them: those of the same songs that begin where they begin.

    songs: those that the corpus was cut from, in their order.  Beyond its end a song is silent, and so it is if it
    has none of the pitches: window i of both is the same music.
    """
    columns = [pitch - PIANO_PITCHES[0] for pitch in pitches]
    known = [pitch - PIANO_PITCHES[0] for pitch in corpus.pitches]
    kept = [song for song in songs if song.roll[:, known].any()]
    if tuple(song.name for song in kept) != corpus.names:
        raise CorpusError("these are not the songs that the windows were cut from")
    last = np.zeros(len(kept), np.int64)
    np.maximum.at(last, corpus.song_of, corpus.start_of)
    rolls = [
        np.pad(song.roll[:, columns], ((0, max(0, end + window - len(song.roll))), (0, 0)))
        for song, end in zip(kept, last.tolist(), strict=True)
    ]
    bases = np.cumsum([0, *(len(roll) for roll in rolls)])
    return Corpus(
        names=corpus.names,
        pitches=tuple(pitches),
        roll=np.concatenate(rolls),
        offsets=bases[corpus.song_of] + corpus.start_of,
        song_of=corpus.song_of,
        start_of=corpus.start_of,
        window=window,
    )
