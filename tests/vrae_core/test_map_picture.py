"""The map as a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from vrae_core.errors import FileError
from vrae_core.map_picture import save_map_picture
from vrae_core.picture_file import plain

NAMES = ["Korobeiniki", "My Bonnie", "Galop infernal"]


def picture(path: Path, names: list[str] = NAMES, title: str = "A map", **options: object) -> Path:
    points = np.random.default_rng(0).normal(0, 1, (30 * len(names), 2)).astype(np.float32)
    save_map_picture(path, points, np.repeat(np.arange(len(names)), 30), names, title, **options)
    return path


def texts(path: Path) -> list[str]:
    return ["".join(e.itertext()).strip() for e in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_a_png_has_enough_pixels_to_print(tmp_path: Path) -> None:
    data = picture(tmp_path / "map.PNG").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") >= 2000
    assert int.from_bytes(data[20:24], "big") >= 1500


def test_an_svg_holds_the_title_the_songs_and_the_axes_as_text(tmp_path: Path) -> None:
    shown = texts(picture(tmp_path / "map.svg", title="Eight songs", axis_names=("z0", "z1")))
    assert {"Eight songs", "z0", "z1", *NAMES} <= set(shown)


def test_the_same_map_gives_the_same_file(tmp_path: Path) -> None:
    for suffix in ("svg", "png"):
        assert picture(tmp_path / f"a.{suffix}").read_bytes() == picture(tmp_path / f"b.{suffix}").read_bytes()


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    names = ["_hidden", "costs $5 or $x^2$", "<b>&", "café"]
    assert set(names) <= set(texts(picture(tmp_path / "map.svg", names)))


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_names_that_no_font_or_file_can_hold_do_no_harm(tmp_path: Path, suffix: str) -> None:
    picture(tmp_path / f"map.{suffix}", ["日本の歌", "a\x00b\x1b[31m", "\udcff", "", "x" * 500], title="\x07" * 3)


def test_a_name_is_shown_on_one_line_and_cut_with_an_ellipsis() -> None:
    assert plain("two\nlines") == "two lines"
    assert plain("x" * 40, most=10) == "xxxxxxxxx…"
    assert plain("\n") == "(no name)"


def test_a_hundred_songs_still_make_a_picture_that_counts_them(tmp_path: Path) -> None:
    assert "100 songs" in texts(picture(tmp_path / "map.svg", [f"Song {i}" for i in range(100)]))


def test_one_window_makes_a_picture(tmp_path: Path) -> None:
    save_map_picture(tmp_path / "map.svg", np.zeros((1, 2), np.float32), np.zeros(1, int), ["One"], "One")
    assert "One" in texts(tmp_path / "map.svg")


@pytest.mark.parametrize("name", ["map.pdf", "map", ".png"])
def test_only_png_and_svg_are_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"must end in \.png or \.svg"):
        picture(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="folder does not exist"):
        picture(tmp_path / "nowhere" / "map.svg")
