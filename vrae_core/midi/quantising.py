"""Quantising: notes moved to the nearest points of a grid of the song's own beats, before a roll is made of them.

The grid follows the tempo map of the file; a file that was played in without one has beats too, which mean
nothing: how far its onsets are from the grid tells (`doubt_of`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.midi.beats import TempoMap, Times
from vrae_core.midi.song import Song
from vrae_core.piano_roll import STEPS_PER_SECOND, Notes

Bools = npt.NDArray[np.bool_]

GRIDS = {"1/8": 1 / 2, "1/16": 1 / 4, "1/32": 1 / 8, "1/8T": 1 / 3, "1/16T": 1 / 6}  # in beats; T: triplets
_NEARLY_CHANCE = 0.22  # of a grid; steady playing, up to 40% of it off, lies nearer
_CLEAR = 0.16  # of a grid; nearer than this, onsets follow it
_FASTER = 0.75  # of a grid: repeated notes that are nearer to each other are faster than the grid
_FEWEST_ONSETS = 8  # below, the average tells nothing
_FEWEST_TO_JUDGE = 64  # before all of a song's beats are doubted


class Quantising(NamedTuple):
    """To which grid, one of GRIDS or "" for none, and how much of the way, in percent."""

    grid: str = ""
    strength: int = 100

    def __str__(self) -> str:
        return self.grid if self.strength == 100 or not self.grid else f"{self.grid} {self.strength}%"

    @property
    def changes(self) -> bool:
        """Whether it does anything."""
        return bool(self.grid) and self.strength > 0


AS_PLAYED = Quantising()


def checked(grid: object, strength: object) -> Quantising:
    """What a file from outside asks for.  Raises: ValueError if there is no such grid, or more than all of the way."""
    if not isinstance(grid, str) or (grid and grid not in GRIDS):
        raise ValueError(f"there is no grid of {str(grid)[:20]}; there are {', '.join(GRIDS)}")
    if type(strength) is not int or not 0 <= strength <= 100:
        raise ValueError("a note is moved 0 to 100 percent of the way")
    return Quantising(grid, strength)


def quantised(song: Song, quantising: Quantising) -> Song:
    """The song with its onsets on the grid, or on their way there; itself where there is nothing to do.

    A note moves as a whole: how long it sounds, and so whether it is short or held, stays.  Notes of one pitch that the
    grid would press into one, so that the roll could not tell them apart any more, stay where they were, and with
    them the run of quickly repeated notes that they belong to.
    """
    if not quantising.changes or song.tempo_map is None:
        return song
    notes, drums = (_moved(each, song.tempo_map, quantising) for each in (song.notes, song.drums))
    return replace(song, notes=notes, drums=drums)


def _moved(played: Notes, tempo_map: TempoMap, quantising: Quantising) -> Notes:
    if not played:
        return played
    notes = played.some(np.lexsort((played.starts, played.pitches)))
    counted, grid = tempo_map.beats_at(notes.starts), GRIDS[quantising.grid]
    by = quantising.strength / 100 * (tempo_map.seconds_at(_nearest(counted, grid)) - notes.starts)
    by[_must_stay(notes.starts, notes.starts + by, notes.pitches, np.diff(counted) < _FASTER * grid)] = 0
    return notes.at(notes.starts + by, notes.ends + by).in_order()


def doubt_of(song: Song, quantising: Quantising) -> str:
    """Why quantising may not do this song good, in words that follow its name; "" if nothing speaks against it.

    Onsets that know nothing of the grid lie a quarter of it away on average.
    """
    if not quantising.changes:
        return ""
    if song.tempo_map is None:
        return "has no beats in its file, so it is not quantised"
    starts = (song.notes or song.drums).starts
    counted = song.tempo_map.beats_at(starts)
    if len(starts) < _FEWEST_ONSETS or _share_off(counted, quantising.grid) < _NEARLY_CHANCE:
        return ""
    off = 1000 * np.abs(song.tempo_map.seconds_at(_nearest(counted, GRIDS[quantising.grid])) - starts).mean()
    best = min(GRIDS, key=lambda grid: _share_off(counted, grid))
    verdict = f"fits {best} better" if _share_off(counted, best) < _CLEAR else "may not follow its own beats"
    return f"{verdict}: onsets lie {off:.0f} ms from the {quantising.grid} grid on average"


def keeps_to_its_beats(song: Song) -> bool:
    """Whether a song's beats can be counted on: it has some, and its onsets do not lie at chance from every grid."""
    if song.tempo_map is None:
        return False
    counted = song.tempo_map.beats_at(np.concatenate([song.notes.starts, song.drums.starts]))
    return len(counted) < _FEWEST_TO_JUDGE or min(_share_off(counted, grid) for grid in GRIDS) < _NEARLY_CHANCE


def _share_off(counted: Times, grid: str) -> float:
    """How far onsets lie from a grid on average, as a share of it."""
    return float(np.abs(counted - _nearest(counted, GRIDS[grid])).mean() / GRIDS[grid])


def _nearest(counted: Times, grid: float) -> Times:
    nearest: Times = np.floor(counted / grid + 0.5) * grid
    return nearest


def _must_stay(before: Times, after: Times, pitches: npt.NDArray[np.integer], near: Bools) -> Bools:
    """Which notes, sorted by pitch and onset, must stay, so that no two of the roll become one or change places.

    near: (notes - 1,) which are so near to the one before them that they stay where that one stays.  Where one stays,
    others of its pitch may have to as well, so as not to meet it, and so on.
    """
    same_pitch = pitches[1:] == pitches[:-1]
    apart = same_pitch & _distinct(before[:-1], before[1:])

    def meet(earlier: Times, later: Times) -> Bools:
        met: Bools = (apart & ~_distinct(earlier, later)) | (same_pitch & (later < earlier))
        return met

    stays = np.zeros(len(before), bool)
    both = meet(after[:-1], after[1:])
    stays[1:] |= both
    stays[:-1] |= both
    if both.any():
        for place in np.flatnonzero((same_pitch & near) | meet(before[:-1], after[1:])):
            stays[place + 1] |= stays[place]
        for place in np.flatnonzero((same_pitch & near) | meet(after[:-1], before[1:]))[::-1]:
            stays[place] |= stays[place + 1]
    return stays


def _distinct(earlier: Times, later: Times) -> Bools:
    """Which onsets of a pitch lie two steps or more after those before them: see `roll_from_notes`."""
    apart: Bools = _steps(later) - _steps(earlier) >= 2
    return apart


def _steps(seconds: Times) -> Times:
    steps: Times = np.floor(seconds * STEPS_PER_SECOND + 0.5)
    return steps
