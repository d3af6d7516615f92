"""The training that goes on, as every tab shows it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QMenu

import vrae_core
from explorer.panels.training.strip import TrainingStrip
from tests.explorer.training_stand_in import TrainingStandIn
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import UnderWay, summary
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK, SongToTrain


@pytest.fixture
def training(tmp_path):
    return TrainingStandIn(tmp_path)


@pytest.fixture
def strip(training, session, qtbot):
    made = TrainingStrip(training, training, session.runs)
    qtbot.addWidget(made)
    return made


def test_it_is_there_while_a_training_runs_and_says_how_far_it_is(strip, training, songs, make_model):
    assert strip.isHidden()
    training.name = "Mine & yours"
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


@pytest.fixture
def other_process(tmp_path, write_song, songs, session):
    """`vrae train … --run` in a process of its own, for as long as the test lasts."""
    model = ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True)
    recipe = Recipe("as small as can be", model, TrainingConfig(epochs=9), None, False)
    (tmp_path / "tiny.json").write_text(json.dumps(asdict(recipe)))
    words = [*(write_song(song) for song in songs), "--recipe-file", tmp_path / "tiny.json", "--minutes", "30"]
    command = [sys.executable, "-m", "vrae_core", "train", *words, "--run", tmp_path / "far & away"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(vrae_core.__file__).parents[1]
    )
    yield process
    process.kill()
    process.wait()


def test_what_another_program_trains_is_shown_too_and_its_end_told(window, other_process, tmp_path, qtbot):
    strip, session = window.training_strip, window.session
    qtbot.waitUntil(lambda: " left" in strip.others.text(), timeout=60_000)
    assert strip.isVisibleTo(window)
    assert not strip.words.isVisibleTo(window)
    assert strip.others.text().startswith("far && away (elsewhere) · ")
    strip.others.click()
    assert session.training.run.path == (tmp_path / "far & away").resolve()
    qtbot.waitUntil(lambda: session.training.attached, timeout=10_000)
    other_process.send_signal(signal.SIGINT)
    qtbot.waitUntil(lambda: not window.offers.ended.isHidden(), timeout=60_000)
    assert window.offers.ended.words.text().startswith("Training “far & away” ended")
    assert strip.isHidden()


def test_of_several_elsewhere_one_can_be_chosen(strip, session, tmp_path, qtbot):
    runs = [RunFolder(tmp_path / name) for name in ("one", "two")]
    session.runs.elsewhere = [UnderWay(run, run.path.name, 0.5, 30.0, False) for run in runs]
    session.runs.elsewhere_changed.emit()
    assert strip.others.text() == "2 trainings elsewhere"
    strip.others.click()
    (menu,) = strip.findChildren(QMenu)
    with qtbot.waitSignal(strip.other_wanted) as wanted:
        menu.actions()[1].trigger()
    assert wanted.args == [runs[1]]
    menu.close()
    session.runs.elsewhere = session.runs.elsewhere[:1]
    session.runs.elsewhere_changed.emit()
    assert strip.others.text() == "one (elsewhere) · 0:30 left"


def test_the_end_of_a_training_says_what_came_of_it_and_offers_its_map(window, make_model, qtbot):
    settings = RunSettings("Mine", "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"),), minutes=1.0)
    run = RunFolder.create(window.session.trainer.runs_folder, settings)
    row = HistoryRow(90.0, 3, 40, -5.25, -5.0, 0.25, 1e-3, 1.0, float("nan"), 2, 900.0, note_onset_f1=0.957)
    run.append(row)
    make_model(seed=7).save(run.model)
    unmeasured = row._replace(note_onset_f1=float("nan"))
    assert summary(run)._replace(state="stopped", last=unmeasured).outcome == "ended after 1.5 min."
    window.session.trainer.ended.emit(run)
    qtbot.waitUntil(lambda: not window.offers.ended.isHidden())
    assert window.offers.ended.words.text() == "Training “Mine” finished: 96% of the notes right."
    window.pages.show_train()
    window.offers.ended.yes.click()
    qtbot.waitUntil(lambda: window.session.library.model_name == "Mine" and not window.session.jobs.running)
    assert window.tabs.currentIndex() == 0


def test_a_map_that_somebody_has_opened_is_offered_no_more(window, make_model, qtbot):
    runs = []
    for name in ("Mine", "Other"):
        settings = RunSettings(name, "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"),), minutes=1.0)
        runs.append(RunFolder.create(window.session.trainer.runs_folder, settings))
        make_model(seed=7).save(runs[-1].model)
    offer, run_models = window.offers.ended, window.session.run_models
    window.session.trainer.ended.emit(runs[0])
    qtbot.waitUntil(lambda: not offer.isHidden())
    run_models.use(runs[1])
    assert not offer.isHidden(), "another map was opened"
    run_models.use(runs[0])
    assert offer.isHidden()
    qtbot.waitUntil(lambda: window.session.library.model_name == "Mine" and not window.session.jobs.running)


def test_songs_that_another_window_learns_are_that_window_s_to_tell_of(window, tmp_path, qtbot):
    session, told = window.session, []
    session.learning.ready.connect(lambda *said: told.append(said))
    settings = RunSettings("Theirs", "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"),), extra={MARK: True})
    run = RunFolder.create_at(tmp_path / "theirs", settings)
    with run.being_trained():
        qtbot.waitUntil(lambda: window.training_strip.others.text().startswith("Theirs"), timeout=30_000)
    with qtbot.waitSignal(session.runs.ended_elsewhere, timeout=30_000):
        pass
    assert told == []
    assert session.problems == []
    assert window.offers.ended.isHidden()
