"""Model files: what was saved comes back, and nothing else is taken for a model."""

import json
import os
import random
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from vrae_core.bundled import bundled_models
from vrae_core.errors import ModelFileError, VraeError
from vrae_core.model.file import read_digest
from vrae_core.model.trained import TrainedModel


@pytest.fixture
def saved(tmp_path, model):
    path = tmp_path / "a model.safetensors"
    model.save(path)
    return path


def rewritten(path, **changes):
    """The same file with other metadata."""
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    path.write_bytes(safetensors.numpy.save(safetensors.numpy.load(data), header["__metadata__"] | changes))
    return path


def test_a_model_comes_back_as_it_was_saved(saved, model):
    loaded = TrainedModel.load(saved)

    assert (loaded.config, loaded.pitches, loaded.threshold) == (model.config, model.pitches, model.threshold)
    assert dict(loaded.about) == dict(model.about)
    assert loaded.digest == model.digest
    np.testing.assert_array_equal(loaded.decode(np.ones((1, 2))), model.decode(np.ones((1, 2))))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a model file"),
        (b"hello, I am a text", "is not a model file"),
        (b"\xff" * 64, "is not a model file"),
        (b"\x80\x02}q\x00.", "is not a model file"),
        (safetensors.numpy.save({"a": np.zeros(3, np.float32)}), "not a VRAE model"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(tmp_path, content, reason):
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)

    with pytest.raises(ModelFileError, match=reason) as error:
        TrainedModel.load(path)
    assert str(error.value).startswith(f"{path} ")


def test_what_a_model_learnt_comes_back_though_the_file_is_not_called_in_utf_8(tmp_path, model):
    about = {"songs": os.fsdecode(b"12 pieces, train of F\xfcr Elise.npz")}
    replace(model, about=about).save(tmp_path / "m.safetensors")
    assert TrainedModel.load(tmp_path / "m.safetensors").about == about


def test_the_digest_is_read_without_the_weights(saved, model, tmp_path):
    assert read_digest(saved) == model.digest
    (tmp_path / "junk").write_bytes(b"junk")
    with pytest.raises(ModelFileError, match="is not a model file"):
        read_digest(tmp_path / "junk")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match=r"^/.*/nowhere\.safetensors "):
        TrainedModel.load(tmp_path / "nowhere.safetensors")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "9"}, "version 9"),
        ({"config": "[]"}, "damaged settings"),
        ({"config": "[" * 100_000}, "damaged settings"),
        ({"pitches": "[1, 2]"}, "not piano keys"),
        ({"pitches": "[Infinity]"}, "damaged settings"),
        ({"threshold": "nan"}, "threshold"),
        ({"sha256": "0"}, "not those that were saved"),
    ],
)
def test_damaged_settings_are_refused_in_words(saved, changes, reason):
    with pytest.raises(ModelFileError, match=reason):
        TrainedModel.load(rewritten(saved, **changes))


@pytest.mark.parametrize(
    ("name", "value"),
    [("hidden", 10**12), ("latent", 0), ("hop", -1), ("context", -1), ("cell", "rnn"), ("window", "50")],
)
def test_a_config_out_of_range_allocates_nothing(saved, model, name, value):
    config = {**vars(model.config), name: value}

    with pytest.raises(ModelFileError, match=rf"has damaged settings: \b{name}\b"):
        TrainedModel.load(rewritten(saved, config=json.dumps(config)))


def test_weights_that_are_not_numbers_are_refused(tmp_path, model):
    weights = dict(model.weights) | {"output.bias": np.full_like(model.weights["output.bias"], np.nan)}
    path = tmp_path / "nan.safetensors"
    TrainedModel(model.config, model.pitches, weights).save(path)

    with pytest.raises(ModelFileError, match="finite"):
        TrainedModel.load(path)


def flipped(good, source, places):
    """A file's bytes with one bit flipped, for each of the places."""
    for place in places:
        data = bytearray(good)
        data[place] ^= 1 << source.randrange(8)
        yield bytes(data)


def test_no_flipped_bit_is_taken_for_another_model(saved):
    source, good = random.Random(12), saved.read_bytes()
    header = 8 + int.from_bytes(good[:8], "little")
    places = [*range(8), *source.choices(range(8, header), k=400), *source.choices(range(header, len(good)), k=50)]
    for data in flipped(good, source, places):
        saved.write_bytes(data)
        with pytest.raises(ModelFileError, match=r"^/.*/a model\.safetensors "):
            TrainedModel.load(saved)


def test_a_model_file_that_is_cut_off_anywhere_is_refused(saved):
    good = saved.read_bytes()
    header = 8 + int.from_bytes(good[:8], "little")
    for length in [*range(header + 9), *range(header + 9, len(good), 997), len(good) - 1]:
        saved.write_bytes(good[:length])
        with pytest.raises(ModelFileError, match=r"^/.*/a model\.safetensors is (damaged|not a model file)"):
            TrainedModel.load(saved)


def test_one_model_is_always_the_same_bytes(saved, model, tmp_path):
    for name in ("b", "c"):
        TrainedModel.load(saved).save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == saved.read_bytes()


def test_a_model_of_before_files_were_signed_whole_opens_and_says_so(saved, model):
    data = saved.read_bytes()
    metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    del metadata["content_sha256"]
    saved.write_bytes(safetensors.numpy.save(safetensors.numpy.load(data), metadata))
    assert not TrainedModel.load(saved).signed
    assert TrainedModel.load(saved).digest == model.digest


def test_the_bundled_models_are_signed_whole():
    assert all(TrainedModel.load(path).signed for path in bundled_models().values())


def test_a_window_of_minutes_is_refused(saved, model):
    with pytest.raises(ModelFileError, match="window must be at most 4,096"):
        TrainedModel.load(rewritten(saved, config=json.dumps({**vars(model.config), "window": 16_384})))


def test_no_mutation_of_a_model_file_does_anything_but_load_or_say_why(saved):
    source, good = random.Random(7), saved.read_bytes()
    for _ in range(300):
        data = bytearray(good[: source.randrange(len(good))] if source.random() < 0.3 else good)
        for _ in range(source.randrange(1, 4)):
            if data:
                data[source.randrange(min(len(data), 2000))] = source.randrange(256)
        saved.write_bytes(data)
        refusal = ""
        try:
            TrainedModel.load(saved)
        except VraeError as error:
            refusal = str(error)
        assert not refusal or refusal.startswith(f"{saved} ")
