"""`vrae runs`, and what of `vrae train` has to do with run folders."""

import inspect
import json
import shutil

import pytest

from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.folder import RunFolder, list_runs
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import train_in

TINY = Recipe(
    "as small as can be",
    ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True),
    TrainingConfig(epochs=2, batch=16, learning_rate=1e-2, clip=1.0),
    None,
    False,
)
ROW = HistoryRow(60.0, 2, 30, -5.25, -5.0, 0.25, 1e-3, 1.0, 0.7, 2, 400.0)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """Where this user's runs are."""
    monkeypatch.setattr("vrae_core.commands.run_names.default_runs_folder", lambda: tmp_path / "runs")
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    return tmp_path / "runs"


@pytest.fixture
def make_run(root, model, songs):
    """A run that nobody trained: its rows, and a snapshot for each."""

    def make(name, *rows, recipe=TINY, finished=True):
        entries = tuple(SongToTrain(path.stem, str(path)) for path in songs)
        run = RunFolder.create(root, RunSettings(name, "tiny", recipe, entries))
        for row in rows:
            run.append(row)
            TrainedModel(model.config, model.pitches, model.weights, 0.4, {"updates": str(row.updates)}).save(
                run.path / "snapshots" / f"{row.updates:09}.safetensors"
            )
        if finished:
            model.save(run.model)
        return run

    return make


def rows(*bounds, **figures):
    return [ROW._replace(updates=10 * (i + 1), lower_bound=bound, **figures) for i, bound in enumerate(bounds)]


def test_the_list_tells_of_each_run_what_it_is_and_how_good(vrae, make_run):
    make_run("Evening", *rows(-7, -5.125, frame_f1=0.9, note_onset_f1=0.75))
    make_run("Morning", finished=False)
    head, *lines = vrae("runs").out.splitlines()
    assert head.split() == ["name", "date", "state", "songs", "recipe", "minutes", "bound", "notes", "right", "disk"]
    evening = next(line for line in lines if line.startswith("Evening"))
    assert all(word in evening.split() for word in ("finished", "2", "tiny", "1.0", "-5.125", "0.75", "MB"))
    assert next(line for line in lines if line.startswith("Morning")).split()[3:] == [
        *("stopped", "2", "tiny", "0.0", "–", "–", "0.0", "MB")
    ]


def test_the_list_as_json_has_null_for_what_was_not_measured(vrae, make_run):
    run = make_run("Evening", *rows(-7))
    [facts] = json.loads(vrae("runs", "--json").out)
    assert (facts["lower_bound"], facts["frame_f1"], facts["snapshots"]) == (-7, None, [10])
    assert facts["folder"] == str(run.path)
    assert facts["disk"] == run.disk_used()


def test_no_runs_is_no_error_and_a_damaged_one_costs_no_other(vrae, make_run, root):
    assert vrae("runs").out == f"there are no runs in {root} yet\n"
    make_run("Evening")
    damaged = make_run("Morning")
    (damaged.path / "run.json").write_text("{")
    ran = vrae("runs")
    assert (ran.status, ran.err.count("\n"), len(ran.out.splitlines())) == (0, 1, 2)


def test_runs_elsewhere_are_listed_with_in(vrae, make_run, root, tmp_path):
    make_run("Evening")
    shutil.move(root, tmp_path / "other")
    assert "Evening" in vrae("runs", "--in", tmp_path / "other").out
    assert "Evening" in vrae("runs", "--in", tmp_path / "other", "show", "eve").out
    assert "Evening" in vrae("runs", "show", "eve", "--in", tmp_path / "other").out


def test_a_folder_that_is_not_there_is_told_and_not_taken_for_one_without_runs(vrae, tmp_path):
    (tmp_path / "file").write_text("")
    assert vrae("runs", "--in", tmp_path / "gone").err == f"vrae: {tmp_path / 'gone'} does not exist\n"
    assert vrae("runs", "--in", tmp_path / "file").err == f"vrae: {tmp_path / 'file'} is no folder\n"


