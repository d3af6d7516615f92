"""The training tab: what it starts, and what it shows of a run."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.panels.training_panel import TrainingPanel
from explorer.session.sketching import Sketch
from vrae_core.corpus import build_corpus
from vrae_core.recipes import RECIPES
from vrae_core.run_folder import Row


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


def test_a_step_shows_its_figures_and_extends_the_curves(panel, explored, make_model):
    figures = (1e-3, 1.0, math.nan, 2, math.nan)
    rows = [Row(6.0, 1, 20, -9.0, -8.9, 0.1, *figures), Row(12.0, 2, 40, -5.25, -5.0, 0.25, *figures)]
    explored.training.rows += rows
    explored.training.model = make_model()
    panel.show_part("watch")
    explored.training.row_added.emit(rows[-1])
    step = SimpleNamespace(
        done=0.25, seconds=90.0, epoch=3, updates=60, lower_bound=-5.25, reconstruction=-5.0, kl=0.25,
        active_units=2, teacher_forcing=0.0,
    )  # fmt: skip
    explored.training.stepped.emit(step)
    assert panel.figures["lower_bound"].text() == "−5.250"
    assert panel.figures["active_units"].text() == "2"
    assert panel.status.text() == "1:30 min trained · about 4:30 min left"
    x, y = panel.curves._lines["lower bound"].getData()
    assert (x.tolist(), y.tolist()) == ([0.1, 0.2], [-9.0, -5.25])
    assert panel.use.isEnabled()


def test_the_living_map_shows_the_sketch_in_the_songs_colours(panel, explored):
    explored.training.corpus = build_corpus(explored.library.songs[:2], 20, 10)
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    panel._sketching.sketched.emit(Sketch(points, np.repeat([0, 1], 20)))
    assert (panel.view.points == points).all()


def test_only_what_can_be_done_is_offered(panel):
    assert panel.setup.start.isEnabled()
    for part in (panel.setup.queue, panel.steering.pause, panel.steering.stop, panel.use, panel.save):
        assert not part.isEnabled()
    panel.setup.show_running(True)
    assert panel.setup.queue.isEnabled()
    assert not panel.setup.start.isEnabled()
