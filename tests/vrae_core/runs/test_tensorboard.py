"""TensorBoard event files, read back by TensorBoard's own reader."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from vrae_core.errors import FileError, TrainingError
from vrae_core.model.recipes import RECIPES, ModelConfig
from vrae_core.progress import finish
from vrae_core.runs import tensorboard
from vrae_core.training.train import train

TINY = replace(
    RECIPES["fast-2d"],
    model=ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True),
    training=replace(RECIPES["fast-2d"].training, batch=16),
)


def drawn(folder):
    reader = EventAccumulator(str(folder / tensorboard.FOLDER), size_guidance={"scalars": 0})
    reader.Reload()
    return {tag: [(point.step, point.value) for point in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def noting(steps, noted):
    for step in steps:
        noted.append(step)
        yield step


def test_every_figure_of_a_training_is_read_back_by_the_number_of_updates(corpus, tmp_path):
    noted = []
    steps = noting(train(corpus, TINY, epochs=4), noted)
    finish(tensorboard.recorded(tmp_path, steps))
    points = drawn(tmp_path)
    assert len(noted) >= 4
    for tag, name in (("lower_bound/learnt", "lower_bound"), ("kl/learnt", "kl"), ("active_units", "active_units")):
        assert points[tag] == [(step.updates, pytest.approx(getattr(step, name))) for step in noted]
    assert points["learning_rate"][-1][1] == pytest.approx(noted[-1].learning_rate)


def test_what_was_drawn_past_the_checkpoint_of_a_killed_process_is_drawn_anew(corpus, tmp_path):
    checkpoint = tmp_path / "run.checkpoint"
    part = train(corpus, TINY, epochs=4, checkpoint=checkpoint)
    while next(part).epoch < 2:
        pass
    part.close()
    finish(tensorboard.recorded(tmp_path, train(corpus, TINY, epochs=4, checkpoint=tmp_path / "x", resume=True)))
    finish(tensorboard.recorded(tmp_path, train(corpus, TINY, epochs=4, checkpoint=checkpoint, resume=True)))
    steps = [step for step, _ in drawn(tmp_path)["lower_bound/learnt"]]
    assert steps == sorted(set(steps))


def test_closing_it_closes_the_training(corpus, tmp_path):
    checkpoint = tmp_path / "run.checkpoint"
    job = tensorboard.recorded(tmp_path, train(corpus, TINY, epochs=4, checkpoint=checkpoint))
    next(job)
    job.close()
    assert checkpoint.exists()
    assert drawn(tmp_path)["kl/learnt"]


def test_a_folder_that_takes_no_files_is_told(corpus, tmp_path):
    (tmp_path / tensorboard.FOLDER).write_text("in the way")
    with pytest.raises(FileError, match="tensorboard cannot be written"):
        next(tensorboard.recorded(tmp_path, train(corpus, TINY, epochs=1)))


def test_that_the_package_is_missing_is_told_before_anything_is_trained(monkeypatch):
    monkeypatch.setattr(tensorboard, "find_spec", lambda _name: None)
    with pytest.raises(TrainingError, match="pip install tensorboard"):
        tensorboard.check_installed()
