"""Paths through latent space: their line, their timing, and how they are stored."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus.sampling import Grid
from vrae_core.errors import VraeError
from vrae_core.latent.path import LatentPath, Manner, decoded_changes, timing, usual_rate
from vrae_core.model.recipes import ModelConfig
from vrae_core.music.pieces import interpolate
from vrae_core.progress import finish

MANNERS = [Manner(smooth=s, spherical=r, closed=c) for s in (False, True) for r in (False, True) for c in (False, True)]


class SuddenModel:
    """Its one pitch turns from 0 to 1 around z0 = 0.9, and next to nothing happens anywhere else."""

    config = ModelConfig(window=10, hop=5, latent=3)
    pitches = (60,)

    def decode(self, z, steps=None):
        level = 0.5 + 0.5 * np.tanh(20 * (np.asarray(z)[:, :1] - 0.9))
        return np.repeat(level[:, None, :], steps or 10, axis=1).astype(np.float32)


def path_of(points, manner=Manner(), seconds=None) -> LatentPath:  # noqa: B008 - it is frozen
    points = np.array(points, np.float32)
    return LatentPath(points, tuple(seconds or [None] * len(points)), manner)


def timed(path):
    return finish(timing(path, SuddenModel()))


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(2).normal(0, 1, (5, 3)).astype(np.float32)


# --- the line


@pytest.mark.parametrize("manner", MANNERS)
def test_every_path_passes_through_its_points(points, manner) -> None:
    path = path_of(points, manner)
    np.testing.assert_allclose(path.at(np.arange(len(points))), points, atol=1e-5)
    if manner.closed:
        np.testing.assert_allclose(path.at([5.0]), points[:1], atol=1e-5)


@pytest.mark.parametrize("manner", MANNERS)
def test_no_path_jumps(points, manner) -> None:
    path = path_of(points, manner)
    zs = path.at(np.linspace(0, path.segments, 4001))
    steps = np.linalg.norm(np.diff(zs, axis=0), axis=1)
    assert steps.max() < 0.02


def test_a_smooth_path_has_no_corners_even_where_it_closes(points) -> None:
    for spherical in (False, True):
        path = path_of(points, Manner(smooth=True, spherical=spherical, closed=True))
        for corner in range(5):
            before, after = path.at([(corner or 5) - 1e-3, corner or 5]), path.at([corner, corner + 1e-3])
            into, out = before[1] - before[0], after[1] - after[0]
            assert into @ out / np.linalg.norm(into) / np.linalg.norm(out) > 0.98


def test_a_straight_path_is_what_interpolation_gives(points) -> None:
    for spherical in (False, True):
        line = path_of(points[:2], Manner(spherical=spherical)).at(np.linspace(0, 1, 9))
        np.testing.assert_allclose(line, interpolate(points[0], points[1], 9, spherical), atol=1e-6)


@pytest.mark.parametrize("smooth", [False, True])
def test_between_points_of_one_length_a_spherical_path_keeps_it(points, smooth) -> None:
    points = 3 * points / np.linalg.norm(points, axis=1, keepdims=True)
    path = path_of(points, Manner(smooth=smooth, spherical=True, closed=True))
    np.testing.assert_allclose(np.linalg.norm(path.at(np.linspace(0, 5, 200)), axis=1), 3, atol=1e-4)


def test_dragging_a_point_moves_a_smooth_path_nearby_only() -> None:
    points = np.random.default_rng(1).normal(0, 1, (9, 3))
    moved = points.copy()
    moved[1] += 2
    before, after = (path_of(p, Manner(smooth=True)).at(np.linspace(3, 8, 50)) for p in (points, moved))
    np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("manner", MANNERS)
def test_points_on_one_another_do_no_harm(manner) -> None:
    for points in (
        [[1, 1, 1]] * 3,
        [[0, 0, 0]] * 2,
        [[1, 0, 0], [-1, 0, 0], [1, 0, 0]],
        [[1, 2, 3], [1, 2, 3], [0, 1, 0]],
    ):
        path = path_of(points, manner)
        zs = path.at(timed(path).along)
        assert np.isfinite(zs).all()
        assert np.abs(zs).max() <= 4


# --- the timing


def test_it_is_at_each_of_its_points_when_their_step_comes(points) -> None:
    path = path_of(points, seconds=[1, None, 0.5, 2, None])
    table = timed(path)
    assert table.arrivals == (0, 20, 120, 130, 170)
    assert len(table.along) == 171
    np.testing.assert_allclose(table.along[list(table.arrivals)], np.arange(5), atol=1e-9)


def test_a_path_of_one_point_is_one_step() -> None:
    path = path_of([[1, 2, 3]])
    np.testing.assert_array_equal(path.at(timed(path).along), [[1, 2, 3]])


@pytest.mark.parametrize("manner", MANNERS)
def test_even_in_z_every_step_of_a_segment_is_as_long_as_the_next(points, manner) -> None:
    path = path_of(points, manner)
    table = timed(path)
    zs = np.concatenate([path.at(table.along), path.at([0.0])[: int(manner.closed)]])
    steps = np.linalg.norm(np.diff(zs, axis=0), axis=1)
    for begin, end in zip(table.arrivals, table.arrivals[1:], strict=False):
        assert steps[begin:end].std() < 0.05 * steps[begin:end].mean()


def test_a_closed_path_lasts_whole_windows_and_ends_one_step_before_its_start(points) -> None:
    path = path_of(points, Manner(closed=True, usual_seconds=0.55))
    table = timed(path)
    assert len(table.along) == table.arrivals[-1] == 60, "55 steps are rounded to six windows of ten"
    end, start = path.at(table.along[-1:]), path.at([0.0])
    assert 0 < np.linalg.norm(end - start) < 1.5 * np.linalg.norm(points[4] - points[0]) / 12


def test_even_change_gives_every_step_the_same_change() -> None:
    path = path_of([[0, 0, 0], [1, 0, 0], [1.5, 0, 0]])
    evened = replace(path, manner=Manner(even_change=True))
    before, after = (finish(decoded_changes(SuddenModel(), p.at(timed(p).along))) for p in (path, evened))
    assert before.std() / before.mean() > 2
    assert after.std() / after.mean() < 0.15
    assert len(after) == len(before)
    np.testing.assert_allclose(after.sum(), before.sum(), rtol=1e-4)


def test_even_change_spends_no_time_where_nothing_changes() -> None:
    path = path_of([[-9, 0, 0], [0, 0, 0], [1, 0, 0]], Manner(even_change=True))
    assert timed(path).arrivals == (0, 1, 200)


def test_even_change_leaves_a_segment_the_duration_it_was_given() -> None:
    path = path_of([[-9, 0, 0], [0, 0, 0], [1, 0, 0]], Manner(even_change=True), [2.0, None, None])
    assert timed(path).arrivals == (0, 40, 140)


def test_where_nothing_ever_changes_time_goes_on_evenly() -> None:
    path = path_of([[-9, 1, 0], [-9, 0, 0], [-9, 0, 1]], Manner(even_change=True))
    np.testing.assert_allclose(timed(path).along, np.linspace(0, 2, 201), atol=1e-6)


def test_measuring_the_change_can_be_stopped(points) -> None:
    job = timing(path_of(points, Manner(even_change=True)), SuddenModel())
    assert next(job).text == "measuring the change"
    job.close()


# --- the stored form


@pytest.mark.parametrize("manner", [*MANNERS, Manner(2.5, even_change=True)])
def test_a_path_comes_back_from_json_as_it_was(points, manner) -> None:
    path = path_of(points, manner, [1.5, None, 60, None, 0.05])
    back = LatentPath.from_plain(json.loads(json.dumps(path.as_plain())), 3)
    np.testing.assert_array_equal(back.points, path.points)
    assert (back.seconds, back.manner) == (path.seconds, path.manner)


def test_an_empty_path_comes_back_empty() -> None:
    path = LatentPath(np.zeros((0, 3), np.float32), ())
    assert LatentPath.from_plain(json.loads(json.dumps(path.as_plain())), 3).points.shape == (0, 3)


GOOD = {"points": [[0, 0, 0], [1, 2, 3]], "seconds": [None, 2]}


@pytest.mark.parametrize(
    "change",
    [
        {"points": [[0, 0], [1, 2]]},
        {"points": [[0, 0, 0], [1, 2, "3"]]},
        {"points": [[0, 0, 0], [1, 2, True]]},
        {"points": [[0, 0, 0], [1, 2, float("nan")]]},
        {"points": [[0, 0, 0], [1, 2, float("inf")]]},
        {"points": [[0, 0, 0], [1, 2, 10**400]]},
        {"points": [[0, 0, 0], None]},
        {"points": {"0": [0, 0, 0]}},
        {"points": [[0, 0, 0]] * 501, "seconds": [None] * 501},
        {"seconds": [None]},
        {"seconds": None},
        {"seconds": [None, 0]},
        {"seconds": [None, 1e9]},
        {"seconds": [None, float("nan")]},
        {"seconds": [None, "1"]},
        {"usual_seconds": True},
        {"usual_seconds": None},
        {"smooth": 1},
        {"even_change": "yes"},
        {"closed": None},
    ],
)
def test_what_is_no_path_is_refused_in_plain_words(change) -> None:
    assert LatentPath.from_plain(GOOD, 3).segments == 1
    with pytest.raises(VraeError, match="stored"):
        LatentPath.from_plain(GOOD | change, 3)


@pytest.mark.parametrize("data", [None, [], "path", 3])
def test_what_is_not_even_a_table_is_refused(data) -> None:
    with pytest.raises(VraeError, match="not a path"):
        LatentPath.from_plain(data, 3)


def test_a_segment_lasts_as_many_steps_as_are_played_in_its_seconds_at_the_tempo_there() -> None:
    path = LatentPath(np.zeros((3, 2), np.float32), (2.0, 1.5, None))
    assert path.steps(48) == (40, 30)
    assert path.steps(48, (24, 36)) == (48, 54)  # 12 steps a beat at 120 and at 180 beats a minute
    assert usual_rate(Grid()) == 20
    assert usual_rate(Grid(12)) == 24


def test_a_closed_path_in_musical_time_lasts_whole_bars() -> None:
    path = LatentPath(np.zeros((3, 2), np.float32), (2.0, 1.5, 1.0), Manner(closed=True))
    assert sum(path.steps(48, 24)) % 48 == 0
