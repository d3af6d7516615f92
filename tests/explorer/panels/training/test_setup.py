"""Setting a training up: the page, the plan and the estimate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from explorer.session.training import pace as training_pace
from tests.explorer.panels.training.conftest import shown
from vrae_core.errors import TrainingError
from vrae_core.model.recipes import RECIPES
from vrae_core.training.settings import PRESETS


def test_tab_goes_through_the_page_in_reading_order(setup, qtbot):
    first = next(button for button in setup.findChildren(type(setup.start)) if button.text() == "Add songs…")
    first.setFocus()
    reached = [first]
    while len(reached) < 40 and reached[-1] is not setup.start:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached[-1] is setup.start
    assert reached.index(setup.table) < reached.index(setup.plan.unit) < reached.index(setup.plan.name)


def test_the_page_says_what_is_cut_away(setup, explored, qtbot):
    assert setup._cut.text().endswith("Nothing is cut away.")
    songs = explored.training_songs
    songs.set_plan(replace(songs.plan, recipe=replace(songs.plan.recipe, min_pitch_share=0.045)))
    qtbot.waitUntil(lambda: songs.counts is not None)
    lost = songs.counts.lost
    assert 0 < lost < 1
    assert f"less than 4.50% of all notes are cut away: {lost:.2%} of the music" in setup._cut.text()
    assert any(text.endswith("%") for text in shown(setup, "Cut"))


# --- the plan


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_says_what_one_gets_and_is_what_is_trained(setup, key):
    setup.plan.presets[key].click()
    settings, preset = setup.settings(), PRESETS[key]
    assert setup.plan._words.text() == preset.words
    assert (settings.recipe, settings.recipe_name) == (RECIPES[preset.recipe_name], preset.recipe_name)
    assert (settings.minutes, settings.held_out) == (preset.minutes, preset.held_out)
    assert setup.plan.minutes.isVisible() == (preset.minutes is not None)


def test_the_length_is_in_minutes_or_in_epochs(setup):
    setup.plan.choose("best")
    setup.minutes.setValue(7)
    assert setup.settings().minutes == 7
    setup.plan.unit.setCurrentIndex(1)
    setup.plan.unit.activated.emit(1)
    setup.plan.epochs.setValue(30)
    settings = setup.settings()
    assert (settings.minutes, settings.recipe.training.epochs) == (None, 30)
    assert settings.recipe_name == "fast-20d, changed"


def test_the_settings_name_every_ticked_song_and_how_it_is_transposed(setup, explored):
    explored.training_songs.toggle([0])
    explored.training_songs.transpose([2], 4)
    assert [(song.name, song.semitones) for song in setup.settings().songs] == [("Middle", 0), ("High", 4)]


def test_a_run_has_a_name_unless_one_is_written(setup, explored):
    assert setup.settings().name.startswith("3 songs, Sketch, ")
    explored.training_songs.include([0, 1], False)
    setup.plan.choose("paper-2d")
    assert setup.settings().name.startswith("High, Paper 2-D, ")
    assert setup.plan.name.placeholderText() == setup.settings().name
    setup.plan.name.setText("  Mine ")
    assert setup.settings().name == "Mine"


# --- from what it begins


def test_a_model_of_the_base_s_shape_begins_from_the_base_unless_nothing_is_chosen(setup, explored):
    plan, box = explored.training_songs.plan, setup.plan
    assert (box.beginning.isVisible(), box.from_base) == (False, False), "this recipe has another shape"
    bars = RECIPES["bars-40d"]
    box.use(replace(plan, recipe=replace(bars, model=replace(bars.model, window=24, hop=24))))
    assert (box.beginning.isVisible(), box.from_base) == (True, True)
    box.beginning.setCurrentIndex(1)
    assert not box.from_base
    box.choose("paper-20d")
    box.beginning.setCurrentIndex(0)
    assert (box.beginning.isVisible(), box.from_base) == (False, False)


def test_of_songs_that_are_learnt_from_the_base_more_is_expected(setup, explored, timed, qtbot):
    box = setup.plan
    box.use(replace(explored.training_songs.plan, recipe=RECIPES["bars-40d"], minutes=30))
    with_base = "Expect most of the notes right: the base knows music already."
    explored.training_songs.estimate_beats(range(3), True)
    qtbot.waitUntil(lambda: setup._expected.text() == with_base)
    box.beginning.setCurrentIndex(1)
    box.beginning.activated.emit(1)
    assert setup._expected.text() not in ("", with_base)


# --- starting


def test_start_says_why_it_is_not_possible(setup, explored):
    assert setup.start.isEnabled()
    explored.training_songs.include(range(3), False)
    assert not setup.start.isEnabled()
    assert setup.reason.isVisible()
    assert setup.reason.text() == setup.start.toolTip() == "Tick at least one song to train on."
    explored.training_songs.remove(range(3))
    assert setup.reason.text().startswith("There are no songs yet")


def test_while_a_training_runs_no_other_starts_and_nothing_is_timed(setup, explored, timed, qtbot):
    with qtbot.waitSignal(setup._idle.timeout):
        setup.show_running(True)
        assert not setup.start.isEnabled()
        assert setup.start.toolTip() == "Training is already running"
    assert not explored.training_pace.measuring
    assert timed == []
    setup.show_running(False)
    assert setup.start.isEnabled()


def test_when_idle_a_few_updates_are_timed_and_the_figures_follow(setup, explored, timed, qtbot):
    qtbot.waitUntil(lambda: setup._expected.text() != "")
    ((recipe, _pitches, windows, threads),) = timed
    assert (recipe, windows, threads) == (RECIPES["fast-2d"], 27, explored.training_songs.plan.threads)
    assert setup.estimate.text() == (
        "27 windows of 2.5 s.\n0.2 s an epoch here, timed over 4 updates: about 720 epochs, 720 updates, in 3 min."
    )
    assert setup._expected.text() == "Expect separate songs, and a rough version of their music."


def test_what_was_timed_once_is_not_timed_again(setup, explored, timed, qtbot):
    qtbot.waitUntil(lambda: setup._expected.text() != "")
    setup.plan.choose("evening")  # another length of the same recipe
    qtbot.waitUntil(lambda: "2 h" in setup.estimate.text())
    assert len(timed) <= 2  # what is held out makes the batch smaller
    with qtbot.waitSignal(setup._idle.timeout):
        setup.plan.choose("sketch")
        assert setup._expected.text() != ""
    assert not explored.training_pace.measuring
    assert len(timed) <= 2


def test_a_speed_that_cannot_be_measured_is_said_where_it_would_stand(setup, explored, monkeypatch, qtbot):
    def measure(*_args):
        yield
        raise TrainingError("the speed of training cannot be measured: no memory for it")

    monkeypatch.setattr(training_pace, "measure", measure)
    setup.plan.choose("paper-20d")
    qtbot.waitUntil(lambda: "no memory for it" in setup.estimate.text())
    assert explored.problems == []
