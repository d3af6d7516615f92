"""`vrae train`."""

import json
import os
import shutil
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

import vrae_core.runs.train
from tests.bands import make_band, make_band_model
from vrae_core.commands import run_training
from vrae_core.corpus.attributes import semitones_home
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.runs.control import Asked, write_steering
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learning import NO_BASE, RATE_FOR_ANOTHER_Z, learning_recipe
from vrae_core.runs.song_facts import facts_of
from vrae_core.runs.windows import load_corpus

TINY = Recipe(
    "as small as can be",
    ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru", z_every_step=True),
    TrainingConfig(epochs=3, batch=16, learning_rate=1e-2, clip=1.0),
)


@pytest.fixture
def train(vrae, songs, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    return lambda *words: vrae("train", *songs, "-o", tmp_path / "m.safetensors", "--recipe", "tiny", *words)


def test_songs_become_a_model_and_a_line_tells_how_good(train, tmp_path):
    ran = train()
    model = TrainedModel.load(tmp_path / "m.safetensors")

    assert ran.status == 0
    assert model.config == TINY.model
    first = ran.out.splitlines()[0]
    assert all(word in first for word in ("epoch", "updates", "bound", "reconstruction", "KL", "active"))
    assert f"vrae map {tmp_path / 'm.safetensors'}" in ran.out


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every file's name is Unicode")
def test_a_song_whose_name_is_not_utf_8_is_learnt_and_read_again(train, songs, tmp_path):
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"F\xfcr Elise.mid"))
    shutil.copy(songs[0], path)
    assert train(path).status == 0
    run = RunFolder(tmp_path / "m.run")
    assert path in [song.path for song in run.settings().songs]
    assert train(path, "--resume", "--epochs", 4).status == 0


def test_json_prints_an_object_a_line(train):
    figures = [json.loads(line) for line in train("--json").out.splitlines()]
    assert figures[-1]["epoch"] == 3
    assert figures[0]["lower_bound"] == pytest.approx(figures[0]["reconstruction"] - figures[0]["kl"])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_training_goes_on_where_it_was(train, tmp_path, monkeypatch, number, status):
    whole = train("--epochs", 6)
    uninterrupted = TrainedModel.load(tmp_path / "m.safetensors").digest
    (tmp_path / "m.safetensors").unlink()
    shutil.rmtree(tmp_path / "m.run")
    really_train = vrae_core.runs.train.train_in

    def train_a_little(*args, **settings):
        job = really_train(*args, **settings)
        for step in job:
            if step.epoch >= 2:
                os.kill(os.getpid(), number)
            yield step
        raise AssertionError("it should have been stopped")

    monkeypatch.setattr("vrae_core.training.run.SECONDS_BETWEEN_STEPS", 0.0)
    monkeypatch.setattr("vrae_core.commands.run_training.train_in", train_a_little)
    stopped = train("--epochs", 6)
    assert whole.status == 0
    assert stopped.status == status
    assert "--resume goes on" in stopped.err
    assert (tmp_path / "m.run" / "checkpoint.safetensors").exists()
    assert not (tmp_path / "m.safetensors").exists()

    monkeypatch.setattr("vrae_core.commands.run_training.train_in", really_train)
    assert train("--epochs", 6, "--resume").status == 0
    assert TrainedModel.load(tmp_path / "m.safetensors").digest == uninterrupted


def test_signals_mean_what_they_meant_before_once_training_is_over(train):
    before = signal.getsignal(signal.SIGINT)
    train()
    assert signal.getsignal(signal.SIGINT) is before


def test_resuming_what_was_never_begun_is_told_and_begins(train):
    ran = train("--resume")
    assert ran.status == 0
    assert "m.run does not exist yet" in ran.err


def test_a_run_of_other_songs_is_refused(vrae, train, songs, tmp_path):
    train()
    ran = vrae("train", songs[0], "-o", tmp_path / "m.safetensors", "--recipe", "tiny", "--resume")
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "m.run also learns High" in ran.err


def test_bad_files_are_told_and_the_others_are_learnt(train, bad_files):
    ran = train(*bad_files.values())
    assert ran.status == 0
    assert len(ran.err.splitlines()) == len(bad_files)


def test_songs_that_give_no_window_are_told(vrae, bad_files, tmp_path):
    ran = vrae("train", *bad_files.values(), "-o", tmp_path / "m.safetensors")
    assert ran.status == 1
    assert "none of the 4 files" in ran.err


def test_a_song_is_never_overwritten_with_a_model(vrae, songs):
    before = songs[1].read_bytes()
    ran = vrae("train", songs[0], "-o", songs[1])
    assert ran.status == 1
    assert "looks like a song" in ran.err
    assert songs[1].read_bytes() == before


def test_a_folder_that_is_not_there_is_told_before_the_training(vrae, songs, tmp_path):
    ran = vrae("train", *songs, "-o", tmp_path / "no" / "m.safetensors")
    assert (ran.status, ran.err) == (
        1,
        f"vrae: {tmp_path / 'no' / 'm.safetensors'} cannot be written: its folder does not exist\n",
    )


