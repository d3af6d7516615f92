"""A part of a song, with what belongs to it of its tempos, meters and drums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from vrae_core.midi.beats import Meter
from vrae_core.midi.song import Song
from vrae_core.piano_roll import STEP_SECONDS, Notes


def excerpt(song: Song, start: float, end: float) -> Song:
    """What sounds of a song from one time to another (seconds), the first being its beginning.

    A note that is held at either is cut there; less than half a step of it that lies inside is left out.  Its bars are
    counted from its beginning.
    """
    tempo_map, meters = song.tempo_map, song.meters
    if tempo_map is not None:
        meters = _meters(meters, *tempo_map.beats_at([start, end]).tolist())
        tempo_map = tempo_map.excerpt(start, end)
    return replace(
        song,
        notes=_notes(song.notes, start, end),
        drums=_notes(song.drums, start, end),
        beats_per_minute=song.beats_per_minute if tempo_map is None else tempo_map.main_tempo(end - start),
        tempo_map=tempo_map,
        meters=meters,
    )


def _notes(notes: Notes, start: float, end: float) -> Notes:
    begins, ends = np.maximum(notes.starts, start), np.minimum(notes.ends, end)
    inside = ends - begins > np.minimum(STEP_SECONDS, notes.ends - notes.starts) / 2
    return notes.at(begins - start, ends - start).some(inside).in_order()


def _meters(meters: Iterable[Meter], first: float, last: float) -> tuple[Meter, ...]:
    """Those in force between two beats, the first being beat 0."""
    before = [meter._replace(beat=0.0) for meter in meters if meter.beat <= first]
    inside = [meter._replace(beat=meter.beat - first) for meter in meters if first < meter.beat < last]
    return (*before[-1:], *inside)
