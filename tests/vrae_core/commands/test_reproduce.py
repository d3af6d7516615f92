"""`vrae reproduce`."""

import json
import os
import signal

import pytest

from vrae_core.commands import reproduce
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import Progress
from vrae_core.reproduction import figures, medleys


@pytest.fixture
def tiny(monkeypatch):
    recipe = Recipe(
        "as small as can be",
        ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8),
        TrainingConfig(epochs=3, batch=16, learning_rate=1e-2),
    )
    monkeypatch.setitem(RECIPES, "paper-2d", recipe)
    monkeypatch.setattr(medleys, "STEPS", 60)
    monkeypatch.setattr(medleys, "PER_GROUP", 2)
    for module, name in ((figures, "save_picture"), (figures, "save_map_picture"), (medleys, "save_picture")):
        monkeypatch.setattr(module, name, lambda *_: None)  # pictures take a second each; others look at them


@pytest.mark.usefixtures("tiny")
def test_a_figure_is_made_in_a_folder_of_its_own(vrae, songs, tmp_path):
    ran = vrae("reproduce", "figure-1", *songs, "-o", tmp_path / "a" / "b", "--seed", 3)
    found = json.loads((tmp_path / "a" / "b" / "figures.json").read_text())

    assert ran.status == 0, ran.err
    assert found["reproduction"] == "figure-1"
    assert found["songs"] == ["Low", "High"]
    assert (found["seed"], "minutes" in found) == (3, False)
    assert found["findings"][0] in ran.out
    assert f"everything is in {tmp_path / 'a' / 'b'}" in ran.out


@pytest.mark.usefixtures("tiny")
def test_an_experiment_listens_to_the_model_it_is_given(vrae, songs, model_file, model, tmp_path):
    ran = vrae("reproduce", "medley", *songs, "--model", model_file, "-o", tmp_path / "out")
    assert ran.status == 0, ran.err
    assert json.loads((tmp_path / "out" / "figures.json").read_text())["model"]["digest"] == model.digest


@pytest.mark.usefixtures("tiny")
def test_without_a_folder_it_goes_to_one_named_after_the_experiment(vrae, songs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    vrae("reproduce", "figure-1", *songs, "--minutes", 0.01)
    found = json.loads((tmp_path / "reproduction" / "figure-1" / "figures.json").read_text())
    assert found["minutes"] == 0.01


@pytest.fixture
def slow(monkeypatch):
    """An experiment that keeps a checkpoint and is stopped by SIGINT at its second step."""

    def run(_songs, options):
        (options.folder / "training.checkpoint").touch()
        yield Progress(0, 3)
        os.kill(os.getpid(), signal.SIGINT)
        yield Progress(1, 3)
        raise AssertionError("it should have been stopped")

    monkeypatch.setitem(reproduce.EXPERIMENTS, "slow", reproduce.Experiment(run, "slow", "", ("minutes", "resume")))


@pytest.mark.usefixtures("slow")
def test_ctrl_c_stops_and_tells_how_to_go_on(vrae, songs, tmp_path):
    ran = vrae("reproduce", "slow", *songs, "-o", tmp_path / "out")
    assert ran.status == 130
    assert f"{tmp_path / 'out'} holds the run: the same command with --resume goes on" in ran.err
    assert not (tmp_path / "out" / "figures.json").exists()


@pytest.mark.usefixtures("tiny")
def test_resuming_what_was_never_begun_is_told_and_begins(vrae, songs, tmp_path):
    ran = vrae("reproduce", "figure-1", *songs, "--resume", "-o", tmp_path / "out")
    assert ran.status == 0
    assert "there is nothing in" in ran.err


@pytest.mark.usefixtures("tiny")
def test_a_figure_shows_a_run_that_was_trained_before(vrae, songs, tmp_path):
    run = tmp_path / "evening.run"
    vrae("train", *songs, "--recipe", "paper-2d", "--run", run, "--name", "Evening")
    ran = vrae("reproduce", "figure-1", "--run", run, "-o", tmp_path / "out")
    found = json.loads((tmp_path / "out" / "figures.json").read_text())

    assert ran.status == 0, ran.err
    assert (found["run"], found["songs"]) == ("Evening", ["Low", "High"])
    assert "after 3 epochs" in ran.out


@pytest.mark.parametrize("also", [["--minutes", 3], ["--resume"], ["song"]])
def test_a_run_is_shown_as_it_is_and_with_its_own_songs(vrae, songs, tmp_path, also):
    ran = vrae(
        "reproduce", "figure-1", *(songs if also == ["song"] else also), "--run", "evening", "-o", tmp_path / "o"
    )
    assert ran.status == 1
    assert "--run shows a run as it is, with its own songs" in ran.err
    assert not (tmp_path / "o").exists()


def test_a_run_that_is_not_there_is_told_before_a_folder_is_made(vrae, tmp_path):
    ran = vrae("reproduce", "figure-2", "--run", "nowhere", "-o", tmp_path / "out")
    assert (ran.status, "nowhere is no run's folder" in ran.err) == (1, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("tiny")
def test_songs_the_model_cannot_play_are_told(vrae, songs, unknown_song, model_file, tmp_path):
    ran = vrae("reproduce", "medley", *songs, unknown_song, "--model", model_file, "-o", tmp_path / "out")
    assert ran.status == 0
    assert "Unknown uses none of the" in ran.err


def test_a_file_is_no_folder(vrae, songs, model_file):
    ran = vrae("reproduce", "medley", *songs, "--model", model_file, "-o", songs[0])
    assert (ran.status, ran.err) == (1, f"vrae: {songs[0]} is a file; -o takes a folder\n")


def test_a_model_that_is_not_there_is_told_before_a_folder_is_made(vrae, songs, tmp_path):
    ran = vrae("reproduce", "interpolation", *songs, "--model", "nowhere", "-o", tmp_path / "out")
    assert ran.status == 1
    assert "nowhere does not exist" in ran.err
    assert not (tmp_path / "out").exists()


def test_help_lists_every_experiment(vrae):
    text = " ".join(vrae("reproduce", "--help").out.split())  # argparse breaks lines
    assert all(f"{name} {each.summary}" in text for name, each in reproduce.EXPERIMENTS.items())


@pytest.mark.parametrize("name", reproduce.EXPERIMENTS)
def test_the_help_of_each_says_what_the_paper_claims_and_gives_an_example(vrae, name):
    text = vrae("reproduce", name, "--help").out
    assert "the paper" in text
    assert f"vrae reproduce {name}" in text
    assert all(f"--{option}" in text for option in reproduce.EXPERIMENTS[name].takes)


def test_only_trainings_take_minutes(vrae):
    assert vrae("reproduce", "medley", "--minutes", 3).status == 2


def test_what_a_grid_does_to_songs_is_printed_as_a_table(vrae, band_files, tmp_path):
    ran = vrae("reproduce", "grid", *band_files, "-o", tmp_path / "out")
    assert ran.status == 0, ran.err
    assert sum("per beat" in line for line in ran.out.splitlines()) == 3 * 5
    assert {"grid.png", "figures.json"} == {path.name for path in (tmp_path / "out").iterdir()}


def test_a_model_of_parts_is_refused_in_a_sentence(vrae, band_model_file, band_files, tmp_path):
    ran = vrae("reproduce", "medley", *band_files, "--model", band_model_file, "-o", tmp_path / "out")
    assert (ran.status, ran.out) == (1, "")
    assert "models of 20 Hz that hear all instruments together" in ran.err
