"""Setting a training up: the table, the plan, the estimate and every setting."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from explorer.panels.playing.parts_dialog import CHOICES, PartsDialog
from explorer.panels.training.expert import ExpertDialog
from explorer.panels.training.setup import TrainingSetup
from explorer.panels.training.songs import COLUMNS, NAME, PLAY
from explorer.session.training import pace as training_pace
from explorer.session.training.songs import ListedSong
from tests.explorer.conftest import given_parts
from vrae_core.__main__ import main
from vrae_core.columns import Part
from vrae_core.errors import TrainingError
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note
from vrae_core.training.forecast import Speed
from vrae_core.training.settings import PRESETS, SETTINGS, read_recipe, write_recipe


class Frame(QWidget):
    """What holds the set-up side."""

    songs_wanted = Signal()


@pytest.fixture
def timed(monkeypatch):
    """What was asked to be timed, and what it is said to take."""
    asked = []

    def measure(recipe, pitches, windows, threads):
        asked.append((recipe, pitches, windows, threads))
        yield
        return Speed(0.25, 4)

    monkeypatch.setattr(training_pace, "measure", measure)
    return asked


@pytest.fixture
def setup(explored, timed, qtbot):
    frame = Frame()
    made = given_parts(TrainingSetup, explored, songs_wanted=frame.songs_wanted)
    made.frame = frame
    made.setParent(frame)
    qtbot.addWidget(frame)
    made.resize(1280, 600)
    frame.resize(1280, 600)
    frame.show()
    frame.activateWindow()
    qtbot.waitUntil(lambda: explored.training_songs.counts is not None)
    return made


def column(title):
    return next(i for i, each in enumerate(COLUMNS) if each.title == title)


def shown(setup, title):
    rows = setup.table.rows
    return [rows.index(row, column(title)).data() for row in range(rows.rowCount())]


def press(setup, row, place, qtbot, x=12):
    table = setup.table
    at = table.visualRect(table.rows.index(row, place)).topLeft() + QPoint(x, 10)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


# --- the table


def test_the_table_says_what_each_song_is_and_gives(setup):
    assert shown(setup, "Song") == ["Low", "Middle", "High"]
    assert shown(setup, "Length") == ["0:20", "0:25", "0:30"]
    assert shown(setup, "Windows") == ["7", "9", "11"]
    assert shown(setup, "Pitches")[0] == "6 · E2–D3"
    assert shown(setup, "Notes/s") == ["2.0", "2.0", "2.0"]
    assert shown(setup, "Tempo") == ["120", "120", "120"]


def test_a_click_on_a_tick_leaves_a_song_out(setup, explored, qtbot):
    press(setup, 1, NAME, qtbot)
    assert [song.name for song in setup.chosen_songs()] == ["Low", "High"]
    qtbot.waitUntil(lambda: explored.training_songs.counts is not None)
    assert shown(setup, "Windows")[1] == "–"


def test_a_click_on_a_name_only_selects_it(setup, qtbot):
    press(setup, 1, NAME, qtbot, x=60)
    assert len(setup.chosen_songs()) == 3
    assert setup.table.chosen() == [1]


def test_the_keyboard_ticks_transposes_plays_and_removes(setup, explored, qtbot):
    table, songs = setup.table, explored.training_songs
    table.setFocus()
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert not songs.entries[1].to_train.included
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        qtbot.keyClick(table, key)
    assert songs.entries[1].to_train.semitones == 1
    assert shown(setup, "Shift") == ["", "+1", ""]
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: explored.preview.song is songs.entries[1].song)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert explored.preview.song is None
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert shown(setup, "Song") == ["Low", "High"]


def test_the_quantise_menu_gives_selected_or_all_songs_a_grid_and_says_how_far(setup, explored, qtbot):
    menu = {action.text(): action.menu() for action in setup._grids.actions()}

    def choose(submenu, words):
        next(action for action in menu[submenu].actions() if action.text() == words).trigger()
        qtbot.waitUntil(lambda: explored.training_songs.counts is not None)

    setup.table.selectRow(1)
    choose("Selected songs", "To eighth triplets, and swing")
    assert shown(setup, "Grid") == ["", "1/8T", ""]
    choose("How far to move onsets", "50 %")
    assert shown(setup, "Grid") == ["", "1/8T 50%", ""]
    menu["How far to move onsets"].aboutToShow.emit()
    assert [a.text() for a in menu["How far to move onsets"].actions() if a.isChecked()] == ["50 %"]
    choose("All songs", "To sixteenths")
    assert {str(song.quantising) for song in setup.settings().songs} == {"1/16 50%"}
    choose("All songs", "As they were played")
    assert shown(setup, "Grid") == ["", "", ""]


def test_a_click_on_the_sign_plays_and_leaving_the_page_ends_it(setup, explored, qtbot):
    press(setup, 2, PLAY, qtbot)
    qtbot.waitUntil(lambda: explored.preview.song is explored.training_songs.entries[2].song)
    setup.hide()
    assert explored.preview.song is None


def test_sorting_keeps_what_is_selected_and_can_be_undone(setup, qtbot):
    setup.table.selectRow(0)
    setup.table.sortByColumn(column("Length"), Qt.SortOrder.DescendingOrder)
    assert shown(setup, "Song") == ["High", "Middle", "Low"]
    assert setup.table.chosen() == [0]
    press(setup, 0, NAME, qtbot)
    assert [song.name for song in setup.chosen_songs()] == ["Low", "Middle"]
    setup.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert shown(setup, "Song") == ["Low", "Middle", "High"]


@pytest.mark.parametrize("title", [each.title for each in COLUMNS])
def test_every_column_can_be_sorted_by(setup, title):
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        setup.table.sortByColumn(column(title), order)
        assert sorted(shown(setup, "Song")) == ["High", "Low", "Middle"]


def test_ten_thousand_songs_are_counted_sorted_and_ticked(setup, explored, qtbot):
    songs = explored.training_songs
    facts = songs.entries[0].read
    many = (ListedSong.of(Song(f"Song {i}", (Note(0, 1, 60),), 100.0 + i % 50), read=facts) for i in range(10_000))
    songs._list(many)
    qtbot.waitUntil(lambda: songs.counts is not None, timeout=30_000)
    assert songs.counts.windows == 70_000
    setup.table.sortByColumn(column("Tempo"), Qt.SortOrder.DescendingOrder)
    assert setup.table.rows.index(0, column("Tempo")).data() == "149"
    songs.toggle(range(0, 10_000, 2))
    qtbot.waitUntil(lambda: songs.counts is not None, timeout=30_000)
    assert songs.counts.windows == 35_000


def test_the_page_says_what_is_cut_away(setup, explored, qtbot):
    assert setup._cut.text().endswith("Nothing is cut away.")
    songs = explored.training_songs
    songs.set_plan(replace(songs.plan, recipe=replace(songs.plan.recipe, min_pitch_share=0.045)))
    qtbot.waitUntil(lambda: songs.counts is not None)
    lost = songs.counts.lost
    assert 0 < lost < 1
    assert f"less than 4.50% of all notes are cut away: {lost:.2%} of the music" in setup._cut.text()
    assert any(text.endswith("%") for text in shown(setup, "Cut"))


def test_what_one_should_know_of_a_song_stands_out(setup, explored, qtbot):
    songs = explored.training_songs
    jingle = Song("Jingle", (Note(0, 1, 60),), 120.0, ("1 note never released, and so ended early",))
    songs._list((*songs.entries, ListedSong.of(jingle)))
    qtbot.waitUntil(lambda: songs.counts is not None)
    said = "shorter than a window: the rest is silence; 1 note never released, and so ended early"
    assert shown(setup, "Notes") == ["", "", "", said]
    index = setup.table.rows.index(3, column("Notes"))
    assert index.data(Qt.ItemDataRole.ForegroundRole) == setup.palette().color(QPalette.ColorRole.BrightText)
    assert "never released" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_what_opens_files_is_asked_for(setup, qtbot):
    with qtbot.waitSignal(setup.folder_wanted), qtbot.waitSignal(setup.frame.songs_wanted):
        for button in setup.findChildren(type(setup.start)):
            if button.text().startswith("Add "):
                button.click()


def test_tab_goes_through_the_page_in_reading_order(setup, qtbot):
    first = next(button for button in setup.findChildren(type(setup.start)) if button.text() == "Add songs…")
    first.setFocus()
    reached = [first]
    while len(reached) < 40 and reached[-1] is not setup.start:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached[-1] is setup.start
    assert reached.index(setup.table) < reached.index(setup.plan.unit) < reached.index(setup.plan.name)


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


def test_the_parts_of_a_song_are_shown_heard_and_corrected(setup, explored, write_song, songs, tmp_path, qtbot):
    notes = list(songs[0].notes)
    tracks = [
        Track("Tune", 0, notes),
        Track("Low", 33, [n._replace(pitch=36) for n in notes]),
        Track("Kit", 0, notes, is_drums=True),
    ]
    write_midi(tmp_path / "band.mid", tracks)
    listed = explored.training_songs
    listed.add([tmp_path / "band.mid"])
    qtbot.waitUntil(lambda: len(listed.entries) == 4 and listed.counts is not None)
    setup.table.selectRow(3)
    setup.show_parts()
    page = setup.window().findChild(PartsDialog)
    assert [choice.currentText() for choice in page.choices] == ["Melody (found)", "Bass (found)", "Drums (found)"]
    assert page.parts == ()
    page.hear[2].click()
    qtbot.waitUntil(lambda: page.hear[2].text() == "Stop")
    assert explored.preview.track == (listed.entries[3].song, 2)
    page.hear[2].click()
    assert page.hear[2].text() == "Hear"
    page.choices[0].setCurrentIndex(CHOICES.index(Part.CHORDS))
    page.choices[1].setCurrentIndex(CHOICES.index(None))
    page.accept()
    assert setup.settings().songs[3].parts == (Part.CHORDS, None, Part.DRUMS)
    qtbot.waitUntil(lambda: listed.counts is not None)


# --- from what it begins


def test_a_model_of_the_base_s_shape_begins_from_the_base_unless_nothing_is_chosen(setup, explored):
    plan, box = explored.training_songs.plan, setup.plan
    assert (box.beginning.isVisible(), box.from_base) == (False, False), "this recipe has another shape"
    bars = RECIPES["bars-20d"]
    box.use(replace(plan, recipe=replace(bars, model=replace(bars.model, window=24, hop=24))))
    assert (box.beginning.isVisible(), box.from_base) == (True, True)
    box.beginning.setCurrentIndex(1)
    assert not box.from_base
    box.choose("paper-20d")
    box.beginning.setCurrentIndex(0)
    assert (box.beginning.isVisible(), box.from_base) == (False, False)


def test_of_songs_that_are_learnt_from_the_base_more_is_expected(setup, explored, timed, qtbot):
    box = setup.plan
    box.use(replace(explored.training_songs.plan, recipe=RECIPES["bars-20d"], minutes=30))
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


def test_while_a_training_runs_no_other_starts_and_nothing_is_timed(setup, timed, qtbot):
    setup.show_running(True)
    assert not setup.start.isEnabled()
    assert setup.start.toolTip() == "Training is already running"
    qtbot.wait(setup._idle.interval() + 100)
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


def test_what_was_timed_once_is_not_timed_again(setup, timed, qtbot):
    qtbot.waitUntil(lambda: setup._expected.text() != "")
    setup.plan.choose("evening")  # another length of the same recipe
    qtbot.waitUntil(lambda: "2 h" in setup.estimate.text())
    qtbot.wait(setup._idle.interval() + 100)
    assert len(timed) <= 2  # what is held out makes the batch smaller
    setup.plan.choose("sketch")
    assert setup._expected.text() != ""


def test_a_speed_that_cannot_be_measured_is_said_where_it_would_stand(setup, explored, monkeypatch, qtbot):
    def measure(*_args):
        yield
        raise TrainingError("the speed of training cannot be measured: no memory for it")

    monkeypatch.setattr(training_pace, "measure", measure)
    setup.plan.choose("paper-20d")
    qtbot.waitUntil(lambda: "no memory for it" in setup.estimate.text())
    assert explored.problems == []


# --- every setting


@pytest.fixture
def expert(setup):
    setup.plan.show_expert()
    page = setup.window().findChild(ExpertDialog)
    yield page
    if isValid(page):  # it is gone once it was accepted
        page.close()


def typed(page, path, text):
    control = page.rows[path].control
    control.setText(text)
    control.textEdited.emit(text)


def test_every_setting_has_a_row_with_its_words(expert):
    assert set(expert.rows) == set(SETTINGS)
    for path, row in expert.rows.items():
        assert row._words.text() == SETTINGS[path].words


def test_a_change_is_marked_and_used_only_when_accepted(setup, expert, explored):
    typed(expert, "recipe.model.latent", "8")
    row = expert.rows["recipe.model.latent"]
    assert row._title.text().endswith("•")
    assert row.reset.isVisible()
    assert explored.training_songs.plan.recipe.model.latent == 2
    expert.use.click()
    assert explored.training_songs.plan.recipe.model.latent == 8
    assert setup.plan._changed.text() == "1 setting changed"
    assert setup.settings().recipe_name == "fast-2d, changed"


def test_what_cannot_be_used_is_said_as_it_is_typed(expert):
    typed(expert, "recipe.training.batch", "0")
    assert not expert.use.isEnabled()
    assert expert.problem.text() == "Batch must be from 1 to 16,384."
    assert expert.rows["recipe.training.batch"]._words.text() == "Batch must be from 1 to 16,384."
    typed(expert, "recipe.training.batch", "32")
    assert expert.use.isEnabled()
    assert not expert.problem.isVisible()


def test_one_setting_or_all_can_be_reset(expert, explored):
    typed(expert, "recipe.model.latent", "8")
    typed(expert, "seed", "5")
    expert.rows["seed"].reset.click()
    assert (expert.plan.seed, expert.plan.recipe.model.latent) == (0, 8)
    typed(expert, "recipe.model.hidden", "many")
    expert.reset.click()
    assert expert.plan == explored.training_songs.plan
    assert expert.use.isEnabled()


def test_the_preset_can_be_chosen_again_after_a_change(setup, expert, explored):
    typed(expert, "recipe.model.latent", "8")
    expert.use.click()
    setup.plan.presets["sketch"].click()
    assert explored.training_songs.plan.recipe == RECIPES["fast-2d"]
    assert setup.plan._changed.text() == ""


def test_a_recipe_is_saved_and_loaded(expert, explored, tmp_path, qtbot):
    typed(expert, "recipe.model.latent", "8")
    expert.save_recipe(tmp_path / "mine")
    qtbot.waitUntil(lambda: (tmp_path / "mine.json").exists() and not explored.jobs.running)
    expert.reset.click()
    expert.load_recipe(tmp_path / "mine.json")
    qtbot.waitUntil(lambda: expert.rows["recipe.model.latent"].value() == 8)
    assert expert.plan.recipe == read_recipe(tmp_path / "mine.json")


def test_a_recipe_that_the_command_line_prints_can_be_loaded(expert, tmp_path, qtbot, capsys):
    assert main(["recipes", "fast-20d", "--json"]) == 0
    (tmp_path / "printed.json").write_text(capsys.readouterr().out)
    expert.load_recipe(tmp_path / "printed.json")
    qtbot.waitUntil(lambda: expert.plan.recipe == RECIPES["fast-20d"])


def test_a_recipe_that_is_no_good_is_refused_in_words_and_changes_nothing(expert, tmp_path, qtbot):
    before = expert.plan
    file = tmp_path / "bad.json"
    write_recipe(file, RECIPES["fast-20d"])
    values = json.loads(file.read_text())
    file.write_text(json.dumps(values | {"training": values["training"] | {"batch": 0}}))
    expert.load_recipe(file)
    qtbot.waitUntil(expert.problem.isVisible)
    assert (
        expert.problem.text()
        .replace("\u200b", "")
        .startswith(f"{file} is not a recipe that can be used: batch must be")
    )
    assert expert.plan == before


def test_a_recipe_that_cannot_be_written_is_said_on_the_page(expert, tmp_path, qtbot):
    expert.save_recipe(tmp_path / "nowhere" / "mine.json")
    qtbot.waitUntil(lambda: "folder does not exist" in expert.problem.text())


def test_closing_the_page_while_a_recipe_is_read_is_no_harm(expert, explored, tmp_path, qtbot):
    write_recipe(tmp_path / "mine.json", RECIPES["fast-20d"])
    expert.load_recipe(tmp_path / "mine.json")
    expert.reject()
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert explored.training_songs.plan.recipe == RECIPES["fast-2d"]
