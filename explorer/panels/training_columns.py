"""The columns of the table of songs to train on: what each says of a song, and what it is sorted by."""

# ruff: noqa: E501 - a table is read best with one line a row

from __future__ import annotations

from typing import NamedTuple

from explorer.atlas import clock
from explorer.session.training_songs import TrainingSongs
from explorer.widgets.tables import Column
from vrae_core.song_facts import key_name, pitch_name

NAME, PLAY, WARNINGS = 0, 1, 11  # places in COLUMNS


class Cell(NamedTuple):
    """What a song has in a column: as text, and as something to sort by."""

    text: str
    order: float | str


def _length(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    return Cell("", 0) if facts is None else Cell(clock(facts.seconds).split(".")[0], facts.seconds)


def _windows(songs: TrainingSongs, row: int) -> Cell:
    counts = songs.last_counts
    if not songs.entries[row].included:
        return Cell("–", -1)
    if counts is None or row not in counts.place:
        return Cell("", -1)
    windows = int(counts.figures.windows[counts.place[row]])
    return Cell(f"{windows:,}", windows)


def _pitches(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    if facts is None or not facts.pitches:
        return Cell("", 0)
    pitches = facts.pitches
    return Cell(f"{len(pitches)} · {pitch_name(pitches[0])}–{pitch_name(pitches[-1])}", len(pitches))


def _density(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    return Cell("", 0) if facts is None else Cell(f"{facts.notes_per_second:.1f}", facts.notes_per_second)


def _key(songs: TrainingSongs, row: int) -> Cell:
    facts = songs.entries[row].facts
    return Cell("", -1) if facts is None else Cell(key_name(facts.key), facts.key)


def _transposed(songs: TrainingSongs, row: int) -> Cell:
    semitones = songs.entries[row].semitones
    return Cell(f"{semitones:+}".replace("-", "−") if semitones else "", semitones)


def _grid(songs: TrainingSongs, row: int) -> Cell:
    text = str(songs.entries[row].quantising)
    return Cell(text, text)


def _lost(songs: TrainingSongs, row: int) -> Cell:
    counts = songs.last_counts
    if counts is None or row not in counts.place or not songs.entries[row].included:
        return Cell("", -1)
    lost = float(counts.figures.lost[counts.place[row]])
    return Cell(f"{lost:.1%}" if lost else "", lost)


def _warnings(songs: TrainingSongs, row: int) -> Cell:
    text = "; ".join(songs.warnings(row))
    return Cell(text, text or "\uffff")  # those without any go last


COLUMNS = (
    Column("Song", "Ticked songs are learnt", 0, lambda s, r: Cell(s.entries[r].song.name, s.entries[r].song.name.casefold())),
    Column("", "Hear the song as the model is taught it (Enter)", 30, lambda s, r: Cell("", 0)),
    Column("Length", "Minutes and seconds", 58, _length, True),
    Column("Windows", "How many windows it gives by this plan", 66, _windows, True),
    Column("Pitches", "How many it uses, the lowest and the highest", 104, _pitches, True),
    Column("Notes/s", "Notes begun in a second, on average", 60, _density, True),
    Column("Tempo", "Beats per minute, for the longest time", 54, lambda s, r: Cell(f"{s.entries[r].song.beats_per_minute:.0f}", s.entries[r].song.beats_per_minute), True),
    Column("Key", "The key that its notes fit best, as it is transposed", 92, _key),
    Column("Shift", "Semitones that it is transposed (+ and −)", 46, _transposed, True),
    Column("Grid", "The part of a beat that its onsets are moved to, and how much of the way if not all of it", 92, _grid, True),
    Column("Cut", "Share of its notes on pitches that are too rare to be learnt", 52, _lost, True),
    Column("To know", "What was found in the file, and what becomes of it", 0, _warnings),
)  # fmt: skip
