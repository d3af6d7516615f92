"""Writing notes as a Standard MIDI File that any sequencer opens."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from vrae_core.piano_roll import STEP_SECONDS, Note
from vrae_core.safe_files import write_atomically

if TYPE_CHECKING:
    import mido

USUAL_TEMPO = 150.0  # beats per minute: one step of 50 ms is a 1/32 note
# Of these the first at which a step is a whole number of ticks: at tempos of 2.5, of 0.5 and of 0.1 beats a minute.
_TICKS_PER_BEAT = (480, 2_400, 12_000)
_CHANNELS = tuple(channel for channel in range(16) if channel != 9)  # the tenth plays drums


@dataclass(frozen=True)
class Track:
    """One instrument's part: ``program`` is a General MIDI program, 0–127; ``notes`` are in seconds."""

    name: str
    program: int
    notes: Sequence[Note]


def write_midi(
    path: str | os.PathLike[str],
    tracks: Iterable[Track],
    beats_per_minute: float = USUAL_TEMPO,
    text: str = "",
    *,
    beats_a_bar: int = 4,
    changes: Sequence[tuple[float, float]] = (),
) -> None:
    """Write tracks as a MIDI file, as ``midi_bytes`` makes it.

    Raises: FileError if the file cannot be written; whatever was there before then stays.
    """
    write_atomically(path, midi_bytes(tracks, beats_per_minute, text, beats_a_bar=beats_a_bar, changes=changes))


def midi_bytes(
    tracks: Iterable[Track],
    beats_per_minute: float = USUAL_TEMPO,
    text: str = "",
    *,
    beats_a_bar: int = 4,
    changes: Sequence[tuple[float, float]] = (),
) -> bytes:
    """Tracks as a MIDI file of format 1, the first track holding tempo, meter and, if given, a text.

    Notes keep their seconds whatever the tempo; the tempo decides where the beats fall.  A step of 50 ms, or of
    an eighth of a beat, is a whole number of ticks: at 150 beats a minute both are 60 of 480.

    beats_a_bar: quarter notes.  changes: of tempo, in the order of time: (seconds, beats a minute from then on).
    """
    import mido  # noqa: PLC0415  (slow to import)

    tempos = [(0.0, beats_per_minute), *changes]
    ticks_per_beat = _ticks_per_beat(tempo for _, tempo in tempos)
    clock = _Clock(tempos, ticks_per_beat)
    file = mido.MidiFile(type=1, ticks_per_beat=ticks_per_beat, charset="utf-8")
    meter = mido.MetaMessage("time_signature", numerator=beats_a_bar)
    head = [mido.MetaMessage("set_tempo", tempo=round(6e7 / beats_per_minute)), meter]
    head += [mido.MetaMessage("text", text=text)] if text else []
    for (before, _), (seconds, tempo) in pairwise(tempos):
        since = clock.tick(seconds) - clock.tick(before)
        head.append(mido.MetaMessage("set_tempo", tempo=round(6e7 / tempo), time=since))
    file.tracks.append(mido.MidiTrack(head))
    for number, track in enumerate(tracks):
        channel = _CHANNELS[number % len(_CHANNELS)]
        name = [mido.MetaMessage("track_name", name=track.name)] if track.name else []
        program = mido.Message("program_change", channel=channel, program=track.program)
        notes = _messages(track.notes, channel, clock)
        file.tracks.append(mido.MidiTrack([*name, program, *notes]))
    written = BytesIO()
    file.save(file=written)
    return written.getvalue()


class _Clock:
    """Seconds as ticks, the tempo changing on the way."""

    def __init__(self, tempos: Sequence[tuple[float, float]], ticks_per_beat: int) -> None:
        self._starts = [seconds for seconds, _ in tempos]
        self._paces = [ticks_per_beat * tempo / 60 for _, tempo in tempos]  # ticks a second
        lasting = [after - before for before, after in pairwise(self._starts)]
        self._ticks = list(accumulate((s * pace for s, pace in zip(lasting, self._paces, strict=False)), initial=0.0))

    def tick(self, seconds: float) -> int:
        part = max(0, bisect_right(self._starts, seconds + 1e-9) - 1)
        return round(self._ticks[part] + (seconds - self._starts[part]) * self._paces[part])


def _ticks_per_beat(tempos: Iterable[float]) -> int:
    asked = tuple(tempos)
    for ticks in _TICKS_PER_BEAT:
        steps = [ticks * tempo / 60 * STEP_SECONDS for tempo in asked]
        if all(abs(step - round(step)) < 1e-6 for step in steps):
            return ticks
    return _TICKS_PER_BEAT[0]


def _messages(notes: Iterable[Note], channel: int, clock: _Clock) -> list[mido.Message]:
    """Note-ons and note-offs in order, each with the ticks since the one before; at one tick the ends come first."""
    import mido  # noqa: PLC0415

    events = []
    for note in notes:
        on = clock.tick(note.start)
        off = max(clock.tick(note.end), on + 1)  # never before its beginning is written
        events += [(on, 1, note.pitch, note.velocity), (off, 0, note.pitch, 0)]
    messages, now = [], 0
    for tick, _, pitch, velocity in sorted(events):
        messages.append(mido.Message("note_on", channel=channel, note=pitch, velocity=velocity, time=tick - now))
        now = tick
    return messages
