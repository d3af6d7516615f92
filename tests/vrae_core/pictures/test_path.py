"""A path as a strip of rolls."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from vrae_core.errors import FileError, VraeError
from vrae_core.latent.path import LatentPath, Manner
from vrae_core.pictures.path import MOST_PANELS, StripRoll, places_along, save_path_strip

PITCHES = (48, 52, 55, 60)
SVG = "{http://www.w3.org/2000/svg}"


def path_of(points: int, closed: bool = False) -> LatentPath:
    return LatentPath(np.zeros((points, 2), np.float32), (None,) * points, Manner(closed=closed))


def panels(count: int, names: str = "near Korobeiniki 0:42.5") -> list[StripRoll]:
    rolls = np.random.default_rng(0).random((count, 50, len(PITCHES)), np.float32)
    return [StripRoll(roll, f"{number}", names) for number, roll in enumerate(rolls)]


def texts(path: Path) -> list[str]:
    return ["".join(e.itertext()).strip() for e in ElementTree.parse(path).iter(f"{SVG}text")]


def test_a_path_is_shown_at_its_points_and_evenly_between_them() -> None:
    assert places_along(path_of(2)).tolist() == pytest.approx([0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1])
    assert places_along(path_of(4)).tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3]
    assert places_along(path_of(10)).tolist() == list(range(10))
    assert places_along(path_of(3, closed=True)).tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3]


def test_a_path_of_many_points_is_shown_at_as_many_places_as_fit() -> None:
    places = places_along(path_of(500))
    assert len(places) == MOST_PANELS
    assert (places[0], places[-1]) == (0, 499)


def test_every_panel_has_its_roll_its_place_and_what_is_there(tmp_path: Path) -> None:
    save_path_strip(tmp_path / "path.svg", panels(10), PITCHES, 0.5, "Path of 10 points")
    shown = texts(tmp_path / "path.svg")
    assert {"Path of 10 points", *map(str, range(10)), "C3", "C4", "2.5 s"} <= set(shown)
    assert shown.count("near Korobeiniki") == 10
    assert len(list(ElementTree.parse(tmp_path / "path.svg").iter(f"{SVG}image"))) == 10


@pytest.mark.parametrize("count", [1, 7, MOST_PANELS])
def test_a_png_is_sharp_enough_to_print(tmp_path: Path, count: int) -> None:
    save_path_strip(tmp_path / "path.png", panels(count), PITCHES, 0.5, "Path")
    data = (tmp_path / "path.png").read_bytes()
    assert int.from_bytes(data[16:20], "big") >= 4.5 * 300
    assert int.from_bytes(data[data.index(b"pHYs") + 4 :][:4], "big") == round(300 / 0.0254)


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_hostile_names_and_values_do_no_harm(tmp_path: Path, suffix: str) -> None:
    broken = panels(3, "</text>\x00$x^2$ 日本 " + "x" * 500)
    broken[1].probabilities[:] = np.nan
    broken[2].probabilities[0] = np.inf
    save_path_strip(tmp_path / f"path.{suffix}", broken, PITCHES, 0.5, "\udcff<b>")
    if suffix == "svg":
        assert any("$x^2$" in text for text in texts(tmp_path / "path.svg"))


def test_without_a_name_nothing_stands_below_a_panel(tmp_path: Path) -> None:
    save_path_strip(tmp_path / "path.svg", panels(2, ""), PITCHES, 0.5, "Path")
    assert not any("no name" in text for text in texts(tmp_path / "path.svg"))


def test_silence_is_a_picture_and_no_path_is_told(tmp_path: Path) -> None:
    save_path_strip(tmp_path / "path.svg", [StripRoll(np.zeros((50, 4), np.float32), "1", "")], PITCHES, 0.5, "Path")
    with pytest.raises(VraeError, match="no path"):
        save_path_strip(tmp_path / "none.svg", [], PITCHES, 0.5, "Path")
    with pytest.raises(FileError, match=r"must end in \.png or \.svg"):
        save_path_strip(tmp_path / "path.gif", panels(1), PITCHES, 0.5, "Path")
