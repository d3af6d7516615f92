"""`vrae bench core`."""

import json

import numpy as np
import pytest
import torch

from tests.vrae_core.conftest import tiny
from vrae_core.benchmarks import growth, midi_readers, needed, rows
from vrae_core.benchmarks.plain_torch import PlainTraining, PlainVrae
from vrae_core.commands import bench_core
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import RECIPES


@pytest.fixture
def quick(monkeypatch, songs, model):
    for recipe in ("fast-20d", "bars-40d", "paper-2d"):
        monkeypatch.setitem(RECIPES, recipe, tiny(RECIPES[recipe]))
    monkeypatch.setattr(bench_core, "bundled_songs", lambda: songs)
    monkeypatch.setattr(rows, "_model", lambda: model)
    monkeypatch.setattr(rows, "_DECODED", {1: 2, 3: 1})
    monkeypatch.setattr(rows, "_DRAWN", 100)
    monkeypatch.setattr(rows, "_SIDE", 32)
    monkeypatch.setattr(growth.TrainedModel, "load", lambda path: model)
    torch.manual_seed(0)


def test_every_work_is_compared_and_a_page_is_written(vrae, quick, tmp_path):
    ran = vrae("bench", "core", "--rounds", 1, "--json", "--markdown", tmp_path / "page.md")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)
    assert [row["what"].split()[0] for row in told["compared"]] == [
        *("read", "read", "t-SNE", *["update"] * 6, "encode", "decode", "decode")
    ]
    for row in told["compared"]:
        assert row["ratio"] == pytest.approx(row["theirs"] / row["ours"])
    assert [len(each["sizes"]) for each in told["growth"]] == [3] * 4
    page = (tmp_path / "page.md").read_text()
    assert all(row["against"] in page for row in told["compared"])
    assert torch.__version__ in page


def test_what_people_wrote_at_the_end_of_a_page_stays(vrae, quick, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Old\n\nold figures\n\n## What was changed\n\nmuch\n")
    vrae("bench", "core", "--rounds", 1, "--only", "decode", "--markdown", page)
    assert "old figures" not in page.read_text()
    assert page.read_text().endswith("\n## What was changed\n\nmuch\n")


def test_some_of_it_can_be_asked_for(vrae, quick):
    ran = vrae("bench", "core", "--rounds", 1, "--only", "decode")
    assert [line.split()[0] for line in ran.out.splitlines()] == ["decode"] * 2


def test_a_library_that_is_missing_is_told_with_what_brings_it(vrae, quick, monkeypatch):
    def none(name):
        raise ImportError(name)

    monkeypatch.setattr(needed.importlib, "import_module", none)
    ran = vrae("bench", "core", "--only", "read")
    assert ran.status == 1
    assert ran.err.strip().endswith("is not installed, with which this is compared: pip install 'vrae-explorer[bench]'")


def test_the_other_readers_find_the_same_notes(songs):
    paths = [str(path) for path in songs]
    ours = [read_song(path).roll for path in paths]
    for reader in (midi_readers.by_pretty_midi, midi_readers.by_symusic):
        for mine, theirs in zip(ours, reader(paths), strict=True):
            assert mine.shape == theirs.shape
            assert (mine & ~theirs).sum() == 0, "a note struck again has a gap before it with us alone"


@pytest.mark.parametrize("recipe", ["fast-20d", "paper-2d"])
def test_the_plain_loop_learns_and_has_the_shapes_of_the_model(recipe):
    config, settings = tiny(RECIPES[recipe]).model, RECIPES[recipe].training
    x = np.random.default_rng(0).random((6, config.window, 5)) < 0.3
    torch.manual_seed(0)
    training = PlainTraining(config, 5, settings.clip)
    before = training._model.loss(torch.from_numpy(x).float()).item()
    for _ in range(30):
        training.update(x.astype(np.float32))
    assert training._model.loss(torch.from_numpy(x).float()).item() < before
    assert PlainVrae(config, 5).decode(torch.zeros(2, config.latent), 4).shape == (2, 4, 5)


def test_the_help_teaches(vrae):
    assert "vrae bench core" in vrae("bench", "core", "--help").out
