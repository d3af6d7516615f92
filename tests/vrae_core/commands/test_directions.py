"""`vrae directions`."""

import json

from vrae_core.model.trained import TrainedModel


def test_every_attribute_has_its_line_with_what_was_measured(vrae, model_file, songs):
    ran = vrae("directions", model_file, *songs)
    head, *lines = ran.out.splitlines()
    assert ran.status == 0
    assert head.split() == ["attribute", "in", "R2", "new", "song", "-3", "-2", "-1", "+0", "+1", "+2", "+3"]
    assert lines[0].split()[:4] == ["Register", "mean", "MIDI", "pitch"]  # both songs are equally dense


def test_json_has_a_step_that_can_be_added_to_z(vrae, model_file, songs):
    ran = vrae("directions", model_file, *songs, "--json")
    rows = json.loads(ran.out)
    assert ran.status == 0
    assert len(rows[0]["step"]) == TrainedModel.load(model_file).config.latent
    assert set(rows[0]["effect"]) == {"-3", "-2", "-1", "0", "1", "2", "3"}
    assert rows[0]["r2_new_song"] is None  # there are only two songs


def test_a_missing_model_is_told(vrae, songs):
    ran = vrae("directions", "nothing.safetensors", *songs)
    assert (ran.status, ran.out) == (1, "")
    assert "does not exist" in ran.err
