"""Figures 1 and 2."""

import json

import pytest

from vrae_core.latent import map as latent_map
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.reproduction import figures
from vrae_core.reproduction.experiment import Options


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


@pytest.mark.usefixtures("undrawn")
def test_a_clock_sets_the_length(two_songs, tmp_path):
    found = finish(figures.figure_1(two_songs, Options(tmp_path, minutes=0.01)))
    assert len(found["curve"]["rows"]) != 4


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
