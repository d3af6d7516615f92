"""Training in a run folder."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.bands import scale_song
from tests.vrae_core.runs.conftest import changed
from vrae_core.errors import FileError, ModelFileError, TrainingError
from vrae_core.midi.beats import TempoMap
from vrae_core.midi.quantising import Quantising
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import branch, corpus_of, train_in
from vrae_core.training.checkpoint import previous_of
from vrae_core.training.steering import Steering


def test_a_finished_run_leaves_its_model_history_snapshots_and_checkpoint(run, two_songs):
    model = finish(train_in(run, corpus_of(run.settings(), two_songs)))
    assert run.state == "finished"
    assert run.rows()[-1].epoch == 6
    assert run.snapshots()[-1].updates == run.rows()[-1].updates
    np.testing.assert_array_equal(
        type(model).load(run.snapshots()[-1].path).weights["output.weight"], model.weights["output.weight"]
    )
    assert run.checkpoint.exists()


def test_the_checkpoint_before_the_newest_stays_until_the_run_is_finished_and_a_longer_one_goes_on_from_the_newest(
    run, two_songs
):
    corpus = corpus_of(run.settings(), two_songs)
    part = train_in(run, corpus, checkpoint_seconds=0)
    while not previous_of(run.checkpoint).exists():
        next(part)
    part.close()
    assert previous_of(run.checkpoint).exists()
    finish(train_in(run, corpus, checkpoint_seconds=0))
    assert (run.checkpoint.exists(), previous_of(run.checkpoint).exists()) == (True, False)
    run.write_settings(replace(run.settings(), epochs=8))
    finish(train_in(run, corpus))
    assert run.rows()[-1].epoch == 8
    assert not previous_of(run.checkpoint).exists()


def test_a_finished_run_whose_newest_checkpoint_cannot_be_read_keeps_the_one_before(run, two_songs, monkeypatch):
    corpus = corpus_of(run.settings(), two_songs)
    part = train_in(run, corpus, checkpoint_seconds=0)
    while not previous_of(run.checkpoint).exists():
        next(part)

    def refuse(path, *_args, **_kwargs):
        raise FileError(path, "cannot be written")

    monkeypatch.setattr("vrae_core.training.checkpoint.save", refuse)
    run.checkpoint.write_bytes(b"damaged")
    finish(part)
    assert run.state == "finished"
    assert previous_of(run.checkpoint).exists()


def test_a_run_that_was_closed_goes_on_and_equals_one_that_was_not_bit_for_bit(run, two_songs, tmp_path):
    corpus = corpus_of(run.settings(), two_songs)
    whole = finish(train_in(RunFolder.create(tmp_path / "other", run.settings()), corpus))
    part = train_in(run, corpus)
    while next(part).epoch < 3:
        pass
    part.close()
    assert run.state == "stopped"
    resumed = finish(train_in(run, corpus))
    assert resumed.digest == whole.digest


@pytest.fixture(autouse=True)
def a_step_is_told_at_the_end_of_an_epoch_only(monkeypatch):
    """Where an epoch lasts longer than a second, as on a busy machine, there would be more."""
    monkeypatch.setattr("vrae_core.training.run.SECONDS_BETWEEN_STEPS", math.inf)


@pytest.fixture
def every_epoch(monkeypatch):
    """A row and a snapshot at every epoch, however soon it ends."""
    monkeypatch.setattr("vrae_core.runs.train.SECONDS_BETWEEN_ROWS", 0.0)
    monkeypatch.setattr("vrae_core.runs.train.FIRST_SNAPSHOT", 0.0)
    monkeypatch.setattr("vrae_core.runs.train.SNAPSHOT_GROWTH", 0.0)


# --- what it learns


def test_a_run_does_not_go_on_with_other_quantising(run):
    beats = TempoMap.of_seconds([(0.0, 126.0)])
    songs = [replace(scale_song(name, lowest), tempo_map=beats) for name, lowest in (("Low", 40), ("High", 60))]
    finish(train_in(run, corpus_of(run.settings(), songs)))
    changed(run, songs=(SongToTrain("Low", quantising=Quantising("1/8")), SongToTrain("High")), epochs=9)
    with pytest.raises(ModelFileError, match="other songs"):
        finish(train_in(run, corpus_of(run.settings(), songs)))


def test_a_run_heeds_its_songs_weights_until_they_are_steered_and_remembers_both(run, two_songs):
    changed(run, songs=(SongToTrain("Low", weight=0.0), SongToTrain("High")))
    corpus, steering = corpus_of(run.settings(), two_songs), Steering()
    job = train_in(run, corpus, steering=steering)
    next(job)
    assert (steering.window_weights == (corpus.song_of == 1)).all()
    steering.window_weights = None
    next(job)
    job.close()
    again = Steering()
    finish(train_in(run, corpus, steering=again))
    assert again.window_weights is None


def test_songs_that_all_weigh_nothing_are_told(run, two_songs):
    changed(run, songs=(SongToTrain("Low", weight=0.0), SongToTrain("High", weight=0.0)))
    with pytest.raises(TrainingError, match="no window is left to learn"):
        finish(train_in(run, corpus_of(run.settings(), two_songs)))


# --- what is written down


@pytest.mark.parametrize("held_out", [0.0, 0.2])
def test_every_field_of_the_last_row_is_filled(run, two_songs, held_out):
    changed(run, held_out=held_out)
    finish(train_in(run, corpus_of(run.settings(), two_songs)))
    unknown = {name for name, value in run.rows()[-1]._asdict().items() if math.isnan(value)}
    assert unknown == (set() if held_out else {"held_out_bound", "held_out_reconstruction", "held_out_kl"})


def test_each_snapshot_holds_the_weights_of_its_update(run, two_songs, every_epoch):
    job = train_in(run, corpus_of(run.settings(), two_songs))
    digests = {step.updates: step.model.digest for step in job if step.model}
    assert {snapshot.updates: TrainedModel.load(snapshot.path).digest for snapshot in run.snapshots()} == digests
    assert len(digests) == 6


def test_what_was_written_down_after_the_checkpoint_it_goes_on_from_is_not_told_twice(run, two_songs, every_epoch):
    corpus = corpus_of(run.settings(), two_songs)
    job = train_in(run, corpus, checkpoint_seconds=0.0)
    for step in job:
        if step.epoch == 2:
            kept = run.checkpoint.read_bytes()
        if step.epoch == 4:
            break
    job.close()
    run.checkpoint.write_bytes(kept)  # as if the process had been killed before it wrote another
    finish(train_in(run, corpus))
    assert [row.epoch for row in run.rows()] == [1, 2, 3, 4, 5, 6]


def test_what_was_steered_is_written_down_where_it_was_applied_and_once_after_a_kill(run, two_songs, every_epoch):
    corpus, steering = corpus_of(run.settings(), two_songs), Steering()
    job = train_in(run, corpus, checkpoint_seconds=0.0, steering=steering)
    for step in job:
        if step.epoch == 1:
            kept, kept_at = run.checkpoint.read_bytes(), step.updates
        if step.epoch == 2:
            steered_at, steering.learning_rate = step.updates, 0.5
        if step.epoch == 3:
            steering.window_weights = np.where(np.arange(len(corpus)) < 2, 0, 1).astype(np.float32)
            break
    job.close()  # what was steered before no more update applied it is in the checkpoint, so it is written down
    first, second = run.changes()
    assert (first.what, first.updates, first.after) == ("learning rate", steered_at, first.before / 2)
    assert (second.what, second.updates, second.after) == ("windows left out", step.updates, 2)
    run.checkpoint.write_bytes(kept)  # as if the process had been killed before it wrote another
    again = Steering()
    job = train_in(run, corpus, steering=again)
    next(job)
    again.kl_weight = 2.0
    finish(job)
    resumed, then = run.changes()
    assert (resumed.what, resumed.updates, then.what) == ("resumed", kept_at, "KL weight")


def test_a_history_and_snapshots_that_cannot_be_written_are_told_once_and_end_nothing(
    run, two_songs, every_epoch, monkeypatch
):  # fmt: skip
    def full(self, *_):
        raise FileError(self.path / "snapshots" / "1", "cannot be written: No space left on device")

    monkeypatch.setattr(RunFolder, "keep_snapshot", full)
    run.history.mkdir()
    notes = [step.note for step in train_in(run, corpus_of(run.settings(), two_songs)) if step.note]
    assert len(notes) == 1
    assert "history.csv cannot be written" in notes[0]
    assert "No space left on device; training continues" in notes[0]
    assert run.state == "finished"


def test_stop_and_keep_best_finishes_the_run_with_a_model(run, two_songs):
    steering = Steering()
    job = train_in(run, corpus_of(run.settings(), two_songs), steering=steering)
    next(job)
    steering.stop = "best"
    model = finish(job)
    assert run.state == "finished"
    assert TrainedModel.load(run.model).digest == model.digest


# --- where it begins


def test_a_branch_begins_with_the_snapshots_weights_and_says_where_it_comes_from(run, two_songs, tmp_path, every_epoch):
    corpus = corpus_of(run.settings(), two_songs)
    finish(train_in(run, corpus))
    snapshot = run.snapshots()[2]
    new = branch(run, snapshot, tmp_path / "others", {"epochs": 2, "seed": 7})
    assert new.settings().parent == f"tiny, update {snapshot.updates}"
    assert (new.settings().epochs, new.settings().seed) == (2, 7)
    assert TrainedModel.load(new.start).digest == TrainedModel.load(snapshot.path).digest
    still = Steering(learning_rate=0.0)
    first = next(train_in(new, corpus, steering=still))
    assert [change.about for change in run.changes()] == [new.settings().name]
    assert [change.about for change in new.changes() if change.what == "begun from"] == [new.settings().parent]
    old, begun = TrainedModel.load(snapshot.path), first.model or TrainedModel.load(new.start)
    assert first.updates <= first.epoch * 10 + 10
    z = np.zeros((1, 2), np.float32)
    np.testing.assert_allclose(begun.decode(z), old.decode(z), atol=0.02)


def test_a_branch_that_is_closed_before_its_first_checkpoint_begins_again_from_where_it_branched(
    run, two_songs, tmp_path, every_epoch
):  # fmt: skip
    corpus = corpus_of(run.settings(), two_songs)
    finish(train_in(run, corpus))
    new = branch(run, run.snapshots()[0], tmp_path / "others", {"epochs": 3})
    whole = finish(train_in(new, corpus))
    again = branch(run, run.snapshots()[0], tmp_path / "others", {"epochs": 3})
    job = train_in(again, corpus)
    next(job)
    job.close()
    again.checkpoint.unlink()
    assert finish(train_in(again, corpus)).digest == whole.digest


def test_a_branch_to_another_shape_is_refused_and_leaves_no_folder(run, two_songs, tmp_path, every_epoch):
    finish(train_in(run, corpus_of(run.settings(), two_songs)))
    recipe = run.settings().recipe
    other = replace(recipe, model=replace(recipe.model, hidden=9))
    with pytest.raises(TrainingError, match="8 units in its decoder"):
        branch(run, run.snapshots()[0], tmp_path / "others", {"recipe": other})
    assert not (tmp_path / "others").exists()


def test_a_run_that_begins_from_a_model_keeps_it_in_its_folder(run, two_songs, model):
    next(train_in(run, corpus_of(run.settings(), two_songs), start_from=model))
    assert TrainedModel.load(run.start).digest == model.digest
