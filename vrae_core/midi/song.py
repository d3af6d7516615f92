"""Reading a MIDI file from anywhere into a Song: its notes in seconds, whatever their track or channel."""

from __future__ import annotations

import os
import re
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vrae_core.errors import MidiFileError
from vrae_core.midi.beats import BarCount, BeatCount, count_bars, count_beats
from vrae_core.midi.events import (
    META,
    NOTE_OFF,
    NOTE_ON,
    SET_TEMPO,
    TIME_SIGNATURE,
    Event,
    Header,
    UnusableFileError,
    Warn,
    makes_sense,
    read_header,
    track_bodies,
    track_events,
    unwrapped,
)
from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, BoolArray, Note, roll_from_notes
from vrae_core.safe_files import read_bounded

MOST_BYTES = 16 << 20
MOST_EVENTS = 400_000
MOST_TRACKS = 4096
MOST_WARNINGS = 50
LONGEST_SECONDS = 4 * 3600.0
SLOWEST_TEMPO, FASTEST_TEMPO = 4.0, 1000.0  # beats per minute
DEFAULT_TEMPO = 120.0
DRUM_CHANNEL = 9  # channel 10 in the manuals, which count from 1
STUCK_NOTE_BEATS = 4  # a note never released is held no longer


@dataclass(frozen=True)
class Song:
    """A song read from a MIDI file: ``notes`` sorted by onset, in seconds, every channel but the drums'.

    ``beats_per_minute`` is the tempo in force for the longest time; ``warnings`` say what was repaired or left out.
    Two are equal wherever their files, ``path``, are.
    """

    name: str
    notes: tuple[Note, ...]
    beats_per_minute: float
    warnings: tuple[str, ...] = ()
    path: str = field(default="", compare=False)  # "" for a song that is in no file
    bars: BarCount = field(default=(), compare=False)  # empty if nobody knows
    beats: BeatCount = field(default=(), compare=False)  # likewise

    @cached_property
    def seconds(self) -> float:
        """When the last note ends."""
        return max((note.end for note in self.notes), default=0.0)

    @cached_property
    def roll(self) -> BoolArray:
        """The song sampled at 20 Hz: (steps, 88) bool, read-only, one column a pitch from MIDI 21."""
        roll = roll_from_notes(self.notes)
        roll.flags.writeable = False
        return roll


def read_song(path: str | os.PathLike[str]) -> Song:
    """Read a Standard MIDI File (format 0 or 1, also RIFF-wrapped) that may be damaged or hostile.

    Raises: MidiFileError with one plain reason, and nothing else, if no song can be made of it.
    """
    data = read_bounded(path, MOST_BYTES, MidiFileError)
    warnings: dict[str, None] = {}  # a set that keeps its order

    def warn(text: str) -> None:
        if len(warnings) < MOST_WARNINGS:
            warnings[text] = None

    try:
        notes, beats_per_minute, bars, beats = _read_notes(data, warn)
    except UnusableFileError as reason:
        raise MidiFileError(path, str(reason)) from None
    return Song(song_name(path), notes, beats_per_minute, tuple(warnings), os.path.abspath(path), bars, beats)


def song_name(path: str | os.PathLike[str]) -> str:
    """A name to show: the file's, without extension, leading track number, dashes and control characters."""
    stem = os.path.splitext(os.path.basename(os.fspath(path)))[0]
    printable = "".join(letter if letter.isprintable() else " " for letter in stem)
    words = re.sub(r"^\s*\d{1,3}\s*[-_.)]+(?=.*\w)", "", printable)
    return " ".join(re.sub(r"[-_]+", " ", words).split())[:80] or "Untitled"


class _TickNote(NamedTuple):
    on: int  # ticks
    off: int
    pitch: int
    velocity: int


class _TrackNotes:
    """Pairs the note-ons of one track with their note-offs: the first struck is the first released."""

    def __init__(self) -> None:
        self.finished: list[_TickNote] = []
        self.drum_hits = 0
        self._sounding: defaultdict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)

    def take(self, event: Event) -> None:
        """Take a note-on or note-off."""
        channel = event.status & 0x0F
        pitch, velocity = event.data
        is_onset = event.status & 0xF0 == NOTE_ON and velocity > 0
        if channel == DRUM_CHANNEL:
            self.drum_hits += is_onset
        elif is_onset:
            self._sounding[channel, pitch].append((event.tick, velocity))
        elif sounding := self._sounding.get((channel, pitch)):
            on, velocity = sounding.popleft()
            self.finished.append(_TickNote(on, max(event.tick, on + 1), pitch, velocity))

    def release_all(self, tick: int, longest: int) -> int:
        """At the end of the track, end what still sounds, after ``longest`` ticks at most; return how many did."""
        stuck = [(on, pitch, velocity) for (_, pitch), held in self._sounding.items() for on, velocity in held]
        for on, pitch, velocity in stuck:
            if on < tick:
                self.finished.append(_TickNote(on, min(tick, on + longest), pitch, velocity))
        return len(stuck)


