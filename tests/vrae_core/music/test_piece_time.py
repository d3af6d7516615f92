"""When the steps of a piece are: at its own tempo or another, and what a sequencer is told of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrae_core.midi.beats import Meter, Tempo
from vrae_core.music.piece_time import TICKS_PER_BEAT, PieceTime


def time_of(*tempos: float, steps_per_beat: int = 12) -> PieceTime:
    return PieceTime(steps_per_beat, np.array(tempos, np.float32))


def test_steps_begin_where_those_before_them_end():
    assert time_of(60, 60, 120, 30).seconds.tolist() == pytest.approx([0, 1 / 12, 2 / 12, 2.5 / 12, 4.5 / 12])


def test_a_steady_piece_has_one_tempo_and_one_that_changes_has_one_where_it_does():
    assert time_of(90, 90, 90).tempo_map.tempos == (Tempo(0, 90),)
    found = time_of(90, 90, 90.01, 150, 150, steps_per_beat=4).tempo_map.tempos
    assert found == (Tempo(0, 90), Tempo(0.75, 150))


def test_a_tempo_that_somebody_sets_holds_throughout_and_none_changes_nothing():
    piece = time_of(90, 150)
    assert piece.at(None) is piece
    assert piece.at(120).tempos.tolist() == [120, 120]
    assert piece.at(120).seconds[-1] == pytest.approx(2 / 24)


def test_a_longer_piece_goes_on_as_it_ends_and_a_shorter_one_is_its_beginning():
    assert time_of(90, 150).lasting(4).tempos.tolist() == [90, 150, 150, 150]
    assert time_of(90, 150).lasting(1).tempos.tolist() == [90]
    assert time_of(90).lasting(0).seconds.tolist() == [0]


def test_a_step_lasts_as_long_as_its_seconds_say_on_average():
    piece = time_of(60, 120)
    assert piece.step_seconds == pytest.approx(piece.seconds[-1] / 2)


def test_its_meter_is_that_of_its_first_bar():
    assert PieceTime(12, np.full(1, 90, np.float32), (3, 8)).meters == (Meter(0, 3, 8),)


@given(st.lists(st.floats(20, 300), min_size=1, max_size=30), st.sampled_from((4, 6, 8, 12, 16, 24)))
def test_whatever_the_tempos_a_step_is_a_whole_number_of_ticks(tempos, steps_per_beat):
    piece = time_of(*tempos, steps_per_beat=steps_per_beat)
    ticks = piece.tempo_map.ticks_at(piece.seconds)
    assert np.diff(ticks).tolist() == [TICKS_PER_BEAT // steps_per_beat] * len(tempos)
