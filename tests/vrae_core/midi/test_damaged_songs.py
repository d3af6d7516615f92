"""Damaged and hostile files are read to a song or to one clear sentence."""

from __future__ import annotations

import random

import pytest

from tests.vrae_core.midi.conftest import END, TEMPO, midi, note, number, times
from vrae_core.errors import MidiFileError
from vrae_core.midi import song as midi_file
from vrae_core.midi.song import Song, read_song


@pytest.fixture
def refusal(read):
    """The reason for which bytes are refused."""

    def reason(data):
        with pytest.raises(MidiFileError) as raised:
            read(data)
        assert str(raised.value) == f"{raised.value.path} {raised.value.reason}"
        return raised.value.reason

    return reason


# --- refused, with a reason


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


# --- damaged, and read with a warning

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


# --- hostile


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
