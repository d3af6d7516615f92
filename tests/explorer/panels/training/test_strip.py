"""The training that goes on, as every tab shows it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from explorer.panels.training.strip import TrainingStrip
from tests.explorer.training_stand_in import TrainingStandIn
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import summary
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain


@pytest.fixture
def training(tmp_path):
    return TrainingStandIn(tmp_path)


@pytest.fixture
def strip(training, qtbot):
    made = TrainingStrip(training)
    qtbot.addWidget(made)
    return made


def test_it_is_there_while_a_training_runs_and_says_how_far_it_is(strip, training, songs, make_model):
    assert strip.isHidden()
    training.trained_name = "Mine & yours"
    training.begin(songs, make_model())
    training.stepped.emit(SimpleNamespace(seconds=90.0, done=0.25))
    assert not strip.isHidden()
    assert strip.words.text() == "Mine && yours · 4:30 left"
    assert strip.bar.value() == 250
    training.paused = True
    training.changed.emit()
    assert strip.words.text() == "Mine && yours · paused"
    training.running = training.paused = False
    training.changed.emit()
    assert strip.isHidden()


def test_a_click_asks_for_the_training(strip, qtbot):
    with qtbot.waitSignal(strip.clicked):
        strip.words.click()


def test_the_end_of_a_training_says_what_came_of_it_and_offers_its_map(window, make_model, qtbot):
    settings = RunSettings("Mine", "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"),), minutes=1.0)
    run = RunFolder.create(window.session.training.runs_folder, settings)
    row = HistoryRow(90.0, 3, 40, -5.25, -5.0, 0.25, 1e-3, 1.0, float("nan"), 2, 900.0, note_onset_f1=0.957)
    run.append(row)
    make_model(seed=7).save(run.model)
    unmeasured = row._replace(note_onset_f1=float("nan"))
    assert summary(run)._replace(state="stopped", last=unmeasured).outcome == "ended after 1.5 min."
    window.session.training.ended.emit(run)
    qtbot.waitUntil(lambda: not window.offers.ended.isHidden())
    assert window.offers.ended.words.text() == "Training “Mine” finished: 96% of the notes right."
    window.show_train()
    window.offers.ended.yes.click()
    qtbot.waitUntil(lambda: window.session.library.model_name == "Mine" and not window.session.jobs.running)
    assert window.tabs.currentIndex() == 0
