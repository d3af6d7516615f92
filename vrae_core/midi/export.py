"""Writing notes as a Standard MIDI File that any sequencer opens."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from vrae_core.midi.beats import Meter, TempoMap
from vrae_core.midi.channels import DRUM_CHANNEL
from vrae_core.midi.song import Song, SongTrack
from vrae_core.piano_roll import STEP_SECONDS, Note, Notes
from vrae_core.safe_files import write_atomically

if TYPE_CHECKING:
    import mido

USUAL_TEMPO = 150.0  # beats per minute: one step of 50 ms is a 1/32 note
SLOWEST_TEMPO, FASTEST_TEMPO = 4.0, 1000.0  # beats per minute of what is made here; a song keeps its own
# Of these the first at which a step is a whole number of ticks: at tempos of 2.5, of 0.5 and of 0.1 beats a minute.
_TICKS_PER_BEAT = (480, 2_400, 12_000)
_FOUR_FOUR = (Meter(0.0, 4, 4),)
_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)


@dataclass(frozen=True)
class Track:
    """One instrument's part: ``program`` is a General MIDI program, 0–127; ``notes`` are in seconds.

    channel: 0–15, or None for the next that is free; of drums it is the tenth.
    """

    name: str
    program: int
    notes: Sequence[Note]
    is_drums: bool = False
    channel: int | None = None


def write_midi(
    path: str | os.PathLike[str],
    tracks: Iterable[Track],
    tempo: float | TempoMap = USUAL_TEMPO,
    text: str = "",
    *,
    meters: Sequence[Meter] = _FOUR_FOUR,
    seconds: float = 0.0,
) -> None:
    """Write tracks as a MIDI file, as ``midi_bytes`` makes it.

    Raises: FileError if the file cannot be written; whatever was there before then stays.
    """
    write_atomically(path, midi_bytes(tracks, tempo, text, meters=meters, seconds=seconds))


def midi_bytes(
    tracks: Iterable[Track],
    tempo: float | TempoMap = USUAL_TEMPO,
    text: str = "",
    *,
    meters: Sequence[Meter] = _FOUR_FOUR,
    seconds: float = 0.0,
) -> bytes:
    """Tracks as a MIDI file of format 1, the first track holding tempos, meters and, if given, a text.

    Notes keep their seconds whatever the tempo; the tempo decides where the beats fall.  A step of 50 ms, or of
    an eighth of a beat, is a whole number of ticks: at 150 beats a minute both are 60 of 480.

    tempo: beats a minute, or a map.  seconds: when the tracks end, if that is after their last notes, so that a
    sequencer repeats them in time.
    """
    import mido  # noqa: PLC0415  (slow to import)

    tempo_map = tempo if isinstance(tempo, TempoMap) else stepped([(0.0, tempo)])
    ticks_per_beat = _written_ticks(tempo_map.ticks_per_beat)
    clock = TempoMap(tempo_map.tempos, ticks_per_beat)
    end = int(clock.ticks_at(seconds))
    file = mido.MidiFile(type=1, ticks_per_beat=ticks_per_beat, charset="utf-8")
    file.tracks.append(mido.MidiTrack(_in_time(_head(clock, meters, text), end)))
    for number, track in enumerate(tracks):
        free = DRUM_CHANNEL if track.is_drums else _CHANNELS[number % len(_CHANNELS)]
        channel = free if track.channel is None else track.channel
        name = [mido.MetaMessage("track_name", name=track.name)] if track.name else []
        program = mido.Message("program_change", channel=channel, program=track.program)
        notes = _in_time(_messages(track.notes, channel, clock), end)
        file.tracks.append(mido.MidiTrack([*name, program, *notes]))
    written = BytesIO()
    file.save(file=written)
    return written.getvalue()


def write_song(path: str | os.PathLike[str], song: Song, *, seconds: float = 0.0) -> None:
    """Write a song as it is, as ``song_bytes`` makes it.  Raises: FileError."""
    write_atomically(path, song_bytes(song, seconds=seconds))


def song_bytes(song: Song, *, seconds: float = 0.0) -> bytes:
    """A song's own notes as a MIDI file: with its tempos and meters, velocities, instruments and drums.

    seconds: when its tracks end, if that is after their last notes.
    """
    tempo = song.tempo_map or stepped([(0.0, song.beats_per_minute)])
    return midi_bytes(song_tracks(song), tempo, meters=song.meters or _FOUR_FOUR, seconds=seconds)


def song_tracks(song: Song) -> list[Track]:
    """A song's notes and drum hits, each instrument's on a track of its own; a song of no file has one for all.

    Instruments have channels of their own, as far as there are enough, for they may take turns on one in the song.
    """
    if not song.tracks:
        return [Track(song.name, 0, song.notes)]
    notes = Notes.joined(song.notes, song.drums).by_track(len(song.tracks))
    return [
        Track(track.name, track.program, own, track.is_drums, channel)
        for track, own, channel in zip(song.tracks, notes, channels_of(song.tracks), strict=True)
    ]


def channels_of(tracks: Sequence[SongTrack]) -> list[int]:
    """The channel that each track of a song is written on: the tenth for drums, else as `song_tracks` says."""
    melodic = _channels(tracks)
    return [DRUM_CHANNEL if track.is_drums else melodic[track.channel, track.program] for track in tracks]


def _channels(tracks: Iterable[SongTrack]) -> dict[tuple[int, int], int]:
    """A channel for every melodic instrument, by the one it had and its program."""
    instruments = list(dict.fromkeys((track.channel, track.program) for track in tracks if not track.is_drums))
    found: dict[tuple[int, int], int] = {}
    for channel, program in instruments:
        if channel in _CHANNELS and channel not in found.values():
            found[channel, program] = channel
    free = [channel for channel in _CHANNELS if channel not in found.values()]
    for number, instrument in enumerate(each for each in instruments if each not in found):
        found[instrument] = free[number] if number < len(free) else _CHANNELS[number % len(_CHANNELS)]
    return found


def stepped(tempos: Sequence[tuple[float, float]]) -> TempoMap:
    """A tempo map in which a step of 50 ms is a whole number of ticks, where that can be.

    tempos: (seconds, beats a minute) in order, the first at 0.
    """
    for ticks in _TICKS_PER_BEAT:
        steps = [ticks * tempo / 60 * STEP_SECONDS for _, tempo in tempos]
        if all(abs(step - round(step)) < 1e-6 for step in steps):
            return TempoMap.of_seconds(tempos, ticks)
    return TempoMap.of_seconds(tempos, _TICKS_PER_BEAT[0])


def _written_ticks(ticks_per_beat: float) -> int:
    """A whole multiple of a file's ticks a beat that is fine enough for any notes."""
    return round(ticks_per_beat) * math.ceil(_TICKS_PER_BEAT[0] / round(ticks_per_beat))


