"""Reading a MIDI file from anywhere into a Song: its notes in seconds, with the tracks, tempos and meters they have."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from vrae_core.clock import clock
from vrae_core.columns import Part
from vrae_core.errors import MidiFileError
from vrae_core.midi.beats import MOST_CHANGES, Bars, Meter, TempoMap, Times, meters_of_ticks
from vrae_core.midi.channels import CONTROLLERS, KINDS, Messages
from vrae_core.midi.chunks import Header, UnusableFileError, Warn, read_header, track_bodies, unwrapped
from vrae_core.midi.events import (
    CONTROL,
    PORT,
    SET_TEMPO,
    SYSEX,
    TIME_SIGNATURE,
    TRACK_NAME,
    Event,
    makes_sense,
)
from vrae_core.midi.sounding import Sounding, TickNotes, sounding
from vrae_core.midi.tracks import read_track
from vrae_core.names import song_name
from vrae_core.piano_roll import HIGHEST_PITCH, LOWEST_PITCH, NO_NOTES, BoolArray, IntArray, Notes, roll_from_notes
from vrae_core.safe_files import read_bounded

MOST_BYTES = 16 << 20
MOST_EVENTS = 400_000
MOST_TRACKS = 4096
MOST_WARNINGS = 50
LONGEST_SECONDS = 4 * 3600.0
STUCK_NOTE_BEATS = 4  # a note never released is held no longer
LONG = 300.0  # seconds; a note or a silence that lasts longer is told of

_MATTERS = np.zeros((256, 128), bool)  # channel messages, by their kind and first data byte
_MATTERS[list(KINDS - {CONTROL, SYSEX})] = True
_MATTERS[CONTROL, list(CONTROLLERS)] = True


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
    Notes that are given in any other way are kept as ``Notes``.
    """

    name: str
    notes: Notes
    beats_per_minute: float
    warnings: tuple[str, ...] = ()
    path: str = field(default="", compare=False)  # "" for a song that is in no file
    tempo_map: TempoMap | None = field(default=None, compare=False)  # None if nobody knows the beats
    meters: tuple[Meter, ...] = field(default=(), compare=False)  # empty if nobody knows the bars
    tracks: tuple[SongTrack, ...] = field(default=(), compare=False)
    drums: Notes = field(default=NO_NOTES, compare=False)  # hits, sorted by onset; a pitch is an instrument
    parts: tuple[Part | None, ...] = ()  # of the tracks, once somebody has chosen; see `midi.parts`
    estimated_beats: bool = False  # its beats are not its file's; see `midi.beat_estimation`
    run: InRun | None = field(default=None, compare=False)  # whose music it is, as that learns it

    def __post_init__(self) -> None:
        for name in ("notes", "drums"):
            object.__setattr__(self, name, Notes.of(getattr(self, name)))

    @property
    def seconds(self) -> float:
        """When the last note ends, or the last hit of a song of drums only."""
        return float((self.notes or self.drums).ends.max(initial=0.0))

    @property
    def roll(self) -> BoolArray:
        """The song sampled at 20 Hz, anew each time: (steps, 88) bool, one column a pitch from MIDI 21."""
        return roll_from_notes(self.notes)

    @property
    def beaten(self) -> BoolArray:
        """(notes,) whether each is of a track that somebody has made the drums'."""
        chosen = [number for number, part in enumerate(self.parts) if part is Part.DRUMS]
        return np.isin(self.notes.tracks, chosen)

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

    notes: Notes
    beats_per_minute: float
    tempo_map: TempoMap | None
    meters: tuple[Meter, ...]
    tracks: tuple[SongTrack, ...]
    drums: Notes


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
    heard = sounding(contents.messages(), contents.ends, longest)
    if not len(heard.notes.on):
        raise UnusableFileError(_why_no_notes(tracks, contents.is_cut))
    _warn_of_ends(heard, warn)
    tempo_map = TempoMap.of_ticks(contents.tempos, header.ticks_per_beat)
    if len(heard.instruments) > MOST_TRACKS:
        raise UnusableFileError(f"has more than {MOST_TRACKS:,} tracks and instruments")
    starts, ends = tempo_map.seconds_at_ticks(heard.notes.on), tempo_map.seconds_at_ticks(heard.notes.off)
    are_hits = np.array([instrument.is_drums for instrument in heard.instruments])[heard.notes.instrument]
    _warn_of_notes(starts, ends, heard.notes.pitch, are_hits, warn)
    placed, hits = (_notes_sorted(starts, ends, heard.notes, own) for own in (~are_hits, are_hits))
    # a file of SMPTE counts frames, not beats
    too_many = not len(contents.tempos) <= MOST_CHANGES >= len(contents.signatures)
    if too_many:
        warn("its tempo or meter changes too often for beats to be counted")
    counts_beats = not (header.is_smpte or too_many)
    return _Read(
        placed,
        tempo_map.main_tempo(float((placed or hits).ends.max())),
        tempo_map if counts_beats else None,
        meters_of_ticks(contents.signatures, header.ticks_per_beat) if counts_beats else (),
        tuple(SongTrack(contents.names[i.track], i.channel % 16, i.program, i.is_drums) for i in heard.instruments),
        hits,
    )


