"""`vrae bench train`."""

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from torch.distributed.run import get_args_parser

from tests.vrae_core.conftest import tiny
from vrae_core.commands import bench_train
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import RECIPES
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish

ROOT = Path(__file__).parents[3]
KINDS = ["update", "update", "processes", "processes", "gather", "gather", "open", "read", "read"]


@pytest.fixture
def quick(monkeypatch, songs):
    monkeypatch.setitem(RECIPES, "fast-20d", tiny(RECIPES["fast-20d"]))
    monkeypatch.setattr(bench_train, "bundled_songs", lambda: songs)
    monkeypatch.setattr(bench_train, "_ROUNDS", 1)
    monkeypatch.setattr(bench_train, "_COPIES", 2)
    monkeypatch.setattr(bench_train, "_SONGS_OPENED", 100)
    monkeypatch.setattr(bench_train, "_processes", two_made_up_rates)


def two_made_up_rates(name, folder, seconds):
    """In place of two trainings of eleven seconds."""
    yield from ()
    return [bench_train.BenchRow("processes", how, 1.0, "windows", 1.0) for how in ("1 process", "2 processes")]


def test_every_figure_has_its_ratio_to_the_first_of_its_kind(vrae, quick):
    figures = json.loads(vrae("bench", "train", "--seconds", 1, "--json").out)
    assert [figure["what"] for figure in figures if figure["setting"] != "graphics card"] == KINDS
    assert all(figure["per_second"] > 0 for figure in figures)
    for what in KINDS:
        assert next(figure for figure in figures if figure["what"] == what)["ratio"] == 1


def test_the_work_of_an_update_is_what_the_products_of_its_loops_are(vrae):
    recipe = RECIPES["paper-2d"]
    hidden, pitches = 500, 49
    step = 2 * hidden * hidden + 3 * hidden * pitches
    assert bench_train.flops_of_update(recipe, pitches, 100) == 6 * 100 * 50 * step
    assert weight_shapes(recipe.model, pitches)["decoder.recurrent"] == (hidden, hidden)


def test_torchrun_takes_no_word_of_the_training_for_its_own(monkeypatch):
    taken = []

    def ran(command, **_):
        taken.append(command[2:])
        lines = [json.dumps({"updates": n, "seconds": n}) for n in (1, 2)]
        return SimpleNamespace(returncode=0, stdout="\n".join(lines), stderr="")

    monkeypatch.setattr(bench_train.subprocess, "run", ran)
    list(bench_train._processes("fast-20d", "/nowhere", 1))
    alone, together = taken[:2]
    assert together[0] == "torch.distributed.run"
    asked = get_args_parser().parse_args(together[1:])
    assert [asked.training_script, *asked.training_script_args[:2]] == ["vrae_core", "train", "--run"]
    assert alone[:3] == ["vrae_core", "train", "--run"]


def test_two_processes_started_as_the_benchmark_starts_them_train_to_the_end(tmp_path):
    command = bench_train._train_command(bench_train._TORCHRUN, str(tmp_path / "run"), "fast-2d", 0)
    surroundings = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    figures = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert figures[-1]["updates"] > 0
    assert len({line["updates"] for line in figures}) == len(figures), "only the first process speaks"
    assert TrainedModel.load(tmp_path / "run" / "model.safetensors").config == RECIPES["fast-2d"].model


def test_of_a_training_that_tells_its_figures_once_the_beginning_counts_too(monkeypatch):
    line = json.dumps({"updates": 6, "seconds": 3.0})
    said = SimpleNamespace(returncode=0, stdout=line, stderr="")
    monkeypatch.setattr(bench_train.subprocess, "run", lambda *_, **__: said)
    rows = finish(bench_train._processes("fast-20d", "/nowhere", 1))
    assert {row.per_second for row in rows} == {2 * RECIPES["fast-20d"].training.batch}


def test_a_training_that_does_not_run_is_told(vrae, monkeypatch):
    monkeypatch.setattr(bench_train.sys, "executable", "/bin/false")
    ran = bench_train._processes("fast-20d", "/nowhere", 1)
    with pytest.raises(bench_train.VraeError, match="did not run"):
        list(ran)


def test_the_help_teaches(vrae):
    assert "vrae bench train" in vrae("bench", "--help").out
    assert "example:\n  vrae bench train" in vrae("bench", "train", "--help").out
