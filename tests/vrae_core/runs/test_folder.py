"""A run as a folder of plain files."""

from __future__ import annotations

import errno
import json
import math
import os
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from vrae_core.errors import FileError
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.control import leave
from vrae_core.runs.folder import RunFolder, list_runs
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import last_row, summaries
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.safe_files import alone_in

ROW = HistoryRow(1.5, 2, 30, -5.25, -5.0, 0.25, 1e-3, 1.0, 0.7, 2, 400.0)


def settings(name: str = "My songs") -> RunSettings:
    return RunSettings(name, "fast-2d", RECIPES["fast-2d"], (SongToTrain("Low", "/music/low.mid"),))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", settings())


def test_two_runs_of_one_name_in_one_second_have_folders_of_their_own(tmp_path):
    assert len({RunFolder.create(tmp_path, settings()).path for _ in range(3)}) == 3
    assert len(list_runs(tmp_path)) == 3


@pytest.mark.parametrize("create", [RunFolder.create, lambda root, new: RunFolder.create_at(root / "mine", new)])
def test_a_run_whose_settings_cannot_be_written_leaves_no_folder(tmp_path, monkeypatch, create):
    def full(path, _settings):
        raise FileError(path, "cannot be written: No space left on device")

    monkeypatch.setattr("vrae_core.runs.folder.write_settings", full)
    with pytest.raises(FileError, match="No space left"):
        create(tmp_path, settings())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def out_of_reach(tmp_path: Path) -> Path:
    """Where nothing can be looked for: to ask what is there is an error."""
    link = tmp_path / "out of reach"
    link.symlink_to("x" * 300)
    with pytest.raises(OSError, match="too long"):
        link.is_file()
    return link


def test_a_folder_that_may_not_be_looked_into_hides_no_run_beside_it_and_hinders_no_new_one(run, out_of_reach):
    root = run.path.parent
    out_of_reach.rename(root / "lost+found")
    assert [each.path for each in list_runs(root)] == [run.path]
    new = RunFolder.create(root, settings())
    assert new.settings().name == "My songs (2)"
    assert len(list_runs(root)) == 2


def test_a_folder_that_may_not_be_listed_holds_no_runs_and_that_it_can_take_none_is_told(out_of_reach):
    assert list_runs(out_of_reach) == []
    with pytest.raises(FileError, match="cannot hold a new run"):
        RunFolder.create(out_of_reach, settings())


@pytest.mark.parametrize("part", ["model.safetensors", "running.json", "snapshots", "history.csv"])
def test_a_run_of_which_not_all_may_be_looked_at_is_listed_with_the_others(run, out_of_reach, part):
    root = run.path.parent
    RunFolder.create(root, settings("Other"))
    if part == "snapshots":
        (run.path / part).rmdir()
    out_of_reach.rename(run.path / part)
    assert {each.name: (each.state, each.model) for each in summaries(root)} == {
        "My songs": ("stopped", None), "Other": ("stopped", None)
    }  # fmt: skip


def test_the_history_comes_back_line_by_line_and_what_was_not_measured_is_not_a_number(run):
    measured = replace_row(ROW, seconds=3.0, held_out_bound=-6.0)
    for row in (ROW, measured):
        run.append(row)
    first, second = run.rows()
    assert first[:11] == ROW[:11]
    assert math.isnan(first.held_out_bound)
    assert (second.seconds, second.held_out_bound) == (3.0, -6.0)


def replace_row(row: HistoryRow, **values: float) -> HistoryRow:
    return row._replace(**values)


def test_a_line_that_was_cut_off_costs_no_other(run):
    run.append(ROW)
    run.append(ROW)
    data = run.history.read_bytes()
    run.history.write_bytes(data[:-9])
    run.append(ROW._replace(seconds=9.0))
    assert [row.seconds for row in run.rows()][-1] == 9.0
    assert len(run.rows()) in (2, 3)  # the line cut off may still hold all its figures


def test_a_line_whose_counts_no_run_can_reach_costs_no_other(run):
    for updates in (30, 10**400, -1, 40):
        run.append(ROW._replace(updates=updates))
    assert [row.updates for row in run.rows()] == [30, 40]
    assert last_row(run).updates == 40


def test_snapshots_come_in_their_order_and_are_model_files(run, model):
    for updates in (300, 20, 1000):
        run.keep_snapshot(model, updates)
    (run.path / "snapshots" / "other.txt").write_text("")
    assert [snapshot.updates for snapshot in run.snapshots()] == [20, 300, 1000]
    assert type(model).load(run.snapshots()[0].path).digest == model.digest


