"""`vrae info`."""

import json

import safetensors.numpy


def test_it_tells_what_a_model_is(vrae, model_file, model):
    ran = vrae("info", model_file)
    facts = dict(line.split(maxsplit=1) for line in ran.out.splitlines())

    assert ran.status == 0
    assert facts["latent"] == "2"
    assert facts["threshold"] == "0.4"
    assert facts["digest"] == model.digest
    assert facts["recipe"] == "chance"
    assert facts["window"] == "20 steps (1 s) at 20 Hz"
    assert facts["pitches"].startswith(f"{len(model.pitches)}, MIDI 40 to ")


def test_json_holds_the_same(vrae, model_file, model):
    facts = json.loads(vrae("info", model_file, "--json").out)
    assert facts["pitches"] == list(model.pitches)
    assert facts["about"] == {"recipe": "chance"}
    assert (facts["window"], facts["cell"], facts["digest"]) == (20, "gru", model.digest)
    assert facts["parameters"] == sum(w.size for w in model.weights.values())


def test_what_is_no_model_is_told_in_one_sentence(vrae, songs, tmp_path):
    for path in (songs[0], tmp_path, tmp_path / "missing.safetensors"):
        ran = vrae("info", path)
        assert (ran.status, ran.out) == (1, "")
        assert ran.err.startswith(f"vrae: {path} ")
        assert ran.err.count("\n") == 1


def test_a_bundled_model_goes_by_its_short_name(vrae, model_file, monkeypatch):
    monkeypatch.setattr("vrae_core.commands.inputs.bundled_models", lambda: {"2d": model_file})
    assert vrae("info", "2d").status == 0
    assert "the bundled models are 2d" in vrae("info", "3d").err


def test_of_a_file_of_before_files_were_signed_whole_it_is_told(vrae, model_file):
    data = model_file.read_bytes()
    metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    del metadata["content_sha256"]
    model_file.write_bytes(safetensors.numpy.save(safetensors.numpy.load(data), metadata))
    ran = vrae("info", model_file)
    assert ran.status == 0
    assert "tiny.safetensors was made before files were signed whole" in ran.err


def test_of_a_model_of_parts_it_tells_the_pitches_of_each(vrae, band_model_file):
    line = next(line for line in vrae("info", band_model_file).out.splitlines() if line.startswith("pitches"))
    assert all(f"of {part}" in line for part in ("melody", "chords", "bass", "drums"))
