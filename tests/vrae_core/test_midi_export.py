"""What is written is read back, by us and by pretty_midi."""

from __future__ import annotations

import random

import numpy as np
import pretty_midi
import pytest

from vrae_core.errors import FileError
from vrae_core.midi_export import Track, write_midi
from vrae_core.midi_file import read_song
from vrae_core.piano_roll import Note, notes_from_roll


def random_notes(seed, count=100):
    """Notes on the 50 ms grid, none overlapping another of its pitch."""
    chance = random.Random(seed)
    starts = [4 * step for step in range(count)]
    return [
        Note(s / 20, (s + chance.randint(1, 4)) / 20, chance.randint(21, 108), chance.randint(1, 127)) for s in starts
    ]


def test_notes_come_back_the_same(tmp_path):
    notes = random_notes(0)
    write_midi(tmp_path / "song.mid", [Track("lead", 80, notes[::2]), Track("bass", 33, notes[1::2])])
    song = read_song(tmp_path / "song.mid")
    np.testing.assert_allclose(song.notes, sorted(notes), atol=1e-5)
    assert song.beats_per_minute == pytest.approx(150, abs=1e-3)
    assert song.warnings == ()


def test_a_roll_comes_back_the_same(tmp_path):
    roll = np.random.default_rng(0).random((300, 88)) < 0.05
    roll[-1] = True
    write_midi(tmp_path / "roll.mid", [Track("roll", 0, notes_from_roll(roll))])
    np.testing.assert_array_equal(read_song(tmp_path / "roll.mid").roll, roll)


def test_at_150_beats_a_minute_a_step_is_60_ticks(tmp_path):
    write_midi(
        tmp_path / "song.mid", [Track("", 0, [Note(step / 20, (step + 1) / 20, 60) for step in range(0, 4000, 2)])]
    )
    midi = pretty_midi.PrettyMIDI(str(tmp_path / "song.mid"))
    assert midi.resolution == 480
    notes = midi.instruments[0].notes
    assert [midi.time_to_tick(n.start) for n in notes] == [120 * k for k in range(2000)]
    assert [midi.time_to_tick(n.end) for n in notes] == [120 * k + 60 for k in range(2000)]


@pytest.mark.parametrize("tempo", [60, 97.3, 200])
def test_notes_keep_their_seconds_at_any_tempo(tmp_path, tempo):
    notes = random_notes(1)
    write_midi(tmp_path / "song.mid", [Track("", 0, notes)], tempo)
    song = read_song(tmp_path / "song.mid")
    np.testing.assert_allclose([n[:2] for n in song.notes], [n[:2] for n in notes], atol=60 / tempo / 480)
    assert song.beats_per_minute == pytest.approx(tempo, abs=0.01)


def test_every_track_has_its_name_program_and_channel(tmp_path):
    tracks = [Track(f"Коробейники {n}", n, [Note(0, 1, 60 + n)]) for n in range(17)]
    write_midi(tmp_path / "song.mid", tracks)
    data = (tmp_path / "song.mid").read_bytes()
    assert all(track.name.encode() in data for track in tracks)
    parts = pretty_midi.PrettyMIDI(str(tmp_path / "song.mid")).instruments
    assert [(part.program, part.notes[0].pitch) for part in parts] == [(n, 60 + n) for n in range(17)]
    assert not any(part.is_drum for part in parts)


def test_a_note_of_no_length_is_not_left_hanging(tmp_path):
    write_midi(tmp_path / "song.mid", [Track("", 0, [Note(1, 1, 60), Note(2, 3, 60)])])
    song = read_song(tmp_path / "song.mid")
    assert song.warnings == ()
    assert [round(n.start, 3) for n in song.notes] == [1, 2]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(FileError, match=r"^song\.mid cannot be written: its folder does not exist$"):
        write_midi(tmp_path / "missing" / "song.mid", [Track("", 0, [Note(0, 1, 60)])])
