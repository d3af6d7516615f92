"""The latent map: from windows to dots and from any point back to z."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.vrae_core.latent.conftest import songs_like
from vrae_core.errors import VraeError
from vrae_core.latent import tsne
from vrae_core.latent.map import Dimensions, LatentMap, Projection, natural_projection, project
from vrae_core.progress import finish

PROJECTIONS: list[Projection] = ["t-SNE", "PCA", Dimensions(3, 1)]


# --- projections


def test_a_model_of_two_dimensions_is_drawn_as_it_is(draw) -> None:
    mu = songs_like(latent=2)
    drawn = draw(mu, "latent")
    np.testing.assert_array_equal(drawn.points, mu)
    np.testing.assert_allclose(drawn.z_at([7.5, -3.25]), [7.5, -3.25], rtol=1e-6)
    np.testing.assert_allclose(drawn.point_of([7.5, -3.25]), [7.5, -3.25], rtol=1e-6)


def test_a_model_of_one_dimension_is_drawn_as_a_line(draw) -> None:
    mu = songs_like(latent=1)
    drawn = draw(mu, "latent")
    np.testing.assert_array_equal(drawn.points, np.c_[mu, np.zeros(len(mu))])
    np.testing.assert_allclose(drawn.z_at([0.5, 0.0]), [0.5], rtol=1e-6)


def test_dimensions_are_shown_in_the_order_asked_for(draw) -> None:
    mu = songs_like()
    np.testing.assert_array_equal(draw(mu, Dimensions(3, 1)).points, mu[:, [3, 1]])


def test_pca_shows_the_directions_of_most_variance(draw) -> None:
    mu = songs_like()
    variances = np.linalg.eigvalsh(np.cov(mu.T))[::-1]
    np.testing.assert_allclose(draw(mu, "PCA").points.var(axis=0, ddof=1), variances[:2], rtol=1e-4)


def test_pca_does_not_turn_over_when_a_window_is_added(draw) -> None:
    mu = songs_like()
    np.testing.assert_allclose(draw(mu, "PCA").points[:-1], draw(mu[:-1], "PCA").points, atol=0.2)


def test_tsne_keeps_neighbours_together(draw) -> None:
    drawn = draw(songs_like(), "t-SNE")
    song_of = np.arange(60) // 20
    neighbours = np.array([drawn.nearest(point, 4)[0][1:] for point in drawn.points])
    assert (song_of[neighbours] == song_of[:, None]).mean() > 0.9


def test_a_seed_gives_one_tsne_map(tmp_path: Path, quick_tsne: None) -> None:
    first, again, other = (
        finish(project(songs_like(), "t-SNE", seed, tmp_path / folder)).points
        for folder, seed in [("a", 1), ("b", 1), ("c", 2)]
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_projection_shows_its_points_while_it_goes_on(tmp_path: Path, quick_tsne: None) -> None:
    steps = list(project(songs_like(), "t-SNE", cache_folder=tmp_path))
    assert [step.done for step in steps[1:4]] == [25, 50, 75]
    assert all(step.points.shape == (60, 2) for step in steps)
    assert not np.array_equal(steps[1].points, steps[2].points)


def test_a_closed_projection_leaves_nothing_behind(tmp_path: Path, quick_tsne: None) -> None:
    job = project(songs_like(), "t-SNE", cache_folder=tmp_path)
    next(job)
    next(job)
    job.close()
    assert list(tmp_path.iterdir()) == []


# --- windows that have no neighbourhoods


@pytest.mark.parametrize("projection", PROJECTIONS)
@pytest.mark.parametrize("n", [1, 2, 4])
def test_very_few_windows_still_make_a_map(draw, projection: Projection, n: int) -> None:
    mu = songs_like()[:n]
    drawn = draw(mu, projection)
    assert drawn.points.shape == (n, 2)
    assert np.isfinite(drawn.points).all()
    np.testing.assert_allclose(drawn.z_at(drawn.points[0]), mu[0], atol=1e-5)
    assert np.isfinite(drawn.z_at([100.0, -100.0])).all()
    assert len(drawn.nearest([0, 0], 10)[0]) == n


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_windows_that_are_all_alike_still_make_a_map(draw, projection: Projection) -> None:
    mu = np.tile(songs_like()[:1], (30, 1))
    drawn = draw(mu, projection)
    assert np.ptp(drawn.points, axis=0).tolist() == [0, 0]
    np.testing.assert_allclose(drawn.z_at(drawn.points[3]), mu[0], rtol=1e-6)


def test_few_windows_that_are_all_neighbours_are_not_drawn_into_one_point(tmp_path: Path) -> None:
    mu = np.random.default_rng(3).normal(size=(12, 20)).astype(np.float32)
    drawn = finish(project(mu, "t-SNE", cache_folder=tmp_path))
    assert drawn.projection == "t-SNE"
    assert np.ptp(drawn.points, axis=0).min() > 1
    file = tsne.map_file(tmp_path, mu, tsne.TSNE_SEED, tsne.PERPLEXITY)
    tsne.save_points(file, 1e-40 * drawn.points, None)  # as it was kept before this was known
    assert tsne.load_points(file, len(mu)) is None


def test_a_tsne_map_without_neighbourhoods_says_that_it_is_a_pca_map(draw) -> None:
    assert draw(songs_like()[:4], "t-SNE").projection == "PCA"
    assert draw(songs_like()[:5], "t-SNE").projection == "t-SNE"


def test_windows_that_come_twice_do_not_hurt_tsne(draw) -> None:
    mu = np.repeat(songs_like(12), 10, axis=0)
    drawn = draw(mu, "t-SNE")
    assert np.isfinite(drawn.points).all()
    np.testing.assert_allclose(drawn.z_at(drawn.points[17]), mu[17], atol=1e-5)


# --- from the map to z and back


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_a_dot_gives_its_own_window(draw, projection: Projection) -> None:
    mu = songs_like()
    drawn = draw(mu, projection)
    for window in (0, 17, 59):
        np.testing.assert_allclose(drawn.z_at(drawn.points[window]), mu[window], atol=1e-5)
        np.testing.assert_allclose(drawn.point_of(mu[window]), drawn.points[window], atol=1e-5)
        assert drawn.nearest(drawn.points[window])[0][0] == window


@pytest.mark.parametrize("projection", ["PCA", Dimensions(3, 1)])
def test_between_the_dots_a_linear_map_shows_z_where_it_was_asked_for(draw, projection: Projection) -> None:
    drawn = draw(songs_like(), projection)
    for point in ([0.3, -0.2], [5.0, 5.0]):
        np.testing.assert_allclose(drawn.point_of(drawn.z_at(point)), point, atol=1e-5)


def test_between_the_dots_z_is_a_blend_of_its_neighbours(draw) -> None:
    mu = songs_like()
    drawn = draw(mu, "t-SNE")
    between = drawn.points[[3, 4]].mean(axis=0)
    nearby = mu[drawn.nearest(between, 8)[0]]
    z = drawn.z_at(between)
    assert (nearby.min(axis=0) - 1e-5 <= z).all()
    assert (z <= nearby.max(axis=0) + 1e-5).all()


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_z_moves_smoothly_with_the_hand(draw, projection: Projection) -> None:
    drawn = draw(songs_like(), projection)
    low, high = drawn.points.min(axis=0), drawn.points.max(axis=0)
    line = np.linspace(low, high, 4000)
    zs = np.array([drawn.z_at(point) for point in line])
    coarse = np.linalg.norm(zs[::4][1:] - zs[::4][:-1], axis=1).max()
    fine = np.linalg.norm(zs[1:] - zs[:-1], axis=1).max()
    assert fine < 0.6 * coarse  # a jump would stay as large however small the step


def test_dots_on_a_circle_around_the_point_count_alike() -> None:
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = np.float32(np.c_[np.cos(angles), np.sin(angles)])
    assert np.isfinite(LatentMap(ring, ring, "t-SNE").z_at([0, 0])).all()


def test_nearest_windows_come_with_their_distances() -> None:
    drawn = LatentMap(np.float32([[0, 0], [4, 0], [0, 4]]), np.float32([[1], [2], [3]]), "t-SNE")
    indices, distances = drawn.nearest([0, 0.5], 2)
    assert indices.tolist() == [0, 2]
    assert distances.tolist() == [0.5, 3.5]


def test_the_windows_blended_at_a_point_give_its_z_with_their_weights(draw) -> None:
    mu = songs_like()
    drawn = draw(mu, "t-SNE")
    here = drawn.points[:3].mean(axis=0)
    windows, weights = drawn.blend_at(here)
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) <= 0).all(), "the nearest weighs most"
    np.testing.assert_allclose(weights @ mu[windows], drawn.z_at(here), rtol=1e-5)
    np.testing.assert_array_equal(drawn.blend_at(drawn.points[7])[1], [1])


def test_neighbours_in_z_are_found_and_their_usual_distance(draw) -> None:
    mu = songs_like()
    distances = np.linalg.norm(mu[:, None] - mu, axis=2)
    drawn = draw(mu, "PCA")
    np.testing.assert_array_equal(drawn.nearest_in_z(mu[4], 3)[0], np.argsort(distances[4])[:3])
    np.fill_diagonal(distances, np.inf)
    assert drawn.spacing_in_z == pytest.approx(np.median(distances.min(axis=1)), rel=1e-5)


def test_windows_that_repeat_do_not_make_the_usual_distance_nothing(draw) -> None:
    mu = songs_like()
    twice = np.concatenate([mu, mu])
    assert draw(twice, "PCA").spacing_in_z == pytest.approx(draw(mu, "PCA").spacing_in_z, rel=1e-5)


def test_many_z_are_shown_where_each_of_them_is(draw) -> None:
    mu = songs_like()
    for projection in PROJECTIONS:
        drawn = draw(mu, projection)
        np.testing.assert_allclose(drawn.points_of(mu[:5] + 0.1), [drawn.point_of(z + 0.1) for z in mu[:5]], atol=1e-5)


# --- what cannot be drawn


@pytest.mark.parametrize(
    ("mu", "projection", "reason"),
    [
        (np.zeros((0, 2)), "latent", "no windows"),
        (np.zeros((9, 20)), "latent", "20 latent dimensions"),
        (np.zeros((9, 3)), Dimensions(0, 3), "only 0 to 2"),
        (np.zeros((9, 3)), Dimensions(-1, 0), "only 0 to 2"),
        (np.zeros((9, 3)), Dimensions(1, 1), "two different"),
        (np.full((9, 3), np.nan), "PCA", "not numbers"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(
    draw, mu: np.ndarray, projection: Projection, reason: str
) -> None:
    with pytest.raises(VraeError, match=reason):
        draw(mu, projection)


def test_models_of_up_to_two_dimensions_need_no_projection() -> None:
    assert [natural_projection(latent) for latent in (1, 2, 3, 20)] == ["latent", "latent", "t-SNE", "t-SNE"]


@pytest.mark.parametrize(
    ("projection", "names"),
    [
        ("t-SNE", None),
        ("latent", ("z0", "z1")),
        (Dimensions(3, 1), ("z3", "z1")),
        ("PCA", ("first principal component", "second principal component")),
    ],
)
def test_a_map_says_what_its_axes_measure(projection: Projection, names: tuple[str, str] | None) -> None:
    assert LatentMap(np.zeros((1, 2), np.float32), np.zeros((1, 5), np.float32), projection).axis_names == names


# --- windows that join a map


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_windows_that_join_a_map_move_none_of_the_others(draw, projection: Projection) -> None:
    mu = songs_like(90)
    known = draw(mu[:60], projection)
    joined = draw(mu, projection, known=known)
    np.testing.assert_allclose(joined.points[:60], known.points, atol=1e-5)
    assert joined.points.shape == (90, 2)
    assert joined.fitted == 60


def test_a_window_joins_a_tsne_map_among_those_that_are_like_it(draw) -> None:
    mu = songs_like(90)
    known = draw(mu, "t-SNE")
    twins = draw(np.concatenate([mu, mu[[5, 40]] + np.float32(1e-3)]), "t-SNE", known=known)
    reach = np.ptp(known.points, axis=0).max()
    for twin, of in ((90, 5), (91, 40)):
        assert np.linalg.norm(twins.points[twin] - twins.points[of]) < 0.15 * reach


def test_a_joined_pca_map_still_shows_z_where_it_was_asked_for(draw) -> None:
    mu = songs_like(90)
    joined = draw(mu, "PCA", known=draw(mu[:60], "PCA"))
    np.testing.assert_allclose(joined.points_of(mu), joined.points, atol=1e-4)
    np.testing.assert_allclose(joined.point_of(joined.z_at([0.7, -0.2])), [0.7, -0.2], atol=1e-4)


@pytest.mark.parametrize("first", [20, 60])
def test_more_windows_than_a_map_has_or_other_windows_draw_it_anew(draw, first: int) -> None:
    mu = songs_like(90)
    other = mu[:first] + np.float32(first == 60)
    assert draw(mu, "PCA", known=draw(other, "PCA")).fitted is None


@pytest.mark.parametrize("count", [1, 5, 8, 9, 60])
def test_the_windows_blended_at_a_latent_point_are_the_nearest_and_at_a_window_s_own_it_alone(count) -> None:
    mu = songs_like()[:count]
    drawn = LatentMap(mu[:, :2], mu, "PCA")
    windows, weights = drawn.blend_in_z(mu[0] + np.float32(0.01))
    nearest = np.argsort(np.linalg.norm(mu - mu[0] - np.float32(0.01), axis=1))[:8]
    np.testing.assert_array_equal(windows, nearest)
    assert weights.sum() == pytest.approx(1)
    assert drawn.blend_in_z(mu[-1])[0].tolist() == [count - 1]
