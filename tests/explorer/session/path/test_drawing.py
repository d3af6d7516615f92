"""What is drawn and kept on a map, its line, and how it is stored."""

from __future__ import annotations

import json

import numpy as np
import pytest

from explorer.session.path.drawing import LINE_PARTS
from tests.explorer.session.path.conftest import draw, everything, point
from vrae_core.errors import VraeError


def test_the_nearest_point_counts_only_within_reach(path):
    assert path.drawing.nearest(np.zeros(2), 1.0) is None
    path.add(point(0, 0))
    path.add(point(5, 0))
    assert path.drawing.nearest(np.array([4.5, 0]), 1.0) == 1
    assert path.drawing.nearest(np.array([2.5, 0]), 1.0) is None


def test_the_place_on_the_path_under_the_mouse_is_found(explored):
    path = explored.path
    draw(explored, 0, 9, 20)
    middle = (path.on_map[1] + path.on_map[2]) / 2
    assert path.drawing.along_at(middle, 1e-3) == pytest.approx(1.5, abs=1e-3)
    assert path.drawing.along_at(middle + 100, 1.0) is None


@pytest.mark.parametrize("smooth", [False, True])
def test_on_a_tsne_map_the_line_meets_points_put_between_the_dots(session, songs, make_model, qtbot, smooth):
    session.library.add_songs(songs)
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_model(latent=5), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    assert session.library.atlas.map.projection == "t-SNE"
    points = session.library.atlas.map.points
    for at in (points[:4].mean(axis=0), points[5:9].mean(axis=0), points[20:22].mean(axis=0)):
        session.path.add(session.path.point_at(at))
    session.path.set_smooth(smooth)
    np.testing.assert_allclose(session.path.drawing.line[::LINE_PARTS], session.path.on_map, atol=1e-3)


def test_a_drawing_comes_back_from_json_as_it_was(explored):
    path = explored.path
    draw(explored, 0, 9, 20)
    path.set_closed(True)
    path.keep()
    path.set_smooth(True)
    path.star(np.array([0.5, -1], np.float32), "Here")
    stored = everything(path)
    path.clear()
    path.restore(json.loads(stored))
    assert everything(path) == stored
    assert not path.undo_stack.canUndo()
    np.testing.assert_allclose(path.on_map, explored.library.atlas.map.points[[0, 9, 20]], atol=1e-5)


GOOD = {"path": {"points": [], "seconds": []}, "paths": [], "favourites": [{"name": "Here", "z": [0, 1]}]}


@pytest.mark.parametrize(
    "change",
    [
        {"path": None},
        {"path": {"points": [[1, 2, 3]], "seconds": [None]}},
        {"paths": {}},
        {"paths": [3]},
        {"paths": [{"name": "A", "points": "no", "seconds": []}]},
        {"paths": [{"name": "A", "points": [], "seconds": []}] * 501},
        {"favourites": [{"name": "Here", "z": [0, float("nan")]}]},
        {"favourites": [{"name": "Here", "z": [0]}]},
        {"favourites": [{"name": "Here"}]},
        {"favourites": [{"name": 3, "z": [0, 1]}]},
        {"favourites": [{"name": "\n\t", "z": [0, 1]}]},
        {"favourites": "Here"},
    ],
)
def test_a_stored_drawing_that_is_not_one_is_refused_and_changes_nothing(explored, change):
    draw(explored, 0, 9)
    explored.path.restore(GOOD)
    before = everything(explored.path)
    with pytest.raises(VraeError, match="stored"):
        explored.path.restore(GOOD | change)
    assert everything(explored.path) == before


def test_a_name_is_one_line_of_eighty_letters(explored):
    explored.path.star(np.zeros(2, np.float32), "a\nb\x00" + 200 * "c")
    assert explored.path.drawing.favourites[0].name == "a b " + 76 * "c"
