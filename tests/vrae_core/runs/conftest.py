"""A run that learns two songs within a second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain


@pytest.fixture
def run(tmp_path: Path, two_songs) -> RunFolder:
    fast = RECIPES["fast-2d"]
    tiny = Recipe(
        "tiny", ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True),
        replace(fast.training, batch=16), None, False,
    )  # fmt: skip
    songs = tuple(SongToTrain(song.name) for song in two_songs)
    return RunFolder.create(tmp_path, RunSettings("tiny", "tiny", tiny, songs, epochs=6))


def changed(run: RunFolder, **settings) -> RunFolder:
    run.write_settings(replace(run.settings(), **settings))
    return run
