"""The page of runs, and the offer to go on with what was cut off."""

from __future__ import annotations

import json
import math
import socket
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from explorer.panels.training.runs import RunsPanel
from explorer.panels.training.runs_table import NAME, NOTES
from explorer.panels.training.steering_bar import SteeringBar
from explorer.qt.labels import Label
from explorer.session.training.queue import queue_file
from tests.explorer.conftest import shown_panel
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.safe_files import alone_in

SETTINGS = RunSettings("First", "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"), SongToTrain("High")), minutes=1.0)
FIGURES = HistoryRow(90.0, 3, 40, -5.25, -5.0, 0.25, 1e-3, 1.0, math.nan, 2, 900.0, note_onset_f1=0.5)


@pytest.fixture
def runs(session):
    """Three runs, one of them damaged, the newest first in the list."""
    root = session.trainer.runs_folder
    first = RunFolder.create(root, SETTINGS)
    first.append(FIGURES)
    second = RunFolder.create(root, replace(SETTINGS, name="Second"))
    damaged = RunFolder.create(root, replace(SETTINGS, name="Third"))
    (damaged.path / "run.json").write_text("{}")
    return first, second, damaged


@pytest.fixture
def panel(session, runs, qtbot):
    made = shown_panel(RunsPanel, session, qtbot, 1200, 500)
    qtbot.waitUntil(lambda: len(made.rows.rows) == 3)
    return made


def row_of(panel, name):
    return [panel.rows.index(row, NAME).data() for row in range(panel.rows.rowCount())].index(name)


def choose(panel, name):
    panel.table.selectRow(row_of(panel, name))


def texts(panel, row):
    return [panel.rows.index(row, column).data() for column in range(panel.rows.columnCount())]


def test_every_run_tells_its_figures_and_a_damaged_one_what_is_wrong(panel):
    assert texts(panel, row_of(panel, "First"))[1:7] == ["stopped", "fast-2d", "2", "1.5 min", "−5.250", "0.500"]
    (broken,) = [texts(panel, row) for row in range(3) if texts(panel, row)[1] == "damaged"]
    assert "does not say what is trained" in broken[NOTES]


def test_runs_of_one_name_are_told_apart_and_each_is_renamed_by_its_own(panel, runs, session, qtbot):
    RunFolder.create(session.trainer.runs_folder, SETTINGS).rename("First")  # as a hand may
    session.runs.refresh()
    qtbot.waitUntil(lambda: len(panel.rows.rows) == 4)
    newer, older = row_of(panel, "First (2)"), row_of(panel, "First")
    assert panel.rows.rows[older].run.path == runs[0].path
    assert panel.rows.index(newer, NAME).data(Qt.ItemDataRole.EditRole) == "First"


def test_f2_renames_a_run_and_writes_its_notes(panel, runs, qtbot):
    for column, text in ((NAME, "My songs"), (NOTES, "the good one")):
        row = next(row for row, summary in enumerate(panel.rows.rows) if summary.run.path == runs[0].path)
        assert panel.rows.setData(panel.rows.index(row, column), text)
        qtbot.waitUntil(lambda text=text: text in (runs[0].settings().name, runs[0].settings().notes))
    qtbot.waitUntil(lambda: "My songs" in [summary.name for summary in panel.rows.rows])
    assert runs[0].settings().notes == "the good one"


def test_a_name_that_is_being_written_stays_while_figures_of_runs_come_in(panel, runs, qtbot):
    panel.table.setCurrentIndex(panel.rows.index(row_of(panel, "First"), NAME))
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    editor = panel.table.findChild(QLineEdit)
    qtbot.keyClicks(editor, "Ear")
    panel.rows.renew()
    qtbot.keyClicks(editor, "ly")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: runs[0].settings().name == "Early")


