"""Whatever is written of a song's own notes has its tempos, meters, velocities, instruments and drums."""

from __future__ import annotations

import itertools
from pathlib import Path

import mido
import numpy as np
import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.excerpt import excerpt
from vrae_core.midi.export import Track, stepped, write_midi, write_song
from vrae_core.midi.song import Song, SongTrack, read_song
from vrae_core.piano_roll import Note

WALTZ = (Meter(0, 3, 4),)
SLOWER = TempoMap((Tempo(0, 90), Tempo(24, 60)))


@pytest.fixture
def waltz(tmp_path: Path) -> Song:
    """48 beats of 3/4: 90 a minute and soft, from beat 24 on 60 and loud."""
    beats = range(48)
    starts, ends = SLOWER.seconds_at(beats).tolist(), SLOWER.seconds_at([beat + 0.9 for beat in beats]).tolist()
    notes = [Note(starts[i], ends[i], 60 + (0, 4, 7)[i % 3], 40 if i < 24 else 110) for i in beats]
    write_midi(tmp_path / "waltz.mid", [Track("Piano", 0, notes)], SLOWER, meters=WALTZ)
    return read_song(tmp_path / "waltz.mid")


@pytest.fixture
def band(tmp_path: Path) -> Song:
    """A piano, a bass and drums, at 120 beats a minute."""
    piano = [Note(i / 4, i / 4 + 0.2, 60 + i % 8) for i in range(24)]
    bass = [Note(i / 2, i / 2 + 0.4, 43, 70) for i in range(12)]
    kit = [Note(i / 4, i / 4 + 0.05, 36, 100) for i in range(24)]
    tracks = [Track("Piano", 0, piano), Track("Bass", 33, bass), Track("Kit", 0, kit, is_drums=True)]
    write_midi(tmp_path / "band.mid", tracks, 120)
    return read_song(tmp_path / "band.mid")


def again(song: Song, path: Path) -> Song:
    write_song(path, song)
    return read_song(path)


def test_a_waltz_stays_one_with_its_tempos_and_velocities(waltz: Song, tmp_path: Path) -> None:
    written = again(waltz, tmp_path / "again.mid")
    assert written.meters == WALTZ
    assert written.tempo_map is not None
    assert [tempo.beat for tempo in written.tempo_map.tempos] == [0, 24]
    assert [tempo.beats_per_minute for tempo in written.tempo_map.tempos] == pytest.approx([90, 60], abs=1e-3)
    assert [note.velocity for note in written.notes] == [40] * 24 + [110] * 24
    np.testing.assert_allclose(written.notes, waltz.notes, atol=1e-6)


def test_other_programs_read_the_same(waltz: Song, band: Song, tmp_path: Path) -> None:
    again(waltz, tmp_path / "waltz again.mid")
    file = mido.MidiFile(tmp_path / "waltz again.mid")
    assert [(m.numerator, m.denominator) for m in file.tracks[0] if m.type == "time_signature"] == [(3, 4)]
    assert [(m.time, round(mido.tempo2bpm(m.tempo))) for m in file.tracks[0] if m.type == "set_tempo"] == [
        (0, 90), (24 * file.ticks_per_beat, 60),
    ]  # fmt: skip
    again(band, tmp_path / "band again.mid")
    parts = pretty_midi.PrettyMIDI(str(tmp_path / "band again.mid")).instruments
    assert [(part.name, part.program, part.is_drum, len(part.notes)) for part in parts] == [
        ("Piano", 0, False, 24), ("Bass", 33, False, 12), ("Kit", 0, True, 24),
    ]  # fmt: skip


def test_a_band_keeps_its_instruments_and_its_drums(band: Song, tmp_path: Path) -> None:
    written = again(band, tmp_path / "again.mid")
    assert written.tracks == band.tracks
    assert written.tracks == (
        SongTrack("Piano", 0, 0), SongTrack("Bass", 1, 33), SongTrack("Kit", 9, 0, is_drums=True),
    )  # fmt: skip
    np.testing.assert_allclose(written.notes, band.notes, atol=1e-6)
    np.testing.assert_allclose(written.drums, band.drums, atol=1e-6)


def test_instruments_that_take_turns_on_a_channel_get_one_each(tmp_path: Path) -> None:
    tracks = (SongTrack("", 0, 0), SongTrack("", 0, 48), SongTrack("", 1, 33))
    notes = tuple(Note(float(i), i + 1.0, 60 + i, track=i % 3) for i in range(6))
    written = again(Song("Turns", notes, 120.0, tracks=tracks), tmp_path / "turns.mid")
    assert [(track.channel, track.program) for track in written.tracks] == [(0, 0), (2, 48), (1, 33)]
    assert [written.tracks[note.track].program for note in written.notes] == [0, 48, 33, 0, 48, 33]


