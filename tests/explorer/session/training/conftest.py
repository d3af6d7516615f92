"""A training that takes five minutes, in a process of its own."""

from __future__ import annotations

import pytest

from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain

TINY = Recipe(
    "tiny",
    ModelConfig(window=10, hop=5, latent=3, hidden=6, encoder_hidden=6),
    TrainingConfig(epochs=3, batch=16),
)


@pytest.fixture
def settings(songs) -> RunSettings:
    entries = tuple(SongToTrain(song.name) for song in songs)
    return RunSettings("Tiny", "tiny", TINY, entries, minutes=5.0)


def wait_for_steps(training, qtbot, count=2):
    steps = []
    training.stepped.connect(steps.append)
    qtbot.waitUntil(lambda: len(steps) >= count or not training.running)
    assert training.running


def wait_for_the_end(training, qtbot):
    qtbot.waitUntil(lambda: not training.running)


@pytest.fixture
def running(explored, settings, qtbot):
    """A run that would take five minutes."""
    training = explored.training
    training.start(settings, explored.library.songs)
    wait_for_steps(training, qtbot)
    qtbot.waitUntil(lambda: training.corpus is not None and bool(training.rows))
    yield explored
    training.waiting.restore([])
    training.waiting.runs.clear()
    training.stop()
    wait_for_the_end(training, qtbot)


@pytest.fixture
def learning(running, qtbot):
    """A run that has its first snapshot, which takes some seconds."""
    qtbot.waitUntil(lambda: running.training.model is not None)
    return running