class _TempoMap:
    """Ticks to seconds through any number of tempo changes."""

    def __init__(self, header: Header, tempos: Iterable[tuple[int, float]]) -> None:
        """tempos: (tick, beats per minute) in any order; of several at one tick the last counts."""
        tempo_at = {0: DEFAULT_TEMPO, **dict(sorted(tempos, key=lambda tempo: tempo[0]))}
        self.ticks = np.array(list(tempo_at))
        self._tempos = np.array(list(tempo_at.values()))
        self._seconds_per_tick = 60 / (self._tempos * header.ticks_per_beat)
        lasting = np.diff(self.ticks) * self._seconds_per_tick[:-1]
        self._seconds = np.concatenate(([0.0], np.cumsum(lasting)))

    def seconds(self, ticks: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """When ticks are, however late."""
        segment = np.searchsorted(self.ticks, ticks, side="right") - 1
        seconds: npt.NDArray[np.float64] = (
            self._seconds[segment] + (ticks - self.ticks[segment]) * self._seconds_per_tick[segment]
        )
        return seconds

    def main_tempo(self, end: float) -> float:
        """The beats per minute in force for the longest time before ``end`` (seconds)."""
        lasting = np.diff(np.append(np.minimum(self._seconds, end), end))
        tempos, which = np.unique(self._tempos, return_inverse=True)
        return float(tempos[np.argmax(np.bincount(which, lasting))])


def _read_notes(data: bytes, warn: Warn) -> tuple[tuple[Note, ...], float, BarCount, BeatCount]:
    data = unwrapped(data, warn)
    header = read_header(data, warn)
    notes: list[_TickNote] = []
    tempos: list[tuple[int, float]] = []
    signatures: list[tuple[int, float]] = []
    tracks = events = drum_hits = stuck = 0
    for body in track_bodies(data, header.length, warn):
        tracks += 1
        if tracks > MOST_TRACKS:
            raise UnusableFileError(f"has more than {MOST_TRACKS:,} tracks")
        track = _TrackNotes()
        tick = 0
        for event in track_events(body, warn):
            tick = event.tick
            events += 1
            if events > MOST_EVENTS:
                raise UnusableFileError(f"has more than {MOST_EVENTS:,} events")
            if event.status & 0xF0 in (NOTE_OFF, NOTE_ON):
                track.take(event)
            elif event.status == META and event.meta == SET_TEMPO and not header.is_smpte:
                tempos += _tempo(event, warn)
            elif event.status == META and event.meta == TIME_SIGNATURE:
                signatures += _signature(event)
        stuck += track.release_all(tick, max(1, round(STUCK_NOTE_BEATS * header.ticks_per_beat)))
        notes += track.finished
        drum_hits += track.drum_hits
    if stuck:
        warn(f"{_notes(stuck)} never released, and so ended early")
    if tracks < header.track_count:
        warn(f"only {tracks} of {header.track_count} tracks are present")
    if not notes:
        raise UnusableFileError(_why_no_notes(tracks, drum_hits))
    tempo_map = _TempoMap(header, tempos)
    notes_in_seconds, beats_per_minute = _in_seconds(notes, tempo_map, warn)
    if header.is_smpte:  # such a file counts frames, not beats
        return notes_in_seconds, beats_per_minute, (), ()
    bars = count_bars(signatures, tempo_map.ticks, header.ticks_per_beat, tempo_map.seconds)
    beats = count_beats(tempo_map.ticks, header.ticks_per_beat, tempo_map.seconds)
    return notes_in_seconds, beats_per_minute, bars, beats


def _tempo(event: Event, warn: Warn) -> list[tuple[int, float]]:
    """The tempo an event sets as [(tick, beats per minute)], or [] if it is impossible."""
    microseconds_per_beat = int.from_bytes(event.data, "big") if len(event.data) == 3 else 0
    if microseconds_per_beat and SLOWEST_TEMPO <= 6e7 / microseconds_per_beat <= FASTEST_TEMPO:
        return [(event.tick, 6e7 / microseconds_per_beat)]
    warn("an impossible tempo was ignored")
    return []


def _signature(event: Event) -> list[tuple[int, float]]:
    """The time signature an event sets as [(tick, quarter notes in a bar)], or [] if it is impossible."""
    if not makes_sense(TIME_SIGNATURE, event.data):
        return []  # whoever read the event has warned of it
    return [(event.tick, 4 * event.data[0] / 2 ** event.data[1])]


def _why_no_notes(tracks: int, drum_hits: int) -> str:
    if drum_hits:
        return "holds only drums"
    return "contains no notes" if tracks else "contains no tracks"


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count:,} notes"


def _in_seconds(notes: list[_TickNote], tempo_map: _TempoMap, warn: Warn) -> tuple[tuple[Note, ...], float]:
    table = np.array(notes)
    starts, ends = tempo_map.seconds(table[:, 0]), tempo_map.seconds(table[:, 1])
    end = float(ends.max())
    if end > LONGEST_SECONDS:
        raise UnusableFileError(f"lasts {end / 3600:.1f} hours; the limit is {LONGEST_SECONDS / 3600:.0f}")
    outside = int(np.count_nonzero((table[:, 2] < LOWEST_PITCH) | (table[:, 2] > HIGHEST_PITCH)))
    if outside == len(notes):
        raise UnusableFileError("contains no notes on the 88 keys of the piano")
    if outside:
        warn(f"{_notes(outside)} off the 88 keys of the piano left out")
    columns = (starts.tolist(), ends.tolist(), table[:, 2].tolist(), table[:, 3].tolist())
    return tuple(sorted(map(Note, *columns))), tempo_map.main_tempo(end)