def test_a_run_that_was_thrown_away_can_be_taken_back(panel, runs, qtbot):
    choose(panel, "First")
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(panel.rows.rows) == 2)
    assert not runs[0].path.exists()
    panel.buttons["restore"].click()
    qtbot.waitUntil(lambda: len(panel.rows.rows) == 3)
    assert [row.updates for row in runs[0].rows()] == [40]
    assert not panel.buttons["restore"].isVisible()


def test_return_shows_a_run(panel, session, runs, qtbot):
    choose(panel, "First")
    with qtbot.waitSignal(panel.show_wanted):
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(session.training.rows) == 1)
    assert session.training.run.path == runs[0].path


def test_a_damaged_run_can_only_be_thrown_away_or_looked_into(panel):
    row = next(row for row in range(3) if texts(panel, row)[1] == "damaged")
    panel.table.selectRow(row)
    assert [key for key, button in panel.buttons.items() if button.isEnabled()] == ["delete"]


def test_comparing_gives_the_rows_of_the_other_run(panel, session, runs, qtbot):
    session.training.show_run(runs[1])
    choose(panel, "First")
    with qtbot.waitSignal(session.runs.compared) as signal:
        panel.compare()
    name, rows = signal.args
    assert (name, rows[0].updates) == ("First", 40)


def test_those_that_wait_say_so_and_change_places(panel, session, runs):
    first, second, _ = runs
    for run in (first, second):
        session.trainer.waiting.add(run)
    assert texts(panel, row_of(panel, "First"))[1] == "waits, 1."
    session.trainer.waiting.move(first, 1)
    assert texts(panel, row_of(panel, "First"))[1] == "waits, 2."
    choose(panel, "Second")
    panel._leave_queue()
    assert [run.path for run in session.trainer.waiting.runs] == [first.path]


def test_a_run_that_waits_can_go_on_at_once_where_nothing_is_trained(panel, session, runs):
    session.trainer.waiting.add(runs[0])
    choose(panel, "First")
    assert panel.buttons["resume"].isEnabled()


def test_what_was_cut_off_is_offered_and_not_again_once_it_was_declined(session, runs, qtbot):
    (runs[0].path / "running.json").write_text(f'{{"host": "{socket.gethostname()}", "process": 999999999}}')
    assert runs[0].state == "interrupted"
    with qtbot.waitSignal(session.runs.unfinished_found) as signal:
        session.runs.look_for_unfinished()
    assert signal.args[0].name == "First"
    session.runs.not_now()
    qtbot.waitUntil(lambda: runs[0].state == "stopped")


def test_those_that_waited_when_the_window_went_wait_again(session, runs, qtbot):
    session.trainer.waiting.now(runs[0])
    session.trainer.waiting.add(runs[1])
    qtbot.waitUntil(lambda: queue_file().exists() and str(runs[1].path) in queue_file().read_text())
    session.trainer.waiting.restore([])
    session.trainer.waiting.runs.clear()
    with qtbot.waitSignal(session.runs.unfinished_found) as signal:
        session.runs.look_for_unfinished()
    assert signal.args[0].run.path == runs[0].path
    assert signal.args[1] == 1
    assert [run.path for run in session.trainer.waiting.runs] == [runs[1].path]


