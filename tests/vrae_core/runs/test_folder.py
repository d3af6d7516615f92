"""A run as a folder of plain files."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from vrae_core.columns import Part
from vrae_core.errors import FileError
from vrae_core.midi.quantising import Quantising
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.folder import RunFolder, RunSettings, list_runs
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import last_row
from vrae_core.runs.songs import SongToTrain

ROW = HistoryRow(1.5, 2, 30, -5.25, -5.0, 0.25, 1e-3, 1.0, 0.7, 2, 400.0)


def settings(name: str = "My songs", recipe: str = "fast-2d") -> RunSettings:
    high = SongToTrain("High", "/music/high.mid", semitones=-3, weight=2.0, quantising=Quantising("1/16", 60))
    high = replace(high, parts=(Part.MELODY, None, Part.DRUMS, Part.ALL), estimate_beats=True)
    songs = (SongToTrain("Low", "/music/low.mid"), high)
    return RunSettings(name, recipe, RECIPES[recipe], songs, seed=3, minutes=20.0, notes="a try")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", settings())


@pytest.mark.parametrize("recipe", RECIPES)
def test_settings_come_back_as_they_were_written(tmp_path, recipe):
    run = RunFolder.create(tmp_path, settings(recipe=recipe))
    assert replace(run.settings(), created="") == settings(recipe=recipe)
    assert run.settings().created.startswith("20")


def test_its_file_names_each_song_with_what_is_done_to_it(run):
    low, high = json.loads((run.path / "run.json").read_text())["songs"]
    assert low == {
        "name": "Low",
        "path": "/music/low.mid",
        "transpose": 0,
        "weight": 1.0,
        "quantise": "",
        "quantise_strength": 100,
        "parts": [],
        "estimate_beats": False,
    }
    assert (high["parts"], high["estimate_beats"]) == (["melody", "none", "drums", "all"], True)
    assert (high["transpose"], high["weight"], high["quantise"], high["quantise_strength"]) == (-3, 2.0, "1/16", 60)


def test_a_run_of_before_songs_could_be_quantised_learns_them_as_they_are(run):
    values = json.loads((run.path / "run.json").read_text())
    for song in values["songs"]:
        del song["quantise"], song["quantise_strength"], song["parts"], song["estimate_beats"]
    (run.path / "run.json").write_text(json.dumps(values))
    assert not any(song.quantising.changes for song in run.settings().songs)


def test_what_another_version_added_is_kept(run):
    values = json.loads((run.path / "run.json").read_text()) | {"mood": "blue"}
    (run.path / "run.json").write_text(json.dumps(values))
    run.rename("Other")
    assert json.loads((run.path / "run.json").read_text())["mood"] == "blue"
    assert run.settings().name == "Other"


def test_two_runs_of_one_name_in_one_second_have_folders_of_their_own(tmp_path):
    assert len({RunFolder.create(tmp_path, settings()).path for _ in range(3)}) == 3
    assert len(list_runs(tmp_path)) == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: v.pop("recipe"),
        lambda v: v.update(songs=3),
        lambda v: v["songs"][0].update(quantise="1/7"),
        lambda v: v["songs"][0].update(quantise_strength=101),
        lambda v: v["recipe"]["model"].update(hidden=10**9),
        lambda v: v["recipe"]["model"].update(cell="pickle"),
        lambda v: v["recipe"]["training"].update(learning_rate="1e-3"),
        lambda v: v["recipe"]["training"].update(clip=math.inf),
        lambda v: v["recipe"]["training"].update(clip=10**400),
        lambda v: v["recipe"]["training"].update(batch=True),
        lambda v: v.update(seed=math.inf),
        lambda v: v["recipe"]["training"].update(surprise=1),
        lambda v: v.update(version=2),
    ],
)
def test_damaged_settings_are_refused_in_a_sentence(run, damage):
    values = json.loads((run.path / "run.json").read_text())
    damage(values)
    (run.path / "run.json").write_text(json.dumps(values))
    with pytest.raises(FileError, match=r"run\.json"):
        run.settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", -1),
        ("seed", 0.5),
        ("seed", math.nan),
        ("epochs", -1),
        ("epochs", 0),
        ("minutes", -1),
        ("minutes", math.nan),
        ("minutes", math.inf),
        ("held_out", math.nan),
        ("held_out", -1),
        ("name", None),
        ("recipe.cap", -1),
        ("recipe.min_pitch_share", math.nan),
        ("recipe.model.window", -1),
        ("recipe.model.context", -1),
        ("recipe.training.epochs", -1),
        ("recipe.training.batch", -1),
        ("recipe.training.clip", math.nan),
        ("songs.1.transpose", 10**6),
        ("songs.1.weight", -1),
        ("songs.1.weight", math.nan),
        ("songs.1.quantise_strength", -1),
        ("songs.1.parts", ["tuba"]),
        ("songs.1.parts", [3]),
        ("songs.1.parts", ["melody"] * 5000),
        ("songs.1.estimate_beats", "yes"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_its_name(run, key, value):
    values = json.loads((run.path / "run.json").read_text())
    *within, name = key.split(".")
    place = values
    for part in within:
        place = place[int(part) if part.isdigit() else part]
    place[name] = value
    (run.path / "run.json").write_text(json.dumps(values))
    with pytest.raises(FileError, match=rf"run\.json does not say what is trained: .*\b{name}\b") as problem:
        run.settings()
    assert not set("$`") & set(str(problem.value))


def numbers_in(values: object, *key: str | int) -> Iterator[tuple[str | int, ...]]:
    """Where numbers lie in JSON, and what may be left empty in place of one."""
    inner = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for name, value in inner:
        yield from numbers_in(value, *key, name)
    if values is None or (isinstance(values, int | float) and not isinstance(values, bool)):
        yield key


def written() -> dict[str, Any]:
    """What run.json holds, no number of it left out."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder), settings(recipe="fast-20d"))
        return json.loads((run.path / "run.json").read_text())


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, -math.inf, 1e300, "3", True, []])
@pytest.mark.parametrize("key", list(numbers_in(written())), ids=lambda key: ".".join(map(str, key)))
def test_no_number_of_a_run_is_anything_else(run, key, value):
    if key[-1] == "transpose" and value == -1:
        pytest.skip("a song may be moved down")
    values = place = written()
    for part in key[:-1]:
        place = place[part]
    place[key[-1]] = value
    (run.path / "run.json").write_text(json.dumps(values))
    name = "version" if key == ("version",) else f"number {key[-1] + 1} of betas" if "betas" in key else key[-1]
    with pytest.raises(FileError, match=rf"run\.json .*\b{name}\b"):
        run.settings()


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
