"""Good files are read as pretty_midi reads them; damaged and hostile ones to a song or to one clear sentence."""

from __future__ import annotations

import io
import random

import numpy as np
import pretty_midi
import pytest

from vrae_core.columns import Part
from vrae_core.errors import MidiFileError
from vrae_core.midi import song as midi_file
from vrae_core.midi.beats import Meter, Tempo
from vrae_core.midi.parts import parts_of_tracks
from vrae_core.midi.song import Song, read_song
from vrae_core.piano_roll import Note

TEMPO = b"\x00\xff\x51\x03"  # without its three bytes of microseconds a beat
END = b"\x00\xff\x2f\x00"


def midi(*tracks, file_format=1, count=None, division=480, end=END):
    """A file of tracks given as event bytes."""
    header = b"".join(n.to_bytes(2, "big") for n in (file_format, len(tracks) if count is None else count, division))
    chunks = [b"MTrk" + len(track + end).to_bytes(4, "big") + track + end for track in tracks]
    return b"MThd\0\0\0\6" + header + b"".join(chunks)


def number(value):
    """A variable-length quantity."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, 0x80 | value & 0x7F)
    return bytes(digits)


def note(pitch=60, ticks=480, channel=0, wait=0):
    """A note-on after ``wait`` ticks and its note-off."""
    return number(wait) + bytes((0x90 | channel, pitch, 90)) + number(ticks) + bytes((0x80 | channel, pitch, 0))


@pytest.fixture
def read(tmp_path):
    """Read bytes as a file named song.mid."""

    def read_bytes(data):
        (tmp_path / "song.mid").write_bytes(data)
        return read_song(tmp_path / "song.mid")

    return read_bytes


@pytest.fixture
def refusal(read):
    """The reason for which bytes are refused."""

    def reason(data):
        with pytest.raises(MidiFileError) as raised:
            read(data)
        assert str(raised.value) == f"{raised.value.path} {raised.value.reason}"
        return raised.value.reason

    return reason


def times(song):
    return [(round(n.start, 6), round(n.end, 6), n.pitch) for n in song.notes]


# ---------------------------------------------------------------- good files


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
    assert song.roll is song.roll


def test_a_roll_shared_by_all_cannot_be_changed(read):
    roll = read(midi(note())).roll
    with pytest.raises(ValueError, match="read-only"):
        roll[0] = True


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


# ---------------------------------------------------------------- refused, with a reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty (0 bytes)"),
        (b"PK\3\4" + bytes(100), "is a zip archive, not MIDI"),
        (b"PK\3\4" + bytes(100) + midi(note()), "is a zip archive, not MIDI"),
        (b"RIFF\0\0\0\0WAVEfmt ", "is a RIFF file (WAV or AVI), not MIDI"),
        (b"<!DOCTYPE html>", "is a web page, not MIDI"),
        (b"hello", "is not a MIDI file (it has no MThd header)"),
        (bytes(5000), "contains only zero bytes"),
        (b"MT", "is cut inside its header"),
        (midi(note())[:13], "is cut inside its header"),
        (b"MThd\0\0\0\5" + bytes(10), "has a damaged header (it says it is 5 bytes long)"),
        (b"MThd\x7f\0\0\0" + bytes(10), "has a damaged header (it says it is 2130706432 bytes long)"),
        (midi(note(), file_format=2), "is of format 2 (independent patterns), which is not supported"),
        (midi(note(), division=0), "has a time base of 0 ticks per beat"),
        (midi(note(), division=0xFF00), "has a damaged time base (SMPTE, 1 frames of 0 ticks)"),
        (midi(), "contains no tracks"),
        (midi(b""), "contains no notes"),
        (midi(note(5)), "contains no notes on the 88 keys of the piano"),
        (midi(note(ticks=480 * 2 * 32760)), "lasts 9.1 hours; the limit is 4"),
        (midi(*[b""] * 4097), "has more than 4,096 tracks"),
    ],
)
def test_an_unusable_file_is_refused_with_a_plain_reason(refusal, data, reason):
    assert refusal(data) == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (midi(note() * 9)[:24], "is truncated: what is left of it contains no notes"),
        (midi(count=1), "is truncated: what is left of it contains no tracks"),
    ],
)
def test_a_truncated_file_says_so_rather_than_what_it_seems_to_be(refusal, data, reason):
    assert refusal(data) == reason


def test_a_song_of_drums_only_is_read(read):
    song = read(midi(note(36, channel=9) + note(38, channel=9)))
    assert (song.notes, [hit.pitch for hit in song.drums]) == ((), [36, 38])
    assert (song.seconds, song.beats_per_minute, song.warnings) == (song.drums[-1].end, 120.0, ())
    assert parts_of_tracks(song) == (Part.DRUMS,)
    assert song.bar_at(song.seconds) == 1


@pytest.mark.parametrize(
    "data",
    [
        midi(note(channel=9) * 9, count=2),
        midi(note(channel=9) * 9, note() * 50)[:-452],
        midi(note(channel=9) * 9 + note() * 9)[: 22 + 40],
    ],
)
def test_the_drums_that_a_truncated_file_has_left_are_read_and_it_is_said(read, data):
    song = read(data)
    assert song.notes == ()
    assert song.drums
    assert song.warnings


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(MidiFileError, match=r"^/.*/none\.mid does not exist$"):
        read_song(tmp_path / "none.mid")


def test_a_huge_file_is_refused_without_reading_it(tmp_path):
    with (tmp_path / "huge.mid").open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(MidiFileError, match=r"^/.*/huge\.mid holds 17\.0 MB; the limit is 16\.0 MB$"):
        read_song(tmp_path / "huge.mid")


def test_too_many_events_are_refused(refusal, monkeypatch):
    monkeypatch.setattr(midi_file, "MOST_EVENTS", 100)
    assert refusal(midi(note() * 60)) == "has more than 100 events"


# ---------------------------------------------------------------- damaged, and read with a warning

HELD = b"\0\x90\x40\x50"  # a note-on that nothing ends


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (midi(note() + note())[:-6], "a track is cut short, or its length is wrong"),
        (midi(note() + note())[:-6], "a track ends inside an event"),
        (midi(note(), end=b""), "a track has no end marker"),
        (midi(note() + HELD + number(480) + b"\xb0\0\0"), "1 note never released, and so ended early"),
        (midi(note(), count=3), "only 1 of 3 tracks are present"),
        (midi(b"\0\x3c" + note()), "stray data bytes were skipped"),
        (midi(note() + b"\0\xb0\x07\xf0"), "values over 127 were clipped"),
        (midi(b"\0\xf8\0\xf2\x01\x02" + note()), "system messages, which have no place in a file, were skipped"),
        (midi(note() + b"\xff\xff\xff\xff\x7f"), "the rest of a track was dropped: a number of more than four bytes"),
        (midi(note() + b"\0\xf8" * 70), "the rest of a track was dropped: too much damage"),
        (midi(TEMPO + b"\0\0\0" + note()), "an impossible tempo was ignored"),
        (midi(b"\0\xff\x51\x01\x07" + note()), "an impossible tempo was ignored"),
        (midi(b"\0\xff\x59\x02\x3f\0" + note()), "an impossible key signature was ignored"),
        (midi(b"\0\xff\x58\x01\x04" + note()), "an impossible time signature was ignored"),
        (midi(b"\0\xff\x21\x05port?" + note()), "an impossible meta event was ignored"),
        (midi(note(), file_format=7), "the unknown format 7 was read as format 1"),
        (midi(note() + note(5)), "1 note off the 88 keys of the piano left out"),
        (midi(note() + END + b"more"), "bytes after the end of a track were ignored"),
        (midi(note()) + midi(note()), "a second MIDI file follows the first and was ignored"),
        (midi(note(62), count=2) + b"\1junk!\2junk" + midi(note())[14:], "bytes after the end of a track were ignored"),
        (midi(count=1) + b"\1junk!\2junk" + midi(note())[14:], "11 damaged bytes between tracks were skipped"),
    ],
)
def test_damage_is_repaired_with_a_warning(read, data, warning):
    song = read(data)
    assert warning in song.warnings
    assert times(song)[0] == (0, 0.5, 60)


def test_wrong_track_lengths_are_found_out_and_told(read):
    good = midi(note(60), note(64))
    length = len(note(60) + END)
    for wrong in (0, 3, length - 1, length + 1, length + 30, 0x7FFFFFFF):
        data = good[:18] + wrong.to_bytes(4, "big") + good[22:]
        song = read(data)
        assert [n.pitch for n in song.notes] == [60, 64], wrong
        assert any("length is wrong" in warning for warning in song.warnings), wrong


@pytest.mark.parametrize("mark", [b"MTrK", b"mtrk", b"MTrx", b"XTrk"])
def test_a_track_whose_mark_is_misspelt_is_read_and_told(read, mark):
    good = midi(note(60), note(64))
    song = read(good[:14] + mark + good[18:])
    assert [n.pitch for n in song.notes] == [60, 64]
    assert song.warnings == ("a track whose mark is misspelt was read all the same",)


def test_hours_of_silence_and_notes_of_hours_are_told(read):
    hours = 480 * 2 * 3600
    far_apart = read(midi(note() + note(wait=2 * hours)))
    assert far_apart.warnings == ("a silence of 2:00:00.0 between notes",)
    assert read(midi(note(ticks=3 * hours))).warnings == ("a note lasts 3:00:00.0",)
    assert read(midi(note() + note(wait=480 * 2 * 299))).warnings == ()


def test_unknown_chunks_are_skipped(read):
    song = read(midi(note())[:14] + b"XFIH\0\0\0\4abcd" + midi(note())[14:])
    assert (len(song.notes), song.warnings) == (1, ())


def test_padding_after_the_last_track_is_nothing_to_speak_of(read):
    assert read(midi(note()) + bytes(500)).warnings == ()


def test_a_stuck_note_is_held_four_beats_at_most(read):
    assert times(read(midi(HELD + number(480 * 100) + b"\xb0\0\0"))) == [(0, 2, 64)]


def test_every_beginning_of_a_good_file_is_read_or_refused(read):
    data = midi(TEMPO + (400_000).to_bytes(3, "big") + note() + note(64), note(67, ticks=960))
    counts = []
    for length in range(len(data)):
        try:
            song = read(data[:length])
        except MidiFileError:
            counts.append(0)
        else:
            assert song.warnings
            counts.append(len(song.notes))
    assert counts == sorted(counts)
    assert counts[-1] == 3


# ---------------------------------------------------------------- hostile


def damaged(data, chance):
    """The bytes after a few random accidents."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        place = chance.randrange(len(data))
        accident = chance.randrange(5)
        if accident == 0:
            data[place] = chance.randrange(256)
        elif accident == 1:
            data[place] ^= 1 << chance.randrange(8)
        elif accident == 2:
            data[place:place] = chance.randbytes(chance.randrange(1, 9))
        elif accident == 3:
            data[place:place] = data[chance.randrange(len(data)) :][:40]
        else:
            del data[place : place + chance.randrange(1, 20)]
            data += b"\0"
    return bytes(data)