def test_a_run_is_named_by_its_folder_or_by_a_part_that_no_other_has(vrae, make_run):
    evening, late = make_run("Evening"), make_run("Late evening")
    assert str(evening.path) in vrae("runs", "show", evening.path).out
    assert str(evening.path) in vrae("runs", "show", "Evening").out
    assert str(late.path) in vrae("runs", "show", "LATE").out
    several = vrae("runs", "show", "even")
    assert (several.status, several.err.count("\n")) == (1, 1)
    assert "even can mean 2 runs" in several.err
    assert "no run in" in vrae("runs", "show", "noon").err


def test_a_folder_that_is_no_run_is_told(vrae, tmp_path):
    ran = vrae("runs", "show", tmp_path)
    assert (ran.status, ran.err) == (1, f"vrae: {tmp_path / 'run.json'} does not exist\n")


def test_runs_are_renamed_annotated_and_thrown_away(vrae, make_run, root):
    run = make_run("Evening")
    assert vrae("runs", "rename", "evening", "Noon").status == 0
    assert vrae("runs", "notes", "noon", "too soft").status == 0
    assert vrae("runs", "notes", "noon").out == "too soft\n"
    assert run.settings().name == "Noon"
    assert "take it back with: mv " in vrae("runs", "trash", "noon").out
    assert list_runs(root) == []
    assert (root / ".trash" / run.path.name / "run.json").exists()


def test_runs_are_compared_by_their_figures_and_by_what_differs_in_their_settings(vrae, make_run):
    make_run("A", *rows(-7))
    make_run("B", *rows(-6, -5), recipe=RECIPES["paper-2d"])
    lines = vrae("runs", "compare", "A", "B").out.splitlines()
    table = {name: figures for name, *figures in map(str.split, lines)}
    assert table["lower_bound"] == ["-7", "-5"]
    assert table["updates"] == ["10", "20"]
    assert table["hidden"] == ["8", "500"]
    assert "seed" not in table
    assert "frame_f1" not in table
    a, b = json.loads(vrae("runs", "compare", "A", "B", "--json").out)
    assert (a["differing"]["cell"], b["differing"]["cell"]) == ("gru", "tanh")


def updates_of(file):
    return TrainedModel.load(file).about.get("updates")


def test_the_model_of_a_run_is_exported_finished_newest_best_or_any(vrae, make_run, tmp_path):
    make_run("A", *rows(-7, -5, -6))
    make_run("B", *rows(-7, -5, -6), finished=False)
    out = tmp_path / "out.safetensors"
    for words, updates in ((["A"], None), (["B"], "30"), (["A", "--best"], "20"), (["B@10"], "10")):
        assert vrae("runs", "export", *words, "-o", out).status == 0
        assert updates_of(out) == updates
    ran = vrae("runs", "export", "A@11", "-o", out)
    assert "has no snapshot after 11 updates, but after 10, 20, 30" in ran.err


def test_the_best_snapshot_is_that_of_the_best_bound_held_out_where_it_was_measured(vrae, make_run, tmp_path):
    first, *others = rows(-7, -5, -6)
    make_run("A", first._replace(held_out_bound=-8.0), *others[:1], others[1]._replace(held_out_bound=-9.0))
    vrae("runs", "export", "A", "--best", "-o", tmp_path / "out.safetensors")
    assert updates_of(tmp_path / "out.safetensors") in ("10", "20")  # -8 was still the last known at 20


@pytest.fixture
def train(vrae, songs, tmp_path):
    return lambda *words: vrae("train", *songs, "--recipe", "tiny", *words)


def test_a_training_without_a_file_to_write_is_one_of_the_users_runs(vrae, train, root):
    ran = train("--name", "Mine", "--notes", "a try", "--held-out", 0.1, "--seed", 3)
    [run] = list_runs(root)
    settings = run.settings()
    assert ran.status == 0
    assert (settings.name, settings.notes, settings.held_out, settings.seed) == ("Mine", "a try", 0.1, 3)
    assert [song.name for song in settings.songs] == ["Low", "High"]
    assert run.state == "finished"
    assert str(run.path) in ran.out


