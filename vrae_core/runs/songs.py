"""Which songs a training learns, and what is done to each before."""

from __future__ import annotations

from dataclasses import dataclass

from vrae_core.columns import Part
from vrae_core.midi.quantising import AS_PLAYED, Quantising

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
