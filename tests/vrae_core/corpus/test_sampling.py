"""Songs on a grid: 50 ms or parts of a beat, all instruments together or parts, through tempos and meters."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrae_core.columns import BAND_COLUMNS, DRUM_KINDS, PIANO_COLUMNS, Part, column_of
from vrae_core.corpus.sampling import (
    MOST_STEPS,
    NO_PROGRAMS,
    PAPER_GRID,
    Grid,
    SongTime,
    sampled,
    time_from_plain,
    time_to_plain,
)
from vrae_core.errors import CorpusError
from vrae_core.midi.beats import MOST_CHANGES, Meter, Tempo, TempoMap
from vrae_core.midi.song import Song, SongTrack
from vrae_core.piano_roll import Note, roll_from_notes

BEATS, BAND_BEATS = Grid(12), Grid(12, parts=True)
HURRYING = TempoMap((Tempo(0, 90), Tempo(3, 150), Tempo(5.5, 37)))
KICK, SNARE, COWBELL = 36, 38, 56
PIANO, BASS, KIT = SongTrack("Piano", 0, 0), SongTrack("Bass", 1, 33), SongTrack("Kit", 9, 8, is_drums=True)


def song_of(
    notes: Iterable[Note],
    tempo_map: TempoMap | None = HURRYING,
    tracks: tuple[SongTrack, ...] = (),
    drums: tuple[Note, ...] = (),
    parts: tuple[Part | None, ...] = (),
) -> Song:
    return Song(
        "A song", tuple(sorted(notes)), 120.0, (), "", tempo_map, (Meter(0, 4, 4),), tracks, tuple(drums), parts
    )


def in_beats(tempo_map: TempoMap, *spans: tuple[float, float, int], track: int = 0) -> list[Note]:
    """Notes as (beat, beat of the end, pitch)."""
    return [Note(*tempo_map.seconds_at([on, off]).tolist(), pitch, 90, track) for on, off, pitch in spans]


def cells(roll: np.ndarray, columns: tuple[int, ...]) -> set[tuple[int, int]]:
    return {(step, columns[place]) for step, place in np.argwhere(roll).tolist()}


def test_a_grid_says_what_its_steps_are():
    assert [str(grid) for grid in (PAPER_GRID, BEATS, Grid(8, parts=True))] == ["20 Hz", "12 per beat", "8 per beat"]
    assert [grid.played_per_beat for grid in (PAPER_GRID, BEATS)] == [8, 12]
    assert [grid.columns for grid in (BEATS, BAND_BEATS)] == [PIANO_COLUMNS, BAND_COLUMNS]


def test_on_the_papers_grid_a_song_is_what_it_always_was():
    song = song_of(in_beats(HURRYING, (0, 1, 60), (0.3, 4, 64), (3, 3.1, 60)), None)
    found = sampled(song, PAPER_GRID)
    np.testing.assert_array_equal(found.roll, roll_from_notes(song.notes))
    assert found.time.seconds_at([0, 3]).tolist() == pytest.approx([0, 0.15])


def test_a_beat_has_twelve_steps_however_fast_it_goes():
    notes = in_beats(HURRYING, (0, 1, 60), (2.5, 3.25, 62), (5, 6, 64), (6, 7, 65))
    found = sampled(song_of(notes), BEATS)
    begun = np.argwhere(np.diff(found.roll.astype(int), axis=0, prepend=0) == 1)
    assert [(step, PIANO_COLUMNS[place]) for step, place in begun.tolist()] == [(0, 60), (30, 62), (60, 64), (72, 65)]
    assert found.roll.sum(axis=0)[found.roll.any(axis=0)].tolist() == [12, 9, 12, 12]
    assert len(found.roll) == 84


def test_a_triplet_and_a_sixteenth_are_whole_steps_and_what_lies_between_goes_to_the_nearest():
    found = sampled(song_of(in_beats(HURRYING, (1 / 3, 0.5, 60), (0.75, 0.9, 62), (1.04, 1.05, 64))), BEATS)
    assert cells(found.roll, PIANO_COLUMNS) == {(4, 60), (5, 60), (9, 62), (10, 62), (12, 64)}


@given(st.lists(st.floats(0, 40), min_size=1, max_size=8), st.sampled_from((0, 4, 12, 24)))
def test_the_step_nearest_to_a_steps_time_is_that_step(beats, steps_per_beat):
    time = SongTime(steps_per_beat, HURRYING) if steps_per_beat else SongTime()
    steps = np.round(np.array(beats) * max(steps_per_beat, 8)).astype(np.int64)
    np.testing.assert_array_equal(time.step_nearest(time.seconds_at(steps)), steps)


def test_onsets_are_told_as_the_file_has_them_rounded_to_no_step():
    notes = in_beats(HURRYING, (0.05, 1, 60), (1.77, 2, 62), (0.99, 1.2, 109))
    onsets = sampled(song_of(notes), BEATS).onsets
    assert onsets.seconds.tolist() == [notes[0].start, notes[1].start]  # 109 is beyond the piano
    assert onsets.columns.tolist() == [60, 62]


def test_a_song_without_beats_is_refused_in_a_sentence_unless_steps_last_50_ms():
    song = song_of([Note(0, 1, 60)], None)
    with pytest.raises(CorpusError, match=r"^A song has no beats in its file$"):
        sampled(song, BEATS)
    assert len(sampled(song, PAPER_GRID).roll) == 20


def test_a_song_of_more_steps_than_anybody_holds_is_refused_before_a_roll_is_made():
    for tempo_map in (TempoMap((Tempo(0, 1e9),)), None):
        song = song_of([Note(0, 1, 60), Note(MOST_STEPS, MOST_STEPS + 1, 60)], tempo_map)
        with pytest.raises(CorpusError, match=r"^A song has more than 1,048,576 steps of (12 per beat|20 Hz)$"):
            sampled(song, BEATS if tempo_map else PAPER_GRID)


# --- parts


def test_each_track_has_columns_of_its_own_and_drums_theirs():
    beat = TempoMap()
    song = song_of(
        [*in_beats(beat, (0, 1, 72)), *in_beats(beat, (0, 1, 72), (1, 2, 36), track=1)],
        beat,
        (PIANO, BASS, KIT),
        tuple(in_beats(beat, (0, 0.01, KICK), (1, 1.01, COWBELL), track=2)),
        (Part.MELODY, Part.BASS, Part.DRUMS),
    )
    found = sampled(song, BAND_BEATS)
    first = {column for step, column in cells(found.roll, BAND_COLUMNS) if step == 0}
    second = {column for step, column in cells(found.roll, BAND_COLUMNS) if step == 12}
    assert first == {column_of(Part.MELODY, 72), column_of(Part.BASS, 72), column_of(Part.DRUMS, KICK)}
    assert second == {column_of(Part.BASS, 36), column_of(Part.DRUMS, 37)}
    assert found.programs == (0, 33, 33, 8)
    assert len(found.onsets.seconds) == 5


@pytest.mark.parametrize(("steps_per_beat", "lasting"), [(4, 1), (6, 2), (8, 2), (12, 3), (24, 6), (0, 2)])
def test_a_hit_is_held_for_a_sixteenth_however_short_or_long_its_note_is(steps_per_beat, lasting):
    beat = TempoMap((Tempo(0, 150),))
    hits = tuple(in_beats(beat, (0, 0.001, SNARE), (2, 3.5, SNARE)))
    found = sampled(song_of((), beat, (KIT,), hits), Grid(steps_per_beat, parts=True))
    assert found.roll.any(axis=1).sum() == found.roll.sum() == 2 * lasting


@pytest.mark.parametrize("kind", DRUM_KINDS, ids=lambda kind: kind.name)
def test_every_drum_is_heard_as_its_kind(kind):
    beat = TempoMap()
    for note in (kind.note, *kind.others):
        song = song_of((), beat, (KIT,), tuple(in_beats(beat, (1, 2, note))))
        assert {column for _, column in cells(sampled(song, BAND_BEATS).roll, BAND_COLUMNS)} == {4 * 128 + kind.note}


def test_a_song_of_drums_only_is_a_song():
    beat = TempoMap()
    song = song_of((), beat, (KIT,), tuple(in_beats(beat, (0, 1, KICK), (7, 8, 127))))
    found = sampled(song, BAND_BEATS)
    assert found.roll.any()
    assert found.programs == (0, 0, 0, 8)


def test_an_instrument_alone_is_split_by_register_and_a_song_of_no_file_too():
    beat = TempoMap()
    notes = in_beats(beat, (0, 1, 40), (0, 1, 60), (0, 1, 76))
    expected = {column_of(Part.BASS, 40), column_of(Part.CHORDS, 60), column_of(Part.MELODY, 76)}
    for tracks in ((PIANO,), ()):
        found = sampled(song_of(notes, beat, tracks), BAND_BEATS)
        assert {column for _, column in cells(found.roll, BAND_COLUMNS)} == expected
    assert found.programs == NO_PROGRAMS


def test_what_is_left_out_is_in_no_column_and_among_no_onsets():
    beat = TempoMap()
    notes = [*in_beats(beat, (0, 1, 60)), *in_beats(beat, (1, 2, 60), track=1)]
    found = sampled(song_of(notes, beat, (PIANO, BASS), (), (Part.CHORDS, None)), BAND_BEATS)
    assert len(found.roll) == 12
    assert found.onsets.columns.tolist() == [column_of(Part.CHORDS, 60)]


# --- a song's time in a file


def test_a_songs_time_is_found_again_in_its_numbers():
    time = SongTime(12, HURRYING, (Meter(0, 4, 4), Meter(8, 13, 8)))
    assert time_from_plain(time_to_plain(time), BEATS) == time


@pytest.mark.parametrize(
    ("tempos", "meters"),
    [
        ((), ()),
        (((1.0, 120.0),), ()),
        (((0.0, 120.0), (2.0, 90.0), (1.0, 90.0)), ()),
        (((0.0, 120.0),), ((4.0, 3, 4),)),
        (((0.0, 120.0),), ((0.0, 3, 4), (9.0, 4, 4), (8.0, 4, 4))),
        (tuple((float(beat), 120.0) for beat in range(MOST_CHANGES + 1)), ()),
    ],
)
def test_a_time_that_is_none_is_refused(tempos, meters):
    with pytest.raises(ValueError, match=r"no tempo|not in order"):
        time_from_plain(time_to_plain(SongTime(12))._replace(tempos=tempos, meters=meters), BEATS)
