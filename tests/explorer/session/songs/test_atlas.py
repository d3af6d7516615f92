"""What an atlas can tell about its windows and about the points between them."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.songs.making import make_atlas
from vrae_core.progress import finish


@pytest.fixture
def atlas(songs, make_model):
    return finish(make_atlas(make_model(), songs, "latent"))[0]


def test_it_has_every_window_of_every_song(atlas, songs):
    assert atlas.corpus.names == ("Low", "Middle", "High")
    assert sum(atlas.counts) == len(atlas.corpus) == len(atlas.map.points)
    assert atlas.counts[2] > atlas.counts[0], "a longer song has more windows"


def test_a_window_is_called_by_its_song_and_its_time(atlas):
    assert atlas.title(0) == "Low · 0:00.0"
    assert atlas.title(1) == "Low · 0:00.5"
    assert atlas.title(atlas.counts[0]) == "Middle · 0:00.0"


def test_the_shares_of_a_point_add_up_and_name_the_window_it_lies_on_first(atlas):
    window = 3
    shares = atlas.shares(atlas.map.points[window])
    assert sum(share for _, share in shares) == pytest.approx(1)
    assert shares[0][0] == atlas.song_name(window)


def test_a_point_far_from_every_window_is_far_and_a_window_is_not(atlas):
    assert atlas.is_far(atlas.map.points.max(axis=0) + 3 * atlas.extent)
    assert not atlas.is_far(atlas.map.points[0])


def test_far_is_farther_in_z_than_windows_lie_from_each_other_wherever_the_map_shows_it(atlas):
    mu = atlas.posterior.mu
    assert max(atlas.farness(point, z) for point, z in zip(atlas.map.points, mu, strict=True)) == 0
    beside = mu[0] + 100 * np.ptp(mu, axis=0)
    assert atlas.is_far(atlas.map.points[0], beside), "as a point may be that more dimensions have than the map shows"
    apart = np.linalg.norm(mu[:, None] - mu, axis=2)
    gaps = np.where(apart > 1e-6, apart, np.inf).min(axis=1)
    np.testing.assert_allclose(atlas._reach, max(np.quantile(gaps, 0.99), 0.03 * np.ptp(mu, axis=0).max()), rtol=1e-4)


def test_windows_that_are_all_in_one_place_still_make_an_atlas(atlas):
    one_place = np.zeros_like(atlas.map.points)
    assert atlas.extent > 0
    lying = type(atlas)(atlas.model, atlas.corpus, atlas.posterior, type(atlas.map)(one_place, atlas.map.mu, "t-SNE"))
    assert lying.extent == 0
    assert not lying.is_far(one_place[0])
    assert lying.shares(one_place[0])