def test_whatever_the_bytes_a_song_or_a_reason_comes_out(read):
    chance = random.Random(1)
    tempos = TEMPO + (400_000).to_bytes(3, "big") + number(960) + TEMPO[1:] + (700_000).to_bytes(3, "big")
    parts = [b"".join(note(50 + (part * 7 + n) % 30, 120, part, wait=n % 3 * 60) for n in range(12)) for part in (0, 1)]
    good = midi(tempos, *parts, note(channel=9) * 4)
    usable = 0
    for _ in range(600):
        data = damaged(good, chance)
        try:
            song = read(data)
        except MidiFileError:
            continue
        usable += 1
        assert isinstance(song, Song)
        assert all(0 <= n.start < n.end <= song.seconds <= midi_file.LONGEST_SECONDS for n in song.notes)
        assert all(0 <= n.pitch < 128 and 1 <= n.velocity < 128 for n in song.notes)
        assert list(song.notes) == sorted(song.notes)
        assert len(song.warnings) <= midi_file.MOST_WARNINGS
    assert usable > 350


def test_work_is_bounded_by_the_bytes_present(read):
    """Two notes with the widest gap and the coarsest clock, lengths of 256 MB, and one key struck 100,000 times."""
    far_apart = midi(note(ticks=1) + b"\xff\xff\xff\x7f" + note()[1:], division=1)
    with pytest.raises(MidiFileError, match="hours"):
        read(far_apart)
    assert len(read(midi(note() + b"\0\xf0\xff\xff\xff\x7f")).notes) == 1
    assert len(read(midi(note() + b"\0\xff\x01\xff\xff\xff\x7f")).notes) == 1
    same_key = b"\0\x90\x3c\x50" + b"\0\x3c\x50" * 50_000 + b"\1\x3c\0" + b"\0\x3c\0" * 50_000
    assert len(read(midi(same_key)).notes) == 50_001
