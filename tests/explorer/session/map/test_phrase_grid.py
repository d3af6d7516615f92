"""A phrase is counted in the steps of the map that it is looked for on."""

from __future__ import annotations

import pytest

from explorer.session.map.phrase_grid import PhraseGrid
from vrae_core.corpus.sampling import Grid
from vrae_core.tasks.query import PhraseNote

TWELFTHS = Grid(12)


def test_steps_of_50_ms_are_as_they_are_whatever_tempo_is_set():
    grid = PhraseGrid()
    assert (grid.per_second(), grid.per_second(77.0), grid.steps_for()) == (20, 20, 50)
    assert grid.in_words(77.0) == "2.5 s"
    bars, beats = grid.lines(50)
    assert (bars.tolist(), beats.tolist()) == ([], [0, 8, 16, 24, 32, 40, 48])


def test_a_map_that_counts_beats_gives_its_steps_and_the_usual_tempo_and_meter(in_bars):
    grid = PhraseGrid.of(in_bars.library.atlas)
    assert grid == in_bars.search.grid == PhraseGrid(in_bars.library.atlas.corpus.grid, 120.0, (4, 4))
    assert (grid.per_second(), grid.per_second(60.0)) == (8, 4)


@pytest.mark.parametrize(
    ("tempo", "meter", "steps", "words"),
    [
        (150.0, (4, 4), 96, "2 bars at 150 bpm"),
        (120.0, (3, 4), 72, "2 bars at 120 bpm"),
        (60.0, (4, 4), 48, "1 bar at 60 bpm"),
        (120.0, (3, 8), 72, "4 bars at 120 bpm"),
    ],
)
def test_there_is_room_for_whole_bars(tempo, meter, steps, words):
    grid = PhraseGrid(TWELFTHS, tempo, meter)
    assert (grid.steps_for(), grid.in_words(None)) == (steps, words)
    assert grid.steps_for([PhraseNote(steps, 60)]) > steps


def test_lines_lie_where_beats_and_bars_begin():
    bars, beats = PhraseGrid(TWELFTHS, 120.0, (3, 4)).lines(72)
    assert (bars.tolist(), beats.tolist()) == ([0, 36], [0, 12, 24, 36, 48, 60])


def test_a_phrase_that_is_moved_keeps_its_beats_or_where_there_are_none_its_seconds():
    notes = [PhraseNote(0, 60, 6), PhraseNote(12, 62, 12)]
    at_120 = PhraseGrid(TWELFTHS, 120.0)
    assert PhraseGrid(TWELFTHS, 90.0).moved(notes, at_120) == notes
    assert PhraseGrid(Grid(4), 90.0).moved(notes, at_120) == [PhraseNote(0, 60, 2), PhraseNote(4, 62, 4)]
    in_seconds = [PhraseNote(0, 60, 5), PhraseNote(10, 62, 10)]
    assert PhraseGrid().moved(notes, at_120) == in_seconds
    assert at_120.moved(in_seconds, PhraseGrid()) == notes


def test_notes_that_coarser_steps_cannot_tell_apart_become_one():
    moved = PhraseGrid(Grid(4)).moved([PhraseNote(0, 60, 1), PhraseNote(1, 60, 1)], PhraseGrid(TWELFTHS))
    assert moved == [PhraseNote(0, 60, 1)]
