"""`vrae recipes`, and training by a file of settings."""

import json
import shutil

import pytest

from vrae_core.model.recipes import RECIPES
from vrae_core.model.trained import TrainedModel


@pytest.fixture
def mine(vrae, tmp_path):
    """Settings as the command prints them, made small."""
    settings = json.loads(vrae("recipes", "fast-2d", "--json").out)
    settings["model"] |= {"window": 20, "hop": 10, "hidden": 8, "encoder_hidden": 6, "context": 0}
    settings["training"]["epochs"] = 2
    return settings


@pytest.fixture
def train(vrae, songs, tmp_path):
    def run(settings):
        (tmp_path / "mine.json").write_text(json.dumps(settings))
        return vrae("train", *songs, "-o", tmp_path / "m.safetensors", "--recipe-file", tmp_path / "mine.json")

    return run


def test_all_are_listed_with_what_they_are_for(vrae):
    lines = vrae("recipes").out.splitlines()
    assert [line.split()[0] for line in lines] == list(RECIPES)


def test_one_is_told_with_every_setting(vrae):
    text = vrae("recipes", "paper-2d").out
    assert all(name in text for name in ("hidden", "learning_rate", "exponential", "at most 520"))
    assert "a window is 2.5 s at 20 Hz; all instruments together, without drums" in text
    by_the_bar = vrae("recipes", "bars-40d").out
    assert "a window is 48 steps (1 bar of 4/4) at 12 per beat; melody, chords, bass and drums apart" in by_the_bar
    assert json.loads(vrae("recipes", "--json").out).keys() == RECIPES.keys()


def test_settings_of_ones_own_are_trained_by(train, mine, tmp_path):
    assert train(mine).status == 0
    assert TrainedModel.load(tmp_path / "m.safetensors").config.hidden == 8
    assert json.loads((tmp_path / "m.run" / "run.json").read_text())["recipe_name"] == "mine"


def test_a_recipe_that_the_window_or_a_run_wrote_is_trained_by(train, mine, tmp_path):
    for shape in ({"format": "vrae-recipe", "version": 1} | mine, {"format": "vrae-run", "version": 1, "recipe": mine}):
        assert train(shape).status == 0
        assert TrainedModel.load(tmp_path / "m.safetensors").config.hidden == 8
        shutil.rmtree(tmp_path / "m.run")


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("model", "hop", 0),
        ("model", "window", -1),
        ("model", "hidden", 10**9),
        ("model", "cell", "exec"),
        ("model", "surprise", 1),
        ("training", "batch", 0),
        ("training", "epochs", 0),
        ("training", "learning_rate", 0),
        ("training", "learning_rate", "fast"),
        ("training", "betas", [0.9]),
        ("training", "betas", [0.9, 1.0]),
        ("training", "betas", None),
        ("training", "clip", 0),
        ("training", "kl_warm_up", 2),
        ("training", "teacher_forcing_until", 0),
        ("training", "final_learning_rate", None),
        ("training", "schedule", "up"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_by_its_name(train, mine, tmp_path, part, name, value):
    mine[part][name] = value
    ran = train(mine)
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith(f"vrae: {tmp_path / 'mine.json'} is not a recipe that can be used: ")
    assert name in ran.err
    assert not (tmp_path / "m.run").exists()


def test_a_file_that_is_no_recipe_at_all_is_told(vrae, songs, tmp_path):
    for data in (b"", b"[]", b"{}", b"\xff", b'{"model": 3, "training": {}, "summary": ""}', b"[" * 100_000):
        (tmp_path / "x.json").write_bytes(data)
        ran = vrae("train", *songs, "-o", tmp_path / "m.safetensors", "--recipe-file", tmp_path / "x.json")
        assert (ran.status, ran.err.count("\n")) == (1, 1)
        assert ran.err.startswith(f"vrae: {tmp_path / 'x.json'} is not a recipe that can be used: ")
