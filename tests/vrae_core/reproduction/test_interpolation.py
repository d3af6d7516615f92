"""From one song to another."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.vrae_core.conftest import random_model
from vrae_core.corpus.cutting import choose_pitches
from vrae_core.errors import VraeError
from vrae_core.midi.beats import Meter, TempoMap
from vrae_core.midi.song import read_song
from vrae_core.model.recipes import ModelConfig
from vrae_core.progress import finish
from vrae_core.reproduction import interpolation
from vrae_core.reproduction.between import points_between
from vrae_core.reproduction.experiment import Options
from vrae_core.reproduction.listening import decoded, random_pairs


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(interpolation, "PAIRS", 6)
    monkeypatch.setattr(interpolation, "LISTENED", 2)
    monkeypatch.setattr("vrae_core.reproduction.between.MIDDLES", 20)
    monkeypatch.setattr("vrae_core.reproduction.critic.UPDATES", 3)


@pytest.fixture
def undrawn(monkeypatch):
    """Pictures take a second each to draw; most tests do not look at them."""
    monkeypatch.setattr(interpolation, "save_picture", lambda *_: None)
    monkeypatch.setattr(interpolation, "LISTENED", 0)


@pytest.mark.usefixtures("few")
def test_pairs_of_songs_are_joined_drawn_and_measured(two_songs, model, tmp_path):
    found = finish(interpolation.interpolation(two_songs, Options(tmp_path, model=model)))

    to_listen_to = {f"path-{number}{suffix}" for number in ("01", "02") for suffix in (".mid", ".png", ".wav")}
    assert {path.name for path in tmp_path.iterdir()} == {"path.png", "path.mid", "paths.html"} | to_listen_to
    assert found["hand_over"]["pairs"] == 6
    example = found["example"]
    assert example["f1_with_start"][0] == example["f1_with_end"][-1] == 1
    assert len(example["elements_of_both"]) == interpolation.POINTS
    assert {example["from"].split(",")[0], example["to"].split(",")[0]} == {"Low", "High"}
    assert any("Spearman" in sentence for sentence in found["findings"])
    json.dumps(found, allow_nan=False)


@pytest.mark.usefixtures("few", "undrawn")
def test_the_piece_is_the_path_a_window_a_point(two_songs, model, tmp_path):
    finish(interpolation.interpolation(two_songs, Options(tmp_path, model=model)))
    assert read_song(tmp_path / "path.mid").seconds <= interpolation.POINTS * model.config.window * 0.05


@pytest.mark.usefixtures("few", "undrawn")
def test_the_same_seed_gives_the_same_figures(two_songs, model, tmp_path):
    runs = [
        finish(interpolation.interpolation(two_songs, Options(tmp_path, seed=seed, model=model))) for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_one_song_is_too_few(two_songs, model, tmp_path):
    with pytest.raises(VraeError, match="two songs"):
        finish(interpolation.interpolation(two_songs[:1], Options(tmp_path, model=model)))


def test_a_silent_model_is_told(two_songs, model, tmp_path):
    silent = replace(model, threshold=1.1)
    with pytest.raises(VraeError, match="plays anything"):
        finish(interpolation.interpolation(two_songs, Options(tmp_path, model=silent)))


def test_a_model_is_needed(two_songs, tmp_path):
    with pytest.raises(VraeError, match="needs a model"):
        finish(interpolation.interpolation(two_songs, Options(tmp_path)))


def test_pairs_are_usable_windows_of_two_songs(corpus):
    usable = np.arange(len(corpus)) % 3 == 0
    pairs = random_pairs(corpus, usable, 40, np.random.default_rng(0))
    assert pairs.shape == (40, 2)
    assert usable[pairs].all()
    assert (corpus.song_of[pairs[:, 0]] != corpus.song_of[pairs[:, 1]]).all()


class _Echo:
    """A model whose z is a window's number, and which plays that window."""

    threshold = 0.5
    config = ModelConfig()

    def __init__(self, corpus):
        self.x = corpus.windows()

    def decode(self, z, steps=None):
        return self.x[np.rint(z[:, 0]).astype(int)].astype(np.float32)


def test_music_of_the_songs_kind_lies_within_their_range(corpus):
    model, mu = _Echo(corpus), np.arange(len(corpus), dtype=np.float32)[:, None]
    heard = finish(decoded(model, mu))
    table = finish(points_between(model, corpus, mu, heard, np.random.default_rng(0)))

    assert table["all_within_min_max"] == {"songs": 1, "reconstructions": 1, "middles": 1}
    for measure in table["measures"].values():
        assert measure["reconstructions"]["mean"] == measure["songs"]["mean"]
        assert measure["songs"]["within_5_95"] >= 0.85
    assert table["silent"]["middles"] == 0


def test_silence_between_the_songs_is_counted(corpus, model):
    silent = replace(model, threshold=1.1)
    mu = model.encode(corpus.windows()).mu
    table = finish(points_between(silent, corpus, mu, corpus.windows(), np.random.default_rng(0)))
    assert table["silent"]["middles"] == 1
    assert table["all_within_min_max"]["middles"] == 0


@pytest.mark.usefixtures("few", "undrawn")
def test_a_model_of_parts_goes_through_mixtures_with_the_straight_line_beside_it(two_songs, tmp_path):
    songs = [replace(song, tempo_map=TempoMap(), meters=(Meter(0.0, 4, 4),)) for song in two_songs]
    config = ModelConfig(16, 16, 2, 8, 6, "gru", z_every_step=True, steps_per_beat=4, parts=True)
    model = random_model(config, choose_pitches(songs, 0.0, config.grid))
    found = finish(interpolation.interpolation(songs, Options(tmp_path, model=model)))
    assert found["way"] == "mixtures"
    assert set(found["straight_line"]) == set(found["hand_over"])
    assert found["straight_line"] != found["hand_over"]
    between = found["between"]
    for figures in (*between["measures"].values(), between["silent"], between["stuck"], between["critic"]):
        assert {"songs", "reconstructions", "middles", "straight_middles"} <= set(figures)
