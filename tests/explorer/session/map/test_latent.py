"""Moving the point heard by numbers: along dimensions, along directions, and by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.session.map.latent import LEARNING
from tests.explorer.conftest import hear_window


def settle(session, qtbot):
    """Wait until what the sliders ask for is heard."""
    qtbot.waitUntil(lambda: np.array_equal(session.playback.heard.zs[0], session.latent.z))


@pytest.fixture
def latent(explored, qtbot):
    """The sliders, with a window heard."""
    hear_window(explored, qtbot, 5)
    return explored.latent


@pytest.fixture
def directed(explored, latent, qtbot):
    """The sliders, with the directions learnt."""
    latent.learn()
    qtbot.waitUntil(lambda: bool(latent.directions))
    return latent


def test_with_nothing_heard_the_point_is_the_priors_mean_and_a_move_plays(explored, qtbot):
    assert explored.latent.z.tolist() == [0, 0]
    explored.latent.set_dimension(1, 0.5)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    assert explored.playback.heard.zs.tolist() == [[0, 0.5]]
    assert explored.playback.player.state is State.PLAYING


def test_the_point_is_the_one_that_is_heard(explored, latent, qtbot):
    mu = explored.library.atlas.posterior.mu
    np.testing.assert_array_equal(latent.z, mu[5])
    hear_window(explored, qtbot, 9)
    np.testing.assert_array_equal(latent.z, mu[9])


def test_moving_a_dimension_morphs_and_the_map_follows(explored, latent, qtbot):
    before = latent.z.copy()
    latent.set_dimension(0, 1.5)
    settle(explored, qtbot)
    heard = explored.playback.heard
    assert heard.zs[0].tolist() == [1.5, before[1]]
    np.testing.assert_allclose(heard.places[0], explored.library.atlas.map.point_of(heard.zs[0]))


def test_answers_to_earlier_moves_do_not_pull_the_sliders_back(explored, latent, qtbot):
    latent.press()
    values = []
    latent.moved.connect(lambda: values.append(float(latent.z[0])))
    for value in np.linspace(0, 2, 40):
        latent.set_dimension(0, value)
        qtbot.wait(2)
    settle(explored, qtbot)
    assert values == sorted(values)
    assert len(values) == 40


def test_a_gesture_is_one_entry_to_go_back_from(explored, latent, qtbot):
    entries = len(explored.history.entries)
    for end in (1.0, -1.0):
        latent.press()
        for value in np.linspace(0, end, 10):
            latent.set_dimension(0, value)
            settle(explored, qtbot)
        latent.let_go()
    assert len(explored.history.entries) == entries + 2
    explored.history.back()
    assert latent.z[0] == 1.0
    explored.history.back()
    np.testing.assert_array_equal(latent.z, explored.library.atlas.posterior.mu[5])


def test_keys_in_quick_succession_are_one_gesture_and_another_slider_is_another(explored, latent, qtbot):
    entries = len(explored.history.entries)
    for dimension, value in ((0, 0.1), (0, 0.2), (0, 0.3), (1, 0.1)):
        latent.set_dimension(dimension, value)
        settle(explored, qtbot)
    assert len(explored.history.entries) == entries + 2


def test_moving_sliders_is_no_path_editing(explored, latent):
    latent.set_dimension(0, 1.0)
    assert not explored.path.undo_stack.canUndo()


def test_home_is_where_the_point_was_and_then_the_priors_mean(explored, latent, qtbot):
    home = latent.z.copy()
    latent.set_dimension(0, 2.0)
    latent.send_home(0)
    np.testing.assert_array_equal(latent.z, home)
    settle(explored, qtbot)
    assert explored.playback.heard.window == 5  # so that its original can be compared again
    latent.send_home(0)
    assert latent.z[0] == 0


def test_zero_steps_are_exactly_the_point_and_a_step_is_the_directions(explored, directed, qtbot):
    start = directed.z.copy()
    directed.set_steps(0, 1.0)
    np.testing.assert_allclose(directed.z, start + directed.directions[0].step, rtol=1e-5)
    directed.set_steps(0, -2.7)
    directed.set_steps(0, 0.0)
    np.testing.assert_array_equal(directed.z, start)
    settle(explored, qtbot)
    assert explored.playback.heard.window == 5


def test_directions_add_up_and_start_anew_from_another_point(explored, directed, qtbot):
    start = directed.z.copy()
    if len(directed.directions) > 1:
        directed.set_steps(0, 1.0)
        directed.set_steps(1, -1.0)
        both = start + directed.directions[0].step - directed.directions[1].step
        np.testing.assert_allclose(directed.z, both, atol=1e-5)
    hear_window(explored, qtbot, 20)
    assert not directed.steps.any()
    directed.set_steps(0, 1.0)
    expected = explored.library.atlas.posterior.mu[20] + directed.directions[0].step
    np.testing.assert_allclose(directed.z, expected, rtol=1e-5)


def test_a_wander_takes_the_sliders_along(explored, latent, qtbot):
    latent.set_dimension(0, 1.0)
    settle(explored, qtbot)
    explored.wandering.set_running(True)
    for _ in range(3):
        explored.wandering.step()
    walked = explored.wandering._trail[-1]
    qtbot.waitUntil(lambda: np.array_equal(latent.z, explored.wandering._trail[-1]))
    explored.wandering.stop()
    assert not np.array_equal(walked[0], 1.0)


def test_another_model_forgets_the_directions_the_point_and_the_slots(explored, directed, make_model, qtbot):
    explored.arithmetic.fill("A", explored.arithmetic.heard())
    explored.library.use_model(make_model(latent=4), "other")
    qtbot.waitUntil(lambda: explored.library.atlas.model.config.latent == 4 and not explored.jobs.running)
    assert directed.directions == ()
    assert directed.z.tolist() == [0] * 4
    assert explored.arithmetic.terms == {}


def test_learning_that_is_cancelled_leaves_nothing_and_can_begin_again(explored, latent, qtbot):
    latent.learn()
    explored.jobs.cancel(LEARNING)
    assert not latent.learning
    latent.learn()
    qtbot.waitUntil(lambda: bool(latent.directions))


def test_without_a_map_nothing_moves_or_is_learnt(session):
    session.latent.learn()
    session.latent._go("anything", np.zeros(2, np.float32))
    assert not session.latent.learning
    assert session.playback.heard is None
    assert session.arithmetic.heard() is None


# --- arithmetic


def test_a_minus_a_plus_c_is_c_and_is_heard_on_its_place(explored, qtbot):
    arithmetic = explored.arithmetic
    hear_window(explored, qtbot, 5)
    a = arithmetic.heard()
    hear_window(explored, qtbot, 20)
    c = arithmetic.heard()
    for slot, term in zip("ABC", (a, a, c), strict=True):
        arithmetic.fill(slot, term)
    np.testing.assert_array_equal(arithmetic.result.z, c.z)
    hear_window(explored, qtbot, 1)
    arithmetic.hear()
    qtbot.waitUntil(lambda: explored.playback.heard.window is None)
    np.testing.assert_array_equal(explored.playback.heard.zs[0], c.z)
    np.testing.assert_allclose(explored.playback.heard.places[0], explored.library.atlas.map.points[20], atol=1e-5)


def test_the_sum_needs_all_three_and_can_be_kept_and_put_on_the_path(explored, qtbot):
    arithmetic = explored.arithmetic
    hear_window(explored, qtbot, 5)
    arithmetic.fill("A", arithmetic.heard())
    arithmetic.fill("B", arithmetic.song(0))
    assert arithmetic.result is None
    arithmetic.keep()
    arithmetic.put_on_path()
    assert not explored.path.points
    arithmetic.fill("C", arithmetic.song(2))
    arithmetic.keep()
    arithmetic.put_on_path()
    mu, song_of = explored.library.atlas.posterior.mu, explored.library.atlas.corpus.song_of
    expected = mu[5] - mu[song_of == 0].mean(axis=0) + mu[song_of == 2].mean(axis=0)
    np.testing.assert_allclose(explored.path.drawing.favourites[0].z, expected, atol=1e-5)
    np.testing.assert_allclose(explored.path.points[0].z, expected, atol=1e-5)
    assert explored.path.drawing.favourites[0].name == "Low · 0:02.5 − Average of Low + Average of High"
    np.testing.assert_array_equal(arithmetic.favourites()[0].z, explored.path.drawing.favourites[0].z)


def test_the_average_of_a_selection_is_heard_and_of_one_window_is_that_window(explored, qtbot):
    atlas = explored.library.atlas
    assert explored.arithmetic.selected() is None
    mask = np.zeros(len(atlas.corpus), bool)
    mask[[2, 3, 8]] = True
    explored.selection.set(mask)
    explored.arithmetic.hear_average()
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    np.testing.assert_allclose(explored.playback.heard.zs[0], atlas.posterior.mu[[2, 3, 8]].mean(axis=0), atol=1e-6)
    mask[[2, 3]] = False
    explored.selection.set(mask)
    assert explored.arithmetic.selected().name == atlas.title(8)
    np.testing.assert_array_equal(explored.arithmetic.selected().z, atlas.posterior.mu[8])
