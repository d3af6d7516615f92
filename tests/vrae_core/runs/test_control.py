"""A run steered, stopped and followed through its folder alone."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from vrae_core.errors import FileError, TrainingError
from vrae_core.progress import finish
from vrae_core.runs.control import (
    STEERING,
    Asked,
    best_snapshot,
    keep_best,
    obeying,
    read_steering,
    restore_from_trash,
    why_not_steered,
    write_steering,
)
from vrae_core.runs.folder import RunFolder, Snapshot
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.news import Seen, last_row, news_of, summaries
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of
from vrae_core.runs.windows import CORPUS, corpus_of_run, load_corpus, save_corpus
from vrae_core.training.steering import Change, Steering


@pytest.fixture
def run(tmp_path, two_songs):
    from vrae_core.model.recipes import RECIPES  # noqa: PLC0415

    songs = tuple(SongToTrain(song.name) for song in two_songs)
    return RunFolder.create(tmp_path, RunSettings("tiny", "fast-2d", RECIPES["fast-2d"], songs, epochs=6))


def a_row(updates, bound=-5.0, held_out=math.nan):
    return HistoryRow(float(updates), 1, updates, bound, bound, 0.0, 1e-3, 1.0, math.nan, 2, math.nan, held_out)


def test_what_is_asked_comes_back_and_nonsense_is_as_nothing(run):
    asked = Asked(True, False, 0.5, 2.0, (1.0, 0.0, 3.0))
    write_steering(run, asked)
    assert read_steering(run) == asked
    wild = {"paused": 1, "stopped": "yes", "learning_rate": 1e99, "kl_weight": -3, "window_weights": None}
    (run.path / STEERING).write_text(json.dumps(wild))
    assert read_steering(run) == Asked(False, False, 100.0, 0.0)
    for text in (
        "",
        "[]",
        "{}",
        '{"paused": true}',
        json.dumps(wild | {"kl_weight": math.nan}),
        json.dumps(wild | {"kl_weight": 10**400}),
        "[" * 100_000,
    ):
        (run.path / STEERING).write_text(text)
        assert read_steering(run) == Asked()


def once_held(run, asked):
    """Ask something as soon as the run is held, from another thread: whoever trains it waits meanwhile."""
    count = len(run.changes()) + 1

    def ask():
        while len(run.changes()) < count:
            time.sleep(0.01)
        write_steering(run, asked)

    threading.Thread(target=ask).start()


def test_factors_reach_the_training_a_pause_holds_it_and_a_stop_ends_it(run):
    steering, stop, closed = Steering(), threading.Event(), []

    def steps():
        try:
            yield from (SimpleNamespace(seconds=n / 10, updates=n) for n in itertools.count())
        finally:
            closed.append(True)

    write_steering(run, Asked(stopped=True, paused=True, learning_rate=0.25))
    job = obeying(run, steps(), steering, stop)
    assert next(job).updates == 0
    assert steering.learning_rate == 0.25  # it outlasts the stop; what held and ended the run does not
    write_steering(run, Asked(kl_weight=2.0, window_weights=(1.0, 0.5)))
    while steering.kl_weight != 2.0:
        next(job)
    np.testing.assert_array_equal(steering.window_weights, [1.0, 0.5])
    write_steering(run, Asked(paused=True))
    once_held(run, Asked())
    while len(run.changes()) < 2:
        place = next(job).updates - 1
    assert [(change.what, change.updates) for change in run.changes()] == [("paused", place), ("went on", place)]
    write_steering(run, Asked(paused=True))
    once_held(run, Asked(stopped=True))
    assert finish(job) is None
    assert closed == [True]


def test_a_run_that_ends_by_itself_gives_its_result(run):
    def steps():
        yield 1
        return "model"

    job = obeying(run, steps(), Steering(), threading.Event())
    next(job)
    with pytest.raises(StopIteration) as end:
        next(job)
    assert end.value.value == "model"


def test_one_says_why_a_run_cannot_be_steered(run):
    assert "cannot be steered from outside" in why_not_steered(run)
    write_steering(run, Asked())
    assert why_not_steered(run) == ""
    (run.path / "running.json").write_text('{"host": "far-away"}')
    assert "far-away" in why_not_steered(run)


def test_the_best_snapshot_is_judged_by_what_was_held_out_where_that_was_measured(run):
    snapshots = [Snapshot(n, run.path / f"{n}") for n in (10, 20, 30)]
    assert best_snapshot([a_row(10, -5), a_row(20, -3), a_row(30, -4)], snapshots).updates == 20
    rows = [a_row(10, -5, -6), a_row(20, -3, -8), a_row(25, -2), a_row(30, -1, -9)]
    assert best_snapshot(rows, snapshots).updates == 10
    assert best_snapshot(rows, []) is None


def test_without_a_snapshot_there_is_nothing_to_keep(run, two_songs):
    with pytest.raises(TrainingError, match="no snapshot"):
        keep_best(run, corpus_of(run.settings(), two_songs))


def test_the_windows_of_a_run_come_back_bit_for_bit(run, two_songs):
    corpus = corpus_of(run.settings(), two_songs)
    save_corpus(run, corpus)
    again = load_corpus(run)
    np.testing.assert_array_equal(again.windows(), corpus.windows())
    assert (again.names, again.pitches, again.window) == (corpus.names, corpus.pitches, corpus.window)
    np.testing.assert_array_equal(again.song_of, corpus.song_of)
    np.testing.assert_array_equal(again.start_of, corpus.start_of)


def test_damaged_windows_are_refused_in_words(run, two_songs):
    save_corpus(run, corpus_of(run.settings(), two_songs))
    file = run.path / CORPUS
    whole, source = file.read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(whole)
        for at in source.integers(0, len(data), 4):
            data[at] ^= int(source.integers(1, 256))
        file.write_bytes(data[: int(source.integers(0, len(data)))] if source.random() < 0.3 else data)
        with pytest.raises(FileError):
            load_corpus(run)
    header = 8 + int.from_bytes(whole[:8], "little")
    for at in [*range(8), *source.integers(8, header, 200), *source.integers(header, len(whole), 50)]:
        data = bytearray(whole)
        data[at] ^= 1 << source.integers(8)
        file.write_bytes(data)
        with pytest.raises(FileError, match=r"^/.*/corpus\.safetensors is"):
            load_corpus(run)


def test_a_run_that_names_no_files_says_that_its_songs_are_nowhere(run):
    with pytest.raises(FileError, match="does not say where"):
        corpus_of_run(run)


def test_news_are_what_came_since_and_a_line_that_is_not_whole_waits(run):
    first = news_of(run, Seen())
    assert (first.rows, first.snapshots, first.model, first.state) == ([], [], None, "stopped")
    run.append(a_row(1))
    run.append(a_row(2))
    run.note(Change(1.0, 1, "paused"))
    second = news_of(run, first.seen)
    assert [change.what for change in second.changes] == ["paused"]
    assert [row.updates for row in second.rows] == [1, 2]
    assert type(second.rows[0].updates) is int
    whole = run.history.read_bytes()
    run.history.write_bytes(whole + whole.splitlines(keepends=True)[-1][:9])
    third = news_of(run, second.seen)
    assert (third.rows, third.changes) == ([], None)
    run.history.write_bytes(whole + whole.splitlines(keepends=True)[-1].replace(b"2.0,1,2", b"3.0,1,3"))
    assert [row.updates for row in news_of(run, third.seen).rows] == [3]
    assert last_row(run).updates == 3


def test_a_history_that_was_begun_anew_is_read_from_its_beginning(run):
    for updates in range(5):
        run.append(a_row(updates))
    seen = news_of(run, Seen()).seen
    run.history.unlink()
    run.append(a_row(7))
    assert [row.updates for row in news_of(run, seen).rows] == [7]


def test_a_list_of_runs_tells_of_each_what_is_known(run, tmp_path):
    run.append(a_row(120))
    broken = RunFolder.create(tmp_path, run.settings())
    (broken.path / "run.json").write_text("[]")
    told = {summary.run.path: summary for summary in summaries(tmp_path)}
    assert told[run.path].name == "tiny"
    assert told[run.path].minutes == 2.0
    assert told[run.path].disk_used > 0
    assert told[broken.path].settings is None
    assert "does not say what is trained" in told[broken.path].problem


def test_what_was_thrown_away_is_taken_back_unless_its_place_is_taken(run):
    place = run.trash()
    run.path.mkdir()
    with pytest.raises(FileError, match="is already restored"):
        restore_from_trash(place, run.path)
    run.path.rmdir()
    restore_from_trash(place, run.path)
    assert run.settings().name == "tiny"


def test_the_process_of_a_run_ends_in_good_order_when_its_standard_input_does(run, two_songs):
    save_corpus(run, corpus_of(run.settings(), two_songs))
    command = [sys.executable, "-m", "vrae_core.runs.process", str(run.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        said = json.loads(process.stdout.readline())
        assert said["updates"] > 0
        process.stdin.close()
        assert process.wait(120) == 3
    assert run.state == "stopped"
    assert run.checkpoint.exists()


def test_the_process_of_a_run_says_in_a_sentence_what_is_wrong(run):
    command = [sys.executable, "-m", "vrae_core.runs.process", str(run.path)]
    done = subprocess.run(command, stdin=subprocess.PIPE, capture_output=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "does not say where" in json.loads(done.stdout)["failed"]


def test_asking_for_the_windows_of_a_run_imports_no_torch():
    script = "import sys, vrae_core.runs.windows, vrae_core.runs.process; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
