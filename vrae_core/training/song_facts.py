"""What a song brings to a training, and how many windows and pitches songs make together, without their rolls at hand.

Ten thousand songs' rolls fill gigabytes; what is kept of each here is a few hundred bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from vrae_core.corpus.attributes import keys_of, transposed_key
from vrae_core.corpus.windows import pitches_worth_keeping, window_counts
from vrae_core.midi.quantising import AS_PLAYED, Quantising, doubt_of, quantised
from vrae_core.midi.song import Song
from vrae_core.model.recipes import Recipe
from vrae_core.piano_roll import LOWEST_PITCH, PIANO_PITCHES, FloatArray, IntArray, roll_from_notes, transposed


@dataclass(frozen=True, eq=False)
class SongFacts:
    """What is to be known of a song."""

    seconds: float
    steps: int
    cells: IntArray  # (88,) set cells of each pitch of the piano
    notes_per_second: float
    key: int  # 0–11 major from C upwards, 12–23 minor; −1: silence
    digest: bytes  # of the roll: two songs with the same one are the same music
    semitones: int = 0  # how far it is transposed from the roll with that digest
    quantising: Quantising = AS_PLAYED  # what that roll was quantised to
    doubt: str = ""  # why that may not do it good

    @cached_property
    def pitches(self) -> tuple[int, ...]:
        """The pitches it uses, from the lowest."""
        return tuple((np.flatnonzero(self.cells) + LOWEST_PITCH).tolist())

    def transposed(self, semitones: int) -> SongFacts:
        """Those of the song so many semitones higher."""
        if not semitones:
            return self
        cells = transposed(self.cells, semitones)
        key = transposed_key(self.key, semitones) if cells.any() else -1
        return replace(self, cells=cells, key=key, semitones=self.semitones + semitones)


@dataclass(frozen=True, eq=False)
class CorpusFigures:
    """What `build_corpus` would make of some songs."""

    pitches: tuple[int, ...]
    windows: IntArray  # (songs,) of each; 0: it is left out
    lost: FloatArray  # (songs,) share of its set cells that are on other pitches


def facts_of(song: Song, quantising: Quantising = AS_PLAYED) -> SongFacts:
    """Look at a song, quantised."""
    doubt, song = doubt_of(song, quantising), quantised(song, quantising)
    roll = roll_from_notes(song.notes)
    return SongFacts(
        seconds=song.seconds,
        steps=len(roll),
        cells=roll.sum(axis=0),
        notes_per_second=len(song.notes) / song.seconds if song.seconds else 0.0,
        key=int(keys_of(roll[None], PIANO_PITCHES)[0]) if len(roll) else -1,
        digest=hashlib.blake2b(np.packbits(roll).tobytes(), digest_size=16).digest(),
        quantising=quantising,
        doubt=doubt,
    )


def figures_of(songs: Sequence[SongFacts], recipe: Recipe) -> CorpusFigures:
    """The windows and pitches that songs give by a recipe; no pitches if all is silence."""
    cells = np.stack([song.cells for song in songs]) if songs else np.zeros((0, len(PIANO_PITCHES)), np.int64)
    pitches = pitches_worth_keeping(cells.sum(axis=0), recipe.min_pitch_share)
    kept, total = cells[:, [pitch - LOWEST_PITCH for pitch in pitches]].sum(axis=1), cells.sum(axis=1)
    used, steps = kept > 0, np.array([song.steps for song in songs], np.int64)
    windows = np.zeros(len(songs), np.int64)
    model = recipe.model
    windows[used] = window_counts(steps[used], model.window, model.hop, recipe.cap, recipe.equal_share)
    return CorpusFigures(
        pitches=pitches,
        windows=windows,
        lost=(1 - kept / np.maximum(total, 1)).astype(np.float32),
    )
