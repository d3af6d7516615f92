"""Good files are read as pretty_midi reads them."""

from __future__ import annotations

import io
import random

import numpy as np
import pretty_midi
import pytest

from tests.vrae_core.midi.conftest import END, TEMPO, midi, note, number, times
from vrae_core.columns import Part
from vrae_core.midi.beats import Meter, Tempo
from vrae_core.midi.parts import parts_of_tracks
from vrae_core.piano_roll import Note


def random_midi(seed):
    """A file of several tracks and tempo changes as pretty_midi writes it, and its notes as pretty_midi reads them."""
    chance = random.Random(seed)
    source = pretty_midi.PrettyMIDI(resolution=chance.choice((96, 220, 480)), initial_tempo=chance.uniform(60, 200))
    for program in range(4):
        part = pretty_midi.Instrument(program, is_drum=program == 3, name=f"part {program}")
        start = 0.0
        for _ in range(60):
            end = start + chance.uniform(0.1, 0.6)
            part.notes.append(pretty_midi.Note(chance.randint(1, 127), chance.randint(21, 108), start, end))
            start = end + chance.choice((0.0, 0.1))
        source.instruments.append(part)
    data = io.BytesIO()
    source.write(data)
    # tempo changes in the first track, written by hand into the bytes: pretty_midi has no way to add them
    changes = b"".join(
        number(wait) + TEMPO[1:] + us.to_bytes(3, "big") for wait, us in ((900, 400_000), (1700, 750_000), (1, 333_333))
    )
    tracks = data.getvalue().split(b"MTrk")
    timing = tracks[1][4:].removesuffix(b"\x01\xff\x2f\x00") + changes + END
    tracks[1] = len(timing).to_bytes(4, "big") + timing
    data = b"MTrk".join(tracks)
    parts = pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments
    return data, sorted(
        Note(n.start, n.end, n.pitch, n.velocity) for part in parts if not part.is_drum for n in part.notes
    )


@pytest.mark.parametrize("seed", range(5))
def test_notes_are_those_pretty_midi_reads(read, seed):
    data, expected = random_midi(seed)
    song = read(data)
    assert (song.warnings, len(song.drums)) == ((), 60)
    assert len(song.notes) == len(expected) == 180
    np.testing.assert_allclose([n[:2] for n in song.notes], [n[:2] for n in expected], atol=0.001)
    assert sorted(n[2:4] for n in song.notes) == sorted(n[2:4] for n in expected)


def test_a_song_knows_its_length_its_roll_and_its_tempo(read):
    song = read(midi(TEMPO + (400_000).to_bytes(3, "big") + note(60, 60) + note(64, 120, wait=60)))
    assert times(song) == [(0, 0.05, 60), (0.1, 0.2, 64)]
    assert song.seconds == pytest.approx(0.2)
    assert song.beats_per_minute == 150
    assert np.argwhere(song.roll).tolist() == [[0, 39], [2, 43], [3, 43]]


def test_whoever_changes_a_roll_changes_nobody_elses(read):
    song = read(midi(note()))
    song.roll[0] = True
    assert song.roll[0].sum() == 1


def test_a_tempo_change_counts_in_any_track(read):
    tempo = number(480) + TEMPO[1:] + (1_000_000).to_bytes(3, "big")
    for tracks in ((tempo, note() + note(62)), (note() + note(62), tempo)):
        assert times(read(midi(*tracks))) == [(0, 0.5, 60), (0.5, 1.5, 62)]


def test_of_two_tempos_at_once_the_later_counts(read):
    tempos = TEMPO + (400_000).to_bytes(3, "big") + TEMPO + (250_000).to_bytes(3, "big")
    assert read(midi(tempos + note())).beats_per_minute == 240


def test_the_tempo_of_a_song_is_the_one_in_force_longest(read):
    slow, fast = TEMPO + (1_000_000).to_bytes(3, "big"), TEMPO + (300_000).to_bytes(3, "big")
    assert read(midi(slow + note(ticks=480) + fast + note(ticks=4800))).beats_per_minute == 200


def test_without_a_tempo_there_are_120_beats_a_minute(read):
    song = read(midi(note()))
    assert (song.beats_per_minute, song.seconds) == (120, 0.5)


