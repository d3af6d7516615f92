"""Which songs a training learns, and what is done to each before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from vrae_core.columns import Part
from vrae_core.corpus.sampling import Grid
from vrae_core.midi.beat_estimation import with_beats
from vrae_core.midi.parts import with_parts
from vrae_core.midi.quantising import AS_PLAYED, Quantising, doubt_of, quantised
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Notes

MARK = "learning"  # in a run's `extra`: it learns the songs of a map; its model is opened when it has ended
MOST_SEMITONES = 24  # that a song can be asked to be transposed, up or down


@dataclass(frozen=True)
class SongToTrain:
    """A song to learn: its name, its file, and what is done to it before."""

    name: str
    path: str = ""
    semitones: int = 0
    quantising: Quantising = AS_PLAYED
    included: bool = True  # False: it is on the list, but not learnt
    weight: float = 1.0  # how often its windows come, against the others
    parts: tuple[Part | None, ...] = ()  # of its tracks, None for one that is left out; empty: those that are found
    estimate_beats: bool = False  # where its file has none that its notes keep to

    @classmethod
    def of(cls, song: Song) -> Self:
        """The song as it is: with the parts and the beats that somebody has given it."""
        return cls(song.name, song.path, parts=song.parts, estimate_beats=song.estimated_beats)


def key_of(song: Song | SongToTrain) -> str:
    """What says which song it is: its file, or its name where it is in none."""
    return song.path or song.name


class AsLearnt(NamedTuple):
    """A song as a run learns it, and what should be known of that."""

    song: Song
    told: tuple[str, ...] = ()


def as_learnt(song: Song, entry: SongToTrain, grid: Grid, *, as_on_the_map: bool = False) -> AsLearnt:
    """A song with the beats and the parts that it is learnt with, where the grid has any, quantised and transposed.

    as_on_the_map: by the beats of its file though its notes may not keep to them, for so the map that asked has cut it.
    Raises: CorpusError, in a sentence that names it, if it has no beats to count and none are to be estimated.
    """
    as_cut = as_on_the_map and song.tempo_map is not None and not entry.estimate_beats
    if grid.steps_per_beat and not as_cut:
        song = with_beats(song, entry.estimate_beats)
    if grid.parts:
        song = with_parts(replace(song, parts=entry.parts))
    told, doubt = [], doubt_of(song, entry.quantising)
    song, fallen = _transposed(quantised(song, entry.quantising), entry.semitones)
    if fallen:
        off = "1 note falls" if fallen == 1 else f"{fallen:,} notes fall"
        told.append(f"{song.name}: {off} off the piano when moved by {entry.semitones:+} semitones")
    if doubt:
        told.append(f"{song.name} {doubt}")
    return AsLearnt(song, tuple(told))


def _transposed(song: Song, semitones: int) -> tuple[Song, int]:
    """The song higher or lower, and how many of its notes fell off the piano; its drums stay as they are."""
    if not semitones:
        return song, 0
    notes, beaten = song.notes, song.beaten
    tonal = notes.some(notes.on_piano & ~beaten)
    moved = Notes(tonal.starts, tonal.ends, tonal.pitches + semitones, tonal.velocities, tonal.tracks)
    kept = moved.some(moved.on_piano)
    return replace(song, notes=Notes.joined(kept, notes.some(beaten)).in_order()), len(moved) - len(kept)
