"""Where a piece stops being music."""

import numpy as np
import pytest

from vrae_core.reproduction.endings import ending

WINDOW, STEPS = 10, 200


@pytest.fixture
def music():
    """200 steps that do not repeat themselves."""
    return np.random.default_rng(0).random((STEPS, 8)) < 0.4


def test_music_that_goes_on_has_no_ending(music):
    end = ending(music, WINDOW)
    assert (end.dies_out, end.freezes, end.loops, end.goes_on_for) == (None, None, None, STEPS)
    assert end.text == "goes on to the end"


def test_a_rest_shorter_than_a_window_is_no_ending(music):
    music[-9:] = False
    assert ending(music, WINDOW).dies_out is None


def test_it_dies_out_where_the_last_sound_ends(music):
    music[119] = True
    music[120:] = False
    end = ending(music, WINDOW)
    assert (end.dies_out, end.goes_on_for) == (120, 120)
    assert end.text == "dies out at 6.0 s"


def test_silence_from_the_start_dies_out_at_once():
    assert ending(np.zeros((STEPS, 8), bool), WINDOW).dies_out == 0


def test_it_freezes_where_the_last_change_is_even_if_it_thaws(music):
    music[49], music[50:70] = False, True
    end = ending(music, WINDOW)
    assert (end.freezes, end.goes_on_for) == (50, 50)
    assert end.text == "freezes at 2.5 s"
    music[69] = False
    assert ending(music, WINDOW).freezes is None


@pytest.mark.parametrize("period", [2, 7, 16, 40])
def test_it_loops_where_a_pattern_begins_that_repeats_to_the_end(music, period):
    music[60:] = np.resize(music[60 : 60 + period], (STEPS - 60, 8))
    end = ending(music, WINDOW)
    assert end.period == period
    assert end.loops == pytest.approx(60, abs=2)  # the music before may be like the pattern by chance
    assert end.text.startswith(f"in a loop of {period * 0.05:.2f} s")


def test_a_loop_may_differ_in_a_few_cells(music):
    music[60:] = np.resize(music[60:75], (STEPS - 60, 8))
    noise = np.random.default_rng(1).random(music[60:].shape) < 0.01
    music[60:] ^= noise
    assert ending(music, WINDOW).period == 15


def test_a_pattern_that_is_left_again_is_no_loop(music):
    music[20:150] = np.resize(music[20:30], (130, 8))
    assert ending(music, WINDOW).loops is None


@pytest.mark.parametrize("steps", [1, 2, 5, 25])
def test_pieces_shorter_than_a_loop_do_not_fail(music, steps):
    assert ending(music[:steps], WINDOW).goes_on_for == steps
