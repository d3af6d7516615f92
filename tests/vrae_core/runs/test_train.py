"""Training in a run folder."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bands import played, scale_song
from vrae_core.columns import Part, parts_of
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.errors import CorpusError, FileError, ModelFileError, TrainingError
from vrae_core.midi.beat_estimation import with_estimated_beats
from vrae_core.midi.beats import TempoMap
from vrae_core.midi.quantising import Quantising
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import branch, corpus_of, train_in, weights_of
from vrae_core.training.checkpoint import previous_of
from vrae_core.training.steering import Steering


@pytest.fixture
def run(tmp_path: Path, two_songs) -> RunFolder:
    fast = RECIPES["fast-2d"]
    tiny = Recipe(
        "tiny", ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True),
        replace(fast.training, batch=16), None, False,
    )  # fmt: skip
    songs = tuple(SongToTrain(song.name) for song in two_songs)
    return RunFolder.create(tmp_path, RunSettings("tiny", "tiny", tiny, songs, epochs=6))


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


def changed(run: RunFolder, **settings) -> RunFolder:
    run.write_settings(replace(run.settings(), **settings))
    return run


# --- the windows


def test_songs_are_moved_as_their_entries_say_and_notes_that_fall_off_the_piano_are_counted(run):
    songs = [scale_song("Low", 40), scale_song("High", 100, step=1)]
    up = changed(run, songs=(SongToTrain("Low", semitones=-3), SongToTrain("High", semitones=5)))
    corpus = corpus_of(up.settings(), songs)
    assert corpus.pitches == (*range(37, 48, 2), *range(105, 109))
    assert corpus.skipped == ("High: 12 notes fall off the piano when moved by +5 semitones",)
    as_before = corpus_of(replace(up.settings(), songs=(SongToTrain("Low"), SongToTrain("High"))), songs)
    np.testing.assert_array_equal(corpus.roll[:, :6], as_before.roll[:, :6])


def test_a_song_is_quantised_and_then_moved_and_told_if_it_does_not_follow_its_beats(run):
    beats = TempoMap.of_seconds([(0.0, 120.0)])
    on_time = [replace(scale_song(name, lowest), tempo_map=beats) for name, lowest in (("Low", 40), ("High", 60))]
    late = [
        replace(s, notes=tuple(n._replace(start=n.start + 0.06, end=n.end + 0.06) for n in s.notes)) for s in on_time
    ]
    entries = (
        SongToTrain("Low", semitones=2, quantising=Quantising("1/8")),
        SongToTrain("High", quantising=Quantising("1/8", 0)),
    )
    corpus = corpus_of(changed(run, songs=entries).settings(), late)
    wanted = replace(run.settings(), songs=(SongToTrain("Low", semitones=2), SongToTrain("High")))
    np.testing.assert_array_equal(corpus.windows(), corpus_of(wanted, [on_time[0], late[1]]).windows())
    assert corpus.skipped == (
        "Low fits 1/32 better: onsets lie 60 ms from the 1/8 grid on average",
    )  # fmt: skip


def test_a_roll_without_notes_is_not_quantised(run):
    pieces = [BenchmarkPiece(song.name, song.roll) for song in (scale_song("Low", 40), scale_song("High", 60))]
    with pytest.raises(CorpusError, match="Low is a roll without notes"):
        corpus_of(
            changed(run, songs=(SongToTrain("Low", quantising=Quantising("1/8")), SongToTrain("High"))).settings(),
            pieces,
        )


def test_a_run_does_not_go_on_with_other_quantising(run):
    beats = TempoMap.of_seconds([(0.0, 126.0)])
    songs = [replace(scale_song(name, lowest), tempo_map=beats) for name, lowest in (("Low", 40), ("High", 60))]
    finish(train_in(run, corpus_of(run.settings(), songs)))
    changed(run, songs=(SongToTrain("Low", quantising=Quantising("1/8")), SongToTrain("High")), epochs=9)
    with pytest.raises(ModelFileError, match="other songs"):
        finish(train_in(run, corpus_of(run.settings(), songs)))


def test_a_song_that_falls_off_the_piano_whole_is_left_out(run, two_songs):
    corpus = corpus_of(
        changed(run, songs=(SongToTrain("Low"), SongToTrain("High", semitones=90))).settings(), two_songs
    )  # fmt: skip
    assert corpus.names == ("Low",)
    assert corpus.skipped[0].startswith("High uses none of")


def test_other_songs_than_the_runs_are_refused(run, two_songs):
    with pytest.raises(CorpusError, match="learns 2 songs, but 1 were found"):
        corpus_of(run.settings(), two_songs[:1])


def test_the_windows_begin_with_their_songs_weight(run, two_songs):
    corpus = corpus_of(run.settings(), two_songs)
    assert weights_of(run.settings(), corpus) is None
    entries = (SongToTrain("Gone", weight=9.0), SongToTrain("Low", weight=0.0), SongToTrain("High", weight=2.0))
    weights = weights_of(replace(run.settings(), songs=entries), corpus)
    np.testing.assert_array_equal(weights, np.array([0.0, 2.0])[corpus.song_of])


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


def by_the_bar(*songs):
    """What a run by the bar learns."""
    return RunSettings("By the bar", "bars-2d", RECIPES["bars-2d"], songs)


def test_tracks_are_learnt_as_the_parts_that_were_chosen_for_them():
    song = with_estimated_beats(played()[1])
    found, chosen = (
        corpus_of(by_the_bar(SongToTrain("Played", parts=parts)), [song])
        for parts in ((), (Part.BASS, None, Part.MELODY))
    )
    assert set(parts_of(found.pitches).tolist()) == {Part.MELODY, Part.BASS, Part.DRUMS}
    assert set(parts_of(chosen.pitches).tolist()) == {Part.BASS, Part.MELODY}


def test_drums_stay_what_they_are_when_a_song_is_transposed_whoever_plays_them():
    song = with_estimated_beats(played()[1])
    drums_by_hand = (Part.MELODY, Part.DRUMS, None)
    kept, moved = (
        corpus_of(by_the_bar(SongToTrain("Played", semitones=by, parts=drums_by_hand)), [song]) for by in (0, 5)
    )
    of_drums = [[c for c in corpus.pitches if parts_of([c])[0] == Part.DRUMS] for corpus in (kept, moved)]
    assert of_drums[0] == of_drums[1] != []


def test_a_song_without_beats_is_left_out_of_what_counts_in_beats_and_said_or_its_beats_are_found():
    _, song = played()
    steady = replace(with_estimated_beats(song), name="Steady")
    corpus = corpus_of(by_the_bar(SongToTrain("Played"), SongToTrain("Steady")), [song, steady])
    assert corpus.names == ("Steady",)
    assert corpus.skipped == (
        "Played does not keep to the beats of its file, and is left out unless they are estimated",
    )
    corpus = corpus_of(by_the_bar(SongToTrain("Played", estimate_beats=True), SongToTrain("Steady")), [song, steady])
    assert corpus.names == ("Played", "Steady")
    with pytest.raises(CorpusError, match="is left out unless"):
        corpus_of(by_the_bar(SongToTrain("Played")), [song])


def test_a_song_of_drums_only_is_learnt_as_a_part_and_left_out_of_what_has_none():
    song = with_estimated_beats(played()[1])
    beat = replace(song, name="Beat", notes=())
    assert set(parts_of(corpus_of(by_the_bar(SongToTrain("Beat")), [beat]).pitches).tolist()) == {Part.DRUMS}
    in_steps = replace(by_the_bar(SongToTrain("Played"), SongToTrain("Beat")), recipe=RECIPES["fast-2d"])
    corpus = corpus_of(in_steps, [song, beat])
    assert corpus.names == ("Played",)
    assert corpus.skipped == ("Beat holds only drums, which this model does not play",)
