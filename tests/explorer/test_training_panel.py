"""The training tab: what it starts, and what it shows of a run."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.panels.training_panel import TrainingPanel
from explorer.session.training import Figures, Sketch
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
    ((trained, recipe_name, recipe, minutes),) = started
    assert [song.name for song in trained] == ["Low", "High"]
    assert recipe is RECIPES[recipe_name]
    assert minutes == panel.setup.minutes.value()


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


def test_a_step_shows_its_figures_and_extends_the_curves(panel, explored, make_model):
    from vrae_core.training import TrainingStep  # noqa: PLC0415 - imports torch

    explored.training.history = [Figures(0.1, -9.0, -8.9, 0.1), Figures(0.2, -5.25, -5.0, 0.25)]
    explored.training.model = make_model()
    explored.training.stepped.emit(TrainingStep(0.25, 3, 60, 90.0, -5.25, -5.0, 0.25, 1e-3, 2, 0.0, make_model()))
    assert panel.figures["lower_bound"].text() == "−5.250"
    assert panel.figures["active_units"].text() == "2"
    assert panel.status.text() == "1:30 min trained · about 4:30 min left"
    x, y = panel.curves._lines["lower bound"].getData()
    assert (x.tolist(), y.tolist()) == ([0.1, 0.2], [-9.0, -5.25])
    assert panel.use.isEnabled()


def test_the_living_map_shows_the_sketch_in_the_songs_colours(panel, explored):
    explored.training.names = ("Low", "High")
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    explored.training.sketched.emit(Sketch(points, np.repeat([0, 1], 20)))
    assert (panel.view.points == points).all()


def test_only_what_can_be_done_is_offered(panel):
    assert panel.setup.start.isEnabled()
    for part in (panel.pause, panel.stop, panel.use, panel.save):
        assert not part.isEnabled()
    panel.setup.show_running(True, True)
    assert not panel.setup.start.isEnabled()
