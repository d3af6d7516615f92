"""What a song brings to a training, and how many windows and columns songs make together, without their rolls at hand.

Ten thousand songs' rolls fill gigabytes; what is kept of each here is a few hundred bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from vrae_core.columns import Part, on_piano, parts_of, places_in
from vrae_core.corpus.attributes import keys_of, transposed_key
from vrae_core.corpus.cutting import pitches_worth_keeping, shared_out, window_starts
from vrae_core.corpus.sampling import PAPER_GRID, Grid, sampled
from vrae_core.errors import CorpusError
from vrae_core.midi.beat_estimation import with_beats
from vrae_core.midi.parts import with_parts
from vrae_core.midi.quantising import AS_PLAYED, Quantising, doubt_of, quantised
from vrae_core.midi.song import Song
from vrae_core.model.recipes import Recipe
from vrae_core.piano_roll import PIANO_PITCHES, FloatArray, IntArray, transposed


@dataclass(frozen=True, eq=False)
class SongFacts:
    """What is to be known of a song on a grid."""

    seconds: float
    steps: int
    cells: IntArray  # (columns of the grid,) set cells of each
    notes_per_second: float
    key: int  # 0–11 major from C upwards, 12–23 minor; −1: silence
    digest: bytes  # of the roll: two songs with the same one are the same music
    semitones: int = 0  # how far it is transposed from the roll with that digest
    quantising: Quantising = AS_PLAYED  # what that roll was quantised to
    doubt: str = ""  # why that may not do it good
    grid: Grid = PAPER_GRID
    bar_lines: IntArray | None = None  # the steps at which its bars begin; None: nothing is counted in beats
    parts: tuple[Part | None, ...] = ()  # of its tracks, where somebody has chosen
    estimated_beats: bool = False  # if its file has none
    why_not: str = ""  # why it cannot be put on the grid

    @cached_property
    def pitches(self) -> tuple[int, ...]:
        """The pitches it uses, from the lowest, but for its drums."""
        return tuple((np.flatnonzero(on_piano(self.cells > 0, self.grid.columns)) + PIANO_PITCHES[0]).tolist())

    def transposed(self, semitones: int) -> SongFacts:
        """Those of the song so many semitones higher; of one whose parts are told by register, nearly so."""
        if not semitones:
            return self
        parts, cells = parts_of(self.grid.columns), self.cells.copy()
        for part in set(parts.tolist()) - {Part.DRUMS}:
            cells[parts == part] = transposed(cells[parts == part], semitones)
        moved = replace(self, cells=cells, semitones=self.semitones + semitones)
        return replace(moved, key=transposed_key(self.key, semitones) if moved.pitches else -1)

    def windows(self, window: int, hop: int) -> int:
        """How many windows `build_corpus` cuts from it, at least 1."""
        steps = max(self.steps, window)
        return len(window_starts(steps, window, hop, self.bar_lines))


@dataclass(frozen=True, eq=False)
class CorpusFigures:
    """What `build_corpus` would make of some songs."""

    pitches: tuple[int, ...]  # the columns that are kept
    windows: IntArray  # (songs,) of each; 0: it is left out
    lost: FloatArray  # (songs,) share of its set cells that are on other columns


def facts_of(
    song: Song, quantising: Quantising = AS_PLAYED, grid: Grid = PAPER_GRID, *, estimate_beats: bool = False
) -> SongFacts:
    """Look at a song, quantised, on a grid."""
    chosen = song.parts
    heard = len(song.notes) + (len(song.drums) if grid.parts else 0)
    doubt = why_not = ""
    try:
        if grid.steps_per_beat:
            song = with_beats(song, estimate_beats)
        doubt, song = doubt_of(song, quantising), quantised(with_parts(song) if grid.parts else song, quantising)
        on_grid = sampled(song, grid)
        roll, time = on_grid.roll, on_grid.time
    except CorpusError as why:
        roll, time, why_not = np.zeros((0, len(grid.columns)), bool), None, str(why)
    keys = on_piano(roll, grid.columns)
    return SongFacts(
        seconds=song.seconds,
        steps=len(roll),
        cells=roll.sum(axis=0),
        notes_per_second=heard / song.seconds if song.seconds else 0.0,
        key=int(keys_of(keys[None], PIANO_PITCHES)[0]) if len(roll) else -1,
        digest=hashlib.blake2b(np.packbits(roll).tobytes(), digest_size=16).digest(),
        quantising=quantising,
        doubt=doubt,
        grid=grid,
        bar_lines=time.bar_lines(len(roll)) if time is not None and grid.steps_per_beat else None,
        parts=chosen,
        estimated_beats=estimate_beats,
        why_not=why_not,
    )


def figures_of(songs: Sequence[SongFacts], recipe: Recipe) -> CorpusFigures:
    """The windows and columns that songs, all on the recipe's grid, give by it; no columns if all is silence."""
    model = recipe.model
    layout = model.grid.columns
    cells = np.stack([song.cells for song in songs]) if songs else np.zeros((0, len(layout)), np.int64)
    pitches = pitches_worth_keeping(cells.sum(axis=0), recipe.min_pitch_share, layout)
    kept, total = cells[:, places_in(pitches, layout)].sum(axis=1), cells.sum(axis=1)
    used = kept > 0
    windows = np.zeros(len(songs), np.int64)
    counts = np.array([song.windows(model.window, model.hop) for song in songs], np.int64)
    windows[used] = shared_out(counts[used], recipe.cap, recipe.equal_share)
    return CorpusFigures(
        pitches=pitches,
        windows=windows,
        lost=(1 - kept / np.maximum(total, 1)).astype(np.float32),
    )