def test_epochs_and_minutes_exclude_each_other(train):
    assert train("--epochs", 3, "--minutes", 1).status == 2


def test_rolls_are_learnt_and_the_model_says_so(vrae, rolls_file, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    ran = vrae("train", "--rolls", rolls_file, "-o", tmp_path / "m.safetensors", "--recipe", "tiny")
    model = TrainedModel.load(tmp_path / "m.safetensors")

    assert ran.status == 0
    assert model.about["songs"] == "2 pieces, train of scales.json.gz; their steps are not 50 ms"
    assert f"vrae evaluate {tmp_path / 'm.safetensors'} --rolls {rolls_file}" in ran.out


def test_of_rolls_a_pitch_is_learnt_however_seldom_it_sounds(vrae, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    piece = [[60, 64]] * 2_000 + [[100]]
    (tmp_path / "rare.json").write_text(json.dumps({"train": [piece], "valid": [piece], "test": [piece]}))
    vrae("train", "--rolls", tmp_path / "rare.json", "-o", tmp_path / "m.safetensors", "--recipe", "tiny")

    assert TrainedModel.load(tmp_path / "m.safetensors").pitches == (60, 64, 100)


def test_window_and_hop_can_differ_from_the_recipes(train, tmp_path):
    assert train("--window", 8, "--hop", 2).status == 0
    config = TrainedModel.load(tmp_path / "m.safetensors").config
    assert (config.window, config.hop, config.hidden) == (8, 2, TINY.model.hidden)


def test_songs_are_quantised_as_they_are_learnt_and_the_run_remembers_it(vrae, train, late_songs, tmp_path):
    train()
    on_time = ("train", *late_songs, "-o", tmp_path / "q.safetensors", "--quantise", "1/16")
    assert vrae(*on_time, "--recipe", "tiny").status == 0
    models = [TrainedModel.load(tmp_path / f"{name}.safetensors") for name in "mq"]
    assert models[0].digest == models[1].digest

    run = RunFolder(tmp_path / "q.run")
    assert {song.quantising.grid for song in run.settings().songs} == {"1/16"}
    assert vrae(*on_time, "--resume", "--epochs", 4).status == 0
    assert vrae("runs", "resume", run.path, "--epochs", 5).status == 0
    for other in (("--quantise", "1/8"), ("--quantise", "off"), ("--quantise", "1/16", "--quantise-strength", 50)):
        refused = vrae("train", "-o", tmp_path / "q.safetensors", "--resume", *other)
        assert (refused.status, "begun with another --quantise;" in refused.err) == (1, True)

    branched = vrae(
        "train", "--branch", run.path, "--quantise", "1/8", "--quantise-strength", 50, "--run", tmp_path / "b"
    )
    assert branched.status == 0
    assert {str(song.quantising) for song in RunFolder(tmp_path / "b").settings().songs} == {"1/8 50%"}


def test_songs_are_transposed_as_they_are_learnt_and_a_branch_keeps_or_undoes_it(vrae, train, tmp_path):
    assert train("--transpose", -2, "--quantise", "1/16").status == 0
    run, plain = RunFolder(tmp_path / "m.run"), tmp_path / "plain.run"
    assert vrae("train", *songs_of_run(run), "--run", plain, "--recipe", "tiny", "--quantise", "1/16").status == 0
    lower, as_written = load_corpus(run), load_corpus(RunFolder(plain))
    assert lower.pitches == tuple(pitch - 2 for pitch in as_written.pitches)
    np.testing.assert_array_equal(lower.roll, as_written.roll)

    for name, words, done in (("a", (), ("1/16", -2)), ("b", ("--quantise", "off", "--transpose", 0), ("", 0))):
        assert vrae("train", "--branch", run.path, "--run", tmp_path / name, "--epochs", 1, *words).status == 0
        assert {(s.quantising.grid, s.semitones) for s in RunFolder(tmp_path / name).settings().songs} == {done}
    refused = vrae("train", "-o", tmp_path / "m.safetensors", "--resume", "--transpose", 3)
    assert (refused.status, "begun with another --transpose;" in refused.err) == (1, True)
    assert "neither a number" in train("--transpose", "far").err


def test_songs_go_home_each_by_its_own_key(vrae, songs, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    assert vrae("train", *songs, "--run", tmp_path / "r", "--recipe", "tiny", "--transpose", "home").status == 0
    for entry in RunFolder(tmp_path / "r").settings().songs:
        facts = facts_of(read_song(entry.path))
        assert entry.semitones == semitones_home(facts.key)
        assert semitones_home(facts.transposed(entry.semitones).key) == 0


def songs_of_run(run):
    return [song.path for song in run.settings().songs]


def test_quantising_that_cannot_be_is_refused_before_the_training(vrae, songs, rolls_file, tmp_path):
    packed, out = tmp_path / "songs.vrae-rolls", ("-o", tmp_path / "m.safetensors")
    vrae("pack", *songs, "-o", packed, "--jobs", 1)
    for what in ((packed,), ("--rolls", rolls_file)):
        ran = vrae("train", *what, *out, "--quantise", "1/8")
        assert (ran.status, "need songs, not rolls" in ran.err) == (1, True)
    assert "needs --quantise" in vrae("train", *songs, *out, "--quantise-strength", 50).err
    assert vrae("train", *songs, *out, "--quantise", "1/7").status == 2
    assert not (tmp_path / "m.run").exists()


def test_help_lists_every_recipe(vrae):
    text = vrae("train", "--help").out
    assert all(name in text and recipe.summary in text for name, recipe in RECIPES.items())


def test_a_run_of_the_command_line_obeys_its_folder_and_holds_its_windows(vrae, songs, tmp_path, monkeypatch):
    folder = RunFolder(tmp_path / "m.run")

    def asks_to_stop(values):
        if values.get("updates"):
            write_steering(folder, Asked(stopped=True))

    monkeypatch.setattr(run_training, "_line", lambda step, as_json: asks_to_stop(step._asdict()) or "")
    ran = vrae("train", *songs, "-o", tmp_path / "m.safetensors", "--recipe", "fast-2d", "--window", 10, "--minutes", 5)
    assert ran.status == 128 + signal.SIGTERM
    assert folder.state == "stopped"
    assert len(load_corpus(folder)) > 0


def test_songs_are_learnt_from_a_model_of_parts_as_the_window_learns_them(songs, tmp_path, vrae):
    bands = [make_band("Low"), make_band("High")]
    make_band_model(bands, latent=4).save(tmp_path / "base.safetensors")
    run = tmp_path / "mine.run"
    ran = vrae("train", *songs, "--from", tmp_path / "base.safetensors", "--run", run, "--minutes", "0.01")
    assert ran.status == 0, ran.err
    settings = RunFolder(run).settings()
    base = TrainedModel.load(tmp_path / "base.safetensors")
    assert settings.recipe == learning_recipe(base)
    assert settings.recipe_name == "bars-40d"


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A small base, and a recipe of its shape for what begins from nothing."""
    file = tmp_path / "bundled" / "base.safetensors"
    file.parent.mkdir()
    model = make_band_model([make_band("Low"), make_band("High")], latent=4)
    model.save(file)
    monkeypatch.setattr("vrae_core.runs.learning.bundled_models", lambda: {"base": file})
    monkeypatch.setitem(RECIPES, "bars-40d", replace(TINY, model=model.config))
    return file


def learnt(vrae, tmp_path, songs, *words):
    """The settings of a run, what it begins from if that is a model, and what was said."""
    run = RunFolder(tmp_path / "mine.run")
    ran = vrae("train", *songs, "--run", run.path, *words)
    assert ran.status == 0, ran.err
    return run.settings(), run.start if run.start.exists() else None, ran.err


def test_songs_are_learnt_from_the_base_in_three_minutes_if_no_recipe_is_named(
    vrae, songs, base, tmp_path, monkeypatch
):
    monkeypatch.setattr("vrae_core.commands.asked_run.USUAL_MINUTES", 0.01)
    settings, start, _ = learnt(vrae, tmp_path, songs)
    model = TrainedModel.load(base)
    assert (settings.parent, settings.recipe, settings.minutes) == ("base", learning_recipe(model), 0.01)
    assert TrainedModel.load(start).digest == model.digest


@pytest.mark.parametrize("words", [("--from", "nothing"), ("--recipe", "bars-40d")])
def test_songs_are_learnt_from_nothing_if_that_is_said_or_a_recipe_is_named(vrae, songs, base, tmp_path, words):
    settings, start, said = learnt(vrae, tmp_path, songs, *words)
    assert (settings.parent, settings.recipe, settings.minutes) == ("", RECIPES["bars-40d"], None)
    assert start is None
    assert "base" not in said


def test_a_plane_is_learnt_from_the_base_if_its_recipe_is_named(vrae, songs, base, tmp_path, monkeypatch):
    plane = replace(TrainedModel.load(base).config, latent=2, context=3)
    monkeypatch.setitem(RECIPES, "bars-2d", replace(TINY, model=plane))
    words = ("--recipe", "bars-2d", "--from", base, "--minutes", "0.01")
    settings, start, _ = learnt(vrae, tmp_path, songs, *words)
    assert (settings.recipe_name, settings.recipe.model) == ("bars-2d", plane)
    assert settings.recipe.training.learning_rate == RATE_FOR_ANOTHER_Z * TINY.training.learning_rate
    assert TrainedModel.load(start).config.latent == 4
    learnt(vrae, tmp_path, songs, *words, "--resume")


def test_of_a_base_that_is_damaged_it_is_said_and_songs_are_learnt_from_nothing(vrae, songs, base, tmp_path):
    base.write_bytes(b"damaged")
    settings, start, said = learnt(vrae, tmp_path, songs)
    assert (settings.parent, start) == ("", None)
    assert NO_BASE in said


def test_packed_songs_are_learnt_from_nothing(vrae, songs, base, tmp_path):
    packed = tmp_path / "songs.vrae-rolls"
    assert vrae("pack", *songs, "-o", packed, "--recipe", "bars-40d", "--jobs", 1).status == 0
    settings, start, _ = learnt(vrae, tmp_path, [packed])
    assert (settings.parent, start) == ("", None)
