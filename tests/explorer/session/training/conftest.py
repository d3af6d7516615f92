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


def wait_for_steps(session, qtbot, count=2):
    steps = []
    session.training.stepped.connect(steps.append)
    qtbot.waitUntil(lambda: len(steps) >= count or not session.trainer.running)
    assert session.trainer.running


def wait_for_the_end(session, qtbot):
    qtbot.waitUntil(lambda: not session.trainer.running)


@pytest.fixture
def running(explored, settings, qtbot):
    """A run that would take five minutes."""
    trainer, training = explored.trainer, explored.training
    trainer.start(settings, explored.library.songs)
    wait_for_steps(explored, qtbot)
    qtbot.waitUntil(lambda: training.corpus is not None and bool(training.rows))
    yield explored
    trainer.waiting.restore([])
    trainer.waiting.runs.clear()
    trainer.stop()
    wait_for_the_end(explored, qtbot)


@pytest.fixture
def learning(running, qtbot):
    """A run that has its first snapshot, which takes some seconds."""
    qtbot.waitUntil(lambda: running.training.model is not None)
    return running
