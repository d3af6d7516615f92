"""Checkpoints: the newest, the one before, and what becomes of a run when neither can be written or read."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from tests.bands import make_band
from vrae_core import safe_files
from vrae_core.errors import FileError, ModelFileError, TrainingError
from vrae_core.model.file import digest
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import finish
from vrae_core.training import checkpoint as checkpoints
from vrae_core.training.checkpoint import (
    Best,
    Checkpoint,
    GoodState,
    load,
    load_newest,
    previous_of,
    run_fingerprint,
    save,
)
from vrae_core.training.steering import Steered
from vrae_core.training.train import train

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6),
    TrainingConfig(epochs=4, batch=48, learning_rate=1e-2),
)
PAPER = RECIPES["paper-2d"]
SOURCE = np.random.default_rng(0)


def arrays(*names):
    return {name: SOURCE.normal(size=(3, 2)).astype(np.float32) for name in names}


@pytest.fixture
def state() -> Checkpoint:
    return Checkpoint(
        arrays("a", "b"), arrays("0/0/step", "0/1/exp_avg"), 70, 12.5, 3, 1, ((-5.0, -4.5, 0.5),), "this run",
        steered=Steered(0.5, 2.0, np.array([1, 0, 3], np.float32)),
        epoch=arrays("x")["x"],
        sound=GoodState(arrays("a", "b"), arrays("0/0/step"), 60),
        best=Best(-4.25, arrays("a", "b"), {"updates": "50"}),
    )  # fmt: skip


def same(one, other):
    """Whether two values are equal, arrays to the bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return np.array_equal(one, other)


def test_a_checkpoint_comes_back_as_it_was_written(state, tmp_path):
    save(tmp_path / "c", state)
    loaded = load(tmp_path / "c", "this run")
    assert all(same(getattr(loaded, name), getattr(state, name)) for name in Checkpoint.__dataclass_fields__)


def test_a_checkpoint_of_before_there_was_steering_still_loads(state, tmp_path):
    tensors = {f"weight:{name}": value for name, value in state.weights.items()}
    tensors |= {f"optimiser:{name}": value for name, value in state.optimiser.items()}
    names = ("updates", "seconds", "seed", "retreats", "history", "run")
    words = json.dumps({name: getattr(state, name) for name in names})
    metadata = {"format": "vrae-checkpoint", "state": words, "sha256": digest(tensors)}
    (tmp_path / "c").write_bytes(safetensors.numpy.save(tensors, metadata))
    loaded = load(tmp_path / "c", "this run")
    assert same(loaded.weights, state.weights)
    assert (loaded.updates, loaded.steered, loaded.sound, loaded.best) == (70, Steered(), None, None)


def test_a_run_of_before_a_setting_was_added_is_the_same_run_while_that_changes_nothing():
    corpus = PAPER.cut([make_band("Air", bars=4)])
    before = "daafb7c2b5f729ef5c54c845d8b2a9fac456854207ca15ae82df167ca2d126f0"  # of the version without the settings
    assert run_fingerprint(PAPER, corpus) == before
    for changed in ({"muon_momentum": 0.9}, {"hybrids": 0.1}, {"other_keys": 0.1}):
        assert run_fingerprint(replace(PAPER, training=replace(PAPER.training, **changed)), corpus) != before


def test_no_flipped_bit_is_taken_for_another_checkpoint(state, tmp_path):
    save(tmp_path / "c", state)
    source, good = np.random.default_rng(4), (tmp_path / "c").read_bytes()
    header = 8 + int.from_bytes(good[:8], "little")
    for place in [*range(8), *source.integers(8, header, 300), *source.integers(header, len(good), 50)]:
        data = bytearray(good)
        data[place] ^= 1 << source.integers(8)
        (tmp_path / "c").write_bytes(data)
        with pytest.raises(ModelFileError, match=r"^/.*/c is"):
            load(tmp_path / "c", "this run")
    for length in range(0, len(good), 29):
        (tmp_path / "c").write_bytes(good[:length])
        with pytest.raises(ModelFileError, match=r"^/.*/c is"):
            load(tmp_path / "c", "this run")


@pytest.mark.parametrize("name", ["updates", "seconds", "seed", "retreats"])
def test_a_count_below_nothing_is_refused_by_its_name(state, tmp_path, name):
    save(tmp_path / "c", replace(state, **{name: -1}))
    with pytest.raises(ModelFileError, match=f"c is damaged: {name} must be at least 0"):
        load(tmp_path / "c", "this run")


def test_a_checkpoint_of_a_later_version_is_refused_in_a_sentence(state, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "VERSION", "3")
    save(tmp_path / "c", state)
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match="is of version 3; this program reads up to 2"):
        load(tmp_path / "c", "this run")


