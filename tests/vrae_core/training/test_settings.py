"""Every setting has words and bounds, and what is typed is taken only within them."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace

import pytest

from vrae_core.errors import FileError
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.training.settings import (
    PRESETS,
    SETTINGS,
    Plan,
    parse,
    problems_of,
    read_recipe,
    text_of,
    value_of,
    with_value,
    write_recipe,
)

PLAN = Plan(RECIPES["fast-20d"], 40)


def test_every_setting_of_a_recipe_is_in_the_table():
    expected = {f"recipe.model.{f.name}" for f in fields(ModelConfig)}
    expected |= {f"recipe.training.{f.name}" for f in fields(TrainingConfig) if f.name != "betas"}
    expected |= {"recipe.training.betas.0", "recipe.training.betas.1"}
    expected |= {f"recipe.{f.name}" for f in fields(Recipe) if f.name not in ("summary", "model", "training")}
    expected |= {f.name for f in fields(Plan) if f.name not in ("recipe", "minutes")}
    assert set(SETTINGS) == expected


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_within_the_bounds(name):
    assert problems_of(Plan(RECIPES[name])) == {}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.recipe_name)
def test_every_preset_is_a_plan_that_can_be_trained(preset):
    assert problems_of(preset.plan) == {}
    assert preset.words.endswith(".")


@pytest.mark.parametrize("path", SETTINGS)
def test_every_setting_is_read_back_as_it_is_shown(path):
    setting, value = SETTINGS[path], value_of(PLAN, path)
    assert setting.words.endswith(".")
    if setting.kind in ("whole", "number"):
        assert parse(setting, text_of(value)) == pytest.approx(value)
    assert with_value(PLAN, path, value) == PLAN


def test_one_setting_can_be_changed_and_the_others_stay():
    plan = with_value(with_value(PLAN, "recipe.training.betas.1", 0.5), "recipe.model.latent", 3)
    assert plan.recipe.training.betas == (0.9, 0.5)
    assert plan.recipe.model == replace(PLAN.recipe.model, latent=3)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("recipe.model.window", "", "needs a number"),
        ("recipe.model.window", "50.5", "must be a whole number"),
        ("recipe.model.window", "0", "must be from 1 to 1,000"),
        ("recipe.model.window", "many", "is not a number"),
        ("recipe.model.window", "1e400", "must be a whole number"),
        ("recipe.model.window", "2,000", "must be from 1 to 1,000"),
        ("recipe.model.window", "9" * 40, "is not a number"),
        ("recipe.training.learning_rate", "0", "must be from 1e-08 to 1"),
        ("recipe.training.learning_rate", "1e999", "must be from 1e-08 to 1"),
        ("recipe.training.learning_rate", "nan", "is not a number"),
        ("seed", "-1", "must be from 0 to 4,294,967,295"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(path, text, reason):
    with pytest.raises(ValueError, match=reason):
        parse(SETTINGS[path], text)


@pytest.mark.parametrize("text", ["2000", "2,000", "2.000", "+2,000"])
def test_thousands_of_whole_numbers_may_be_parted(text):
    assert parse(SETTINGS["recipe.training.epochs"], text) == 2000


def test_nothing_means_none_only_where_it_may():
    assert parse(SETTINGS["recipe.cap"], " ") is None
    assert parse(SETTINGS["recipe.training.learning_rate"], "1,5e-3") == 0.0015


def test_a_schedule_in_logarithms_cannot_end_at_zero():
    plan = with_value(Plan(RECIPES["paper-2d"]), "recipe.training.final_learning_rate", 0.0)
    assert list(problems_of(plan)) == ["recipe.training.final_learning_rate"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_comes_back_from_its_file(tmp_path, name):
    write_recipe(tmp_path / "a.json", RECIPES[name])
    assert read_recipe(tmp_path / "a.json") == RECIPES[name]


@pytest.mark.parametrize(
    "shape",
    [
        asdict,  # as `vrae recipes NAME --json` prints it
        lambda recipe: {"mine": asdict(recipe)},
        lambda recipe: {"format": "vrae-run", "version": 1, "name": "a", "recipe": asdict(recipe)},
    ],
)
def test_a_recipe_is_read_in_every_shape_that_one_is_written_in(tmp_path, shape):
    (tmp_path / "a.json").write_text(json.dumps(shape(RECIPES["fast-20d"])))
    assert read_recipe(tmp_path / "a.json") == RECIPES["fast-20d"]


def test_of_many_recipes_one_must_be_kept(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({name: asdict(recipe) for name, recipe in RECIPES.items()}))
    with pytest.raises(FileError, match=f"it holds {len(RECIPES)} recipes; keep one of them"):
        read_recipe(tmp_path / "a.json")


def _without(values, key):
    return {k: v for k, v in values.items() if k != key}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: b"",
        lambda v: b"[" * 100_000,
        lambda v: b"[]",
        lambda v: json.dumps(_without(v, "format")).encode(),
        lambda v: json.dumps(v | {"version": 9}).encode(),
        lambda v: json.dumps(_without(v, "model")).encode(),
        lambda v: json.dumps(v | {"model": []}).encode(),
        lambda v: json.dumps(v | {"cap": 1e400}).encode(),
        lambda v: json.dumps(v | {"min_pitch_share": "much"}).encode(),
        lambda v: json.dumps(v | {"training": v["training"] | {"batch": 0}}).encode(),
        lambda v: json.dumps(v | {"training": v["training"] | {"betas": [0.9]}}).encode(),
        lambda v: json.dumps(v | {"training": v["training"] | {"epochs": None}}).encode(),
        lambda v: json.dumps(v | {"model": v["model"] | {"hidden": 16_384}}).encode(),
        lambda v: b" " * (65 << 10),
    ],
)
def test_a_damaged_recipe_file_is_refused_in_one_sentence(tmp_path, spoil):
    file = tmp_path / "bad.json"
    file.write_bytes(spoil({"format": "vrae-recipe", "version": 1, **asdict(RECIPES["fast-2d"])}))
    with pytest.raises(FileError, match=r"bad\.json") as problem:
        read_recipe(file)
    assert "\n" not in str(problem.value)
