"""Damaged files of packed rolls are refused in a sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from tests.vrae_core.corpus.conftest import BANDS, pack, pack_on
from vrae_core.corpus.packed import ROW, PackedRolls
from vrae_core.corpus.packed_index import MAGIC_UNSIGNED
from vrae_core.corpus.sampling import Grid
from vrae_core.errors import CorpusError, RollsFileError


def damaged_index(change):
    """Changes the index of a file, which is signed anew."""

    def damage(data: bytes) -> bytes:
        length = int.from_bytes(data[-8:], "little")
        index = json.loads(data[-8 - length : -8])
        change(index)
        text = json.dumps(index).encode()
        return data[: -40 - length] + hashlib.sha256(text).digest() + text + len(text).to_bytes(8, "little")

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:8],
        lambda data: data[:-1],
        lambda data: b"RIFF" + data[4:],
        lambda data: data[:8] + data[19:],
        lambda data: data[:-8] + (2**63).to_bytes(8, "little"),
        lambda data: data[:-8] + (0).to_bytes(8, "little"),
        lambda data: data[:-8] + (len(data)).to_bytes(8, "little"),
        lambda data: data[:-9] + b"!" + data[-8:],
        damaged_index(lambda index: index["songs"].clear()),
        damaged_index(lambda index: index["songs"].pop()),
        damaged_index(lambda index: index["songs"][0].__setitem__(1, 10**30)),
        damaged_index(lambda index: index["songs"][0].__setitem__(1, -1)),
        damaged_index(lambda index: index["songs"][0].__setitem__(1, True)),
        damaged_index(lambda index: index["songs"][0].__setitem__(0, "a\x1b[2Jb")),
        damaged_index(lambda index: index["songs"][0].__setitem__(0, "\ud800")),
        damaged_index(lambda index: index["songs"][0].__setitem__(2, "ff")),
        damaged_index(lambda index: index.pop("sha256")),
        damaged_index(lambda index: index["cells"].pop()),
        damaged_index(lambda index: index["cells"].__setitem__(0, 1.5)),
        damaged_index(lambda index: index["cells"].__setitem__(0, -1)),
        damaged_index(lambda index: index.__setitem__("songs", {"a": 1})),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(rolls, tmp_path, damage):
    bad = tmp_path / "bad.vrae-rolls"
    bad.write_bytes(damage(Path(rolls.path).read_bytes()))
    with pytest.raises(RollsFileError, match=r"bad\.vrae-rolls "):
        PackedRolls(bad)


def test_chance_damage_is_refused_or_gives_windows_but_never_anything_else(rolls, tmp_path):
    data, source = Path(rolls.path).read_bytes(), np.random.default_rng(3)
    bad = tmp_path / "bad.vrae-rolls"
    for _ in range(200):
        changed = bytearray(data)
        for place in source.integers(0, len(data), 3):
            changed[place] = source.integers(256)
        bad.write_bytes(changed[: len(data) - int(source.integers(2)) * int(source.integers(40))])
        try:
            corpus = PackedRolls(bad).cut(20, 10)
            windows = corpus.windows()
        except (RollsFileError, CorpusError):
            continue
        assert windows.shape == (len(corpus), 20, len(corpus.pitches))


def read_all(path):
    rolls = PackedRolls(path)
    return rolls.rows(np.arange(rolls.bases[-1]))


@pytest.mark.parametrize("block", [16, 4096])
def test_no_flipped_bit_is_taken_for_music(songs, tmp_path, monkeypatch, block):
    for module in ("packing", "packed", "packed_index"):
        monkeypatch.setattr(f"vrae_core.corpus.{module}.BLOCK", block)
    rolls = pack(tmp_path / "songs.vrae-rolls", songs)
    good = np.frombuffer(Path(rolls.path).read_bytes(), np.uint8)
    bad, source = tmp_path / "bad.vrae-rolls", np.random.default_rng(5)
    heads = len(good) - 700  # the index, and what follows it
    for place in [*range(8), *source.integers(8, heads, 100), *source.integers(heads, len(good), 100)]:
        changed = good.copy()
        changed[place] ^= 1 << source.integers(8)
        bad.write_bytes(changed.tobytes())
        with pytest.raises(RollsFileError, match=r"bad\.vrae-rolls is (damaged|not a file of packed rolls)"):
            read_all(bad)


def test_only_what_is_read_is_checked_and_that_once(songs, tmp_path, monkeypatch):
    for module in ("packing", "packed", "packed_index"):
        monkeypatch.setattr(f"vrae_core.corpus.{module}.BLOCK", 16)
    data = bytearray(Path(pack(tmp_path / "songs.vrae-rolls", songs).path).read_bytes())
    data[8 + 40 * ROW] ^= 4
    (tmp_path / "bad.vrae-rolls").write_bytes(data)
    bad = PackedRolls(tmp_path / "bad.vrae-rolls")
    for _ in range(2):
        assert bad.rows(np.arange(32)).shape == (32, ROW)
        with pytest.raises(RollsFileError, match="is damaged: step 32 or one soon after"):
            bad.rows(np.array([[0, 47], [3, 5]]))


def test_a_file_of_before_there_were_signatures_still_opens(rolls, tmp_path):
    data = Path(rolls.path).read_bytes()
    length = int.from_bytes(data[-8:], "little")
    index = json.loads(data[-8 - length : -8])
    del index["blocks"]
    text = json.dumps(index).encode()
    old = tmp_path / "old.vrae-rolls"
    old.write_bytes(MAGIC_UNSIGNED + data[8 : -40 - length] + text + len(text).to_bytes(8, "little"))
    assert (rolls.signed, PackedRolls(old).signed) == (True, False)
    np.testing.assert_array_equal(PackedRolls(old).cut(20, 10).windows(), rolls.cut(20, 10).windows())
    assert PackedRolls(old).sha256 == rolls.sha256


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index["times"].pop(),
        lambda index: index["times"][0][0].append([-1, 120]),
        lambda index: index["times"][0][0].append([1, 0]),
        lambda index: index["times"][0].__setitem__(0, [[i, 99.0] for i in range(30_000)]),
        lambda index: index["times"][0].__setitem__(1, [[0, 4, 0]]),
        lambda index: index.update(grid={"steps_per_beat": 0, "parts": True}),
        lambda index: index.update(grid={"steps_per_beat": 12, "parts": False}),
        lambda index: index.update(grid={"steps_per_beat": 7, "parts": True}),
        lambda index: index["programs"].pop(),
        lambda index: index["programs"].__setitem__(0, [0, 0, 0, 128]),
        lambda index: index["songs"][0].__setitem__(2, "00" * 11),
    ],
)
def test_an_index_of_another_grid_that_makes_no_sense_is_refused(tmp_path, change):
    rolls = pack_on(tmp_path / "band.vrae-rolls", BANDS, Grid(12, parts=True))
    bad = tmp_path / "bad.vrae-rolls"
    bad.write_bytes(damaged_index(change)(Path(rolls.path).read_bytes()))
    with pytest.raises(RollsFileError, match="is damaged"):
        PackedRolls(bad)


def test_what_is_no_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.vrae-rolls"):
        with pytest.raises(RollsFileError):
            PackedRolls(path)
