"""A run's figures over time."""

import math

from vrae_core.model.recipes import RECIPES
from vrae_core.runs import history
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import Seen, news_of
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain

ROW = HistoryRow(60.0, 2, 30, -5.25, -5.0, 0.25, 1e-3, 1.0, 0.7, 2, 400.0, frame_f1=0.9, note_onset_f1=0.75)
OLD = HistoryRow._fields[:-1]  # of before note onsets were measured


def write_old(path):
    path.write_text(f"{','.join(OLD)}\r\n60.0,2,30,-5.25,-5.0,0.25,0.001,1.0,0.7,2,400.0,,,,0.9,\r\n")


def test_a_file_of_before_note_onsets_were_measured_is_read(tmp_path):
    write_old(tmp_path / "history.csv")
    [row] = history.read(tmp_path / "history.csv")
    assert (row.updates, row.frame_f1) == (30, 0.9)
    assert math.isnan(row.note_onset_f1)


def test_a_run_that_goes_on_in_such_a_file_writes_all_columns(tmp_path):
    path = tmp_path / "history.csv"
    write_old(path)
    history.rewind(path, 31, 61.0)
    history.append(path, ROW._replace(updates=40))
    assert [(row.updates, row.frame_f1) for row in history.read(path)] == [(30, 0.9), (40, 0.9)]
    assert history.read(path)[1].note_onset_f1 == 0.75


def test_who_watches_such_a_run_hears_of_what_is_written_with_all_columns(tmp_path):
    settings = RunSettings("Mine", "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"),))
    run = RunFolder.create(tmp_path, settings)
    write_old(run.history)
    seen = news_of(run, Seen()).seen
    history.rewind(run.history, 31, 61.0)
    run.append(ROW._replace(updates=40))
    assert [row.updates for row in news_of(run, seen).rows] == [30, 40]
