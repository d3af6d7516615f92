"""What a song brings to a training, and how many windows and pitches songs make together, without their rolls at hand.

Ten thousand songs' rolls fill gigabytes; what is kept of each here is a few hundred bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from vrae_core.corpus.attributes import keys_of
from vrae_core.midi.quantising import AS_PLAYED, Quantising, doubt_of, quantised
from vrae_core.midi.song import Song
from vrae_core.model.recipes import Recipe
from vrae_core.music.scales import TONICS
from vrae_core.piano_roll import LOWEST_PITCH, PIANO_PITCHES, FloatArray, IntArray, roll_from_notes

MINOR_FROM = 12  # keys from here on are minor
Number = TypeVar("Number", bound=np.generic)
HOME_MAJOR, HOME_MINOR = 0, 9  # C and A: the keys without accidentals


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
        cells, tonic = moved(self.cells, semitones), (self.key + semitones) % 12
        key = tonic + (MINOR_FROM if self.key >= MINOR_FROM else 0) if self.key >= 0 and cells.any() else -1
        return replace(self, cells=cells, key=key, semitones=self.semitones + semitones)


@dataclass(frozen=True, eq=False)
class CorpusFigures:
    """What `build_corpus` would make of some songs."""

    pitches: tuple[int, ...]
    windows: IntArray  # (songs,) of each; 0: it is left out
    lost: FloatArray  # (songs,) share of its set cells that are on other pitches


def moved(columns: npt.NDArray[Number], semitones: int) -> npt.NDArray[Number]:
    """Columns (…, 88), one a key of the piano, so many keys higher; what leaves the piano is left out."""
    result = np.zeros_like(columns)
    low, high = max(0, -semitones), len(PIANO_PITCHES) - max(0, semitones)
    if low < high:
        result[..., low + semitones : high + semitones] = columns[..., low:high]
    return result


def facts_of(song: Song, how: Quantising = AS_PLAYED) -> SongFacts:
    """Look at a song, quantised."""
    doubt, song = doubt_of(song, how), quantised(song, how)
    roll = roll_from_notes(song.notes)
    return SongFacts(
        seconds=song.seconds,
        steps=len(roll),
        cells=roll.sum(axis=0),
        notes_per_second=len(song.notes) / song.seconds if song.seconds else 0.0,
        key=int(keys_of(roll[None], PIANO_PITCHES)[0]) if len(roll) else -1,
        digest=hashlib.blake2b(np.packbits(roll).tobytes(), digest_size=16).digest(),
        quantising=how,
        doubt=doubt,
    )


def figures_of(songs: Sequence[SongFacts], recipe: Recipe) -> CorpusFigures:
    """The windows and pitches that songs give by a recipe; no pitches if all is silence."""
    cells = np.stack([song.cells for song in songs]) if songs else np.zeros((0, len(PIANO_PITCHES)), np.int64)
    of_pitch = cells.sum(axis=0)
    stays = (of_pitch > 0) & (of_pitch >= recipe.min_pitch_share * of_pitch.sum())
    kept, total = cells[:, stays].sum(axis=1), cells.sum(axis=1)
    steps = np.array([song.steps for song in songs], np.int64)
    windows = (np.maximum(steps, recipe.model.window) - recipe.model.window) // recipe.model.hop + 1
    if recipe.cap is not None:
        windows = np.minimum(windows, recipe.cap)
    used = kept > 0
    if recipe.equal_share and used.any():
        windows = np.full_like(windows, windows[used].min())
    return CorpusFigures(
        pitches=tuple((np.flatnonzero(stays) + LOWEST_PITCH).tolist()),
        windows=np.where(used, windows, 0),
        lost=(1 - kept / np.maximum(total, 1)).astype(np.float32),
    )


def pitch_name(pitch: int) -> str:
    """A pitch as C4, which is middle C."""
    return f"{TONICS[pitch % 12]}{pitch // 12 - 1}"


def key_name(key: int) -> str:
    """A key in words, as "A minor"; "" for silence."""
    return f"{TONICS[key % 12]} {'minor' if key >= MINOR_FROM else 'major'}" if key >= 0 else ""


def semitones_home(key: int) -> int:
    """The smallest way, in semitones (−6 to 5), from a key to C major or A minor; 0 for silence."""
    if key < 0:
        return 0
    home = HOME_MINOR if key >= MINOR_FROM else HOME_MAJOR
    return (home - key % 12 + 6) % 12 - 6
