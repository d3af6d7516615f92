"""Benchmark files: what they say comes out as rolls, and nothing else is taken for one."""

import gzip
import json
import random
import tracemalloc

import numpy as np
import pytest

from vrae_core.corpus import benchmark as rolls_file_module
from vrae_core.corpus.benchmark import LARGEST_JSON, RollsFile, read_rolls
from vrae_core.errors import FileError, RollsFileError
from vrae_core.piano_roll import LOWEST_PITCH


def lists_of(rolls: RollsFile) -> dict[str, list[list[list[int]]]]:
    """Rolls as the lists they are written as."""
    return {
        split: [[(np.flatnonzero(step) + LOWEST_PITCH).tolist() for step in roll] for roll in pieces]
        for split, pieces in rolls._asdict().items()
    }


def text_of(train="[[[60]]]"):
    """A file whose training split is the given JSON."""
    return f'{{"train": {train}, "valid": [[[60]]], "test": [[[60]]]}}'.encode()


@pytest.fixture
def refusal(tmp_path):
    """The sentence that a file of the given bytes is refused with, without its name."""

    def read(data: bytes) -> str:
        path = tmp_path / "bad.json.gz"
        path.write_bytes(data)
        with pytest.raises(RollsFileError) as error:
            read_rolls(path)
        sentence = str(error.value)
        assert sentence.startswith(f"{path} ")
        assert "\n" not in sentence
        assert len(sentence) < 200 + len(str(path))
        return sentence.removeprefix(f"{path} ")

    return read


def test_every_step_of_every_piece_comes_out_as_it_was_written(rolls_file, pieces):
    assert lists_of(read_rolls(rolls_file)) == pieces


def test_a_file_may_be_plain_json(tmp_path, pieces):
    path = tmp_path / "scales.json"
    path.write_text(json.dumps(pieces))

    assert lists_of(read_rolls(path)) == pieces


def test_rolls_have_the_88_piano_keys_and_steps_may_be_silent(tmp_path):
    path = tmp_path / "edges.json"
    path.write_bytes(text_of("[[[21, 108], [], [60, 60]]]"))
    (roll,) = read_rolls(path).train

    assert roll.shape == (3, 88)
    assert np.argwhere(roll).tolist() == [[0, 0], [0, 87], [2, 39]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no JSON"),
        (b"MThd\x00\x00\x00\x06", "no JSON"),
        (b"\xff\xfe\x00\xd8", "no JSON"),
        (b"[" * 1_000_000, "no JSON"),
        (b'{"a":' * 1_000_000, "no JSON"),
        (b"9" * 5_000, "no JSON"),
        (b"null", "must hold train, valid and test"),
        (b'["train", "valid", "test"]', "must hold train, valid and test"),
        (b'{"train": [[[60]]], "test": [[[60]]]}', "must hold train, valid and test"),
        (text_of()[:-1] + b', "more": 1}', "must hold train, valid and test"),
        (text_of("{}"), "holds no list of pieces as train"),
        (text_of("[]"), "holds no list of pieces as train"),
        (text_of("[[[60]], []]"), "holds no list of steps as piece 2 of train"),
        (text_of('[[[60]], "60"]'), "holds no list of steps as piece 2 of train"),
        (text_of("[[[60], 60]]"), "as step 2 of piece 1 of train"),
        (text_of('[["60"]]'), "pitches 21 to 108 as step 1 of piece 1 of train"),
        *((text_of(f"[[[{pitch}]]]"), "pitches 21 to 108") for pitch in ("20", "109", "-1", "60.0", "true", "null")),
        *((text_of(f"[[[{pitch}]]]"), "pitches 21 to 108") for pitch in ("NaN", "1e999", "[60]", "9" * 4_000)),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else None,
)
def test_anything_else_is_refused_in_a_sentence_that_says_where(refusal, data, reason):
    assert reason in refusal(data)
    assert reason in refusal(gzip.compress(data))


def test_more_pieces_or_steps_than_the_limit_are_refused_before_they_become_rolls(refusal, monkeypatch):
    monkeypatch.setattr(rolls_file_module, "MOST_PIECES", 10)
    monkeypatch.setattr(rolls_file_module, "MOST_STEPS", 100)

    assert "more than 10 pieces" in refusal(text_of(str([[[60]]] * 9)))
    assert "more than 100 steps" in refusal(text_of(str([[[]] * 99])))


def test_a_damaged_gzip_file_is_refused(refusal):
    good = gzip.compress(text_of())

    assert "breaks off" in refusal(good[:-3])
    assert "breaks off" in refusal(good[:12])
    assert "damaged" in refusal(good[:-8] + bytes(4) + good[-4:])  # the checksum
    assert "damaged" in refusal(good[:2] + b"\xff" + good[3:])  # the method
    assert "goes on after its end" in refusal(good + b"junk")
    assert "goes on after its end" in refusal(good + good)


def test_a_file_larger_than_the_limit_is_not_read(refusal):
    assert "the limit is 16.0 MB" in refusal(text_of() + b" " * LARGEST_JSON)


@pytest.mark.parametrize("filling", [b" ", b"[", b"\x00"])
def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit(refusal, filling):
    bomb = gzip.compress(filling * (8 * LARGEST_JSON), compresslevel=1)
    tracemalloc.start()
    try:
        assert "unpacks to more than the limit of 16 MB" in refusal(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * LARGEST_JSON


def test_what_is_no_file_is_named(tmp_path):
    with pytest.raises(RollsFileError, match=r"^/.*/nowhere\.json does not exist$"):
        read_rolls(tmp_path / "nowhere.json")
    with pytest.raises(RollsFileError, match="is a folder"):
        read_rolls(tmp_path)
    assert issubclass(RollsFileError, FileError)


@pytest.mark.parametrize("packed", [False, True], ids=["JSON", "gzip"])
def test_no_mutation_of_a_file_does_anything_but_load_or_say_why(tmp_path, pieces, packed):
    source, path = random.Random(11), tmp_path / "mutant.json"
    text = json.dumps(pieces).encode()
    good = gzip.compress(text) if packed else text
    words = (b"[", b"]", b",", b"{}", b'"', b"-", b"1e9", b"null", b"true", b"9" * 30, b"\x00", b"\xff", b"\\u12")
    for _ in range(300):
        data = bytearray(good[: source.randrange(len(good))] if source.random() < 0.2 else good)
        for _ in range(source.randrange(1, 4)):
            at = source.randrange(len(data) + 1)
            data[at : at + source.randrange(3)] = source.choice(words)
        path.write_bytes(data)
        refusal = ""
        try:
            rolls = read_rolls(path)
        except RollsFileError as error:
            refusal = str(error)
        else:
            assert all(roll.shape == (len(roll), 88) and len(roll) for split in rolls for roll in split)
        assert not refusal or refusal.startswith(f"{path} ")
