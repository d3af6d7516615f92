"""t-SNE maps: neighbours, how often a drawing can be stopped, and the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.vrae_core.latent.conftest import songs_like
from vrae_core.latent import tsne
from vrae_core.latent.map import project
from vrae_core.progress import finish


def test_the_neighbours_are_the_nearest_others_however_many_are_compared_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mu = np.random.default_rng(0).standard_normal((150, 5)).astype(np.float32)
    mu[100:] = mu[:50]  # some have a twin
    apart = np.linalg.norm(mu[:, None].astype(np.float64) - mu, axis=2)
    np.fill_diagonal(apart, np.inf)
    for at_once in (1, 1000, 10**6):
        monkeypatch.setattr(tsne, "_COMPARED_AT_ONCE", at_once)
        places, gaps = (np.concatenate(part) for part in zip(*tsne._nearest(mu, 12), strict=True))
        np.testing.assert_allclose(gaps, np.sort(apart, axis=1)[:, :12], atol=1e-12)
        np.testing.assert_allclose(np.take_along_axis(apart, places, axis=1), gaps, atol=1e-12)
        assert all(len(set(row)) == 12 for row in places.tolist())


def test_of_very_many_windows_a_tree_finds_the_neighbours_and_the_map_is_alike(
    quick_tsne: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mu = songs_like(90)
    start = 1e-4 * mu[:, :2].astype(np.float64)
    compared = finish(tsne.fit(mu, start, 7, 10.0))
    monkeypatch.setattr(tsne, "_MOST_COMPARED", 0)
    np.testing.assert_allclose(finish(tsne.fit(mu, start, 7, 10.0)), compared, atol=0.05 * np.ptp(compared))


def test_the_more_windows_the_fewer_iterations_go_by_before_a_drawing_can_be_stopped() -> None:
    assert tsne._chunks(500, 4_000) == [25] * 20
    assert tsne._chunks(500, 60_000) == [1] * 500
    assert tsne._chunks(250, 12_000) == [8] * 31 + [2]


def test_a_drawing_that_can_be_stopped_more_often_arrives_at_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    mu = songs_like(90)
    neighbours = finish(tsne._neighbours(mu, 10.0, 7, tsne.MapProgress(0, 1, "", mu[:, :2])))
    ends = []
    for windows in (100_000, 500):
        monkeypatch.setattr(tsne, "_CHUNK_WINDOWS", windows)
        embedding = tsne._embedding(neighbours, mu[:, :2].astype(np.float64), 7, tsne._of_all_pairs)
        finish(tsne._arrange(embedding, 0, 50, 1, momentum=0.8))
        ends.append(np.asarray(embedding))
    np.testing.assert_array_equal(*ends)


# --- the cache


def test_a_finished_tsne_map_is_not_computed_again(tmp_path: Path, quick_tsne: None) -> None:
    first = finish(project(songs_like(), "t-SNE", cache_folder=tmp_path))
    steps = list(project(songs_like(), "t-SNE", cache_folder=tmp_path))
    assert len(steps) == 1
    np.testing.assert_array_equal(steps[0].points, first.points)


def test_other_windows_or_another_seed_are_another_map(tmp_path: Path, quick_tsne: None) -> None:
    for mu, seed in [(songs_like(), 1), (songs_like(), 2), (songs_like(seed=1), 1)]:
        finish(project(mu, "t-SNE", seed, tmp_path))
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("damage", ["emptied", "cut short", "one bit turned", "not a cache at all"])
def test_a_damaged_cache_is_ignored_and_mended(tmp_path: Path, quick_tsne: None, damage: str) -> None:
    sound = finish(project(songs_like(), "t-SNE", cache_folder=tmp_path)).points
    (path,) = tmp_path.iterdir()
    good = path.read_bytes()
    turned = good[:-20] + bytes([good[-20] ^ 1]) + good[-19:]
    bad = {"emptied": b"", "cut short": good[:-9], "one bit turned": turned, "not a cache at all": b"\xff" * 300}
    path.write_bytes(bad[damage])
    np.testing.assert_array_equal(finish(project(songs_like(), "t-SNE", cache_folder=tmp_path)).points, sound)
    assert path.read_bytes() == good


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path, quick_tsne: None) -> None:
    (tmp_path / "file").write_text("in the way")
    assert finish(project(songs_like(), "t-SNE", cache_folder=tmp_path / "file" / "maps")).points.shape == (60, 2)


def test_the_cache_keeps_only_the_newest_maps(
    tmp_path: Path, quick_tsne: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tsne, "_CACHED_MAPS", 2)
    for seed in range(4):
        finish(project(songs_like(9), "t-SNE", seed, tmp_path))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_joined_map_is_found_again_and_can_be_fitted_anew(draw) -> None:
    mu = songs_like(90)
    joined = draw(mu, "t-SNE", known=draw(mu[:60], "t-SNE"))
    np.testing.assert_array_equal(draw(mu, "t-SNE").points, joined.points)
    refit = draw(mu, "t-SNE", refit=True)
    assert not np.allclose(refit.points, joined.points)
    np.testing.assert_array_equal(draw(mu, "t-SNE").points, refit.points)


def test_a_map_that_is_found_again_says_what_it_was_fitted_to_and_by_which_perplexity(draw) -> None:
    mu = songs_like(90)
    joined = draw(mu, "t-SNE", known=draw(mu[:60], "t-SNE"))
    again = draw(mu, "t-SNE")
    assert (again.fitted, again.perplexity) == (joined.fitted, joined.perplexity) == (60, 59 / 3)
    draw(mu, "t-SNE", refit=True)
    whole = draw(mu, "t-SNE", known=draw(mu[:60], "t-SNE"))
    assert (whole.fitted, whole.perplexity) == (None, 89 / 3)


def test_each_perplexity_has_a_map_of_its_own(draw) -> None:
    few, many = (draw(songs_like(), "t-SNE", perplexity=p) for p in (3.0, 15.0))
    assert not np.allclose(few.points, many.points)


def test_a_song_that_joined_scattered_is_gathered_while_all_others_stay(draw) -> None:
    others, source = songs_like(60), np.random.default_rng(9)
    own = others.mean(axis=0) + np.cumsum(source.normal(0, 0.05, (40, 5)), axis=0)
    mu = np.concatenate([others, own]).astype(np.float32)
    places = draw(others, "t-SNE").points
    joined = np.concatenate([places, places[source.choice(60, 40)] + source.normal(0, 0.1, (40, 2))]).astype(np.float32)

    settled = finish(tsne.settle(mu, joined, 60))

    def among_its_own(points: np.ndarray) -> float:
        away = np.linalg.norm(points[60:, None] - points, axis=2)
        return float((np.argsort(away, axis=1)[:, 1:6] >= 60).mean())

    np.testing.assert_array_equal(settled[:60], joined[:60])
    assert np.isfinite(settled).all()
    assert among_its_own(joined) < 0.7
    assert among_its_own(settled) > 0.9
