"""Quantising: onsets go to a grid of the song's own beats, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

from vrae_core.bundled import bundled_songs
from vrae_core.midi.beats import TempoMap
from vrae_core.midi.quantising import GRIDS, Quantising, checked, doubt_of, quantised
from vrae_core.midi.song import Song, read_song
from vrae_core.piano_roll import BoolArray, Note, notes_from_roll

STEADY = TempoMap.of_seconds([(0.0, 120.0)])
UNSTEADY = TempoMap.of_seconds([(0.0, 120.0), (4.0, 198.0), (7.0, 54.0)])


def song(*notes: Note, beats: TempoMap = STEADY) -> Song:
    return Song("made", tuple(sorted(notes)), 120.0, tempo_map=beats)


def played_in(of: Song, seed: int = 0, seconds: float = 0.04) -> Song:
    """The song as a person might play it: each note up to so many seconds early or late."""
    late = np.random.default_rng(seed).uniform(-seconds, seconds, len(of.notes))
    late = np.maximum(late, [-note.start for note in of.notes])
    moved = (n._replace(start=n.start + d, end=n.end + d) for n, d in zip(of.notes, late.tolist(), strict=True))
    return replace(of, notes=tuple(sorted(moved)))


def wild_song(seed: int, beats: TempoMap = UNSTEADY) -> Song:
    """Many notes on few pitches, short and long, at any time, some at once."""
    source = np.random.default_rng(seed)
    starts = np.cumsum(source.choice([0.0, 0.02, 0.06, 0.11, 0.3], 127)) + source.uniform(0, 0.01, 127)
    lengths = source.choice([0.01, 0.05, 0.12, 0.6], 127)
    columns = (starts, starts + lengths, source.integers(60, 64, 127), np.arange(1, 128))
    return song(*map(Note, *(column.tolist() for column in columns)), beats=beats)


def frame_f1(one: BoolArray, other: BoolArray) -> float:
    steps = max(len(one), len(other))
    one, other = (np.pad(roll, ((0, steps - len(roll)), (0, 0))) for roll in (one, other))
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def onsets(of: Song) -> list[float]:
    return [note.start for note in of.notes]


# --- what holds of any song


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("seed", range(6))
def test_what_was_quantised_once_is_not_changed_a_second_time(seed: int, grid: str) -> None:
    once = quantised(wild_song(seed), Quantising(grid))
    again = quantised(once, Quantising(grid))
    np.testing.assert_allclose(np.array(again.notes), np.array(once.notes), atol=1e-9)


@pytest.mark.parametrize("quantising", [Quantising("1/8", 0), Quantising(), Quantising("", 70)])
def test_no_grid_or_no_strength_changes_nothing(quantising: Quantising) -> None:
    wild = wild_song(1)
    assert quantised(wild, quantising) is wild


@pytest.mark.parametrize("strength", [30, 100])
@pytest.mark.parametrize("grid", GRIDS)
def test_no_note_is_lost_or_made_shorter_and_the_notes_of_a_pitch_keep_their_order(grid: str, strength: int) -> None:
    for seed in range(6):
        wild = wild_song(seed)
        result = quantised(wild, Quantising(grid, strength))
        for pitch in range(60, 64):  # no two notes are equally loud
            before, after = ({n.velocity: n for n in each.notes if n.pitch == pitch} for each in (wild, result))
            assert before.keys() == after.keys()
            assert [after[loud].end - after[loud].start for loud in before] == pytest.approx(
                [note.end - note.start for note in before.values()]
            )
            assert (np.diff([after[loud].start for loud in before]) >= 0).all()


@pytest.mark.parametrize("grid", GRIDS)
def test_the_roll_tells_apart_after_whatever_it_told_apart_before(grid: str) -> None:
    for seed in range(6):
        wild = song(*(n._replace(end=n.start + 0.01) for n in wild_song(seed).notes), beats=UNSTEADY)
        result = quantised(wild, Quantising(grid))
        assert len(notes_from_roll(result.roll)) >= len(notes_from_roll(wild.roll))


@pytest.mark.parametrize("strength", [25, 50, 100])
def test_a_note_goes_as_far_towards_the_nearest_point_as_the_strength_says(strength: int) -> None:
    late = song(Note(1.03, 1.2, 60), Note(1.6, 1.65, 62))  # beats are at 1 and 1.5, sixteenths between
    result = quantised(late, Quantising("1/16", strength))
    assert onsets(result) == pytest.approx([1.03 - 0.0003 * strength, 1.6 + 0.00025 * strength])
    assert [n.end - n.start for n in result.notes] == pytest.approx([0.17, 0.05])


def test_repeated_notes_that_a_coarse_grid_would_press_into_one_stay_where_they_were() -> None:
    repeated = [Note(1 + i / 8, 1.1 + i / 8, 60) for i in range(4)]
    result = quantised(song(*repeated, Note(1.03, 1.2, 72)), Quantising("1/8"))
    assert [n for n in result.notes if n.pitch == 60] == repeated
    assert [n.start for n in result.notes if n.pitch == 72] == [1.0]


def test_thousands_of_repeated_notes_are_looked_at_once() -> None:
    crowd = song(*(Note(i * 0.11, i * 0.11 + 0.1, 60) for i in range(50_000)))
    assert len(quantised(crowd, Quantising("1/8")).notes) == 50_000


# --- the beats


def test_seconds_are_beats_are_seconds_through_changes_of_tempo() -> None:
    times = np.linspace(0, 20, 400)
    np.testing.assert_allclose(UNSTEADY.seconds_at(UNSTEADY.beats_at(times)), times, atol=1e-9)


def test_a_grid_of_triplets_keeps_triplets_and_swing_that_a_straight_one_would_change() -> None:
    swung = song(*(Note((beat + part) / 2, (beat + part) / 2 + 0.1, 60) for beat in range(16) for part in (0, 2 / 3)))
    assert onsets(quantised(swung, Quantising("1/8T"))) == pytest.approx(onsets(swung))
    assert frame_f1(quantised(played_in(swung), Quantising("1/8T")).roll, swung.roll) == 1
    straight = quantised(swung, Quantising("1/8"))
    assert onsets(straight)[1] == pytest.approx(0.25)
    assert onsets(swung)[1] == pytest.approx(1 / 3)


def test_a_grid_follows_the_tempo_changes_of_a_real_file(tmp_path: Path) -> None:
    song_file, late = tmp_path / "rubato.mid", (7, -9, 0, 11, -3, 8)  # ticks of 480
    file, notes, tick = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack(), 0
    for beat in range(24):
        on = max(0, beat * 480 + 5 * late[beat % 6])
        notes += [mido.Message("note_on", note=60 + beat % 5, velocity=90, time=on - tick)]
        notes += [mido.Message("note_off", note=60 + beat % 5, time=200)]
        tick = on + 200
    tempos = [mido.MetaMessage("set_tempo", tempo=700_000 - 29_000 * (i % 9), time=480 * (i > 0)) for i in range(20)]
    file.tracks += [mido.MidiTrack(tempos), notes]
    file.save(song_file)
    read = read_song(song_file)
    assert len(read.tempo_map.tempos) == 20
    on_time = quantised(read, Quantising("1/8"))
    assert np.abs(read.tempo_map.beats_at(np.array(onsets(read))) - np.arange(24)).max() > 0.1
    np.testing.assert_allclose(read.tempo_map.beats_at(np.array(onsets(on_time))), np.arange(24), atol=1e-9)


def test_a_file_that_counts_frames_has_no_beats_and_stays_as_it_is(tmp_path: Path) -> None:
    data = bytearray(_plain_file(tmp_path).read_bytes())
    data[12:14] = bytes([256 - 25, 40])  # SMPTE: 25 frames a second of 40 ticks
    (tmp_path / "frames.mid").write_bytes(data)
    frames = read_song(tmp_path / "frames.mid")
    assert quantised(frames, Quantising("1/8")) is frames
    assert "has no beats" in doubt_of(frames, Quantising("1/8"))


def _plain_file(folder: Path) -> Path:
    file = mido.MidiFile(ticks_per_beat=480)
    hits = [mido.Message("note_on", note=60, time=130), mido.Message("note_off", note=60, time=130)]
    file.tracks.append(mido.MidiTrack(hits))
    file.save(folder / "plain.mid")
    return folder / "plain.mid"


# --- what it is good for, and what it is not


def test_a_song_that_is_played_in_comes_back_to_the_cells_it_was_written_in() -> None:
    written = next(s for s in map(read_song, bundled_songs()) if s.name == "The Entertainer")
    assert quantised(written, Quantising("1/16")).roll.tolist() == written.roll.tolist()
    played = played_in(written)
    assert frame_f1(played.roll, written.roll) < 0.93
    assert frame_f1(quantised(played, Quantising("1/16")).roll, written.roll) > 0.99
    assert doubt_of(played, Quantising("1/16")) == ""


def test_a_file_that_does_not_follow_its_own_beats_is_told_by_how_far_its_onsets_are_from_them() -> None:
    written = next(s for s in map(read_song, bundled_songs()) if s.name == "The Entertainer")
    without_metronome = replace(written, notes=tuple(n._replace(start=1.0137 * n.start + 0.03) for n in written.notes))
    assert doubt_of(written, Quantising("1/16")) == doubt_of(without_metronome, Quantising()) == ""
    said = doubt_of(without_metronome, Quantising("1/16"))
    assert said.startswith("may not follow its own beats: onsets lie 3")
    assert said.endswith(" ms from the 1/16 grid on average")


def test_of_triplets_on_a_straight_grid_the_grid_that_fits_is_named() -> None:
    written = next(s for s in map(read_song, bundled_songs()) if s.name == "Minuet in G")
    beat = 60 / written.beats_per_minute
    triplets = replace(written, notes=tuple(Note(i * beat / 3, i * beat / 3 + 0.1, 60) for i in range(60)))
    assert doubt_of(triplets, Quantising("1/8T")) == ""
    assert doubt_of(triplets, Quantising("1/8")).startswith("fits 1/8T better: onsets lie ")


@pytest.mark.parametrize(("grid", "strength"), [("1/7", 100), ([], 100), ("1/8", 101), ("1/8", -1), ("1/8", 0.5)])
def test_what_a_file_asks_for_is_checked(grid: object, strength: object) -> None:
    with pytest.raises(ValueError, match=r"there is no grid of|0 to 100 percent"):
        checked(grid, strength)