def test_of_many_snapshots_the_first_the_last_and_an_even_spread_between_them_stay(run, model, monkeypatch):
    monkeypatch.setattr("vrae_core.runs.folder.MOST_SNAPSHOTS", 12)
    for updates in range(1, 400, 3):
        run.keep_snapshot(model, updates)
    kept = [snapshot.updates for snapshot in run.snapshots()]
    assert len(kept) == 12
    assert (kept[0], kept[-1]) == (1, 397)
    growth = [later / earlier for earlier, later in pairwise(kept)]
    assert max(growth[1:]) < 3


def test_snapshots_take_up_no_more_than_so_many_bytes(run, model, monkeypatch):
    size = run.keep_snapshot(model, 1).stat().st_size
    monkeypatch.setattr("vrae_core.runs.folder.MOST_SNAPSHOT_BYTES", 6 * size)
    for updates in range(2, 60):
        run.keep_snapshot(model, updates)
        assert sum(snapshot.path.stat().st_size for snapshot in run.snapshots()) <= 6.5 * size
    kept = [snapshot.updates for snapshot in run.snapshots()]
    assert (kept[0], kept[-1]) == (1, 59)


def test_two_runs_of_one_name_are_told_apart(tmp_path):
    names = [RunFolder.create(tmp_path, settings(name)).settings().name for name in ("Try", "try", "Try", "Other")]
    assert names == ["Try", "try (2)", "Try (3)", "Other"]


def test_a_run_is_running_while_its_process_is_there_and_interrupted_when_it_went(run):
    assert run.state == "stopped"
    with run.being_trained():
        assert run.state == "running"
        with pytest.raises(FileError, match="another process"), run.being_trained():
            pass
    assert run.state == "stopped"
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    said = {"host": os.uname().nodename, "process": int(gone.stdout)}
    (run.path / "running.json").write_text(json.dumps(said))
    assert run.state == "interrupted"


def test_a_process_that_has_the_number_of_the_one_that_trained_does_not_hold_the_run(run):
    with run.being_trained():
        said = json.loads((run.path / "running.json").read_text())
    (run.path / "running.json").write_text(json.dumps(said | {"began": said["began"] - 60}))
    assert run.state == "interrupted"


def test_a_process_that_an_older_version_wrote_down_is_believed_while_it_is_there(run):
    for began in ({}, {"began": "12345"}):
        (run.path / "running.json").write_text(
            json.dumps({"host": socket.gethostname(), "process": os.getpid(), **began})
        )
        assert run.state == "running"


@pytest.fixture
def named_elsewhere(run: RunFolder) -> RunFolder:
    """A run that was cut off, of another machine, or of this one by the name it had then."""
    (run.path / "running.json").write_text(json.dumps({"host": "far-away", "process": 1, "began": 0.0}))
    return run


def test_a_run_that_was_cut_off_under_another_name_of_the_machine_is_resumed_or_left_or_thrown_away(named_elsewhere):
    run = named_elsewhere
    assert run.state == "interrupted"
    with run.being_trained():
        assert run.trainer().host == socket.gethostname()
        assert run.state == "running"
    assert run.state == "stopped"
    (run.path / "running.json").write_text('{"host": "far-away"}')
    leave(run)
    assert run.state == "stopped"
    (run.path / "running.json").write_text('{"host": "far-away"}')
    assert run.trash().exists()


def refused(run: RunFolder) -> None:
    """Nobody trains it, leaves it or throws it away."""
    assert run.state == "running"
    with pytest.raises(FileError, match=r"trained on another machine, far-away \(if it is not"), run.being_trained():
        pass
    with pytest.raises(FileError, match=r"far-away .*; stop it first"):
        run.trash()
    leave(run)
    assert run.state == "running"


def test_a_run_of_another_machine_whose_lock_is_held_is_that_machine_s(named_elsewhere):
    with alone_in(named_elsewhere.path, "is taken"):
        refused(named_elsewhere)


@pytest.mark.skipif(sys.platform == "win32", reason="every file system of Windows has locks")
def test_where_there_are_no_locks_another_machine_is_believed(named_elsewhere, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", fail)
    refused(named_elsewhere)


def test_a_run_with_its_model_is_finished(run, model):
    model.save(run.model)
    assert run.state == "finished"


def test_a_run_in_the_trash_is_listed_no_more_and_can_be_taken_back(run):
    gone = run.trash()
    assert list_runs(run.path.parent) == []
    gone.rename(run.path)
    assert len(list_runs(run.path.parent)) == 1


def test_a_run_that_is_trained_is_not_thrown_away(run):
    with run.being_trained(), pytest.raises(FileError, match="stop it first"):
        run.trash()


def test_disk_used_counts_all_files(run, model):
    before = run.disk_used()
    file = run.keep_snapshot(model, 1)
    assert run.disk_used() == before + file.stat().st_size
