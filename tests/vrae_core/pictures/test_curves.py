"""A training's curves as a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from vrae_core.errors import FileError, VraeError
from vrae_core.pictures.curves import save_curve_picture

HISTORY = np.stack([np.arange(1, 51), -9 + np.log(np.arange(1, 51)), -8 + np.log(np.arange(1, 51)), np.ones(50)], 1)


def texts(path: Path) -> set[str]:
    return {"".join(e.itertext()).strip() for e in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")}


def test_it_names_its_curves_what_is_measured_and_the_last_bound(tmp_path: Path) -> None:
    save_curve_picture(tmp_path / "curve.svg", HISTORY, "minutes", "Eight songs")
    named = {"lower bound", "reconstruction", "KL", "minutes", "nats per window per step", "Eight songs", "−5.09"}
    assert named <= texts(tmp_path / "curve.svg")


def test_what_was_done_is_a_numbered_line_and_told_below(tmp_path: Path) -> None:
    marks = [(10.0, "paused at update 40"), (30.0, "KL weight 1 → $x$ at update 90")]
    save_curve_picture(tmp_path / "curve.svg", HISTORY, "minutes", "Eight songs", marks)
    shown = texts(tmp_path / "curve.svg")
    assert {"1", "2"} <= shown
    assert {f"{number}  {words}" for number, (_, words) in enumerate(marks, 1)} <= shown
    many = [(n, f"paused at update {n}") for n in range(1, 50)]
    save_curve_picture(tmp_path / "many.svg", HISTORY, "minutes", "Eight songs", many)
    assert "… and 37 more" in texts(tmp_path / "many.svg")


def test_a_png_has_three_hundred_dots_an_inch(tmp_path: Path) -> None:
    save_curve_picture(tmp_path / "curve.png", HISTORY, "minutes", "Eight songs")
    data = (tmp_path / "curve.png").read_bytes()
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (2160, 1500)
    at = data.index(b"pHYs")
    assert int.from_bytes(data[at + 4 : at + 8], "big") == round(300 / 0.0254)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_leaves_a_gap(tmp_path: Path, broken: float) -> None:
    history = HISTORY.copy()
    history[[3, 49], 1] = broken
    history[7, 0] = broken
    save_curve_picture(tmp_path / "curve.svg", history, "epochs", "$x^2$ </text>")
    assert {"$x^2$ </text>", "−5.11"} <= texts(tmp_path / "curve.svg")


def test_one_step_is_a_picture_and_none_is_told(tmp_path: Path) -> None:
    save_curve_picture(tmp_path / "curve.svg", HISTORY[:1], "epochs", "One")
    for empty in ([], HISTORY[:2] * np.nan):
        with pytest.raises(VraeError, match="nothing to draw yet"):
            save_curve_picture(tmp_path / "none.svg", empty, "epochs", "None")
    assert not (tmp_path / "none.svg").exists()


def test_only_png_and_svg_are_written(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"must end in \.png or \.svg"):
        save_curve_picture(tmp_path / "curve.pdf", HISTORY, "epochs", "One")
