"""Training runs in the background: started, steered, stopped, queued, looked at, gone on with."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
from dataclasses import replace

import numpy as np

from tests.explorer.session.training.conftest import TINY, wait_for_steps, wait_for_the_end
from vrae_core.errors import FileError
from vrae_core.midi.song import Song
from vrae_core.progress import finish
from vrae_core.runs.control import Asked, read_steering, write_steering
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of
from vrae_core.training.draws import hold_out


def test_its_rows_snapshots_and_model_are_those_of_its_folder(learning):
    training = learning.training
    row = training.rows[-1]
    assert math.isclose(row.lower_bound, row.reconstruction - row.kl, abs_tol=1e-4)
    assert [r.updates for r in training.run.rows()][: len(training.rows)] == [r.updates for r in training.rows]
    assert [s.path for s in training.run.snapshots()[: len(training.snapshots)]] == [s.path for s in training.snapshots]
    assert training.names == ("Low", "Middle", "High")
    assert training.model.config == TINY.model
    assert training.run.path.parent == learning.trainer.runs_folder


def test_it_can_be_paused_and_goes_on(running, qtbot):
    training = running.training
    training.toggle_pause()
    assert training.paused
    qtbot.waitUntil(lambda: any(change.what == "paused" for change in training.run.changes()))
    before = len(training.run.rows())
    qtbot.wait(1500)  # in which a row would come
    assert len(training.run.rows()) == before
    training.toggle_pause()
    assert not training.paused
    qtbot.waitUntil(lambda: len(training.run.rows()) > before + 1)


def test_what_is_steered_reaches_the_process_and_outlasts_a_stop(running, qtbot):
    training = running.training
    training.steer(learning_rate=0.5, kl_weight=2.0)
    qtbot.waitUntil(lambda: read_steering(training.run).kl_weight == 2.0)
    assert read_steering(training.run).learning_rate == 0.5
    run = training.run
    training.stop()
    wait_for_the_end(running, qtbot)
    running.trainer.resume(run)
    wait_for_steps(running, qtbot)
    assert read_steering(run).learning_rate == 0.5
    assert training.steering.learning_rate == 0.5


def test_selected_windows_are_excluded_or_favoured_while_it_goes_on(running, qtbot):
    training, corpus = running.training, running.library.atlas.corpus
    running.selection.set(corpus.song_of == 0)
    running.weighing.exclude_selected()
    running.selection.set(corpus.song_of == 1)
    running.weighing.favour_selected()
    qtbot.waitUntil(lambda: 2.0 in (read_steering(training.run).window_weights or ()))
    weights = np.array(read_steering(training.run).window_weights)
    song_of = training.corpus.song_of
    assert set(weights[song_of == 2]) == {1.0}
    assert 0.0 in weights[song_of == 0]
    assert 2.0 in weights[song_of == 1]
    training.weigh(np.arange(len(weights)), 0.0)
    assert running.problems == ["That is not possible: no window would be left to learn from."]
    training.weigh_alike()
    qtbot.waitUntil(lambda: set(read_steering(training.run).window_weights) == {1.0})


def test_excluding_every_window_is_said_not_to_be_possible_and_nothing_else_is_said(running, qtbot):
    said, training = [], running.training
    running.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    running.selection.set(np.ones(len(running.library.atlas.corpus), bool))
    running.weighing.exclude_selected()
    assert said == ["That is not possible: no window would be left to learn from."]
    assert training.steering.window_weights is None
    running.weighing.favour_selected()
    assert said[1:] == [
        f"{len(training.corpus)} of the training's {len(training.corpus)} windows now come twice as often."
    ]


def test_windows_held_out_do_not_count_as_left_to_learn_and_weights_kept_from_before_come_no_more(
    explored, settings, qtbot
):
    trainer, training = explored.trainer, explored.training
    trainer.start(replace(settings, held_out=0.2), explored.library.songs)
    wait_for_steps(explored, qtbot)
    run, count = training.run, len(training.corpus)
    learnt = hold_out(training.corpus, 0.2)[0]
    assert len(learnt) < count
    assert not training.weigh(learnt, 0.0)
    assert explored.problems == ["That is not possible: no window would be left to learn from."]
    training.stop()
    wait_for_the_end(explored, qtbot)
    weights = np.ones(count)
    weights[learnt] = 0
    write_steering(run, Asked(window_weights=tuple(weights.tolist())))  # as an older window did
    trainer.resume(run)
    qtbot.waitUntil(lambda: set(read_steering(run).window_weights or ()) == {1.0} or not trainer.running)
    wait_for_steps(explored, qtbot)
    assert "The windows of this run come alike again: no window is left to learn" in " ".join(explored.problems)
    assert not training.weigh(learnt, 0.0)
    trainer.stop()
    wait_for_the_end(explored, qtbot)


def test_a_window_can_be_heard_while_it_goes_on(running, qtbot):
    with qtbot.waitSignal(running.playback.heard_changed):
        running.playback.play_window(3)
    assert running.trainer.running


def test_its_model_can_be_explored_while_it_goes_on(learning, qtbot):
    learning.run_models.use_trained()
    qtbot.waitUntil(lambda: learning.library.model_name.startswith("Tiny"))
    assert learning.library.atlas.model.config.latent == 3
    assert learning.trainer.running


def test_a_stop_keeps_the_newest_model_and_a_checkpoint(learning, qtbot):
    training = learning.training
    training.stop()
    wait_for_the_end(learning, qtbot)
    assert training.model is not None
    assert training.run.state == "stopped"
    assert training.run.checkpoint.exists()
    assert learning.problems == []


def test_a_stop_whose_checkpoint_cannot_be_written_says_so(running, qtbot):
    training = running.training
    shutil.rmtree(training.run.path)
    running.problems.clear()
    training.stop()
    wait_for_the_end(running, qtbot)
    assert running.problems[-1].startswith(f"{training.run.checkpoint} cannot be written")


def test_stopping_with_the_best_makes_a_snapshot_the_model_of_the_run(learning, qtbot):
    training = learning.training
    training.stop_and_keep_best()
    qtbot.waitUntil(lambda: training.run.state == "finished")
    kept = type(training.model).load(training.run.model)
    snapshots = [type(kept).load(s.path) for s in training.run.snapshots()]
    assert any((kept.weights["output.weight"] == s.weights["output.weight"]).all() for s in snapshots)


def test_a_second_start_waits_for_the_end_of_the_first(running, settings):
    run = running.training.run
    running.trainer.start(settings, running.library.songs)
    assert running.training.run is run


def test_a_process_that_is_killed_is_told_in_words_and_can_go_on(running, qtbot):
    training, run = running.training, running.training.run
    os.kill(json.loads((run.path / "running.json").read_bytes())["process"], signal.SIGKILL)
    wait_for_the_end(running, qtbot)
    assert "was killed" in running.problems[0]
    qtbot.waitUntil(lambda: training.state == "interrupted")
    rows = len(run.rows())
    running.trainer.resume(run)
    wait_for_steps(running, qtbot)
    qtbot.waitUntil(lambda: len(run.rows()) > rows)


def test_songs_that_cannot_be_learnt_are_refused_in_words(session, settings, qtbot):
    session.trainer.start(replace(settings, songs=(SongToTrain("Mute"),)), [Song("Mute", (), 120.0)])
    wait_for_the_end(session, qtbot)
    assert len(session.problems) == 1
    assert "Mute" in session.problems[0]


def test_a_folder_that_cannot_be_written_is_told_in_words(session, settings, songs, tmp_path, qtbot):
    (tmp_path / "file").write_text("not a folder")
    session.trainer.runs_folder = tmp_path / "file"
    session.trainer.start(settings, songs)
    wait_for_the_end(session, qtbot)
    assert "cannot hold a new run" in session.problems[0]


def test_a_run_for_whose_windows_there_is_no_room_leaves_no_folder(session, settings, songs, monkeypatch, qtbot):
    def full(run, _corpus):
        raise FileError(run.path / "corpus.safetensors", "cannot be written: No space left on device")

    monkeypatch.setattr("explorer.session.training.worker.save_corpus", full)
    session.trainer.start(settings, songs)
    wait_for_the_end(session, qtbot)
    [problem] = session.problems
    assert re.fullmatch(r"/.*/corpus\.safetensors cannot be written: No space left on device", problem)
    assert list(session.trainer.runs_folder.iterdir()) == []


def test_without_a_model_there_is_nothing_to_use(session):
    said = []
    session.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    session.run_models.use_trained()
    assert said != []


def test_a_run_that_ends_by_itself_has_its_model(session, settings, songs, qtbot):
    session.trainer.start(replace(settings, minutes=None, epochs=2), songs)
    wait_for_the_end(session, qtbot)
    qtbot.waitUntil(lambda: session.training.state == "finished")
    assert session.training.rows[-1].epoch == 2
    whole = finish_in_this_process(settings, songs, session.training.run.path.parent / "other")
    assert session.training.model.digest == whole.digest
    assert session.problems == []


def finish_in_this_process(settings, songs, root):
    from vrae_core.runs.train import train_in  # noqa: PLC0415

    settings = replace(settings, minutes=None, epochs=2)
    return finish(train_in(RunFolder.create(root, settings), corpus_of(settings, songs)))