def test_the_one_before_stays_beside_the_newest_and_takes_its_place_when_that_is_damaged(state, tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    for updates in (70, 80, 90):
        save(path, replace(state, updates=updates))
    assert previous_of(path).name == "checkpoint.previous.safetensors"
    assert load(previous_of(path), "this run").updates == 80
    assert sorted(file.name for file in tmp_path.iterdir()) == [previous_of(path).name, path.name]

    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    found, note = load_newest(path, "this run")
    assert found.updates == 80
    assert "is damaged" in note
    assert "the checkpoint before it, of update 80" in note
    path.unlink()
    assert load_newest(path, "this run")[0].updates == 80


def test_a_damaged_newest_with_none_before_it_or_that_of_another_run_is_refused_for_its_damage(state, tmp_path):
    path = tmp_path / "c"
    save(path, replace(state, run="another"))
    save(path, state)
    path.write_bytes(path.read_bytes()[:-1])
    for _ in range(2):
        with pytest.raises(ModelFileError, match="is damaged"):
            load_newest(path, "this run")
        previous_of(path).unlink(missing_ok=True)


def test_a_good_checkpoint_of_another_run_is_refused_though_the_one_before_would_fit(state, tmp_path):
    save(tmp_path / "c", state)
    save(tmp_path / "c", replace(state, run="another"))
    with pytest.raises(ModelFileError, match="other songs or another recipe"):
        load_newest(tmp_path / "c", "this run")


def test_where_a_file_has_but_one_name_the_one_before_is_kept_all_the_same(state, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    for updates in (70, 80):
        save(tmp_path / "c", replace(state, updates=updates))
    assert [load(path, "this run").updates for path in (tmp_path / "c", previous_of(tmp_path / "c"))] == [80, 70]


def test_a_run_whose_newest_checkpoint_is_damaged_says_so_goes_on_and_ends_as_it_would_have(corpus, tmp_path):
    whole = finish(train(corpus, TINY, epochs=8))
    kept = tmp_path / "run.checkpoint"
    job = train(corpus, TINY, epochs=8, checkpoint=kept, checkpoint_seconds=0.0)
    while next(job).epoch < 3:
        pass
    job.close()
    kept.write_bytes(kept.read_bytes()[:-3])
    job = train(corpus, TINY, epochs=8, checkpoint=kept, resume=True)
    first = next(job)
    assert "continues from the checkpoint before it" in first.note
    assert not next(job).note
    job.close()
    assert previous_of(kept).exists()  # the damaged file did not push it out
    assert finish(train(corpus, TINY, epochs=8, checkpoint=kept, resume=True)).digest == whole.digest


def test_a_folder_where_the_checkpoint_should_be_stays_where_it_is(state, tmp_path):
    (tmp_path / "c").mkdir()
    with pytest.raises(FileError, match="cannot be written"):
        save(tmp_path / "c", state)
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_the_file_of_a_run_that_was_interrupted_is_that_of_one_that_was_not_byte_for_byte(corpus, tmp_path):
    finish(train(corpus, TINY, epochs=4)).save(tmp_path / "whole")
    job = train(corpus, TINY, epochs=4, checkpoint=tmp_path / "c")
    while next(job).epoch < 2:
        pass
    job.close()
    finish(train(corpus, TINY, epochs=4, checkpoint=tmp_path / "c", resume=True)).save(tmp_path / "resumed")
    assert (tmp_path / "resumed").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("change", ["weights", "optimiser"])
def test_a_checkpoint_that_does_not_fit_its_recipe_is_refused(corpus, tmp_path, change):
    kept = tmp_path / "run.checkpoint"
    finish(train(corpus, TINY, checkpoint=kept))
    good = load(kept, checkpoints.run_fingerprint(TINY, corpus))
    bad = {"weights": dict(good.weights) | {"mean.weight": arrays("x")["x"]}, "optimiser": arrays("surprise")}[change]
    save(kept, replace(good, **{change: bad}))
    with pytest.raises(ModelFileError, match="does not fit its own recipe"):
        next(train(corpus, TINY, checkpoint=kept, resume=True))


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that becomes full when one says so."""
    really, full = safe_files.write_atomically, []

    def write(path, data):
        if full:
            raise FileError(path, "cannot be written: No space left on device")
        really(path, data)

    monkeypatch.setattr("vrae_core.safe_files.write_atomically", write)
    return full


def test_on_a_full_disk_training_goes_on_says_so_once_and_the_last_good_checkpoint_stays(corpus, tmp_path, full_disk):
    whole = finish(train(corpus, TINY, epochs=8))
    kept = tmp_path / "run.checkpoint"
    job = train(corpus, TINY, epochs=8, checkpoint=kept, checkpoint_seconds=0.0)
    assert next(job).note == ""
    good = kept.read_bytes()
    full_disk.append(True)
    notes = [next(job).note for _ in range(3)]
    assert "No space left on device; training continues" in notes[0]
    assert notes[1:] == ["", ""]
    with pytest.raises(FileError, match="No space left"):
        job.close()
    assert kept.read_bytes() == good
    full_disk.clear()
    assert finish(train(corpus, TINY, epochs=8, checkpoint=kept, resume=True)).digest == whole.digest


def test_a_run_that_ends_on_a_full_disk_still_gives_its_model(corpus, tmp_path, full_disk):
    full_disk.append(True)
    assert finish(train(corpus, TINY, checkpoint=tmp_path / "c")).digest == finish(train(corpus, TINY)).digest


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")]
)
def test_too_little_memory_is_told_in_a_sentence_and_the_last_state_is_kept(corpus, tmp_path, monkeypatch, error):
    whole = finish(train(corpus, TINY))
    kept = tmp_path / "run.checkpoint"
    job = train(corpus, TINY, checkpoint=kept)
    next(job)

    def fail(*_):
        raise error

    monkeypatch.setattr("vrae_core.model.vrae.VRAE.bound", fail)
    with pytest.raises(TrainingError, match="not enough memory: a smaller batch"):
        finish(job)
    monkeypatch.undo()
    assert finish(train(corpus, TINY, checkpoint=kept, resume=True)).digest == whole.digest
