"""What is lost of songs on a grid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import finish
from vrae_core.reproduction import grid as experiment
from vrae_core.reproduction.experiment import Options
from vrae_core.reproduction.grid import grid, played_at


@pytest.fixture(autouse=True)
def no_picture(monkeypatch):
    monkeypatch.setattr(experiment, "save_picture", lambda *_: None)  # a second each; another test looks at one


@pytest.fixture
def found(band_songs, tmp_path):
    """Of songs that lie on beats, at 90 and 150 beats a minute, by their tempo and their grid."""
    figures = finish(grid(band_songs, Options(tmp_path)))
    return {(row["played"], row["grid"]): row for row in figures["grids"]}


def test_a_song_on_its_beats_loses_nothing_on_any_part_of_them(found):
    for (_, each), row in found.items():
        if each != "20 Hz":
            assert row["moved_ms"] == pytest.approx(0, abs=1e-6)
            assert (row["uneven"], row["lost"], row["note_onset_f1"]) == (0, 0, 1)


def test_steps_of_50_ms_move_its_onsets_and_make_even_gaps_uneven(found):
    row = found["at 113 beats a minute", "20 Hz"]
    assert 10 < row["moved_ms"] < 20  # 14.4 where all places are as likely
    assert row["moved_more"] > 0.3
    assert row["uneven"] > 0.3


def test_a_song_is_played_faster_with_its_beats(band_songs):
    faster = played_at(band_songs[0], 180)
    assert faster.seconds == pytest.approx(band_songs[0].seconds / 2)
    assert faster.tempo_map.tempos[0].beats_per_minute == pytest.approx(180)
    assert len(faster.drums) == len(band_songs[0].drums)


def test_a_song_without_beats_is_put_on_20_hz_alone(band_songs, tmp_path):
    figures = finish(grid([replace(song, tempo_map=None) for song in band_songs], Options(tmp_path)))
    assert {row["grid"] for row in figures["grids"]} == {"20 Hz"}
    assert "Slow has no beats in its file" in figures["skipped"]


def test_models_can_learn_on_either_grid(band_songs, tmp_path, monkeypatch):
    config = ModelConfig(window=20, hop=20, hidden=8, encoder_hidden=6)
    tiny = Recipe("as small as can be", config, TrainingConfig(epochs=1, batch=16, learning_rate=1e-2))
    beats = replace(tiny, model=replace(config, window=16, hop=16, steps_per_beat=4))
    monkeypatch.setattr(experiment, "LEARNT", (tiny, beats))
    figures = finish(grid(band_songs, Options(tmp_path, minutes=0.01)))
    assert [row["grid"] for row in figures["trained"]] == ["20 Hz", "4 per beat"]
    assert {"lower_bound", "frame_f1", "note_onset_f1"} <= set(figures["trained"][1])
    assert (tmp_path / "4-per-beat.safetensors").exists()