def test_a_run_goes_on_for_longer_from_the_songs_it_knows_or_from_those_that_moved(vrae, train, songs, root, tmp_path):
    train()
    assert vrae("runs", "resume", "tiny", "--epochs", 3).status == 0
    [run] = list_runs(root)
    assert (run.rows()[-1].epoch, run.settings().epochs) == (3, 3)
    (tmp_path / "moved").mkdir()
    moved = [path.rename(tmp_path / "moved" / path.name) for path in songs]
    ran = vrae("runs", "resume", "tiny", "--epochs", 4)
    assert (ran.status, ran.err) == (1, f"vrae: {songs[0]} does not exist\n")
    assert vrae("runs", "resume", "tiny", *moved[::-1], "--epochs", 4).status == 0
    assert run.rows()[-1].epoch == 4


def test_a_run_that_is_there_is_not_overwritten(train, tmp_path):
    train("-o", tmp_path / "m.safetensors")
    ran = train("-o", tmp_path / "m.safetensors")
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "m.run holds a run already: --resume" in ran.err


def test_a_folder_with_something_else_in_it_is_left_alone(train, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mother.txt").write_text("dear")
    ran = train("--run", tmp_path / "letters")
    assert (ran.status, ran.err) == (
        1,
        f"vrae: {tmp_path / 'letters'} is not empty and holds no run; give the run another folder\n",
    )
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["mother.txt"]


@pytest.mark.parametrize("words", [("--recipe", "fast-2d"), ("--seed", 4), ("--held-out", 0.2), ("--hop", 7)])
def test_a_run_does_not_go_on_with_other_settings(vrae, train, songs, tmp_path, words):
    train("-o", tmp_path / "m.safetensors")
    ran = vrae("train", *songs, "-o", tmp_path / "m.safetensors", "--resume", *words)
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "m.run was begun with another " in ran.err


def test_what_an_older_version_kept_is_told(train, tmp_path):
    (tmp_path / "m.checkpoint").write_bytes(b"")
    ran = train("-o", tmp_path / "m.safetensors", "--resume")
    assert "m.checkpoint is of an older version" in ran.err
    assert not (tmp_path / "m.run").exists()


def test_resuming_without_saying_what_is_told(train):
    assert "--resume needs -o or --run" in train("--resume").err


def test_a_rolls_run_goes_on_by_its_name(vrae, rolls_file, root):
    vrae("train", "--rolls", rolls_file, "--recipe", "tiny")
    assert vrae("runs", "resume", "tiny", "--epochs", 3).status == 0
    [run] = list_runs(root)
    assert run.rows()[-1].epoch == 3
    assert "2 pieces, train of scales.json.gz" in TrainedModel.load(run.model).about["songs"]


BEGINS_FROM_MODELS = "start_from" in inspect.signature(train_in).parameters


@pytest.mark.skipif(not BEGINS_FROM_MODELS, reason="training cannot begin from a model yet")
def test_a_run_begins_from_a_model_and_remembers_which(train, root, tmp_path):
    train("-o", tmp_path / "m.safetensors")
    assert train("--from", tmp_path / "m.safetensors", "--name", "Finer").status == 0
    [run] = list_runs(root)
    assert run.settings().parent == str(tmp_path / "m.safetensors")
    assert run.settings().recipe.model == TINY.model


@pytest.mark.skipif(not BEGINS_FROM_MODELS, reason="training cannot begin from a model yet")
def test_a_run_branches_from_a_snapshot_and_learns_the_same_songs(vrae, train, root):
    train("--name", "Trunk", "--seed", 5)
    [trunk] = list_runs(root)
    updates = trunk.snapshots()[-1].updates
    assert vrae("train", "--branch", f"trunk@{updates}", "--name", "Twig", "--epochs", 1).status == 0
    twig = next(run for run in list_runs(root) if run.settings().name == "Twig")
    settings = twig.settings()
    assert settings.songs == trunk.settings().songs
    assert (settings.seed, settings.epochs, settings.recipe) == (5, 1, TINY)
    assert settings.parent == f"Trunk, update {updates}"
    assert twig.state == "finished"
