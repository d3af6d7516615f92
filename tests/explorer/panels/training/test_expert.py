"""Every setting, on a page of its own."""

from __future__ import annotations

import json

import pytest
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from explorer.panels.training.expert import ExpertDialog
from vrae_core.__main__ import main
from vrae_core.model.recipes import RECIPES
from vrae_core.training.settings import SETTINGS, read_recipe, write_recipe


@pytest.fixture
def expert(setup):
    setup.plan.show_expert()
    page = setup.window().findChild(ExpertDialog)
    yield page
    if isValid(page):  # it is gone once it was accepted
        page.close()


def typed(page, path, text):
    control = page.rows[path].control
    control.setText(text)
    control.textEdited.emit(text)


def test_every_setting_has_a_row_with_its_words(expert):
    assert set(expert.rows) == set(SETTINGS)
    for path, row in expert.rows.items():
        assert row._words.text() == SETTINGS[path].words


def test_a_change_is_marked_and_used_only_when_accepted(setup, expert, explored):
    typed(expert, "recipe.model.latent", "8")
    row = expert.rows["recipe.model.latent"]
    assert row._title.text().endswith("•")
    assert row.reset.isVisible()
    assert explored.training_songs.plan.recipe.model.latent == 2
    expert.use.click()
    assert explored.training_songs.plan.recipe.model.latent == 8
    assert setup.plan._changed.text() == "1 setting changed"
    assert setup.settings().recipe_name == "fast-2d, changed"


def test_what_cannot_be_used_is_said_as_it_is_typed(expert):
    typed(expert, "recipe.training.batch", "0")
    assert not expert.use.isEnabled()
    assert expert.problem.text() == "Batch must be from 1 to 16,384."
    assert expert.rows["recipe.training.batch"]._words.text() == "Batch must be from 1 to 16,384."
    typed(expert, "recipe.training.batch", "32")
    assert expert.use.isEnabled()
    assert not expert.problem.isVisible()


def test_one_setting_or_all_can_be_reset(expert, explored):
    typed(expert, "recipe.model.latent", "8")
    typed(expert, "seed", "5")
    expert.rows["seed"].reset.click()
    assert (expert.plan.seed, expert.plan.recipe.model.latent) == (0, 8)
    typed(expert, "recipe.model.hidden", "many")
    expert.reset.click()
    assert expert.plan == explored.training_songs.plan
    assert expert.use.isEnabled()


def test_the_preset_can_be_chosen_again_after_a_change(setup, expert, explored):
    typed(expert, "recipe.model.latent", "8")
    expert.use.click()
    setup.plan.presets["sketch"].click()
    assert explored.training_songs.plan.recipe == RECIPES["fast-2d"]
    assert setup.plan._changed.text() == ""


def test_a_recipe_is_saved_and_loaded(expert, explored, tmp_path, qtbot):
    typed(expert, "recipe.model.latent", "8")
    expert.save_recipe(tmp_path / "mine.json")
    qtbot.waitUntil(lambda: (tmp_path / "mine.json").exists() and not explored.jobs.running)
    expert.reset.click()
    expert.load_recipe(tmp_path / "mine.json")
    qtbot.waitUntil(lambda: expert.rows["recipe.model.latent"].value() == 8)
    assert expert.plan.recipe == read_recipe(tmp_path / "mine.json")


def test_the_dialog_that_asks_where_to_save_asks_about_the_file_that_is_written(expert, tmp_path, monkeypatch, qtbot):
    asked = []

    def chosen(dialog):
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.selectFile(str(tmp_path / "mine"))
        asked.append((dialog.acceptMode(), dialog.selectedFiles()))
        return True

    monkeypatch.setattr(QFileDialog, "exec", chosen)
    expert.save.click()
    assert asked == [(QFileDialog.AcceptMode.AcceptSave, [str(tmp_path / "mine.json")])]
    qtbot.waitUntil((tmp_path / "mine.json").exists)


def test_a_recipe_that_the_command_line_prints_can_be_loaded(expert, tmp_path, qtbot, capsys):
    assert main(["recipes", "fast-20d", "--json"]) == 0
    (tmp_path / "printed.json").write_text(capsys.readouterr().out)
    expert.load_recipe(tmp_path / "printed.json")
    qtbot.waitUntil(lambda: expert.plan.recipe == RECIPES["fast-20d"])


def test_a_recipe_that_is_no_good_is_refused_in_words_and_changes_nothing(expert, tmp_path, qtbot):
    before = expert.plan
    file = tmp_path / "bad.json"
    write_recipe(file, RECIPES["fast-20d"])
    values = json.loads(file.read_text())
    file.write_text(json.dumps(values | {"training": values["training"] | {"batch": 0}}))
    expert.load_recipe(file)
    qtbot.waitUntil(expert.problem.isVisible)
    assert (
        expert.problem.text()
        .replace("\u200b", "")
        .startswith(f"{file} is not a recipe that can be used: batch must be")
    )
    assert expert.plan == before


def test_a_recipe_that_cannot_be_written_is_said_on_the_page(expert, tmp_path, qtbot):
    expert.save_recipe(tmp_path / "nowhere" / "mine.json")
    qtbot.waitUntil(lambda: "folder does not exist" in expert.problem.text())


def test_a_recipe_is_saved_in_two_folders_at_once(expert, explored, tmp_path, qtbot):
    files = [tmp_path / folder / "mine.json" for folder in "AB"]
    for file in files:
        file.parent.mkdir()
        expert.save_recipe(file)
    assert len(explored.jobs.writing) == 2
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert [read_recipe(file) for file in files] == [expert.plan.recipe] * 2


def test_closing_the_page_while_a_recipe_is_read_is_no_harm(expert, explored, tmp_path, qtbot):
    write_recipe(tmp_path / "mine.json", RECIPES["fast-20d"])
    expert.load_recipe(tmp_path / "mine.json")
    expert.reject()
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert explored.training_songs.plan.recipe == RECIPES["fast-2d"]
