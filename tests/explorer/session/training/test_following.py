"""Runs that are shown, whoever trains them and whatever they learn from."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from explorer.session.training.worker import open_run, train_again
from tests.explorer.session.training.conftest import wait_for_steps, wait_for_the_end
from vrae_core.corpus.packing import packed, writing_rolls
from vrae_core.progress import finish
from vrae_core.runs.control import read_steering
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.train import corpus_of
from vrae_core.runs.windows import PACKED, save_corpus
from vrae_core.safe_files import alone_in


def test_a_run_of_another_process_is_followed_live_and_can_be_steered(session, settings, songs, tmp_path, qtbot):
    run = RunFolder.create(tmp_path, settings)
    save_corpus(run, corpus_of(settings, songs))
    command = [sys.executable, "-m", "vrae_core.runs.process", str(run.path)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        qtbot.waitUntil(lambda: len(run.rows()) > 1)
        training = session.training
        training.show_run(run)
        qtbot.waitUntil(lambda: training.attached and len(training.rows) > 1)
        with qtbot.waitSignals([training.row_added, training.snapshot_added]):
            pass
        assert training.names == ("Low", "Middle", "High")
        assert training.steerable
        assert not session.trainer.running
        training.toggle_pause()
        qtbot.waitUntil(lambda: read_steering(run).paused)
        training.toggle_pause()
        training.stop()
        qtbot.waitUntil(lambda: training.state == "stopped")
        assert not training.attached
    finally:
        other.stdin.close()
        other.wait(120)


def test_a_pause_is_of_the_run_that_was_held_and_not_of_another_that_is_shown_then(
    running, settings, songs, tmp_path, qtbot
):
    training, own = running.training, running.training.run
    training.toggle_pause()
    qtbot.waitUntil(lambda: read_steering(own).paused)
    other = RunFolder.create(tmp_path, settings)
    save_corpus(other, corpus_of(settings, songs))
    command = [sys.executable, "-m", "vrae_core.runs.process", str(other.path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        training.show_run(other)
        qtbot.waitUntil(lambda: training.attached and training.steerable)  # shown before its process listened
        assert not training.paused
        training.steer(learning_rate=0.5)
        qtbot.waitUntil(lambda: read_steering(other).learning_rate == 0.5)
        assert not read_steering(other).paused
        training.show_run(own)
        qtbot.waitUntil(lambda: training.corpus is not None)
        assert training.paused
        assert training.steering.learning_rate == 1.0
    finally:
        process.stdin.close()
        process.wait(120)


def test_a_run_from_another_machine_is_shown_and_why_it_cannot_be_steered(session, settings, songs, tmp_path, qtbot):
    run = RunFolder.create(tmp_path, settings)
    save_corpus(run, corpus_of(settings, songs))
    (run.path / "running.json").write_text('{"host": "far-away", "process": 1}')
    with alone_in(run.path, "is taken"):
        session.training.show_run(run)
        qtbot.waitUntil(lambda: session.training.attached)
        assert not session.training.steerable
        assert "far-away" in session.training.unsteered


def test_a_run_whose_songs_are_gone_is_shown_all_the_same(session, settings, tmp_path, qtbot):
    run = RunFolder.create(tmp_path, settings)
    session.training.show_run(run)
    qtbot.waitUntil(lambda: bool(session.problems))
    assert "only its figures and snapshots" in session.problems[0]
    assert session.training.settings == run.settings()
    assert session.training.corpus is None


@pytest.fixture
def packed_run(session, songs, settings, tmp_path):
    """A run that learns from a file of `vrae pack`, as the command begins it."""
    file = tmp_path / "songs.vrae-rolls"
    finish(writing_rolls(file, (packed(song.name, song.roll) for song in songs)))
    of_file = replace(settings, songs=(), extra={PACKED: str(file)})
    return RunFolder.create(session.trainer.runs_folder, of_file), file


def test_a_run_on_a_packed_file_goes_on_and_is_shown_as_any_other(session, packed_run, qtbot):
    training, (run, _) = session.training, packed_run
    session.trainer.resume(run)
    wait_for_steps(session, qtbot)
    assert training.names == ("Low", "Middle", "High")
    training.weigh(np.array([0, 1]), 0.0)
    qtbot.waitUntil(lambda: any(mark.words.startswith("2 windows left out") for mark in training.marks))
    training.stop()
    wait_for_the_end(session, qtbot)
    assert run.checkpoint.exists()
    assert session.problems == []


def test_a_run_whose_packed_file_is_gone_is_refused_in_words_and_one_too_large_to_be_shown_is_not(
    session, packed_run, qtbot, monkeypatch
):
    run, file = packed_run
    monkeypatch.setattr("vrae_core.corpus.packed.MOST_STEPS_IN_MEMORY", 100)
    assert open_run(run).corpus is None
    assert "up to 100 are shown" in open_run(run).problem
    begun = next(train_again(run, 1))
    assert (begun.corpus, begun.settings.name) == (None, "Tiny")
    file.unlink()
    session.trainer.resume(run)
    wait_for_the_end(session, qtbot)
    assert any(f"{file.name} is not there any more; this run learns from it" in said for said in session.problems)
