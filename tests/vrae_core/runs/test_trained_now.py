"""The runs that go on, wherever they lie, as whoever asks on this machine sees them."""

from __future__ import annotations

import math

import pytest

from vrae_core.model.recipes import RECIPES
from vrae_core.runs.control import Asked, write_steering
from vrae_core.runs.folder import RUNNING, RunFolder, default_runs_folder, trained_now
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import under_way
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain

ROW = HistoryRow(90.0, 3, 40, -5.25, -5.0, 0.25, 1e-3, 1.0, math.nan, 2, 900.0)


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def make_run(folder, **length):
    return RunFolder.create_at(
        folder, RunSettings("Mine", "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low"),), **length)
    )


def test_a_run_is_among_those_that_are_trained_for_as_long_as_it_is_wherever_it_lies(tmp_path):
    run = make_run(tmp_path / "anywhere")
    assert trained_now() == []
    with run.being_trained():
        assert [each.path for each in trained_now()] == [run.path]
    assert trained_now() == []


def test_how_far_it_is_is_told_by_its_minutes_or_its_epochs(tmp_path):
    by_clock, by_epochs = make_run(tmp_path / "clock", minutes=6.0), make_run(tmp_path / "epochs", epochs=12)
    assert math.isnan(under_way(by_clock).done)
    assert math.isnan(under_way(by_clock).left)
    for run in (by_clock, by_epochs):
        run.append(ROW)
        assert under_way(run)[1:] == ("Mine", 0.25, 270.0, False)
    write_steering(by_clock, Asked(paused=True))
    assert under_way(by_clock).paused


def test_the_note_of_a_process_that_was_killed_is_taken_away(tmp_path):
    run = make_run(tmp_path / "killed")
    with run.being_trained():
        assert len(trained_now()) == 1
        (run.path / RUNNING).unlink()
        assert trained_now() == []
        assert list((default_runs_folder() / ".trained now").iterdir()) == []


def test_notes_that_name_nothing_are_no_runs(tmp_path):
    notes = default_runs_folder() / ".trained now"
    notes.mkdir(parents=True)
    for name, text in (("a", b""), ("b", b"\0"), ("c", b"/nowhere"), ("d", b"x" * 100_000)):
        (notes / name).write_bytes(text)
    (notes / "e").mkdir()
    assert trained_now() == []


def test_a_run_is_trained_where_no_note_can_be_left(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with make_run(tmp_path / "run").being_trained():
        assert trained_now() == []