def _head(clock: TempoMap, meters: Sequence[Meter], text: str) -> list[tuple[int, mido.MetaMessage]]:
    """Tempos, meters and a text, each with its tick, in order."""
    import mido  # noqa: PLC0415

    first, *later = [
        (tempo.beat, mido.MetaMessage("set_tempo", tempo=round(6e7 / tempo.beats_per_minute))) for tempo in clock.tempos
    ]
    signatures = [
        (each.beat, mido.MetaMessage("time_signature", numerator=each.numerator, denominator=each.denominator))
        for each in meters
    ]
    texts = [(0.0, mido.MetaMessage("text", text=text))] if text else []
    timed = sorted([first, *signatures, *texts, *later], key=lambda each: each[0])
    return [(round(beat * clock.ticks_per_beat), message) for beat, message in timed]


def _messages(notes: Iterable[Note], channel: int, clock: TempoMap) -> list[tuple[int, mido.Message]]:
    """Note-ons and note-offs with their ticks, in order; at one tick the ends come first."""
    import mido  # noqa: PLC0415

    played = Notes.of(notes)
    ons, offs = clock.ticks_at(played.starts).tolist(), clock.ticks_at(played.ends).tolist()
    events = []
    for note, on, off in zip(played, ons, offs, strict=True):
        events += [(on, 1, note.pitch, note.velocity), (max(off, on + 1), 0, note.pitch, 0)]
    return [
        (tick, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity))
        for tick, _, pitch, velocity in sorted(events)
    ]


def _in_time(timed: Sequence[tuple[int, mido.Message]], end: int) -> list[mido.Message]:
    """Messages, each with the ticks since the one before, and the end of their track."""
    import mido  # noqa: PLC0415

    messages, now = [], 0
    for tick, message in [*timed, (max(end, timed[-1][0] if timed else 0), mido.MetaMessage("end_of_track"))]:
        messages.append(message.copy(time=tick - now))
        now = tick
    return messages