class _Contents:
    """What the tracks of a file hold."""

    def __init__(self, header: Header, warn: Warn) -> None:
        self._header, self._warn = header, warn
        self.names: list[str] = []  # of the tracks
        self.ends: list[int] = []  # their last ticks
        self._messages: list[IntArray] = []  # of each track, as columns
        self._systems: list[bytes] = []
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
        track = read_track(body, MOST_EVENTS - self._events, self._warn)
        if track is None or self._events + track.events > MOST_EVENTS:
            raise UnusableFileError(f"has more than {MOST_EVENTS:,} events")
        self._events += track.events
        self.ends.append(track.end)
        ports = np.zeros(len(track.tick), np.int64)
        port, systems = 0, []
        for place, event in track.others:
            if event.status == SYSEX:
                systems.append((place, (event.tick, number, port * 16, SYSEX, len(self._systems), 0)))
                self._systems.append(event.data)
            elif event.meta == SET_TEMPO:
                self._set_tempo(event)
            elif event.meta == TIME_SIGNATURE and makes_sense(TIME_SIGNATURE, event.data):
                self.signatures.append((event.tick, event.data[0], 2 ** event.data[1]))
            elif event.meta == PORT and makes_sense(PORT, event.data):
                port = event.data[0]
                ports[place:] = port
            elif event.meta == TRACK_NAME and not self.names[number]:
                self.names[number] = _text(event.data)
        kind, channel = track.status & 0xF0, ports * 16 + (track.status & 0x0F)
        sent = np.stack([track.tick, np.full_like(kind, number), channel, kind, track.first, track.second])
        matters = _MATTERS[kind, track.first]
        if systems:
            places, told = zip(*systems, strict=True)
            sent, matters = np.insert(sent, places, np.array(told).T, axis=1), np.insert(matters, places, True)
        self._messages.append(sent[:, matters])

    def messages(self) -> Messages:
        """What all tracks send, track by track."""
        columns = np.concatenate([np.empty((6, 0), np.int64), *self._messages], axis=1)
        tick, track, channel, kind, first, second = columns
        return Messages(tick, track, channel, kind, first, second, self._systems)

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


def _warn_of_notes(starts: Times, ends: Times, pitches: IntArray, are_hits: BoolArray, warn: Warn) -> None:
    """Say what the roll does without, and what hardly anybody meant.  Raises: UnusableFileError."""
    end = float(ends.max())
    if end > LONGEST_SECONDS:
        raise UnusableFileError(f"lasts {end / 3600:.1f} hours; the limit is {LONGEST_SECONDS / 3600:.0f}")
    tonal = pitches[~are_hits]
    outside = int(((tonal < LOWEST_PITCH) | (tonal > HIGHEST_PITCH)).sum())
    if outside == len(tonal) and not are_hits.any():
        raise UnusableFileError("contains no notes on the 88 keys of the piano")
    if outside:
        warn(f"{_notes(outside)} off the 88 keys of the piano left out")
    in_time = np.argsort(starts, kind="stable")
    until = np.maximum.accumulate(np.append(0.0, ends[in_time]))
    silence = float((starts[in_time] - until[:-1]).max())
    lasting = float((ends - starts).max())
    if silence > LONG:
        warn(f"a silence of {clock(silence)} between notes")
    if lasting > LONG:
        warn(f"a note lasts {clock(lasting)}")


def _notes_sorted(starts: Times, ends: Times, notes: TickNotes, some: BoolArray) -> Notes:
    """Some of the notes, sorted by onset, then as tuples are."""
    pitch, velocity, instrument = (column[some] for column in notes[2:])
    columns = (starts[some], ends[some], pitch, velocity, instrument)
    order = np.lexsort(((pitch << 7 | velocity) << 13 | instrument, *columns[1::-1]))
    return Notes(*(column[order] for column in columns))
