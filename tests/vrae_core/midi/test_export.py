"""What is written is read back, by us and by pretty_midi."""

from __future__ import annotations

import random

import mido
import numpy as np
import pretty_midi
import pytest

from vrae_core.errors import FileError
from vrae_core.midi.beats import Meter
from vrae_core.midi.export import Track, stepped, write_midi
from vrae_core.midi.song import read_song
from vrae_core.piano_roll import Note, notes_from_roll


def random_notes(seed, count=100):
    """Notes on the 50 ms grid, none overlapping another of its pitch."""
    chance = random.Random(seed)
    starts = [4 * step for step in range(count)]
    return [
        Note(s / 20, (s + chance.randint(1, 4)) / 20, chance.randint(21, 108), chance.randint(1, 127)) for s in starts
    ]


def test_notes_come_back_the_same(tmp_path):
    notes = [note._replace(track=number % 2) for number, note in enumerate(random_notes(0))]
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


@pytest.mark.parametrize("tempo", [150, 120, 97, 133.5, 72.4, 300])
def test_at_a_tempo_of_tenths_every_step_of_50_ms_is_the_same_whole_number_of_ticks(tmp_path, tempo):
    roll = np.random.default_rng(1).random((4000, 88)) < 0.01
    roll[-1] = True
    write_midi(tmp_path / "song.mid", [Track("", 0, notes_from_roll(roll))], tempo)
    file = mido.MidiFile(tmp_path / "song.mid")
    ticks = set(np.cumsum([message.time for message in file.tracks[1]]).tolist())
    step = file.ticks_per_beat * tempo / 60 / 20
    assert step == pytest.approx(round(step))
    assert {tick % round(step) for tick in ticks} == {0}
    np.testing.assert_array_equal(read_song(tmp_path / "song.mid").roll, roll)


@pytest.mark.parametrize("tempo", [40, 97, 150, 300])
def test_a_step_of_an_eighth_of_a_beat_is_a_1_32_note_at_any_tempo(tmp_path, tempo):
    seconds = 60 / tempo / 8
    write_midi(
        tmp_path / "song.mid", [Track("", 0, notes_from_roll(np.eye(88, dtype=bool), step_seconds=seconds))], tempo
    )
    file = mido.MidiFile(tmp_path / "song.mid")
    onsets = [message.time for message in file.tracks[1] if message.type == "note_on" and not message.velocity]
    assert onsets == [file.ticks_per_beat // 8] * 88


def test_the_bytes_say_tempo_and_meter_names_programs_and_the_text(tmp_path):
    tracks = [Track("Lead", 80, [Note(0, 1, 60)]), Track("Bass", 33, [Note(0, 1, 40)])]
    write_midi(tmp_path / "song.mid", tracks, 150, "about this")
    data = (tmp_path / "song.mid").read_bytes()
    head, lead, bass = data.split(b"MTrk")[1:]
    assert data[:14] == b"MThd" + bytes([0, 0, 0, 6, 0, 1, 0, 3, 480 >> 8, 480 & 255])
    assert b"\xff\x51\x03" + (400_000).to_bytes(3, "big") in head
    assert b"\xff\x58\x04\x04\x02" in head, "4/4"
    assert b"\xff\x01\x0aabout this" in head
    assert b"\xff\x03\x04Lead\x00\xc0\x50" in lead
    assert b"\xff\x03\x04Bass\x00\xc1\x21" in bass


def test_tempo_and_meter_come_back_and_bars_are_counted_by_them(tmp_path):
    notes = [Note(second / 4, second / 4 + 0.1, 60) for second in range(60)]
    tempo_map = stepped([(0.0, 120), (6.0, 60), (12.0, 200)])
    write_midi(tmp_path / "song.mid", [Track("", 0, notes)], tempo_map, meters=[Meter(0, 3, 4)])
    song = read_song(tmp_path / "song.mid")
    np.testing.assert_allclose([note[:2] for note in song.notes], [note[:2] for note in notes], atol=1e-6)
    # 3 beats of 120 a minute last 1.5 s, of 60 a minute 3 s, of 200 a minute 0.9 s
    assert [song.bar_at(seconds) for seconds in (0, 1.4, 1.5, 6, 8.9, 9, 12, 12.8, 12.9)] == [
        1, 1, 2, 5, 5, 6, 7, 7, 8,
    ]  # fmt: skip


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
    with pytest.raises(FileError, match=r"^/.*/song\.mid cannot be written: its folder does not exist$"):
        write_midi(tmp_path / "missing" / "song.mid", [Track("", 0, [Note(0, 1, 60)])])
