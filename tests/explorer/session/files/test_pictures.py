"""What is seen in the window is what its pictures show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from explorer.qt import background
from explorer.qt.background import Worker
from tests.explorer.conftest import saved
from vrae_core.corpus.cutting import build_corpus
from vrae_core.latent.colours import song_colour
from vrae_core.latent.map import Dimensions
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings


def title_of(session, window):
    """A window in words; of windows that are alike, the one that the strip names."""
    atlas = session.library.atlas
    return atlas.title(int(atlas.map.nearest_in_z(atlas.map.mu[window])[0][0]))


def draw_path(session):
    for window in (0, 9, 20):
        session.path.add(session.path.point_at(session.library.atlas.map.points[window], window))


def test_the_map_is_saved_as_png_and_as_svg_with_what_its_axes_measure(explored, tmp_path, qtbot):
    png = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "map.png"))
    svg = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "map.svg"))
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert all(f">{text}<" in svg.read_text("utf-8") for text in ("Middle", "3 songs, chance", "z0", "z1"))
    explored.library.set_projection(Dimensions(1, 0))
    qtbot.waitUntil(lambda: explored.library.atlas.map.projection == Dimensions(1, 0))
    turned = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "turned.svg"))
    assert turned.read_text("utf-8").index(">z1<") < turned.read_text("utf-8").index(">z0<")


def test_what_is_grey_in_the_window_is_grey_on_paper(explored, tmp_path, qtbot):
    explored.library.lit.solo(1)
    svg = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "map.svg")).read_text("utf-8")
    assert song_colour(1).paper in svg
    assert song_colour(0).paper not in svg
    explored.library.lit.light_all()
    explored.selection.set(explored.library.atlas.corpus.song_of == 0)
    svg = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "map.svg")).read_text("utf-8")
    assert song_colour(0).paper in svg
    assert song_colour(1).paper not in svg


def test_what_colours_the_dots_in_the_window_colours_them_on_paper_and_on_the_page(explored, tmp_path, qtbot):
    explored.colouring.set_colour_by("kl")
    qtbot.waitUntil(lambda: not explored.jobs.running)
    explored.library.lit.toggle(1)
    svg = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "map.svg")).read_text("utf-8")
    assert ">KL divergence<" in svg
    assert ">Middle<" not in svg
    page = saved(explored, qtbot, lambda: explored.pictures.save_page(tmp_path / "map.html")).read_text("utf-8")
    assert '"colourings":[{"name":"KL divergence"' in page
    assert page.count('"lit":false') == 1


def test_the_path_is_drawn_on_the_map_and_its_rolls_on_a_strip(explored, tmp_path, qtbot):
    draw_path(explored)
    on_map = saved(explored, qtbot, lambda: explored.pictures.save_map(tmp_path / "map.svg")).read_text("utf-8")
    assert all(f">{number}<" in on_map for number in (1, 2, 3))
    strip = saved(explored, qtbot, lambda: explored.pictures.save_strip(tmp_path / "path.svg")).read_text("utf-8")
    assert len(re.findall("<image", strip)) == 7
    named = [title_of(explored, window) for window in (0, 9, 20)]
    assert all(f">{text}<" in strip for text in ("Path of 3 points", "1", "2", "3", "1.33", *named))


def test_a_closed_path_comes_back_to_its_first_point(explored, tmp_path, qtbot):
    draw_path(explored)
    explored.path.set_closed(True)
    strip = saved(explored, qtbot, lambda: explored.pictures.save_strip(tmp_path / "path.svg")).read_text("utf-8")
    assert strip.count(f">{title_of(explored, 0)}<") == 2
    assert ">4<" not in strip


def row(minutes: float, bound: float) -> HistoryRow:
    return HistoryRow(60 * minutes, 1, 10, bound, bound + 1, 1.0, 1e-3, 1.0, 0.5, 2, 100.0)


def test_the_curves_of_a_training_are_saved(explored, tmp_path, qtbot):
    explored.training.settings = RunSettings("Quick sketch", "fast-2d", RECIPES["fast-2d"], ())
    explored.training.corpus = build_corpus(explored.library.songs[:2], 20, 10)
    explored.training.rows = [row(minute / 10, -9 + minute / 10) for minute in range(30)]
    svg = saved(explored, qtbot, lambda: explored.pictures.save_curve(tmp_path / "curve.svg")).read_text("utf-8")
    assert all(f">{text}<" in svg for text in ("Quick sketch, 2 songs", "minutes", "lower bound", "−6.10"))


def test_without_a_history_there_is_no_curve_and_it_is_said(explored, tmp_path, qtbot):
    explored.pictures.save_curve(tmp_path / "curve.svg")
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert "nothing to draw yet" in explored.problems[0]
    assert not list(tmp_path.glob("curve*"))


def test_the_page_sounds_at_the_tempo_that_is_set(explored, tmp_path, qtbot):
    explored.playback.set_tempo(75)
    page = saved(explored, qtbot, lambda: explored.pictures.save_page(tmp_path / "map.html")).read_text("utf-8")
    assert "<title>3 songs, chance</title>" in page
    heard = json.loads(page.split('"heardSeconds":')[1].split("]")[0] + "]")
    assert heard == pytest.approx([20 / 8 * 60 / 75] * len(heard))
    assert heard


def test_saving_a_page_can_be_cancelled_and_leaves_nothing(explored, tmp_path, qtbot):
    explored.pictures.save_page(tmp_path / "map.html")
    shares = []
    explored.jobs.changed.connect(lambda: shares.extend(job.share for job in explored.jobs.running if job.share))
    qtbot.waitUntil(lambda: len(shares) > 1)
    explored.jobs.cancel(explored.jobs.writing[0].key)
    qtbot.waitUntil(lambda: not any(isinstance(work, Worker) for work in background._running))
    assert not list(tmp_path.glob("*.html")) + list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("action", "name"),
    [("export_map", "map.png"), ("export_page", "map.html"), ("export_strip", "path.svg"), ("export_curve", "c.svg")],
)
def test_every_picture_can_be_asked_for_in_a_menu(window, qtbot, tmp_path, monkeypatch, action, name):
    session = window.session
    draw_path(session)
    session.training.rows = [row(0.1, -9.0)]
    session.training.changed.emit()
    chosen = str(tmp_path / name)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda _parent, _title, _start, kinds: (chosen, kinds))
    assert window.actions_by_id[action].isEnabled()
    assert saved(session, qtbot, window.actions_by_id[action].trigger) == Path(chosen)
    assert Path(chosen).stat().st_size > 1000
