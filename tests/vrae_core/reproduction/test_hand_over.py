"""How the music of one end gives way to the other's."""

import numpy as np
import pytest

from vrae_core.reproduction.hand_over import elements_of_both, hand_over

POINTS = 11
CELLS = np.arange(100).reshape(10, 10)  # (T, P): in the first half of each row the start, in the second the end
START, END = CELLS % 10 < 5, CELLS % 10 >= 5


def path_of(shares):
    """A path (1, points, T, P) on which each point has so much of the end, and the rest of the start."""
    order = np.random.default_rng(0).permutation(50).reshape(10, 5) / 50
    rank = np.concatenate([order, order], axis=1)
    return np.stack([np.where(START, rank >= share, rank < share) for share in shares])[None]


def test_an_even_hand_over_is_monotone_and_no_step_is_large():
    found = hand_over(path_of(np.linspace(0, 1, POINTS)))
    assert found.spearman == pytest.approx(1)
    assert found.monotone == 1
    assert found.largest_step == pytest.approx(1 / (POINTS - 1), abs=0.03)
    assert found.both[0, POINTS // 2] == pytest.approx(0.5)
    np.testing.assert_allclose(found.f1_with_start[0], found.f1_with_end[0, ::-1], atol=0.05)


def test_a_jump_is_one_large_step_without_elements_of_both():
    found = hand_over(path_of([0.0] * 6 + [1.0] * 5))
    assert found.largest_step == 1
    assert not found.both.any()
    assert 0.8 < found.spearman < 1


def test_going_back_and_forth_is_not_monotone():
    found = hand_over(path_of([0, 0.5, 0.2, 0.7, 0.4, 1]))
    assert found.monotone == pytest.approx(3 / 5)
    assert found.spearman < 1


def test_music_that_never_changes_hands_nothing_over():
    found = hand_over(path_of([0.0] * POINTS))
    assert (found.spearman, found.largest_step) == (0, 1)
    assert not found.both.any()


def test_paths_are_measured_each_by_itself():
    paths = np.concatenate([path_of([0.0] * POINTS), path_of(np.linspace(0, 1, POINTS))])
    np.testing.assert_allclose(hand_over(paths).spearman, [0, 1], atol=1e-12)


def test_elements_of_both_leave_out_what_the_ends_share():
    everywhere = np.ones_like(START)
    shared = START | (CELLS == 5)
    assert elements_of_both(everywhere[None], START, END) == 1
    assert elements_of_both(START[None], START, END) == 0
    assert elements_of_both(everywhere[None], START, START) == 0
    assert elements_of_both(shared[None], START, END) == pytest.approx(1 / 50)
