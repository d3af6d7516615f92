"""The training tab: what it starts, and what it shows of a run."""

from __future__ import annotations

import pytest

from explorer.panels.training.panel import TrainingPanel
from tests.explorer.conftest import shown_panel
from vrae_core.model.recipes import RECIPES


@pytest.fixture
def panel(explored, qtbot, monkeypatch):
    return shown_panel(TrainingPanel, explored, qtbot, 1280, 600)


@pytest.fixture
def started(explored, monkeypatch):
    """What the session was asked to train, instead of training it."""
    calls = []
    monkeypatch.setattr(explored.trainer, "start", lambda *args: calls.append(args))
    return calls


def test_a_start_trains_on_the_ticked_songs_and_shows_the_watching_side(panel, explored, started):
    explored.training_songs.toggle([1])
    explored.training_songs.transpose([2], -3)
    panel.setup.start.click()
    ((settings, trained, from_base),) = started
    assert not from_base, "songs in steps of 50 ms cannot"
    assert [song.name for song in trained] == ["Low", "High"] == [entry.name for entry in settings.songs]
    assert [entry.semitones for entry in settings.songs] == [0, -3]
    assert settings.recipe is RECIPES[settings.recipe_name]
    assert settings.minutes == panel.setup.minutes.value()
    assert panel.watch.isVisible()


def test_without_a_ticked_song_it_says_so(panel, explored, started):
    explored.training_songs.include(range(3), False)
    panel.start()
    assert started == []
    assert explored.problems == ["Tick at least one song to train on."]


def test_the_model_of_the_map_is_trained_further_on_the_ticked_songs_whatever_shape_is_set_up(panel, explored):
    queued = []
    explored.trainer.queue = lambda *args: queued.append(args)
    explored.training_songs.include([0], False)
    panel.fine_tune()
    ((settings, trained, begun_from),) = queued
    model = explored.library.atlas.model
    assert begun_from is model
    assert [song.name for song in trained] == ["Middle", "High"]
    assert (settings.name, settings.parent) == ("chance on 2 songs", "chance")
    assert settings.recipe.model.hidden == model.config.hidden != panel.setup.settings().recipe.model.hidden
    explored.training_songs.include(range(3), False)
    panel.fine_tune()
    assert len(queued) == 1
    assert explored.problems == ["Tick at least one song to train on."]


def test_only_what_can_be_done_is_offered(panel):
    assert panel.setup.start.isEnabled()
    steering, box = panel.steering, panel.watch.map
    for part in (panel.setup.queue, steering.pause, steering.stop, box.use, box.save):
        assert not part.isEnabled()
    panel.setup.show_running(True)
    assert panel.setup.queue.isEnabled()
    assert not panel.setup.start.isEnabled()


def test_a_run_that_is_queued_has_the_threads_that_are_set_up(panel, explored, monkeypatch):
    queued = []
    monkeypatch.setattr(explored.trainer, "queue", lambda *_args, **_named: queued.append(explored.trainer.threads))
    monkeypatch.setattr(type(panel.setup), "threads", 2)
    panel.queue()
    assert queued == [2]
