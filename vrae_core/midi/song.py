"""Reading a MIDI file from anywhere into a Song: its notes in seconds, with the tracks, tempos and meters they have."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from vrae_core.clock import clock
from vrae_core.columns import Part
from vrae_core.errors import MidiFileError
from vrae_core.midi.beats import MOST_CHANGES, Bars, Meter, TempoMap, meters_of_ticks
from vrae_core.midi.chunks import Header, UnusableFileError, Warn, read_header, track_bodies, unwrapped
from vrae_core.midi.events import (
    CONTROL,
    META,
    PORT,
    SET_TEMPO,
    SYSEX,
    TIME_SIGNATURE,
    TRACK_NAME,
    Event,
    makes_sense,
    track_events,
)
from vrae_core.midi.names import song_name
from vrae_core.midi.sounding import CONTROLLERS, KINDS, Instrument, Message, Sounding, TickNote, sounding
from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, BoolArray, Note, roll_from_notes
from vrae_core.safe_files import read_bounded

MOST_BYTES = 16 << 20
MOST_EVENTS = 400_000
MOST_TRACKS = 4096
MOST_WARNINGS = 50
LONGEST_SECONDS = 4 * 3600.0
STUCK_NOTE_BEATS = 4  # a note never released is held no longer
LONG = 300.0  # seconds; a note or a silence that lasts longer is told of


class SongTrack(NamedTuple):
    """What a track of a file plays on one channel (0–15) with one General MIDI program, 0–127; of drums it is a kit."""

    name: str
    channel: int
    program: int
    is_drums: bool = False


class InRun(NamedTuple):
    """A training run's folder, and what a song is called there."""

    folder: str
    name: str


@dataclass(frozen=True)
class Song:
    """A song read from a MIDI file: ``notes`` sorted by onset, in seconds, all but the drums'; maybe none.

    ``beats_per_minute`` is the tempo in force for the longest time; ``warnings`` say what was repaired or left out.
    A note's ``track`` is its place in ``tracks``.  Two are equal wherever their files, ``path``, are.
    """

    name: str
    notes: tuple[Note, ...]
    beats_per_minute: float
    warnings: tuple[str, ...] = ()
    path: str = field(default="", compare=False)  # "" for a song that is in no file
    tempo_map: TempoMap | None = field(default=None, compare=False)  # None if nobody knows the beats
    meters: tuple[Meter, ...] = field(default=(), compare=False)  # empty if nobody knows the bars
    tracks: tuple[SongTrack, ...] = field(default=(), compare=False)
    drums: tuple[Note, ...] = field(default=(), compare=False)  # hits, sorted by onset; a pitch is an instrument
    parts: tuple[Part | None, ...] = ()  # of the tracks, once somebody has chosen; see `midi.parts`
    run: InRun | None = field(default=None, compare=False)  # whose music it is, as that learns it

    @cached_property
    def seconds(self) -> float:
        """When the last note ends, or the last hit of a song of drums only."""
        return max((note.end for note in self.notes or self.drums), default=0.0)

    @cached_property
    def roll(self) -> BoolArray:
        """The song sampled at 20 Hz: (steps, 88) bool, read-only, one column a pitch from MIDI 21."""
        roll = roll_from_notes(self.notes)
        roll.flags.writeable = False
        return roll

    def drums_at(self, note: Note) -> bool:
        """Whether a note is of a track that somebody has made the drums'."""
        return note.track < len(self.parts) and self.parts[note.track] is Part.DRUMS

    def bar_at(self, seconds: float) -> int | None:
        """The number of the bar at a time, the first being 1; None if nobody knows."""
        if self.tempo_map is None or not self.meters:
            return None
        return self._bars.at(float(self.tempo_map.beats_at(seconds)))

    @cached_property
    def _bars(self) -> Bars:
        return Bars(self.meters)


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
        read = _read(data, warn)
    except UnusableFileError as reason:
        raise MidiFileError(path, str(reason)) from None
    return Song(song_name(path), path=os.path.abspath(path), warnings=tuple(warnings), **read._asdict())


class _Read(NamedTuple):
    """What of a Song the bytes of its file say."""

    notes: tuple[Note, ...]
    beats_per_minute: float
    tempo_map: TempoMap | None
    meters: tuple[Meter, ...]
    tracks: tuple[SongTrack, ...]
    drums: tuple[Note, ...]


def _read(data: bytes, warn: Warn) -> _Read:
    data = unwrapped(data, warn)
    header = read_header(data, warn)
    contents = _Contents(header, warn)
    for body in track_bodies(data, header.length, warn):
        contents.take_track(body.data)
        contents.is_cut |= body.is_cut
    tracks = len(contents.names)
    if tracks < header.track_count:
        warn(f"only {tracks} of {header.track_count} tracks are present")
        contents.is_cut = True
    longest = max(1, round(STUCK_NOTE_BEATS * header.ticks_per_beat))
    heard = sounding(contents.messages, contents.ends, longest)
    notes = [note for note in heard.notes if not note.instrument.is_drums]
    drums = [note for note in heard.notes if note.instrument.is_drums]
    if not heard.notes:
        raise UnusableFileError(_why_no_notes(tracks, contents.is_cut))
    _warn_of_ends(heard, warn)
    tempo_map = TempoMap.of_ticks(contents.tempos, header.ticks_per_beat)
    instruments = sorted({note.instrument for note in heard.notes})
    if len(instruments) > MOST_TRACKS:
        raise UnusableFileError(f"has more than {MOST_TRACKS:,} tracks and instruments")
    placed, hits = _in_seconds(notes, instruments, tempo_map), _in_seconds(drums, instruments, tempo_map)
    _warn_of_notes(placed, hits, warn)
    # a file of SMPTE counts frames, not beats
    too_many = not len(contents.tempos) <= MOST_CHANGES >= len(contents.signatures)
    if too_many:
        warn("its tempo or meter changes too often for beats to be counted")
    counts_beats = not (header.is_smpte or too_many)
    return _Read(
        placed,
        tempo_map.main_tempo(max(note.end for note in placed or hits)),
        tempo_map if counts_beats else None,
        meters_of_ticks(contents.signatures, header.ticks_per_beat) if counts_beats else (),
        tuple(SongTrack(contents.names[i.track], i.channel % 16, i.program, i.is_drums) for i in instruments),
        hits,
    )


