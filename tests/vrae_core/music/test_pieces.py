"""Music from z."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vrae_core.music.pieces import interpolate, medley, medleying, morph, morphing, roll_from_probabilities

cells = arrays(np.float32, (6, 4), elements=st.floats(0, 1, width=32))
vectors = arrays(np.float32, 3, elements=st.floats(-4, 4, width=32))


class CountingModel:
    """Decodes z to a window whose cell (row, pitch) is z_0 + row / 100 + pitch / 1000, and counts what it decodes."""

    config = SimpleNamespace(window=5)
    pitches = (60, 64, 67)

    def __init__(self) -> None:
        self.decoded: list[np.ndarray] = []
        self.rows = 0

    def decode(self, z: np.ndarray, steps: int) -> np.ndarray:
        self.decoded.extend(z)
        self.rows += len(z) * steps
        return (z[:, :1, None] + np.arange(steps)[:, None] / 100 + np.arange(3) / 1000).astype(np.float32)

    def cell(self, z: float, row: int) -> np.ndarray:
        return np.float32(z + row / 100 + np.arange(3) / 1000)


def random_probabilities(steps: int = 200, pitches: int = 5) -> np.ndarray:
    return np.random.default_rng(1).random((steps, pitches), np.float32)


# --- which cells sound


def test_without_temperature_a_cell_sounds_from_the_threshold_on() -> None:
    roll = roll_from_probabilities(np.float32([[0.2, 0.3, 0.4]]), threshold=np.float32(0.3))
    assert roll.tolist() == [[False, True, True]]


@given(cells, st.floats(0.05, 0.95), st.integers(0, 2**32))
def test_a_temperature_near_zero_agrees_with_the_threshold(p: np.ndarray, threshold: float, seed: int) -> None:
    clear = np.abs(p - threshold) > 1e-3
    cold = roll_from_probabilities(p, threshold, temperature=1e-6, seed=seed)
    np.testing.assert_array_equal(cold[clear], roll_from_probabilities(p, threshold)[clear])


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_temperature_one_draws_cells_with_the_decoders_own_probabilities(threshold: float) -> None:
    p = np.tile(np.float32([0.0, 0.1, 0.5, 0.9, 1.0]), (20_000, 1))
    share = roll_from_probabilities(p, threshold, temperature=1.0, seed=3).mean(axis=0)
    np.testing.assert_allclose(share, p[0], atol=0.01)
    assert share[0] == 0
    assert share[-1] == 1


def test_a_high_temperature_flattens_the_probabilities_but_never_turns_them_round() -> None:
    p = np.tile(np.float32([0.1, 0.9]), (20_000, 1))
    low, high = roll_from_probabilities(p, 0.3, temperature=2.0, seed=3).mean(axis=0)
    assert 0.1 < low < 0.5 < high < 0.9


def test_the_seed_decides_the_sample() -> None:
    p = random_probabilities()
    first = roll_from_probabilities(p, 0.5, temperature=1.0, seed=1)
    np.testing.assert_array_equal(first, roll_from_probabilities(p, 0.5, temperature=1.0, seed=1))
    assert (first != roll_from_probabilities(p, 0.5, temperature=1.0, seed=2)).any()


def test_a_longer_piece_begins_like_the_shorter_one() -> None:
    p = random_probabilities()
    whole = roll_from_probabilities(p, 0.3, temperature=0.7, seed=5)
    np.testing.assert_array_equal(whole[:40], roll_from_probabilities(p[:40], 0.3, temperature=0.7, seed=5))


@pytest.mark.parametrize(("threshold", "temperature"), [(-0.1, 0), (1.1, 0), (float("nan"), 0), (0.5, -1), (0.5, 2.1)])
def test_settings_out_of_range_are_refused(threshold: float, temperature: float) -> None:
    with pytest.raises(ValueError, match="must lie between 0 and"):
        roll_from_probabilities(random_probabilities(), threshold, temperature)


# --- lines between two z


@given(vectors, vectors, st.integers(2, 9), st.booleans())
def test_a_line_has_both_ends_exactly_and_as_many_points_as_asked(
    z0: np.ndarray, z1: np.ndarray, n: int, spherical: bool
) -> None:
    line = interpolate(z0, z1, n, spherical)
    assert line.shape == (n, 3)
    assert line.dtype == np.float32
    np.testing.assert_array_equal(line[0], z0)
    np.testing.assert_array_equal(line[-1], z1)
    assert np.isfinite(line).all()


def test_a_linear_line_is_evenly_spaced() -> None:
    np.testing.assert_allclose(interpolate([0, 0], [4, 8], 5), [[0, 0], [1, 2], [2, 4], [3, 6], [4, 8]])


def test_one_point_is_the_start() -> None:
    np.testing.assert_array_equal(interpolate([1, 2], [3, 4], 1), [[1, 2]])


def test_no_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        interpolate([1, 2], [3, 4], 0)


def test_a_spherical_line_turns_at_an_even_rate() -> None:
    line = interpolate([1, 0], [0, 1], 4, spherical=True)
    np.testing.assert_allclose(np.degrees(np.arctan2(line[:, 1], line[:, 0])), [0, 30, 60, 90], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(line, axis=1), 1, rtol=1e-6)


@given(vectors, vectors)
def test_a_spherical_line_never_leaves_the_shell_between_its_ends(z0: np.ndarray, z1: np.ndarray) -> None:
    ends = sorted([np.linalg.norm(z0.astype(float)), np.linalg.norm(z1.astype(float))])
    lengths = np.linalg.norm(interpolate(z0, z1, 7, spherical=True).astype(float), axis=1)
    assert lengths.max() <= ends[1] + 1e-4
    cosine = z0.astype(float) @ z1.astype(float)
    if abs(cosine) < 0.999 * ends[0] * ends[1]:  # a turn is defined
        assert lengths.min() >= ends[0] - 1e-4


@pytest.mark.parametrize(
    "z1", [[2, 4], [-2, -4], [0, 0], [1, 2]], ids=["parallel", "opposite", "zero vector", "the same point"]
)
def test_where_no_turn_is_defined_spherical_is_linear(z1: list[float]) -> None:
    np.testing.assert_allclose(interpolate([1, 2], z1, 5, spherical=True), interpolate([1, 2], z1, 5), atol=1e-6)


# --- morphs, medleys


def test_time_runs_on_while_z_moves() -> None:
    model = CountingModel()
    zs = np.linspace(0, 1, 300, dtype=np.float32)[:, None]
    piece = morph(model, zs)
    expected = [model.cell(float(z), t % 5) for t, z in enumerate(zs[:, 0])]
    np.testing.assert_allclose(piece, expected, rtol=1e-6)


@given(arrays(np.int64, st.integers(0, 40), elements=st.integers(0, 3)))
def test_a_z_that_comes_again_is_decoded_once_only(which: np.ndarray) -> None:
    model = CountingModel()
    piece = morph(model, which.astype(np.float32)[:, None])
    assert len(model.decoded) == len(set(which.tolist()))
    expected = [model.cell(z, t % 5) for t, z in enumerate(which)]
    np.testing.assert_allclose(piece, np.reshape(expected, (-1, 3)), rtol=1e-6)


def test_windows_are_decoded_no_further_than_they_are_heard() -> None:
    model = CountingModel()
    morph(model, np.arange(640, dtype=np.float32)[:, None])  # each z is heard for one step of five
    assert model.rows <= 640 * (1 + 2 + 3 + 4 + 5) / 5 * 1.05  # a batch may hold two lengths


def test_a_morph_can_be_stopped_between_two_batches() -> None:
    model = CountingModel()
    job = morphing(model, np.arange(640, dtype=np.float32)[:, None])
    shown = [next(job), next(job)]
    job.close()
    assert [(p.done, p.total) for p in shown] == [(0, 640), (64, 640)]
    assert len(model.decoded) == 64


def test_a_medley_lets_the_decoder_run_on(model) -> None:
    z = np.float32([0.5, -1])
    np.testing.assert_array_equal(medley(model, z, steps=45), model.decode(z[None], 45)[0])


def test_a_long_medley_says_how_far_it_is_and_can_be_stopped(model) -> None:
    job = medleying(model, np.float32([0.5, -1]), 500)
    assert [next(job).done for _ in range(3)] == [0, 200, 400]
    job.close()
