"""The training tab: what it starts, and what it shows of a run."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_a_start_trains_on_the_ticked_songs_and_shows_the_watching_side(panel, explored, started):
    explored.training_songs.toggle([1])
    explored.training_songs.transpose([2], -3)
    panel.setup.start.click()
    ((trained, recipe_name, recipe, minutes),) = started
    assert [song.name for song in trained] == ["Low", "High"]
    assert (trained[1].roll[:, :-3] == explored.library.songs[2].roll[:, 3:]).all()
    assert recipe is RECIPES[recipe_name]
    assert minutes == panel.setup.minutes.value()
    assert panel.curves.isVisible()


def test_without_a_ticked_song_it_says_so(panel, explored, started):
    explored.training_songs.include(range(3), False)
    panel.start()
    assert started == []
    assert explored.problems == ["Tick at least one song to train on."]


def test_a_step_shows_its_figures_and_extends_the_curves(panel, explored, make_model):
    from vrae_core.training import TrainingStep  # noqa: PLC0415 - imports torch

    panel.show_part("watch")
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
    panel.setup.show_running(True)
    assert not panel.setup.start.isEnabled()
