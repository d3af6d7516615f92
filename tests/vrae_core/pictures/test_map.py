"""The map as a picture."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from vrae_core.errors import FileError, VraeError
from vrae_core.latent.colours import FigureName, missing_colour, of_numbers, of_words, ramp, song_colour
from vrae_core.pictures.file import plain
from vrae_core.pictures.map import DrawnLine, save_map_picture

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


def colours(path: Path) -> set[str]:
    return set(re.findall(r"fill: (#[0-9a-f]{6})", path.read_text("utf-8")))


def test_what_is_not_lit_is_grey_and_so_is_a_song_none_of_which_is(tmp_path: Path) -> None:
    lit = np.repeat([True, False, False], 30)
    everything, one = colours(picture(tmp_path / "a.svg")), colours(picture(tmp_path / "b.svg", lit=lit))
    assert {song_colour(i).paper for i in range(3)} <= everything
    assert {song_colour(i).paper for i in range(3)} & one == {song_colour(0).paper}


def test_a_path_is_drawn_with_its_points_numbered(tmp_path: Path) -> None:
    line = np.linspace([-1, -1], [1, 1], 20, dtype=np.float32)
    shown = texts(picture(tmp_path / "map.svg", drawn=DrawnLine(line, line[[0, 10, 19]])))
    assert {"1", "2", "3"} <= set(shown)


def test_windows_without_a_place_are_left_out_and_none_at_all_is_told(tmp_path: Path) -> None:
    points = np.array([[0, 0], [np.nan, 1], [1, np.inf], [1e38, -1e38]], np.float32)
    save_map_picture(tmp_path / "map.svg", points, np.zeros(4, int), ["One"], "One")
    with pytest.raises(VraeError, match="no window has a place"):
        save_map_picture(tmp_path / "none.svg", points * np.nan, np.zeros(4, int), ["One"], "One")


def test_a_crowd_s_dots_are_one_image_in_the_svg(tmp_path: Path) -> None:
    points = np.random.default_rng(0).normal(0, 1, (30_000, 2)).astype(np.float32)
    save_map_picture(tmp_path / "map.svg", points, np.zeros(30_000, int), ["One"], "One")
    assert (tmp_path / "map.svg").stat().st_size < 3e6
    assert "<image" in (tmp_path / "map.svg").read_text("utf-8")


def test_colours_of_numbers_have_a_ramp_with_its_ends_in_place_of_the_songs(tmp_path: Path) -> None:
    values = np.linspace(0, 50, 90, dtype=np.float32)
    values[3] = np.nan
    lit = np.arange(90) < 60
    meaning = of_numbers(FigureName("Density", "notes a second"), values)
    path = picture(tmp_path / "map.svg", meaning=meaning, lit=lit)
    assert {"Density", "0", "50 notes a second", "Grey: 1", "without a value"} <= set(texts(path))
    assert not set(NAMES) & set(texts(path))
    dots = colours(path)
    assert {ramp(False)[0], missing_colour(False)} <= dots
    assert ramp(False)[-1] not in dots, "the highest are of a song that is grey"


def test_colours_of_words_have_the_words_as_their_legend(tmp_path: Path) -> None:
    meaning = of_words(FigureName("mood", ""), ["calm", "wild"], np.repeat([0, 1, -1], 30))
    path = picture(tmp_path / "map.svg", meaning=meaning)
    assert {"calm", "wild", "No value"} <= set(texts(path))
    assert {song_colour(0).paper, song_colour(1).paper, missing_colour(False)} <= colours(path)
    assert song_colour(2).paper not in colours(path)