def test_a_song_of_no_file_is_one_track(tmp_path: Path) -> None:
    written = again(Song("Made", (Note(0, 1, 60), Note(1, 2, 62)), 90.0), tmp_path / "made.mid")
    assert written.tracks == (SongTrack("Made", 0, 0),)
    assert written.beats_per_minute == pytest.approx(90, abs=1e-3)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 0xFFFFFF)), max_size=6),
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 32), st.sampled_from([1, 2, 4, 8, 16, 32])), max_size=4),
    st.sampled_from([1, 24, 96, 120, 384, 480, 960, 1000, 32767]),
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 200), st.integers(1, 127)), min_size=1, max_size=20),
)
def test_what_a_file_says_of_time_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    tempos: list[tuple[int, int]],
    meters: list[tuple[int, int, int]],
    ticks_per_beat: int,
    keys: list[tuple[int, int, int]],
) -> None:
    folder = tmp_path_factory.mktemp("time")
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    head = [mido.MetaMessage("set_tempo", tempo=tempo, time=beats) for beats, tempo in tempos]
    head += [mido.MetaMessage("time_signature", numerator=n, denominator=d, time=b) for b, n, d in meters]
    played = []
    for wait, length, velocity in keys:
        played += [mido.Message("note_on", note=60, velocity=velocity, time=wait)]
        played += [mido.Message("note_off", note=60, time=length)]
    file.tracks += [mido.MidiTrack(head), mido.MidiTrack(played)]
    file.save(folder / "first.mid")
    first = read_song(folder / "first.mid")
    second = again(first, folder / "second.mid")
    assert first.tempo_map is not None
    assert second.tempo_map is not None
    np.testing.assert_allclose(second.tempo_map.tempos, first.tempo_map.tempos)
    np.testing.assert_allclose(second.meters, first.meters)
    np.testing.assert_allclose(second.notes, first.notes, rtol=1e-9, atol=1e-9)


# --- a part of a song


def test_a_part_of_a_song_has_its_own_tempos_meter_and_velocities(waltz: Song, tmp_path: Path) -> None:
    change = 24 * 60 / 90
    part = again(excerpt(waltz, change - 2, change + 2), tmp_path / "part.mid")
    assert part.tempo_map is not None
    np.testing.assert_allclose(part.tempo_map.tempos, [(0, 90), (3, 60)], atol=1e-3)
    assert part.meters == WALTZ
    assert [(round(note.start, 3), note.velocity) for note in part.notes] == [
        (0, 40), (0.667, 40), (1.333, 40), (2, 110), (3, 110),
    ]  # fmt: skip


def test_a_meter_that_changes_within_a_part_does_so_there_too() -> None:
    song = Song("Turns", (Note(0, 9, 60),), 60.0, tempo_map=TempoMap((Tempo(0, 60),)), meters=(*WALTZ, Meter(6, 6, 8)))
    assert excerpt(song, 4, 8).meters == (Meter(0, 3, 4), Meter(2, 6, 8))
    assert excerpt(song, 6, 8).meters == (Meter(0, 6, 8),)
    assert excerpt(song, 2, 6).meters == WALTZ


def test_notes_are_cut_at_both_ends_and_slivers_left_out() -> None:
    notes = (Note(0.5, 1.5, 60), Note(0.9, 1.01, 61), Note(1.2, 9, 62), Note(1.99, 2.5, 63), Note(3, 4, 64))
    part = excerpt(Song("Cut", notes, 120.0, drums=(Note(1, 1.01, 36), Note(2, 2.01, 36))), 1, 2)
    assert [(round(n.start, 3), round(n.end, 3), n.pitch) for n in part.notes] == [(0, 0.5, 60), (0.2, 1, 62)]
    assert [round(hit.start, 3) for hit in part.drums] == [0]


# --- loops


def test_tracks_end_where_they_are_told_to_so_that_a_loop_is_in_time(tmp_path: Path) -> None:
    write_midi(tmp_path / "loop.mid", [Track("", 0, [Note(0, 2, 60)]), Track("", 0, [])], seconds=2.5)
    file = mido.MidiFile(tmp_path / "loop.mid")
    assert [sum(message.time for message in track) for track in file.tracks] == [3000] * 3
    assert all(track[-1].type == "end_of_track" for track in file.tracks)


def test_an_end_before_the_last_note_cuts_nothing(tmp_path: Path) -> None:
    write_midi(tmp_path / "long.mid", [Track("", 0, [Note(0, 2, 60)])], seconds=1)
    assert mido.MidiFile(tmp_path / "long.mid").length == pytest.approx(2)


@pytest.mark.parametrize("tempo", [90, 97.3, 150])
def test_a_tempo_map_of_seconds_goes_there_and_back(tempo: float) -> None:
    tempo_map = stepped([(0.0, tempo), (7.5, 2 * tempo), (9.0, 33.0)])
    times = np.linspace(0, 20, 50)
    np.testing.assert_allclose(tempo_map.seconds_at(tempo_map.beats_at(times)), times)
    steps = np.array(list(itertools.accumulate([0.05] * 40)))
    np.testing.assert_array_equal(
        tempo_map.ticks_at(steps), np.rint(tempo_map.beats_at(steps) * tempo_map.ticks_per_beat)
    )