def test_what_waits_behind_a_run_of_another_window_is_that_window_s(session, runs, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.training.runs.wait_until_it_ended", lambda run: iter(()))
    first, second, _ = runs
    queue_file().parent.mkdir(parents=True, exist_ok=True)
    queue_file().write_text(json.dumps({"now": str(first.path), "waiting": [str(second.path)]}))
    with first.being_trained():
        session.runs.look_for_unfinished()
        qtbot.waitUntil(lambda: not session.jobs.running)
    assert session.runs.unfinished is None
    assert session.trainer.waiting.runs == []


def test_a_damaged_memory_of_the_queue_is_as_none(session, qtbot):
    queue_file().parent.mkdir(parents=True, exist_ok=True)
    for text in ("", "[]", '{"now": 3, "waiting": 4}', '{"now": "/nowhere", "waiting": ["/nowhere"]}'):
        queue_file().write_text(text)
        session.runs.look_for_unfinished()
        qtbot.waitUntil(lambda: not session.jobs.running)
        assert session.runs.unfinished is None
    assert session.problems == []


def test_the_window_offers_and_goes_away_when_declined(window, qtbot):
    run = RunFolder.create(window.session.trainer.runs_folder, SETTINGS)
    run.append(FIGURES)
    window.session.trainer.waiting.now(run)
    qtbot.waitUntil(lambda: queue_file().exists())
    window.session.runs.look_for_unfinished()
    qtbot.waitUntil(window.offers.unfinished.isVisible)
    assert window.offers.unfinished.words.text() == "The training “First” was interrupted after 1.5 min. Resume?"
    for size in ((1280, 720), (1440, 900)):
        window.resize(*size)
        window.pages.show_runs()
        QApplication.processEvents()
        on_screen = QRect(window.offers.unfinished.mapToGlobal(QPoint(0, 0)), window.offers.unfinished.size())
        for other in (window.tabs, window.pages, window.transport):
            assert not on_screen.intersects(QRect(other.mapToGlobal(QPoint(0, 0)), other.size()))
        room = window.offers.unfinished.words
        assert room.width() >= room.fontMetrics().horizontalAdvance(room.text())
    assert window.offers.unfinished.yes.nextInFocusChain() is window.offers.unfinished.no
    assert window.offers.unfinished.no.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.mouseClick(window.offers.unfinished.no, Qt.MouseButton.LeftButton)
    assert not window.offers.unfinished.isVisible()
    qtbot.waitUntil(lambda: not window.session.jobs.running)


def test_what_cannot_be_steered_is_greyed_and_says_why(session, runs, qtbot):
    bar = SteeringBar(session.training)
    qtbot.addWidget(bar)
    assert not bar.pause.isEnabled()
    (runs[0].path / "running.json").write_text('{"host": "far-away", "process": 1}')
    with alone_in(runs[0].path, "is taken"):
        session.training.show_run(runs[0])
        qtbot.waitUntil(lambda: session.training.attached)
        assert not bar.learning_rate.isEnabled()
        assert "far-away" in bar.stop.toolTip()


def test_a_run_that_was_cut_off_under_another_name_of_the_machine_can_be_resumed_and_deleted(
    panel, runs, session, qtbot
):
    (runs[0].path / "running.json").write_text('{"host": "far-away", "process": 1}')
    session.runs.refresh()
    qtbot.waitUntil(lambda: "interrupted" in texts(panel, row_of(panel, "First")))
    choose(panel, "First")
    assert panel.buttons["resume"].isEnabled()
    panel.buttons["delete"].click()
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2)
    assert not runs[0].path.exists()


def test_a_list_without_runs_says_so_below_its_title(session, qtbot):
    panel = shown_panel(RunsPanel, session, qtbot, 1200, 500)
    title = next(label for label in panel.findChildren(Label) if label.text() == "RUNS")
    assert title.height() < 40
    assert panel._empty.isVisible()
    assert not panel.table.isVisible()


@pytest.mark.parametrize("what", ["resume", "throw away"])
def test_the_offer_goes_when_the_run_is_resumed_elsewhere_or_thrown_away(window, qtbot, what):
    session, offer = window.session, window.offers.unfinished
    run = RunFolder.create(session.trainer.runs_folder, SETTINGS)
    session.trainer.waiting.now(run)
    qtbot.waitUntil(lambda: queue_file().exists())
    session.runs.look_for_unfinished()
    qtbot.waitUntil(offer.isVisible)
    session.trainer.resume(run) if what == "resume" else session.runs.throw_away(run)
    qtbot.waitUntil(lambda: not offer.isVisible())
    assert session.runs.unfinished is None
    qtbot.waitUntil(lambda: not session.trainer.running and not session.jobs.running)
