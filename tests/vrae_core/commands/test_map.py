"""`vrae map`."""

import base64
import json
import re
import zlib

import numpy as np
import pytest


def test_a_map_is_drawn_with_its_songs_and_how_it_was_made(vrae, model_file, songs, tmp_path):
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.svg")
    picture = (tmp_path / "map.svg").read_text(encoding="utf-8")

    assert ran.status == 0
    assert ran.out.endswith("map.svg: 98 windows of 2 songs, latent space\n")
    assert all(text in picture for text in ("Low", "High", "tiny · latent space", "z0", "z1"))


def test_a_png_is_a_png(vrae, model_file, songs, tmp_path):
    assert vrae("map", model_file, *songs, "-o", tmp_path / "map.png", "--title", "Mine").status == 0
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ("pca", "PCA"),
        ("1,0", "dimensions 1 and 0"),
        ("tSNE", "t-SNE, perplexity 30, seed 7"),
        ("latent", "latent space"),
    ],
)
def test_the_projection_may_be_chosen(vrae, model_file, songs, tmp_path, how, shown, monkeypatch):
    monkeypatch.setattr("vrae_core.latent.tsne._ITERATIONS", 50)
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.svg", "--projection", how)
    assert ran.status == 0
    assert ran.out.rstrip().endswith(f", {shown}")


def test_the_perplexity_that_was_used_is_the_one_that_is_told(vrae, model_file, songs, tmp_path, monkeypatch):
    monkeypatch.setattr("vrae_core.latent.tsne._ITERATIONS", 50)
    ran = vrae("map", model_file, songs[0], "-o", tmp_path / "map.svg", "--projection", "t-SNE", "--perplexity", "50")
    assert "t-SNE, perplexity 12.6667, seed 7" in (ran.out, (tmp_path / "map.svg").read_text("utf-8"))[1]
    assert ran.out.rstrip().endswith("39 windows of 1 song, t-SNE, perplexity 12.6667, seed 7")


def test_a_dimension_that_the_model_has_not_is_told(vrae, model_file, songs, tmp_path):
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.svg", "--projection", "0,2")
    assert (ran.status, ran.err) == (1, "vrae: the model has no latent dimensions 0 and 2, only 0 to 1\n")


def test_an_unknown_projection_is_a_usage_error(vrae, model_file, songs, tmp_path):
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.svg", "--projection", "umap")
    assert ran.status == 2
    assert "must be latent, t-SNE, PCA or two dimensions" in ran.err


def test_only_png_svg_and_html_are_written(vrae, model_file, songs, tmp_path):
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.pdf")
    assert (ran.status, ran.err) == (1, f"vrae: {tmp_path / 'map.pdf'} must end in .png, .svg or .html\n")


def test_a_page_says_how_many_windows_can_be_heard(vrae, model_file, songs, tmp_path):
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.html", "--clips", "3")
    assert ran.status == 0
    assert ran.out.endswith("map.html: 98 windows of 2 songs, latent space, 3 to hear\n")
    assert "<title>tiny · latent space</title>" in (tmp_path / "map.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("what", "name"),
    [("register", "Register"), ("Lower bound", "Lower bound"), ("lower-bound", "Lower bound"), ("song", "High")],
)
def test_the_dots_can_be_coloured_by_a_figure(vrae, model_file, songs, tmp_path, what, name):
    assert vrae("map", model_file, *songs, "-o", tmp_path / "map.svg", "--colour-by", what).status == 0
    assert f">{name}<" in (tmp_path / "map.svg").read_text("utf-8")


def test_the_dots_can_be_coloured_by_a_column_of_a_table(vrae, model_file, songs, tmp_path):
    (tmp_path / "mine.csv").write_text("song,mood,density\nLow,calm,1\nHigh,wild,2\n", "utf-8")
    args = "map", model_file, *songs, "-o", tmp_path / "map.svg", "--table", tmp_path / "mine.csv"
    for more, shown, hidden in (((), ">calm<", ">Low<"), (("--colour-by", "density"), ">density<", ">Density<")):
        assert vrae(*args, *more).status == 0
        picture = (tmp_path / "map.svg").read_text("utf-8")
        assert shown in picture
        assert hidden not in picture


def test_what_one_cannot_colour_by_is_told_with_what_one_can(vrae, model_file, songs, tmp_path):
    ran = vrae("map", model_file, *songs, "-o", tmp_path / "map.svg", "--colour-by", "mood")
    assert ran.status == 1
    assert ran.err.startswith("vrae: there is no mood to colour by, only song, time, register, ")


def test_a_page_offers_what_was_measured_with_the_figure(vrae, model_file, songs, tmp_path):
    args = "map", model_file, *songs, "-o", tmp_path / "map.html", "--clips", "0"
    assert vrae(*args, "--colour-by", "density").status == 0
    page = (tmp_path / "map.html").read_text("utf-8")
    assert '"colouredBy":0' in page
    assert page.index('"name":"Density"') < page.index('"name":"Register"')


def test_a_page_of_a_band_speaks_of_bars_and_has_its_drums(vrae, band_model_file, band_files, tmp_path):
    ran = vrae("map", band_model_file, *band_files, "-o", tmp_path / "map.html", "--clips", 1)
    if "FluidSynth" in ran.err or "libsndfile" in ran.err:
        pytest.skip("nothing to make sound with")
    assert ran.status == 0, ran.err
    page = (tmp_path / "map.html").read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    places = np.frombuffer(zlib.decompress(base64.b64decode(data["barOf"])), "<f4").reshape(-1, 2)
    lines = np.frombuffer(zlib.decompress(base64.b64decode(data["barLineOf"])), "<i4").reshape(-1, 2)
    assert places.tolist() == [[bar, 1] for bar in (*range(1, 9), *range(1, 9))]
    assert lines.tolist() == [[0, 16]] * 16
    assert max(data["columns"]) >= 128 * 4  # drums
    assert data["stepsPerBeat"] == 4
    assert data["heardSeconds"][0] in (pytest.approx(4 * 60 / 90, abs=1e-3), pytest.approx(4 * 60 / 150, abs=1e-3))
