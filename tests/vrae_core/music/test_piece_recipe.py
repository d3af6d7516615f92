"""A MIDI file says what it was made from, to the last bit; a hostile one says nothing that is believed."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vrae_core.errors import FileError, RecipeError, VraeError
from vrae_core.midi.export import Track, midi_bytes, write_midi
from vrae_core.midi.song import read_song
from vrae_core.music.piece_recipe import HIGHEST_SEED, MARK, PieceRecipe, read_recipe, recipe_text
from vrae_core.music.sound import Sound, Voice
from vrae_core.piano_roll import Note

TRACKS = [Track("VRAE Explorer", 80, [Note(0, 1, 60)])]
RECIPE = PieceRecipe(
    model="0123456789abcdef" * 4,
    model_name="eight songs, Бах",
    kind="path",
    points=np.random.default_rng(0).normal(size=(3, 20)).astype(np.float32),
    parameters={"segment_seconds": 2.5, "smooth": True, "seconds": [1.0, 2.0]},
    threshold=0.1 + 0.2,
    temperature=0.85,
    seed=(1 << 62) + 1,
    tempo=97.3,
    sound=Sound((Voice(3), Voice(5, 0.6), Voice(7)), scale="minor", tonic=4),
)


def written(tmp_path, text):
    write_midi(tmp_path / "piece.mid", TRACKS, 97.3, text)
    return tmp_path / "piece.mid"


def values():
    return json.loads(recipe_text(RECIPE).removeprefix(MARK))


def assert_same(read, recipe):
    plain = [{**vars(each), "points": each.points.tobytes()} for each in (read, recipe)]
    assert plain[0] == plain[1]
    assert read.points.shape == recipe.points.shape


def test_a_recipe_comes_back_the_same(tmp_path):
    assert_same(read_recipe(written(tmp_path, recipe_text(RECIPE))), RECIPE)


@given(
    arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.floats(-1e6, 1e6, width=32)),
    st.floats(0, 1),
    st.floats(0, 2),
    st.integers(0, HIGHEST_SEED),
)
def test_every_number_comes_back_exactly(tmp_path_factory, points, threshold, temperature, seed):
    made_of = {"kind": "path" if len(points) > 1 else "point", "points": points}
    recipe = dataclasses.replace(RECIPE, **made_of, threshold=threshold, temperature=temperature, seed=seed)
    assert_same(read_recipe(written(tmp_path_factory.mktemp("recipes"), recipe_text(recipe))), recipe)


def test_it_leaves_the_notes_alone_and_other_programs_need_not_understand_it(tmp_path):
    assert read_song(written(tmp_path, recipe_text(RECIPE))).warnings == ()
    assert recipe_text(RECIPE).isascii()


def test_a_song_has_none(tmp_path):
    assert read_recipe(written(tmp_path, "")) is None
    assert read_recipe(written(tmp_path, f"this only mentions {MARK} in passing")) is None
    (tmp_path / "junk.mid").write_bytes(f"{MARK} {{}}".encode())
    assert read_recipe(tmp_path / "junk.mid") is None


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"^/.*/gone\.mid does not exist$"):
        read_recipe(tmp_path / "gone.mid")


HOSTILE = {
    "version": [2, None, "1"],
    "model": ["", "0" * 63, "Z" * 64, 5, "0" * 64 + "\n"],
    "kind": ["song", None, [], "point"],
    "points": [0, -3, 3.0, True, 7, 1 << 60, 1001],
    "z": ["", "AAAA", "not base64!", None, base64.b64encode(np.full(60, np.nan, "<f4")).decode(),
          base64.b64encode(np.full(60, 1e9, "<f4")).decode()],
    "how": [None, [], "fast"],
    "threshold": [-0.1, 1.1, float("nan"), "0.5", None, True],
    "temperature": [-1, 2.1, float("inf")],
    "seed": [-1, 1 << 64, 0.5, "1"],
    "tempo": [0, 1e9, "fast", float("nan")],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, some in HOSTILE.items() for value in some])
def test_a_value_out_of_place_is_refused_in_one_sentence(tmp_path, name, value):
    with pytest.raises(RecipeError, match=r"^/.*/piece\.mid says what it was made from, but that is damaged: "):
        read_recipe(written(tmp_path, f"{MARK} {json.dumps(values() | {name: value})}"))


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_value_that_is_missing_is_named(tmp_path, name):
    left = {key: value for key, value in values().items() if key != name}
    with pytest.raises(RecipeError, match=rf"\b{name} is missing"):
        read_recipe(written(tmp_path, f"{MARK} {json.dumps(left)}"))


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", "[" * 100_000, "9" * 5000, '{"version": 1}'])
def test_text_that_is_no_recipe_is_refused(tmp_path, text):
    with pytest.raises(RecipeError):
        read_recipe(written(tmp_path, f"{MARK} {text}"))


def test_a_text_of_great_length_is_refused_unread(tmp_path):
    with pytest.raises(RecipeError, match="too great a length"):
        read_recipe(written(tmp_path, f"{MARK} {'5'.rjust(1 << 21)}"))


def test_damaged_bytes_give_a_recipe_or_none_or_one_sentence(tmp_path):
    whole = midi_bytes(TRACKS, 97.3, recipe_text(RECIPE))
    chance = random.Random(0)
    for _ in range(500):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / "damaged.mid").write_bytes(data[: chance.randint(1, len(data))] if chance.random() < 0.2 else data)
        with contextlib.suppress(RecipeError):
            read = read_recipe(tmp_path / "damaged.mid")
            assert read is None or np.isfinite(read.points).all()


@pytest.mark.parametrize("steps", [0, 216_001, "50", 50.0, True, None])
def test_a_length_that_makes_no_sense_is_refused_before_anything_is_decoded(steps):
    with pytest.raises(VraeError, match="must have between 1 and 216,000 steps"):
        assert dataclasses.replace(RECIPE, parameters={"steps": steps}).steps
