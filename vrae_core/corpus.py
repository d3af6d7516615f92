"""A corpus: the windows cut from a number of songs, as offsets into one roll.

A song is whatever has a name and a roll: the ``Song`` of a MIDI file, whose steps last 50 ms, or a
``Piece`` of the polyphonic benchmark (`rolls_file.py`), whose steps are beats or parts of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from vrae_core.errors import CorpusError
from vrae_core.piano_roll import PIANO_PITCHES, STEP_SECONDS, BoolArray, IntArray

MIN_PITCH_SHARE = 0.0005  # of all set cells: "no significant amount of notes" below it (paper, section 3.1)
PAPER_CAP = 520  # windows a song (paper, section 3.1: "the first 520 data points from each song")


class Rolled(Protocol):
    """A song, as far as windows are concerned: a name and a roll (steps, 88) bool."""

    @property
    def name(self) -> str: ...
    @property
    def roll(self) -> BoolArray: ...


class Piece(NamedTuple):
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

    def start_seconds(self, index: int) -> float:
        """Where in its song a window begins, if the song's steps last 50 ms."""
        return float(self.start_of[index]) * STEP_SECONDS

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


def held_out(corpus: Corpus, every: int = 10) -> tuple[Corpus, Corpus]:
    """Split a corpus: the windows to train on, and every tenth (or ``every``-th) of all, held out for measuring."""
    indices = np.arange(len(corpus))
    chosen = indices % every == every - 1
    return corpus.take(indices[~chosen]), corpus.take(indices[chosen])


def choose_pitches(songs: Sequence[Rolled], min_share: float = MIN_PITCH_SHARE) -> tuple[int, ...]:
    """The pitches that hold at least ``min_share`` of all set cells of all songs."""
    cells = np.sum([song.roll.sum(axis=0) for song in songs], axis=0)
    return tuple(pitch for pitch, n in zip(PIANO_PITCHES, cells, strict=True) if n and n >= min_share * cells.sum())


def build_corpus(
    songs: Sequence[Rolled],
    window: int,
    hop: int,
    *,
    cap: int | None = PAPER_CAP,
    equal_share: bool = True,
    pitches: Sequence[int] | None = None,
) -> Corpus:
    """Cut songs into windows of ``window`` steps, ``hop`` steps apart, from each song's beginning.

    cap: most windows a song gives.  equal_share: every song gives as many as the shortest gives.
    pitches: the columns to keep; chosen from the songs if not given.

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

    counts = [(len(roll) - window) // hop + 1 for _, roll in kept]
    if cap is not None:
        counts = [min(n, cap) for n in counts]
    if equal_share:
        counts = [min(counts)] * len(counts)
    bases = np.cumsum([0, *(len(roll) for _, roll in kept)])
    starts = [np.arange(n) * hop for n in counts]
    return Corpus(
        names=tuple(song.name for song, _ in kept),
        pitches=chosen,
        roll=np.concatenate([roll for _, roll in kept]),
        offsets=np.concatenate([base + start for base, start in zip(bases[:-1], starts, strict=True)]),
        song_of=np.repeat(np.arange(len(kept)), counts),
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
