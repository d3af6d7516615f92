"""Runs that wait for another to end, and outlast the window."""

from __future__ import annotations

import json
from dataclasses import replace

from explorer.qt.background import cancel_all, wait_for_all
from explorer.session.training.queue import RunQueue, queue_file, remembered
from tests.explorer.session.training.conftest import TINY, wait_for_steps, wait_for_the_end
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.windows import corpus_of_run


def test_a_queued_run_starts_when_the_one_before_has_ended(running, settings, qtbot):
    trainer, training = running.trainer, running.training
    trainer.queue(replace(settings, name="Second"), running.library.songs)
    qtbot.waitUntil(lambda: len(trainer.waiting.runs) == 1)
    assert training.name == "Tiny"
    training.stop()
    qtbot.waitUntil(lambda: trainer.running and training.name == "Second")
    assert trainer.waiting.runs == []
    wait_for_steps(running, qtbot)


def test_a_run_can_branch_off_from_a_snapshot(learning, qtbot):
    trainer, training, parent = learning.trainer, learning.training, learning.training.run
    trainer.branch(parent, training.snapshots[0])
    qtbot.waitUntil(lambda: len(trainer.waiting.runs) == 1)
    branch = trainer.waiting.runs[0].settings()
    assert branch.parent == f"{parent.settings().name}, update {training.snapshots[0].updates:,}"
    assert branch.recipe == TINY
    assert corpus_of_run(trainer.waiting.runs[0]).names == ("Low", "Middle", "High")


def test_closing_the_window_writes_a_checkpoint_and_remembers_the_run_and_those_that_wait(running, settings, qtbot):
    trainer, training = running.trainer, running.training
    trainer.queue(replace(settings, name="Second"), running.library.songs)
    qtbot.waitUntil(lambda: bool(trainer.waiting.runs) and bool(remembered(queue_file())[1]))
    run, (second,) = training.run, trainer.waiting.runs
    cancel_all()
    wait_for_the_end(running, qtbot)
    assert run.checkpoint.exists()
    now, (waiting,) = remembered(queue_file())
    assert (now.path, waiting.path) == (run.path, second.path)


def test_a_window_that_closes_while_a_run_is_being_stopped_does_not_begin_the_next(running, settings, qtbot):
    trainer, training = running.trainer, running.training
    trainer.queue(replace(settings, name="Second"), running.library.songs)
    qtbot.waitUntil(lambda: len(trainer.waiting.runs) == 1)
    training.stop()
    trainer.close()
    wait_for_the_end(running, qtbot)
    assert [run.settings().name for run in trainer.waiting.runs] == ["Second"]


def test_a_run_that_may_not_be_looked_at_costs_no_other_its_place(settings, tmp_path):
    first, second = (RunFolder.create(tmp_path / "runs", settings) for _ in range(2))
    out_of_reach = str(tmp_path / ("x" * 300))  # longer than a name may be: to look for it is an error
    file = tmp_path / "training.json"
    for now, waiting, found in (
        (str(first.path), [out_of_reach, str(second.path)], (first.path, [second.path])),
        (out_of_reach, [str(first.path), str(second.path)], (None, [first.path, second.path])),
    ):
        file.write_text(json.dumps({"now": now, "waiting": waiting}))
        was_trained, waited = remembered(file)
        assert (was_trained and was_trained.path, [run.path for run in waited]) == found


def test_where_nothing_can_be_remembered_runs_wait_all_the_same_and_it_is_no_fault(
    tmp_path, monkeypatch, caplog, qtbot
):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr("explorer.session.training.queue.state_folder", lambda: tmp_path / "file" / "state")
    queue = RunQueue()
    with qtbot.waitSignal(queue._writer.failed) as failed:
        queue.add(RunFolder(tmp_path / "run"))
    assert "cannot be written to" in failed.args[1]
    assert len(queue.runs) == 1
    assert caplog.records == []
    queue._writer.cancel()
    assert wait_for_all(60)
