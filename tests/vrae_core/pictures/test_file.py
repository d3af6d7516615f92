"""Pictures to print."""

import pytest

from vrae_core.errors import FileError
from vrae_core.pictures.file import picture_format, save_picture
from vrae_core.reproduction import charts


def draw():
    figure = charts.new_figure("A title with $x^2$ and <b>", "how to read it")
    axes = figure.subplots()
    charts.dress(axes, "what is measured", "seconds")
    axes.plot([0, 1], [0, 1], label="a curve")
    charts.legend(axes)
    return figure


@pytest.mark.parametrize(("suffix", "first"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_same_drawing_gives_the_same_file(tmp_path, suffix, first):
    files = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for file in files:
        save_picture(file, "A title", draw)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].read_bytes().startswith(first)


def test_a_title_that_no_file_can_hold_does_no_harm(tmp_path):
    save_picture(tmp_path / "a.svg", "a\x00b\x1b", draw)
    assert "what is measured" in (tmp_path / "a.svg").read_text()


def test_nothing_is_drawn_for_a_picture_that_cannot_be_written(tmp_path):
    def never():
        raise AssertionError("it should not have been drawn")

    with pytest.raises(FileError, match=r"must end in \.png or \.svg"):
        save_picture(tmp_path / "a.pdf", "A title", never)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match="folder does not exist"):
        save_picture(tmp_path / "no" / "a.png", "A title", draw)


def test_the_suffix_is_read_in_any_case():
    assert picture_format("MAP.PNG") == "png"
