"""Writing notes as a Standard MIDI File that any sequencer opens."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from vrae_core.piano_roll import Note
from vrae_core.safe_files import write_atomically

TICKS_PER_BEAT = 480


@dataclass(frozen=True)
class Track:
    """One instrument's part: ``program`` is a General MIDI program, 0–127; ``notes`` are in seconds."""

    name: str
    program: int
    notes: Sequence[Note]


def write_midi(path: str | os.PathLike[str], tracks: Iterable[Track], beats_per_minute: float = 150.0) -> None:
    """Write tracks as a MIDI file of format 1 with 480 ticks a beat.

    Notes keep their seconds whatever the tempo; the tempo decides where the beats fall.  At 150 beats a
    minute one step of 50 ms is exactly 60 ticks.

    Raises: FileError if the file cannot be written; whatever was there before then stays.
    """
    import pretty_midi  # noqa: PLC0415  (slow to import)

    midi = pretty_midi.PrettyMIDI(resolution=TICKS_PER_BEAT, initial_tempo=beats_per_minute, charset="utf-8")
    one_tick = 60 / (beats_per_minute * TICKS_PER_BEAT)
    for track in tracks:
        instrument = pretty_midi.Instrument(track.program, name=track.name)
        instrument.notes = [
            # shorter than a tick, its end would be written before its beginning
            pretty_midi.Note(note.velocity, note.pitch, note.start, max(note.end, note.start + one_tick))
            for note in track.notes
        ]
        midi.instruments.append(instrument)
    file = BytesIO()
    midi.write(file)
    write_atomically(path, file.getvalue())
