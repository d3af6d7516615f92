"""The songs of a list to train on, and what the ticked ones give together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from vrae_core.columns import Part
from vrae_core.corpus.sampling import Grid
from vrae_core.midi.quantising import Quantising
from vrae_core.midi.song import Song
from vrae_core.model.recipes import Recipe
from vrae_core.runs.song_facts import CorpusFigures, SongFacts, facts_of, figures_of
from vrae_core.runs.songs import MOST_SEMITONES, SongToTrain


@dataclass(frozen=True, eq=False)
class ListedSong:
    """A song of the list, and what is known of it."""

    song: Song
    to_train: SongToTrain  # whether it is ticked, and what is done to it
    on_map: bool = False  # it came from the map, and goes with it
    read: SongFacts | None = None  # what is to be known of it untransposed; None while nobody has looked

    @classmethod
    def of(cls, song: Song, on_map: bool = False, read: SongFacts | None = None) -> ListedSong:
        """A song as it comes to the list: ticked, and left as it is."""
        return cls(song, SongToTrain.of(song), on_map, read)

    @cached_property
    def facts(self) -> SongFacts | None:
        """What is to be known of it as it is transposed."""
        return None if self.read is None else self.read.transposed(self.to_train.semitones)

    def looked_at(self, grid: Grid) -> bool:
        """Whether what is known is of the song on this grid, as it is learnt by now and not as it was before."""
        read = self.read
        known = read and (read.grid, read.quantising, read.parts, read.estimated_beats)
        return known == (grid, *self.how)

    @property
    def how(self) -> tuple[Quantising, tuple[Part | None, ...], bool]:
        """What is done to it before it is transposed."""
        return self.to_train.quantising, self.to_train.parts, self.to_train.estimate_beats

    def look(self, grid: Grid) -> SongFacts:
        """What is to be known of it, as it is learnt."""
        quantising, parts, estimate = self.how
        return facts_of(replace(self.song, parts=parts), quantising, grid, estimate_beats=estimate)

    def followed(self, songs: Mapping[tuple[int, int], Song]) -> ListedSong:
        """The same with the name, the parts and the beats that its song has on the map by now.

        songs: those on the map, each by its `identity_of`.
        """
        own = songs.get(identity_of(self.song))
        if own is None or not self.on_map:
            return self
        now = replace(self.to_train, name=own.name, parts=own.parts, estimate_beats=own.estimated_beats)
        return replace(self, song=own, to_train=now, read=None)

    def moved(self, by: int) -> SongToTrain:
        """What is to be trained with the song so many semitones higher, as far as that goes."""
        semitones = max(-MOST_SEMITONES, min(self.to_train.semitones + by, MOST_SEMITONES))
        return replace(self.to_train, semitones=semitones)

    def quantised_by(self, strength: int) -> SongToTrain:
        """What is to be trained with the onsets so many percent of the way to the grid."""
        return replace(self.to_train, quantising=self.to_train.quantising._replace(strength=strength))


class Counts(NamedTuple):
    """What the ticked songs of a list give."""

    place: dict[int, int]  # where in the figures a row of the list is; only the ticked ones are
    figures: CorpusFigures
    same_as: dict[int, str]  # rows that hold the same music as one before them, whose name this is
    lost: float  # share of all that is cut away

    @property
    def windows(self) -> int:
        """All of them."""
        return int(self.figures.windows.sum())


class CountRequest(NamedTuple):
    """A list to be counted."""

    entries: tuple[ListedSong, ...]
    recipe: Recipe


class CountResult(NamedTuple):
    """What came of it."""

    read: tuple[SongFacts, ...]  # of every entry, untransposed
    counts: Counts


def identity_of(song: Song) -> tuple[int, int]:
    """What stays the same of a song whose name, parts or beats are changed: the very notes that were read."""
    return id(song.notes), id(song.drums)


def count(request: CountRequest) -> CountResult:
    """Look at the songs that nobody has looked at as they are learnt now, and count what the ticked ones give."""
    grid = request.recipe.model.grid
    read = tuple(e.read if e.read and e.looked_at(grid) else e.look(grid) for e in request.entries)
    rows = [row for row, entry in enumerate(request.entries) if entry.to_train.included]
    facts = [read[row].transposed(request.entries[row].to_train.semitones) for row in rows]
    figures = figures_of(facts, request.recipe)
    first: dict[tuple[bytes, int], str] = {}
    same_as = {}
    for row, each in zip(rows, facts, strict=True):
        name = request.entries[row].song.name
        if not each.cells.any():  # silent, or not put on the grid: all of these are alike
            continue
        if first.setdefault((each.digest, each.semitones), name) is not name:
            same_as[row] = first[each.digest, each.semitones]
    cells = np.array([each.cells.sum() for each in facts])
    lost = float((figures.lost * cells).sum() / max(1, cells.sum())) if rows else 0.0
    return CountResult(read, Counts({row: place for place, row in enumerate(rows)}, figures, same_as, lost))
