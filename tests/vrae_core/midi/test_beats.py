"""Bars: counted through changes of tempo and of time signature, whatever the file says."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from vrae_core.midi.beats import MOST_CHANGES, Bars, Meter
from vrae_core.midi.song import Song, read_song
from vrae_core.piano_roll import Note


def song_of(path: Path, *events: mido.MetaMessage, beats: int = 40) -> Song:
    """A file at 480 ticks a beat, with these events and a note a beat."""
    notes = [m for _ in range(beats) for m in (mido.Message("note_on", note=60), mido.Message("note_off", time=480))]
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks += [mido.MidiTrack(events), mido.MidiTrack(notes)]
    file.save(path)
    return read_song(path)


def test_without_a_time_signature_a_bar_has_four_beats(tmp_path: Path) -> None:
    song = song_of(tmp_path / "a.mid")  # 120 beats a minute
    assert [song.bar_at(t) for t in (0, 1.9, 2, 3.99, 4, 100)] == [1, 1, 2, 2, 3, 51]


def test_a_waltz_has_three_beats_a_bar(tmp_path: Path) -> None:
    song = song_of(tmp_path / "a.mid", mido.MetaMessage("time_signature", numerator=3))
    assert [song.bar_at(t) for t in (0, 1.4, 1.5, 3)] == [1, 1, 2, 3]


def test_a_bar_lasts_longer_when_the_tempo_is_slower(tmp_path: Path) -> None:
    slow = mido.MetaMessage("set_tempo", tempo=1_000_000, time=960)  # in the middle of bar 1
    song = song_of(tmp_path / "a.mid", slow)
    assert [song.bar_at(t) for t in (0.9, 2.9, 3, 6.9, 7)] == [1, 1, 2, 2, 3]


def test_a_new_time_signature_begins_a_bar_wherever_it_stands(tmp_path: Path) -> None:
    waltz = mido.MetaMessage("time_signature", numerator=3, time=480 * 5)  # after one beat of bar 2
    song = song_of(tmp_path / "a.mid", waltz)
    assert [song.bar_at(t) for t in (2.4, 2.5, 3.9, 4)] == [2, 3, 3, 4]


def test_of_two_time_signatures_at_one_place_the_last_counts(tmp_path: Path) -> None:
    both = [mido.MetaMessage("time_signature", numerator=n) for n in (7, 3)]
    assert song_of(tmp_path / "a.mid", *both).bar_at(1.5) == 2


def test_a_file_with_more_changes_than_anybody_counts_has_no_bars(tmp_path: Path) -> None:
    changes = [mido.MetaMessage("time_signature", numerator=1 + i % 2, time=1) for i in range(MOST_CHANGES + 1)]
    assert song_of(tmp_path / "a.mid", *changes).bar_at(1) is None


def test_a_song_of_no_file_has_no_bars() -> None:
    assert Song("made", (Note(0, 1, 60),), 120.0).bar_at(0.5) is None


@pytest.mark.parametrize("wrong", ["ff580400021808", "ff580403ff1808", "ff580203020001"])
def test_a_time_signature_that_is_impossible_changes_nothing(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "a.mid"
    song_of(path, mido.MetaMessage("time_signature", numerator=3))
    waltz, damaged = bytes.fromhex("ff580403021808"), bytes.fromhex(wrong)
    track = path.read_bytes()
    assert waltz in track
    path.write_bytes(track.replace(waltz, damaged))
    assert [read_song(path).bar_at(t) for t in (1.9, 2.1)] == [1, 2]


@pytest.mark.parametrize("numerator", [1, 255])
def test_the_oddest_signatures_still_count(tmp_path: Path, numerator: int) -> None:
    odd = mido.MetaMessage("time_signature", numerator=numerator, denominator=64)
    assert song_of(tmp_path / "a.mid", odd).bar_at(0) == 1


def test_bars_and_beats_that_are_drawn_lie_between_two_places_in_the_beats_of_their_meter() -> None:
    bars, beats = Bars((Meter(0, 4, 4), Meter(8, 3, 8))).between(3, 11)
    assert bars.tolist() == [4, 8, 9.5]
    assert beats.tolist() == [3, 4, 5, 6, 7, 8, 8.5, 9, 9.5, 10, 10.5]


def test_a_meter_of_the_shortest_beats_is_not_drawn_line_by_line() -> None:
    bars, beats = Bars((Meter(0, 1, 65536),)).between(0, 100)
    assert len(bars) == len(beats) == 800


def test_a_place_in_a_bar_is_counted_in_beats_of_its_meter() -> None:
    bars = Bars((Meter(0, 4, 4), Meter(8, 3, 8)))
    expected = [(1, 1), (2, 4), (3, 1), (3, 2), (3, 3.5), (4, 1)]
    assert [bars.place(beat) for beat in (0, 7, 8, 8.5, 9.25, 9.49999)] == expected
