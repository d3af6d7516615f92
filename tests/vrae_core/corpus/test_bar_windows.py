"""Windows that begin on bar lines, through meters and tempos, and end with their song."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrae_core.columns import BAND_COLUMNS
from vrae_core.corpus.cutting import build_corpus, choose_pitches, same_windows, unknown_shares, window_starts
from vrae_core.corpus.sampling import PAPER_GRID, Grid, SongTime
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.errors import CorpusError
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note

BEATS = Grid(12)
BAR = 48  # steps of 4/4


def starts(steps: int, meters: list[tuple[float, int, int]], hop: int = BAR, window: int = BAR) -> list[int]:
    time = SongTime(12, TempoMap(), tuple(Meter(*meter) for meter in meters))
    return window_starts(steps, window, hop, time.bar_lines(steps)).tolist()


def test_in_common_time_each_bar_begins_a_window():
    assert starts(4 * BAR, [(0, 4, 4)]) == [0, 48, 96, 144]


def test_a_waltz_has_windows_of_48_steps_on_bars_of_36_and_the_last_ends_with_the_song():
    assert starts(5 * 36, [(0, 3, 4)]) == [0, 36, 72, 108, 132]


def test_thirteen_eighths_and_a_thirty_second_have_bars_too():
    assert starts(4 * 78, [(0, 13, 8)], hop=78) == [0, 78, 156, 234, 264]
    assert starts(100, [(0, 1, 32)]) == [0, 48, 52]


def test_a_hop_of_two_bars_takes_every_second_and_one_of_half_a_bar_begins_in_the_middle_of_each():
    assert starts(6 * BAR, [(0, 4, 4)], hop=2 * BAR) == [0, 96, 192, 240]
    assert starts(3 * BAR, [(0, 4, 4)], hop=BAR // 2) == [0, 24, 48, 72, 96]
    assert starts(4 * 36, [(0, 3, 4)], hop=18, window=18)[:4] == [0, 18, 36, 54]


def test_bars_of_five_beats_give_up_none_of_them():
    assert starts(4 * 60, [(0, 5, 4)]) == [0, 48, 60, 108, 120, 168, 180, 192]


def test_a_meter_that_changes_in_mid_bar_begins_a_bar_and_windows_follow_it():
    assert starts(300, [(0, 4, 4), (10, 3, 4)], hop=36) == [0, 36, 48, 84, 96, 120, 156, 192, 228, 252]


def test_after_a_pickup_windows_begin_where_the_bars_do():
    assert starts(12 + 3 * BAR, [(0, 1, 4), (1, 4, 4)]) == [0, 12, 60, 108]


def test_where_nobody_knows_the_bars_windows_are_a_hop_apart():
    assert starts(4 * BAR, []) == [0, 48, 96, 144]


def test_a_song_shorter_than_a_window_has_one():
    assert starts(5, [(0, 4, 4)]) == starts(0, [(0, 4, 4)]) == [0]


METERS = st.lists(
    st.tuples(st.floats(0.01, 30), st.integers(1, 300), st.sampled_from((1, 2, 4, 8, 16, 32, 64, 128))), max_size=5
)


@given(st.integers(1, 2000), METERS, st.integers(1, 200), st.integers(1, 200))
def test_whatever_the_bars_windows_lie_in_the_song_rise_and_reach_its_end(steps, meters, hop, window):
    found = starts(steps, [(0, 4, 4), *sorted(meters)], hop, window)
    assert found == sorted(set(found))
    assert found[0] >= 0
    assert found[-1] == max(0, steps - window)
    assert np.diff(found).max(initial=0) <= hop  # so that windows of a hop leave out nothing


@given(st.integers(1, 600), METERS)
def test_bar_lines_rise_from_the_songs_beginning_and_lie_inside_it(steps, meters):
    lines = SongTime(12, TempoMap(), (Meter(0, 4, 4), *(Meter(*each) for each in sorted(meters)))).bar_lines(steps)
    assert lines[0] == 0
    assert (np.diff(lines) > 0).all()
    assert lines[-1] < steps


# --- corpora


HURRYING = TempoMap((Tempo(0, 90), Tempo(4, 150), Tempo(8, 75)))
STEADY = TempoMap((Tempo(0, 100),))


def song_of(name: str, tempo_map: TempoMap | None, beats: int = 12, lowest: int = 60) -> Song:
    """A note a beat, half a beat long."""
    times = (tempo_map or STEADY).seconds_at(np.arange(2 * beats + 1) / 2).tolist()
    notes = [Note(times[2 * beat], times[2 * beat + 1], lowest + beat % 5) for beat in range(beats)]
    meters = (Meter(0, 4, 4),) if tempo_map else ()
    return Song(name, tuple(notes), 120.0, (), "", tempo_map, meters)


@pytest.fixture
def songs() -> list[Song]:
    return [song_of("Hurrying", HURRYING), song_of("Steady", STEADY, 10, 40)]


def test_windows_know_when_they_begin_how_long_they_last_and_how_fast_they_are(songs):
    corpus = build_corpus(songs, 48, 48, cap=None, equal_share=False, grid=BEATS)
    assert corpus.start_of.tolist() == [0, 48, 90, 0, 48, 66]  # a song ends with its last note, half a beat early
    assert corpus.starts.tolist() == pytest.approx([*HURRYING.seconds_at([0, 4, 7.5]).tolist(), 0, 2.4, 3.3])
    assert corpus.tempos()[:2].tolist() == pytest.approx([90, 150])
    assert 75 < corpus.tempos()[2] < 150
    assert corpus.tempos()[3:].tolist() == pytest.approx([100] * 3)
    assert corpus.durations.tolist() == pytest.approx((240 / corpus.tempos()).tolist())
    assert [corpus.start_seconds(i) for i in range(len(corpus))] == corpus.starts.tolist()
    some = corpus.take([4, 1])
    assert (some.grid, some.times, some.onsets) == (corpus.grid, corpus.times, corpus.onsets)
    np.testing.assert_array_equal(some.starts, corpus.starts[[4, 1]])


def test_windows_of_50_ms_last_as_long_as_they_always_did(songs):
    corpus = build_corpus(songs, 20, 10)
    np.testing.assert_allclose(corpus.starts, corpus.start_of * 0.05)
    np.testing.assert_allclose(corpus.durations, 1)
    np.testing.assert_allclose(corpus.tempos(), 150)
    assert corpus.times == ()
    assert corpus.grid == PAPER_GRID


def test_a_song_without_beats_is_left_out_and_named_and_so_is_a_roll(songs):
    others = [song_of("Free", None), BenchmarkPiece("Rolled", np.ones((60, 88), bool))]
    corpus = build_corpus([songs[0], *others], 48, 48, grid=BEATS)
    assert corpus.names == ("Hurrying",)
    assert corpus.skipped == (
        "Free has no beats in its file",
        "Rolled is a roll without notes, and cannot be put on 12 per beat",
    )
    with pytest.raises(CorpusError, match=r"^Free has no beats in its file; Rolled is a roll"):
        build_corpus(others, 48, 48, grid=BEATS)


def test_a_corpus_of_parts_keeps_columns_of_parts(songs):
    grid = Grid(12, parts=True)
    corpus = build_corpus(songs, 48, 48, grid=grid)
    assert set(corpus.pitches) <= set(BAND_COLUMNS)
    assert corpus.pitches == choose_pitches(songs, grid=grid)
    assert corpus.roll.shape[1] == len(corpus.pitches)
    assert len(corpus.programs) == len(corpus.onsets) == 2


def test_what_a_model_cannot_know_of_a_song_is_told_as_a_share_of_its_cells(songs):
    known = choose_pitches(songs[:1], grid=BEATS)
    assert dict(unknown_shares([*songs, song_of("Free", None)], known, BEATS)) == {"Hurrying": 0, "Steady": 1}


def test_another_grid_sees_the_windows_at_the_same_places_of_the_music(songs):
    bars = build_corpus(songs, 48, 48, cap=None, equal_share=False, grid=BEATS)
    steps = same_windows(bars, songs, 50, choose_pitches(songs))
    assert len(steps) == len(bars)
    assert np.abs(steps.starts - bars.starts).max() <= 0.025 + 1e-9
    again = same_windows(steps, songs, 48, bars.pitches, BEATS)
    np.testing.assert_array_equal(again.start_of, bars.start_of)
    np.testing.assert_array_equal(again.windows(), bars.windows())


def test_a_song_without_beats_has_no_windows_on_a_grid_of_beats():
    songs = [song_of("Free", None)]
    with pytest.raises(CorpusError, match=r"^Free has no beats in its file$"):
        same_windows(build_corpus(songs, 20, 10), songs, 48, choose_pitches(songs), BEATS)
