"""A training run in the background: started, paused, stopped, used while it goes on."""

from __future__ import annotations

import math

import pytest

from vrae_core.midi_file import Song
from vrae_core.recipes import ModelConfig, Recipe, TrainingConfig

TINY = Recipe(
    "tiny",
    ModelConfig(window=10, hop=5, latent=3, hidden=6, encoder_hidden=6),
    TrainingConfig(epochs=3, batch=16),
)


@pytest.fixture
def running(explored, qtbot):
    """A run that would take a minute."""
    steps = []
    explored.training.stepped.connect(steps.append)
    explored.training.start(explored.library.songs, "tiny", TINY, minutes=1)
    qtbot.waitUntil(lambda: len(steps) > 2 and explored.training.model is not None, timeout=30_000)
    yield explored
    explored.training.stop()
    qtbot.waitUntil(lambda: not explored.training.running, timeout=20_000)


def test_it_yields_figures_and_models(running):
    figures = running.training.history[-1]
    assert math.isclose(figures.lower_bound, figures.reconstruction - figures.kl, abs_tol=1e-4)
    assert running.training.names == ("Low", "Middle", "High")
    assert running.training.model.config == TINY.model


def test_it_can_be_paused_and_goes_on(running, qtbot):
    training = running.training
    training.toggle_pause()
    assert training.paused
    qtbot.wait(300)
    count = len(training.history)
    qtbot.wait(300)
    assert len(training.history) <= count + 1
    training.toggle_pause()
    qtbot.waitUntil(lambda: len(training.history) > count + 2, timeout=20_000)


def test_a_window_can_be_heard_while_it_goes_on(running, qtbot):
    with qtbot.waitSignal(running.playback.heard_changed):
        running.playback.play_window(3)
    assert running.training.running


def test_its_model_can_be_explored_while_it_goes_on(running, qtbot):
    running.use_trained_model()
    qtbot.waitUntil(lambda: running.library.model_name.startswith("tiny"), timeout=20_000)
    assert running.library.atlas.model.config.latent == 3
    assert running.training.running


def test_a_stop_keeps_the_newest_model(running, qtbot):
    running.training.stop()
    qtbot.waitUntil(lambda: not running.training.running, timeout=20_000)
    assert running.training.model is not None
    assert running.problems == []


def test_a_second_start_waits_for_the_end_of_the_first(running):
    worker = running.training._worker
    running.training.start(running.library.songs, "tiny", TINY, minutes=1)
    assert running.training._worker is worker


def test_songs_that_cannot_be_learnt_are_refused_in_words(session, qtbot):
    session.training.start([Song("Mute", (), 120.0)], "tiny", TINY, minutes=1)
    qtbot.waitUntil(lambda: not session.training.running)
    assert len(session.problems) == 1
    assert "Mute" in session.problems[0]


def test_without_a_model_there_is_nothing_to_use(session):
    said = []
    session.said.connect(lambda sentence, _kind: said.append(sentence))
    session.use_trained_model()
    assert said != []
