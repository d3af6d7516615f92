"""Which part each track of a song plays: found from channels, programs, names and registers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from vrae_core.columns import Part
from vrae_core.midi.song import Song

BASS_PROGRAMS = range(32, 40)
_LOW_PROGRAMS = (43, 58, 70)  # contrabass, tuba and bassoon, which play the bass if they play low
_NOISES = range(120, 128)  # breath, seashore, helicopter
_LOW = 52.0  # mean MIDI pitch below which a part that nobody calls a bass is one
_BASS_NAMES = re.compile(r"bass(?!oon|et)(?!.*(clarinet|drum|trombone|flute))|pedal", re.IGNORECASE)
_MELODY_NAMES = re.compile(r"melod|\blead\b|vocal|\bvoice\b|\bsolo\b|soprano|theme|\btune\b", re.IGNORECASE)
_WORTH_LEADING = 0.15  # of the song's time, that a melody sounds at least


PartName = Literal["none", "all", "melody", "chords", "bass", "drums"]  # of a track's part in files
_NAMES: dict[Part | None, PartName] = {
    None: "none",
    Part.ALL: "all",
    Part.MELODY: "melody",
    Part.CHORDS: "chords",
    Part.BASS: "bass",
    Part.DRUMS: "drums",
}
_CALLED: dict[str, Part | None] = {name: part for part, name in _NAMES.items()}


def names_of(parts: Sequence[Part | None]) -> tuple[PartName, ...]:
    """The parts of tracks as words, for a file."""
    return tuple(_NAMES[part] for part in parts)


def parts_named(names: Sequence[PartName]) -> tuple[Part | None, ...]:
    """The parts that ``names_of`` named."""
    return tuple(_CALLED[name] for name in names)


def label_of(part: Part | None) -> str:
    """A track's part in a word or two."""
    return "Left out" if part is None else "By register" if part is Part.ALL else part.label


def with_parts(song: Song) -> Song:
    """The song with the parts that are found, where nobody has chosen: they stay, however it is changed then."""
    return song if song.parts else replace(song, parts=parts_of_tracks(song))


class _Heard(NamedTuple):
    """A track with its notes, as far as the choice needs it."""

    number: int
    name: str
    program: int
    pitch: float  # the mean
    covers: float  # share of the song in which it sounds
    at_once: float  # notes that sound together, on average


def parts_of_tracks(song: Song) -> tuple[Part | None, ...]:
    """The part of each of the song's tracks; ALL for one that plays alone, whose notes a register tells apart.

    None: it is left out, for it plays noises, or nothing.
    """
    parts: list[Part | None] = [Part.DRUMS if track.is_drums else None for track in song.tracks]
    tracks = _heard(song)
    if len(tracks) == 1:
        parts[tracks[0].number] = Part.ALL
    elif tracks:
        bass = _bass_of(tracks)
        rest = [track for track in tracks if track.number not in bass]
        lead = _lead_of(rest)
        for track in tracks:
            parts[track.number] = (
                Part.BASS if track.number in bass else Part.MELODY if track.number == lead else Part.CHORDS
            )
    return tuple(parts)


def _heard(song: Song) -> list[_Heard]:
    heard = []
    for number, (track, notes) in enumerate(zip(song.tracks, song.notes.by_track(len(song.tracks)), strict=True)):
        if notes and not track.is_drums and track.program not in _NOISES:
            sounding = _covered(notes.starts, notes.ends)
            lasting = float((notes.ends - notes.starts).sum())
            heard.append(
                _Heard(
                    number,
                    track.name,
                    track.program,
                    float(notes.pitches.mean()),
                    sounding / max(song.seconds, 1e-6),
                    lasting / max(sounding, 1e-6),
                )
            )
    return heard


def _covered(starts: np.ndarray, ends: np.ndarray) -> float:
    """Seconds in which at least one of some notes, sorted by onset, sounds."""
    before = np.concatenate([[-np.inf], np.maximum.accumulate(ends)[:-1]])
    return float(np.maximum(ends - np.maximum(starts, before), 0).sum())


def _bass_of(tracks: Sequence[_Heard]) -> set[int]:
    """The tracks that play the bass: all that say so, or else the lowest, if it is low or one line of several."""
    said = {
        track.number
        for track in tracks
        if track.program in BASS_PROGRAMS
        or (_BASS_NAMES.search(track.name) and track.pitch < 60)
        or (track.program in _LOW_PROGRAMS and track.pitch < _LOW)
    }
    if said and len(said) < len(tracks):
        return said
    lowest = min(tracks, key=lambda track: track.pitch)
    return {lowest.number} if lowest.pitch < _LOW or (lowest.at_once < 1.3 and lowest.pitch < 60) else set()


def _lead_of(tracks: Sequence[_Heard]) -> int | None:
    """The track that leads: one that says so, else the one that is high, alone on its line, and long enough heard."""
    if not tracks:
        return None
    said = [track for track in tracks if _MELODY_NAMES.search(track.name)]
    among = said or [track for track in tracks if track.covers >= _WORTH_LEADING] or list(tracks)
    return max(among, key=lambda track: track.pitch - 12 * (track.at_once - 1) + 12 * min(track.covers, 1.0)).number
