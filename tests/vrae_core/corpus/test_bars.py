"""Where windows begin and how long they are, in words."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.bars import begins, meter_of, meters_from, usual_meter, usually_lasts
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note

QUARTERS = Grid(4)


def cut(
    *meters: Meter, beats: int = 16, hop: int = 4, window: int = 16, grid: Grid = QUARTERS, bpm: float = 120
) -> Corpus:
    """A song of quarter notes, cut into windows of a grid."""
    tempo_map = TempoMap((Tempo(0.0, bpm),))
    at = tempo_map.seconds_at(np.arange(beats + 1)).tolist()
    notes = tuple(Note(at[beat], at[beat + 1] - 0.01, 60 + beat % 5) for beat in range(beats))
    song = Song("Tune", notes, bpm, tempo_map=tempo_map, meters=meters or (Meter(0, 4, 4),))
    return build_corpus([song], window, hop, grid=grid, cap=None, equal_share=False)


def test_a_window_is_named_by_its_bar_and_off_the_bar_line_by_its_beat_too() -> None:
    corpus = cut()
    assert [begins(corpus, window) for window in range(6)] == [
        "bar 1", "bar 1, beat 2", "bar 1, beat 3", "bar 1, beat 4", "bar 2", "bar 2, beat 2",
    ]  # fmt: skip


def test_where_steps_last_50_ms_it_is_named_by_its_time() -> None:
    corpus = cut(grid=PAPER_GRID, hop=10)
    assert [begins(corpus, 0), begins(corpus, 3)] == ["0:00.0", "0:01.5"]
    assert usually_lasts(corpus) == "0.8 s"


def test_bars_are_counted_and_beats_named_through_changes_of_meter() -> None:
    corpus = cut(Meter(0, 3, 4), Meter(6, 6, 8), hop=2, beats=18)
    words = {int(start): begins(corpus, window) for window, start in enumerate(corpus.start_of)}
    assert words[12] == "bar 2"
    assert words[20] == "bar 2, beat 3"
    assert words[24] == "bar 3"
    assert words[26] == "bar 3, beat 2", "an eighth is the beat of 6/8"
    assert (meter_of(corpus, 0), meter_of(corpus, len(corpus) - 1)) == ((3, 4), (6, 8))


def test_a_place_between_beats_is_given_as_part_of_one() -> None:
    corpus = cut(beats=17)
    last = len(corpus) - 1
    assert begins(corpus, last) == "bar 4, beat 2"
    assert begins(cut(hop=1), 1) == "bar 1, beat 1.25"


@pytest.mark.parametrize(
    ("meter", "window", "words"),
    [
        (Meter(0, 4, 4), 16, "1 bar"),
        (Meter(0, 4, 4), 32, "2 bars"),
        (Meter(0, 3, 4), 16, "4 beats"),
        (Meter(0, 6, 8), 12, "1 bar"),
        (Meter(0, 6, 8), 16, "8 beats"),
    ],
)
def test_a_length_is_given_in_bars_if_it_is_whole_bars_and_in_beats_if_not(
    meter: Meter, window: int, words: str
) -> None:
    assert usually_lasts(cut(meter, window=window)) == words


def test_meters_are_counted_from_a_window_on() -> None:
    corpus = cut(Meter(0, 3, 4), Meter(6, 4, 4), hop=12, window=12, beats=18)
    window = corpus.start_of.tolist().index(12)
    assert meters_from(corpus, window) == (Meter(-3, 3, 4), Meter(3, 4, 4))


def test_the_usual_meter_is_that_of_most_windows() -> None:
    assert usual_meter(cut(Meter(0, 3, 4), Meter(3, 2, 4), beats=30)) == (2, 4)
