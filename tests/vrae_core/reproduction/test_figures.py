"""Figures 1 and 2."""

import json
from dataclasses import replace

import pytest

from vrae_core.errors import FileError
from vrae_core.latent import map as latent_map
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.reproduction import figures
from vrae_core.reproduction.experiment import Options
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of, train_in
from vrae_core.runs.windows import load_corpus, save_corpus
from vrae_core.training import checkpoint


def tiny(latent):
    return Recipe(
        "as small as can be",
        ModelConfig(window=20, hop=10, latent=latent, hidden=16, encoder_hidden=8),
        TrainingConfig(epochs=4, batch=16, learning_rate=1e-2),
    )


@pytest.fixture(autouse=True)
def tiny_recipes(monkeypatch, tmp_path):
    monkeypatch.setitem(RECIPES, "paper-2d", tiny(2))
    monkeypatch.setitem(RECIPES, "paper-20d", tiny(5))
    monkeypatch.setattr(latent_map, "default_cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def undrawn(monkeypatch):
    """Pictures take a second each to draw; most tests do not look at them."""
    for name in ("save_picture", "save_map_picture"):
        monkeypatch.setattr(figures, name, lambda *_: None)


FILES = {
    "bound.png", "map.png", "model.safetensors", "training.checkpoint", "windows-and-their-reconstructions.mid"
}  # fmt: skip


def test_figure_1_draws_bound_and_map_of_two_dimensions(two_songs, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    found = finish(figures.figure_1(two_songs, Options(folder)))

    assert {path.name for path in folder.iterdir()} == FILES
    assert TrainedModel.load(folder / "model.safetensors").config == tiny(2).model
    assert found["map"] == "latent space"
    assert set(found["separation"]) == {"latent", "pca", "chance"}
    assert found["final"]["lower_bound"] == pytest.approx(found["final"]["reconstruction"] - found["final"]["kl"])
    assert [row[0] for row in found["curve"]["rows"]] == [1, 2, 3, 4]
    assert "4 epochs" in found["findings"][0]
    json.dumps(found)


def test_figure_2_is_drawn_by_t_sne_whose_seed_it_tells(two_songs, tmp_path):
    found = finish(figures.figure_2(two_songs, Options(tmp_path)))

    assert found["map"] == f"t-SNE, seed {latent_map.TSNE_SEED}"
    assert set(found["separation"]) == {"latent", "map", "pca", "chance"}
    assert {path.name for path in tmp_path.iterdir()} - {"cache"} == FILES


@pytest.mark.usefixtures("undrawn")
def test_the_examples_are_windows_and_what_becomes_of_them(two_songs, tmp_path):
    finish(figures.figure_1(two_songs, Options(tmp_path)))
    song = read_song(tmp_path / "windows-and-their-reconstructions.mid")
    first = next(i for i, row in enumerate(song.roll) if row.any())
    assert song.roll[first : first + 20].any()
    assert song.seconds <= 4 * (20 + 10) * 0.05


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_training_goes_on_and_its_curve_knows_every_epoch(two_songs, tmp_path, monkeypatch):
    whole = finish(figures.figure_1(two_songs, Options(tmp_path)))
    monkeypatch.setattr("vrae_core.training.run.SECONDS_BETWEEN_STEPS", 0.0)
    job = figures.figure_1(two_songs, Options(tmp_path))
    while "epoch 2" not in next(job).text:
        pass
    job.close()
    again = finish(figures.figure_1(two_songs, Options(tmp_path, resume=True)))

    assert again["curve"] == whole["curve"]
    assert again["final"] == whole["final"]


@pytest.fixture
def run(two_songs, tmp_path):
    """A run of `paper-2d` that has not been trained yet."""
    settings = RunSettings("Evening", "paper-2d", tiny(2), tuple(SongToTrain(song.name) for song in two_songs))
    run = RunFolder.create(tmp_path / "runs", settings)
    save_corpus(run, corpus_of(settings, two_songs))
    return run


def test_a_run_that_was_stopped_is_shown_as_far_as_it_came(run, tmp_path, monkeypatch):
    monkeypatch.setattr("vrae_core.training.run.SECONDS_BETWEEN_STEPS", 0.0)
    job = train_in(run, load_corpus(run))
    while next(job).epoch < 2:
        pass
    job.close()
    (tmp_path / "out").mkdir()
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    found = finish(figures.figure_1([], Options(tmp_path / "out", run=run)))

    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES - {"training.checkpoint"}
    assert [row[0] for row in found["curve"]["rows"]] == [1, 2]
    stands = checkpoint.load(run.checkpoint, checkpoint.run_fingerprint(tiny(2), load_corpus(run)))
    shown = TrainedModel.load(tmp_path / "out" / "model.safetensors")
    assert all((shown.weights[name] == stands.weights[name]).all() for name in stands.weights)
    assert "2 epochs" in found["findings"][0]
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("undrawn")
def test_a_finished_run_is_shown_like_one_that_was_trained_for_the_figure(run, two_songs, tmp_path):
    finish(train_in(run, load_corpus(run)))
    shown = finish(figures.figure_1([], Options(tmp_path, run=run)))
    trained = finish(figures.figure_1(two_songs, Options(tmp_path)))

    assert shown["curve"] == trained["curve"]
    assert shown["final"] == trained["final"]
    assert shown["separation"] == trained["separation"]


def test_a_run_that_has_learnt_nothing_yet_or_another_model_is_refused(run, tmp_path):
    with pytest.raises(FileError, match="has not written a checkpoint yet"):
        finish(figures.figure_1([], Options(tmp_path, run=run)))
    with pytest.raises(FileError, match="trains another model than paper-20d"):
        finish(figures.figure_2([], Options(tmp_path, run=run)))


@pytest.mark.usefixtures("undrawn")
def test_a_run_whose_bound_collapsed_says_so(run, tmp_path):
    finish(train_in(run, load_corpus(run)))
    stands = checkpoint.load(run.checkpoint, checkpoint.run_fingerprint(tiny(2), load_corpus(run)))
    checkpoint.save(run.checkpoint, replace(stands, retreats=2))
    found = finish(figures.figure_1([], Options(tmp_path, run=run)))
    assert "the bound collapsed 2 times, and training went on with 0.25 of" in found["findings"][-1]


@pytest.mark.usefixtures("undrawn")
def test_a_clock_sets_the_length(two_songs, tmp_path, monkeypatch):
    endless = replace(tiny(2), training=replace(tiny(2).training, epochs=10**9))
    monkeypatch.setitem(RECIPES, "paper-2d", endless)
    found = finish(figures.figure_1(two_songs, Options(tmp_path, minutes=0.001)))  # or it would not come back
    assert found["final"]["windows"] > 0


def test_a_run_too_short_for_an_epoch_still_makes_its_pictures(two_songs, tmp_path):
    found = finish(figures.figure_1(two_songs, Options(tmp_path, minutes=1e-9)))
    assert found["curve"]["rows"] == []
    assert (tmp_path / "bound.png").exists()


def test_a_long_curve_is_thinned_and_keeps_its_last_epoch():
    thinned = figures._thinned([[float(i), 0.0, 0.0] for i in range(40_001)])["rows"]
    assert len(thinned) <= 500
    assert thinned[-1] == [40_001, 40_000.0, 0.0, 0.0]


@pytest.mark.usefixtures("undrawn")
def test_progress_only_rises(two_songs, tmp_path):
    done = [step.done / step.total for step in figures.figure_1(two_songs, Options(tmp_path))]
    assert done == sorted(done)
    assert done[-1] < 1
