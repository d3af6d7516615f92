"""`vrae pack`, and training from what it wrote."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vrae_core.corpus.packed import PackedRolls
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel

TINY = Recipe(
    "as small as can be",
    ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru", z_every_step=True),
    TrainingConfig(epochs=2, batch=16, learning_rate=1e-2, clip=1.0),
)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def packed(tmp_path):
    return tmp_path / "songs.vrae-rolls"


def test_songs_are_packed_trained_on_and_give_the_model_that_they_give_themselves(
    vrae, songs, packed, tmp_path, monkeypatch
):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    ran = vrae("pack", *songs, "-o", packed, "--jobs", 1)
    assert ran.status == 0, ran.err
    assert "2 songs" in ran.out

    train = ("--recipe", "tiny", "-o")
    assert vrae("train", packed, *train, tmp_path / "a.safetensors").status == 0
    assert vrae("train", *songs, *train, tmp_path / "b.safetensors").status == 0
    models = [TrainedModel.load(tmp_path / f"{name}.safetensors") for name in "ab"]
    assert models[0].digest == models[1].digest


def test_songs_are_quantised_as_they_are_packed_and_doubts_are_told(vrae, songs, packed, late_songs):
    assert vrae("pack", *songs, "-o", packed, "--jobs", 1).status == 0
    on_time = PackedRolls(packed).sha256
    ran = vrae("pack", *late_songs, "-o", packed, "--jobs", 1, "--quantise", "1/16")
    assert PackedRolls(packed).sha256 == on_time
    assert ran.err == (
        "vrae: quantising may do 2 songs no good, and this is the first: "
        "Low may not follow its own beats: onsets lie 40 ms from the 1/16 grid on average\n"
    )


def test_folders_are_searched_bad_files_named_and_namesakes_numbered(vrae, songs, bad_files, packed, tmp_path):
    deep = tmp_path / "more" / "and more"
    deep.mkdir(parents=True)
    (deep / "Low.mid").write_bytes(songs[0].read_bytes())
    (deep / "notes.txt").write_text("not for me")
    ran = vrae("pack", tmp_path, "-o", packed, "--jobs", 1)

    assert ran.status == 0
    assert sorted(PackedRolls(packed).names) == ["High", "Low", "Low (2)"]
    for reason in ("empty", "junk", "truncated"):
        assert f"{reason}.mid" in ran.err


def test_no_good_file_is_no_packed_file(vrae, bad_files, packed):
    ran = vrae("pack", bad_files["junk"], "-o", packed, "--jobs", 1)
    assert ran.status == 1
    assert "no songs" in ran.err
    assert f"vrae: {bad_files['junk']} " in ran.err
    assert not packed.exists()


def test_songs_whose_names_differ_only_in_case_are_told_apart(vrae, songs, packed, tmp_path):
    others = [tmp_path / "b" / "LOW.mid", tmp_path / "b" / "Low (2).mid"]
    others[0].parent.mkdir()
    for path in others:
        path.write_bytes(songs[0].read_bytes())
    vrae("pack", songs[0], *others, "-o", packed, "--jobs", 1)
    assert PackedRolls(packed).names == ("Low", "LOW (2)", "Low (2) (2)")


def test_an_empty_folder_is_told(vrae, packed, tmp_path):
    assert "is a folder without MIDI files" in vrae("pack", tmp_path, "-o", packed).err


def test_the_file_must_be_called_what_train_looks_for(vrae, songs, tmp_path):
    assert "must end in .vrae-rolls" in vrae("pack", *songs, "-o", tmp_path / "songs.mid").err


def test_a_cluster_that_is_not_there_is_told(vrae, songs, packed):
    ran = vrae("pack", *songs, "-o", packed, "--dask", "tcp://127.0.0.1:9")
    assert (ran.status, "cannot be reached" in ran.err) == (1, True)


def test_a_packed_file_and_songs_are_not_trained_on_together(vrae, songs, packed, tmp_path):
    assert "give either one" in vrae("train", packed, *songs, "-o", tmp_path / "m.safetensors").err


def test_a_run_on_a_packed_file_goes_on_from_where_the_file_lies_now(vrae, songs, packed, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    model = tmp_path / "m.safetensors"
    vrae("pack", *songs, "-o", packed, "--jobs", 1)
    assert vrae("train", packed, "--recipe", "tiny", "--epochs", 1, "-o", model).status == 0
    moved = packed.rename(tmp_path / "moved.vrae-rolls")
    assert "does not exist" in vrae("runs", "resume", tmp_path / "m.run", "--epochs", 2).err
    assert vrae("runs", "resume", tmp_path / "m.run", moved, "--epochs", 2).status == 0
    assert vrae("runs", "resume", tmp_path / "m.run", "--epochs", 3).status == 0
    assert "learns from a .vrae-rolls file" in vrae("train", *songs, "-o", model, "--resume").err

    vrae("pack", songs[0], "-o", moved, "--jobs", 1)
    assert vrae("runs", "resume", tmp_path / "m.run", "--epochs", 4).status == 1, "these are other songs"


def test_a_run_on_songs_does_not_go_on_with_a_packed_file(vrae, songs, packed, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    vrae("pack", *songs, "-o", packed, "--jobs", 1)
    assert vrae("train", *songs, "--recipe", "tiny", "-o", tmp_path / "m.safetensors").status == 0
    ran = vrae("train", packed, "-o", tmp_path / "m.safetensors", "--resume")
    assert "learns from songs, not from a .vrae-rolls file" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to send")
def test_a_stop_leaves_no_file_behind(songs, packed, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(10_000):
        os.link(songs[i % 2], folder / f"{i}.mid")
    process = subprocess.Popen(
        [sys.executable, "-m", "vrae_core", "pack", str(folder), "-o", str(packed), "--jobs", "1"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob(".*.tmp")):
        assert process.poll() is None, "it was not over yet"
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    complaint = process.communicate(timeout=120)[1]
    assert process.returncode == 128 + signal.SIGTERM
    assert "nothing was written" in complaint
    assert not list(tmp_path.glob(".*.tmp"))
    assert not packed.exists()


def test_songs_are_packed_as_a_recipe_has_them_and_only_such_a_recipe_learns_them(vrae, songs, packed, tmp_path):
    assert vrae("pack", *songs, "-o", packed, "--recipe", "bars-40d", "--jobs", 1).status == 0
    assert str(PackedRolls(packed).grid) == "12 per beat"
    assert PackedRolls(packed).grid.parts
    refused = vrae("train", packed, "-o", tmp_path / "m.safetensors", "--recipe", "fast-2d")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "holds songs at 12 per beat in parts, and the recipe asks for 20 Hz; pack them again for it" in refused.err
    assert not (tmp_path / "m.run").exists()
    assert vrae("pack", *songs, "-o", packed, "--recipe", "bars-40d", "--parts").status == 1