class _Contents:
    """What the tracks of a file hold."""

    def __init__(self, header: Header, warn: Warn) -> None:
        self._header, self._warn = header, warn
        self.names: list[str] = []  # of the tracks
        self.ends: list[int] = []  # their last ticks
        self.messages: list[Message] = []
        self.tempos: list[tuple[int, float]] = []
        self.signatures: list[tuple[int, int, int]] = []
        self.is_cut = False
        self._events = 0

    def take_track(self, body: bytes) -> None:
        """Read a track to its end.  Raises: UnusableFileError if the file holds too much."""
        number = len(self.names)
        if number >= MOST_TRACKS:
            raise UnusableFileError(f"has more than {MOST_TRACKS:,} tracks")
        self.names.append("")
        tick = port = 0
        for event in track_events(body, self._warn):
            tick = event.tick
            self._events += 1
            if self._events > MOST_EVENTS:
                raise UnusableFileError(f"has more than {MOST_EVENTS:,} events")
            kind = event.status & 0xF0 if event.status < SYSEX else event.status
            if kind in KINDS and (kind != CONTROL or event.data[0] in CONTROLLERS):
                channel = port * 16 + (event.status & 0x0F if kind != SYSEX else 0)
                self.messages.append(Message(tick, number, channel, kind, event.data))
            elif event.status != META:
                continue
            elif event.meta == SET_TEMPO:
                self._set_tempo(event)
            elif event.meta == TIME_SIGNATURE and makes_sense(TIME_SIGNATURE, event.data):
                self.signatures.append((tick, event.data[0], 2 ** event.data[1]))
            elif event.meta == PORT and makes_sense(PORT, event.data):
                port = event.data[0]
            elif event.meta == TRACK_NAME and not self.names[number]:
                self.names[number] = _text(event.data)
        self.ends.append(tick)

    def _set_tempo(self, event: Event) -> None:
        if self._header.is_smpte:
            return
        microseconds_per_beat = int.from_bytes(event.data, "big") if len(event.data) == 3 else 0
        if microseconds_per_beat:
            self.tempos.append((event.tick, 6e7 / microseconds_per_beat))
        else:
            self._warn("an impossible tempo was ignored")


def _text(data: bytes) -> str:
    """A name from a file, which does not say how its letters are coded: on one line, and not too long."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:80]


def _why_no_notes(tracks: int, is_cut: bool) -> str:
    found = "contains no notes" if tracks else "contains no tracks"
    return f"is truncated: what is left of it {found}" if is_cut else found


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count:,} notes"


def _warn_of_ends(heard: Sounding, warn: Warn) -> None:
    if heard.never_released:
        warn(f"{_notes(heard.never_released)} never released, and so ended early")
    if heard.under_a_pedal:
        warn(f"{_notes(heard.under_a_pedal)} held by a pedal that never comes up, and so ended with the last note")


def _warn_of_notes(notes: tuple[Note, ...], hits: tuple[Note, ...], warn: Warn) -> None:
    """Say what the roll does without, and what hardly anybody meant.  Raises: UnusableFileError."""
    heard = sorted(notes + hits)
    end = max(note.end for note in heard)
    if end > LONGEST_SECONDS:
        raise UnusableFileError(f"lasts {end / 3600:.1f} hours; the limit is {LONGEST_SECONDS / 3600:.0f}")
    outside = sum(not LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH for note in notes)
    if outside == len(notes) and not hits:
        raise UnusableFileError("contains no notes on the 88 keys of the piano")
    if outside:
        warn(f"{_notes(outside)} off the 88 keys of the piano left out")
    ends = np.maximum.accumulate([0.0, *(note.end for note in heard)])
    silence = float(np.max([note.start for note in heard] - ends[:-1]))
    lasting = max(note.end - note.start for note in heard)
    if silence > LONG:
        warn(f"a silence of {clock(silence)} between notes")
    if lasting > LONG:
        warn(f"a note lasts {clock(lasting)}")


def _in_seconds(notes: Iterable[TickNote], instruments: Iterable[Instrument], tempo_map: TempoMap) -> tuple[Note, ...]:
    """Notes sorted by onset, each with the place of its instrument."""
    place = {instrument: number for number, instrument in enumerate(instruments)}
    table = [(note.on, note.off, note.pitch, note.velocity, place[note.instrument]) for note in notes]
    if not table:
        return ()
    ons, offs, *others = zip(*table, strict=True)
    starts, ends = tempo_map.seconds_at_ticks(ons), tempo_map.seconds_at_ticks(offs)
    return tuple(sorted(map(Note, starts.tolist(), ends.tolist(), *others)))