@pytest.mark.parametrize("microseconds", [1, 59_999, 15_000_001, 16_666_667, 0xFFFFFF])
def test_every_tempo_that_the_format_can_say_is_played(read, microseconds):
    song = read(midi(TEMPO + microseconds.to_bytes(3, "big") + note() + note(62)))
    assert [n.start for n in song.notes] == pytest.approx([0, microseconds / 1e6])
    assert song.beats_per_minute == pytest.approx(6e7 / microseconds)
    assert song.warnings == ()


def test_a_song_knows_its_tempos_and_meters_by_the_beat(read):
    waltz, half = b"\0\xff\x58\x04\x03\x02\x18\x08", number(480 * 3) + b"\xff\x58\x04\x06\x03\x18\x08"
    changes = TEMPO + (500_000).to_bytes(3, "big") + number(480 * 6) + TEMPO[1:] + (1_000_000).to_bytes(3, "big")
    song = read(midi(waltz + half, changes, note() * 9))
    assert song.meters == (Meter(0, 3, 4), Meter(3, 6, 8))
    assert song.tempo_map.tempos == (Tempo(0, 120), Tempo(6, 60))
    assert [song.bar_at(t) for t in (0, 1.4, 1.5, 2.9, 3, 6)] == [1, 1, 2, 2, 3, 4]


def test_running_status_and_silent_note_ons_are_understood(read):
    assert times(read(midi(b"\0\x90\x3c\x50\x60\x3c\0\0\x40\x50\x60\x40\0", division=96))) == [
        (0, 0.5, 60),
        (0.5, 1, 64),
    ]


def test_other_events_are_passed_over(read):
    others = (
        b"\0\xa0\x3c\x10\0\xb0\x40\x7f\0\xc0\x05\0\xd0\x10\0\xe0\0\x40"  # channel messages
        b"\0\xf0\x03\x01\x02\xf7\0\xf7\x02\x01\x02"  # system exclusive
        b"\0\xff\x01\x05hello\0\xff\x7f\0\0\xff\x58\x04\x04\x02\x18\x08\0\xff\x59\x02\xfd\x01"
    )
    song = read(midi(others + note()))
    assert times(song) == [(0, 0.5, 60)]
    assert song.warnings == ()


def test_every_channel_but_the_drums_is_heard(read):
    song = read(midi(*(note(40 + channel, channel=channel) for channel in range(16))))
    assert [n.pitch for n in song.notes] == [40 + channel for channel in range(16) if channel != 9]
    assert (song.warnings, [hit.pitch for hit in song.drums]) == ((), [49])


def test_format_0_is_read(read):
    assert len(read(midi(note() + note(62, channel=3), file_format=0)).notes) == 2


def test_an_smpte_time_base_has_no_tempo(read):
    tempo = TEMPO + (250_000).to_bytes(3, "big")
    assert times(read(midi(tempo + note(ticks=1000), division=0xE728))) == [(0, 1, 60)]  # 25 frames of 40 ticks
    assert times(read(midi(note(ticks=2400), division=0xE350))) == [(0, 1.001, 60)]  # 29.97 frames of 80 ticks


def test_the_first_note_struck_is_the_first_released(read):
    song = read(midi(b"\0\x90\x3c\x50\x60\x90\x3c\x51\x60\x80\x3c\0\x60\x80\x3c\0", division=96))
    assert [n[:2] for n in song.notes] == [(0, 1), (0.5, 1.5)]


def test_a_note_lasts_at_least_a_tick(read):
    assert times(read(midi(note(ticks=0), division=100))) == [(0, 0.005, 60)]


def test_wrappers_are_taken_off(read):
    song = midi(note())
    riff = b"RIFF" + (len(song) + 12).to_bytes(4, "little") + b"RMIDdata" + len(song).to_bytes(4, "little") + song
    assert read(riff).warnings == ()
    assert read(b"\0macbinary".ljust(128, b"\0") + song).warnings == ("128 bytes before the MIDI header were skipped",)


def test_a_song_of_drums_only_is_read(read):
    song = read(midi(note(36, channel=9) + note(38, channel=9)))
    assert (song.notes, [hit.pitch for hit in song.drums]) == ((), [36, 38])
    assert (song.seconds, song.beats_per_minute, song.warnings) == (song.drums[-1].end, 120.0, ())
    assert parts_of_tracks(song) == (Part.DRUMS,)
    assert song.bar_at(song.seconds) == 1
