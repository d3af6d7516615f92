"""The training tab: what it starts, and what it shows of a run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from explorer.panels.training_panel import TrainingPanel
from vrae_core.recipes import RECIPES


@pytest.fixture
def panel(explored, qtbot, monkeypatch):
    made = TrainingPanel(explored)
    qtbot.addWidget(made)
    made.resize(1280, 600)
    made.show()
    return made


@pytest.fixture
def started(explored, monkeypatch):
    """What the session was asked to train, instead of training it."""
    calls = []
    monkeypatch.setattr(explored.training, "start", lambda *args: calls.append(args))
    return calls


def test_all_songs_are_ticked_at_first_and_can_be_left_out(panel, explored, started, qtbot):
    songs = panel.setup.songs
    at = songs.visualRect(songs.rows.index(1)).center()
    qtbot.mouseClick(songs.viewport(), Qt.MouseButton.LeftButton, pos=at)
    panel.setup.start.click()
    ((settings, trained),) = started
    assert [song.name for song in trained] == ["Low", "High"] == [entry.name for entry in settings.songs]
    assert settings.recipe is RECIPES[settings.recipe_name]
    assert settings.minutes == panel.setup.minutes.value()


def test_without_a_ticked_song_it_says_so(panel, explored, started):
    for place in range(3):
        panel.setup.songs.picked.emit(place)
    panel.start()
    assert started == []
    assert explored.problems == ["Tick at least one song to train on."]


def test_every_recipe_can_be_chosen_and_is_explained(panel):
    assert [panel.setup.recipe.itemData(i) for i in range(panel.setup.recipe.count())] == list(RECIPES)
    for i in range(panel.setup.recipe.count()):
        panel.setup.recipe.setCurrentIndex(i)
        assert panel.setup._summary.text()


def test_only_what_can_be_done_is_offered(panel):
    assert panel.setup.start.isEnabled()
    steering, box = panel.steering, panel.watch.map
    for part in (panel.setup.queue, steering.pause, steering.stop, box.use, box.save):
        assert not part.isEnabled()
    panel.setup.show_running(True)
    assert panel.setup.queue.isEnabled()
    assert not panel.setup.start.isEnabled()
