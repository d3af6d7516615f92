"""Rolls packed into a file, and the windows cut from them."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.vrae_core.midi.test_beat_estimation import played
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.packed import ROW, PackedRolls
from vrae_core.corpus.packed_index import MAGIC, MAGIC_UNSIGNED, row_bytes
from vrae_core.corpus.packing import packed, packed_song, writing_rolls
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.corpus.sampling import sampled as on_grid
from vrae_core.corpus.windows import Corpus, held_out, subset
from vrae_core.errors import CorpusError, FileError, RollsFileError
from vrae_core.midi.beats import Meter
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.piano_roll import PIANO_PITCHES, Note
from vrae_core.progress import finish
from vrae_core.runs.windows import packed_windows
from vrae_core.training.checkpoint import run_fingerprint
from vrae_core.training.train import train

SHORT = Song("Short", (Note(0.0, 0.3, 52), Note(0.1, 0.5, 76)), 120.0)
SILENT = Song("Silent for the model", (Note(0.0, 9.0, 21),), 120.0)
TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru", z_every_step=True),
    TrainingConfig(epochs=4, batch=16, learning_rate=1e-2, clip=1.0),
)


def pack(path: Path, songs: list[Song]) -> PackedRolls:
    finish(writing_rolls(path, (packed(song.name, song.roll) for song in songs)))
    return PackedRolls(path)


@pytest.fixture
def songs(two_songs: list[Song]) -> list[Song]:
    return [two_songs[0], SHORT, SILENT, two_songs[1]]


@pytest.fixture
def rolls(tmp_path: Path, songs: list[Song]) -> PackedRolls:
    return pack(tmp_path / "songs.vrae-rolls", songs)


@pytest.mark.parametrize("hop", [1, 7, 30])
@pytest.mark.parametrize(("cap", "equal_share"), [(None, False), (5, False), (None, True)])
def test_the_windows_of_a_packed_file_are_those_of_the_songs_in_memory(rolls, songs, hop, cap, equal_share):
    in_memory = build_corpus(songs, 20, hop, cap=cap, equal_share=equal_share)
    on_disk = rolls.cut(20, hop, cap=cap, equal_share=equal_share)

    assert (on_disk.names, on_disk.pitches, len(on_disk)) == (in_memory.names, in_memory.pitches, len(in_memory))
    assert on_disk.skipped == in_memory.skipped
    np.testing.assert_array_equal(on_disk.windows(), in_memory.windows())
    np.testing.assert_array_equal(on_disk.song_of, in_memory.song_of)
    np.testing.assert_array_equal(on_disk.start_of, in_memory.start_of)


@pytest.mark.parametrize("window", [5, 20, 40])
def test_its_windows_in_memory_are_the_same_in_the_same_order(rolls, window, monkeypatch):
    on_disk = rolls.cut(window, 7, equal_share=False)
    held = on_disk.take(np.arange(len(on_disk))[::-2]).in_memory()
    np.testing.assert_array_equal(held.windows(), on_disk.windows()[::-2])
    np.testing.assert_array_equal(held.start_of, on_disk.start_of[::-2])
    assert (held.names, held.pitches, held.skipped) == (on_disk.names, on_disk.pitches, on_disk.skipped)
    monkeypatch.setattr("vrae_core.corpus.packed.MOST_STEPS_IN_MEMORY", 10)
    with pytest.raises(CorpusError, match="up to 10 are shown"):
        on_disk.in_memory()


def test_a_song_without_the_models_pitches_is_left_out_and_named(rolls, songs):
    pitches = build_corpus(songs[:1], 20, 10).pitches
    on_disk = rolls.cut(20, 10, pitches=pitches, cap=None, equal_share=False)
    in_memory = build_corpus(songs, 20, 10, pitches=pitches, cap=None, equal_share=False)

    assert on_disk.skipped == in_memory.skipped
    assert any("Silent" in sentence for sentence in on_disk.skipped)
    np.testing.assert_array_equal(on_disk.windows(), in_memory.windows())


def test_some_windows_can_be_taken_and_some_of_those(rolls):
    corpus = rolls.cut(20, 10, cap=None, equal_share=False)
    some = corpus.take([5, 3, 8]).take([2, 0])

    np.testing.assert_array_equal(some.windows(), corpus.windows([8, 5]))
    np.testing.assert_array_equal(some.song_of, corpus.song_of[[8, 5]])
    np.testing.assert_array_equal(some.offsets, corpus.offsets[[8, 5]])


def test_training_on_packed_rolls_is_training_on_the_songs(tmp_path, two_songs):
    in_memory = build_corpus(two_songs, 20, 10, equal_share=False)
    on_disk = pack(tmp_path / "two.vrae-rolls", two_songs).cut(20, 10, equal_share=False)

    assert finish(train(on_disk, TINY)).digest == replace(finish(train(in_memory, TINY))).digest


def test_a_run_on_packed_rolls_is_resumed_bit_for_bit(rolls, tmp_path):
    corpus = rolls.cut(20, 10, cap=None, equal_share=False)
    whole = finish(train(corpus, TINY))
    kept = tmp_path / "run.checkpoint"
    interrupted = train(corpus, TINY, checkpoint=kept)
    while next(interrupted).epoch < 2:
        pass
    interrupted.close()
    assert finish(train(corpus, TINY, checkpoint=kept, resume=True)).digest == whole.digest


def test_a_checkpoint_knows_the_file_the_cut_and_the_windows(rolls, tmp_path, two_songs):
    corpora = [
        rolls.cut(20, 10, cap=None, equal_share=False),
        rolls.cut(20, 5, cap=None, equal_share=False),
        rolls.cut(20, 10, cap=3),
        rolls.cut(20, 10, cap=None, equal_share=False).take(range(9)),
        rolls.cut(20, 10, cap=None, equal_share=False).take(range(1, 10)),
        pack(tmp_path / "other.vrae-rolls", two_songs).cut(20, 10, cap=None, equal_share=False),
    ]
    assert len({run_fingerprint(TINY, corpus) for corpus in corpora}) == len(corpora)


def test_an_eighth_of_the_memory_is_the_size_of_the_file(rolls, songs):
    rows = sum(len(song.roll) for song in songs)
    assert len(MAGIC) + rows * ROW < os.path.getsize(rolls.path) < rows * ROW + 1000


def damaged_index(change):
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


def test_a_file_that_is_cut_short_while_it_is_in_use_is_an_error_not_a_crash(rolls):
    corpus = rolls.cut(20, 10)
    os.truncate(rolls.path, 100)
    with pytest.raises(RollsFileError, match="cut short"):
        corpus.windows([0])


def test_what_is_no_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.vrae-rolls"):
        with pytest.raises(RollsFileError):
            PackedRolls(path)


def test_packing_that_is_broken_off_leaves_the_old_file_and_no_other(rolls, two_songs):
    before = Path(rolls.path).read_bytes()
    writing = writing_rolls(rolls.path, (packed(song.name, song.roll) for song in two_songs))
    next(writing)
    writing.close()
    assert Path(rolls.path).read_bytes() == before
    assert [path.name for path in Path(rolls.path).parent.iterdir()] == ["songs.vrae-rolls"]


def test_no_songs_are_no_file(tmp_path):
    with pytest.raises(CorpusError, match="no songs"):
        finish(writing_rolls(tmp_path / "none.vrae-rolls", []))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path, two_songs):
    with pytest.raises(FileError, match="folder does not exist"):
        finish(writing_rolls(tmp_path / "no" / "x.vrae-rolls", [packed("a", two_songs[0].roll)]))


def test_a_corpus_is_measured_by_a_bounded_number_of_windows_evenly_spread(corpus, rolls):
    assert subset(corpus, len(corpus)) is corpus
    some = subset(rolls.cut(20, 1, cap=None, equal_share=False), 30)
    assert len(some) == 30
    assert {0, 2, 3} <= set(some.song_of), "the songs that are longer than a second"


def test_held_out_windows_are_split_as_in_memory(rolls, songs):
    parts = held_out(rolls.cut(20, 10, cap=None, equal_share=False))
    expected = held_out(build_corpus(songs, 20, 10, cap=None, equal_share=False))
    for part, other in zip(parts, expected, strict=True):
        np.testing.assert_array_equal(part.windows(), other.windows())


def test_every_pitch_of_the_piano_survives_packing():
    roll = np.eye(len(PIANO_PITCHES), dtype=bool)
    np.testing.assert_array_equal(packed("", roll).roll, roll)
    assert isinstance(build_corpus([packed("Scale", roll)], 20, 10), Corpus)


# --- on other grids


BANDS = [played(seed, 100, 0)[1] for seed in (4, 5)]
GRIDS = [Grid(12, parts=True), Grid(8), Grid(0, parts=True)]


def pack_on(path: Path, songs: list[Song], grid: Grid) -> PackedRolls:
    finish(writing_rolls(path, (packed_song(on_grid(song, grid)) for song in songs)))
    return PackedRolls(path)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("hop", [12, 48, 96])
def test_on_any_grid_the_windows_are_those_of_the_songs_in_memory(tmp_path, grid, hop):
    waltz = replace(BANDS[1], name="Waltz", meters=(Meter(0, 3, 4), Meter(20, 7, 8), Meter(41.5, 4, 4)))
    short = replace(BANDS[0], name="Short", notes=BANDS[0].notes[:2], drums=())
    songs = [BANDS[0], short, waltz]
    rolls = pack_on(tmp_path / "band.vrae-rolls", songs, grid)
    in_memory = build_corpus(songs, 48, hop, cap=30, equal_share=False, grid=grid)
    on_disk = rolls.cut(48, hop, cap=30, equal_share=False)
    again = on_disk.in_memory()

    assert rolls.grid == grid
    assert on_disk.pitches == again.pitches == in_memory.pitches
    for cut in (on_disk, again):
        np.testing.assert_array_equal(cut.windows(), in_memory.windows())
        np.testing.assert_array_equal(cut.song_of, in_memory.song_of)
        np.testing.assert_array_equal(cut.start_of, in_memory.start_of)
    np.testing.assert_allclose(again.starts, in_memory.starts)
    assert (again.grid, again.programs) == (grid, in_memory.programs)
    np.testing.assert_array_equal(on_disk.take([3, 1]).windows(), in_memory.windows([3, 1]))
    assert rolls.seconds == pytest.approx(sum(max(hit.end for hit in song.notes) for song in songs), abs=2)


def test_a_row_of_parts_takes_35_bytes_and_one_of_all_together_11(tmp_path):
    assert [row_bytes(grid) for grid in GRIDS] == [35, 11, 35]
    assert row_bytes(PAPER_GRID) == ROW == 11


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
    rolls = pack_on(tmp_path / "band.vrae-rolls", BANDS, GRIDS[0])
    data = Path(rolls.path).read_bytes()
    length = int.from_bytes(data[-8:], "little")
    index = json.loads(data[-8 - length : -8])
    change(index)
    text = json.dumps(index).encode()
    bad = tmp_path / "bad.vrae-rolls"
    rows = data[: -8 - length - 32]
    bad.write_bytes(rows + hashlib.sha256(text).digest() + text + len(text).to_bytes(8, "little"))
    with pytest.raises(RollsFileError, match="is damaged"):
        PackedRolls(bad)


def test_a_recipe_of_another_grid_is_refused_in_one_sentence(tmp_path, rolls):
    with pytest.raises(CorpusError, match="holds songs at 20 Hz, and the recipe asks for 12 per beat in parts; pack"):
        packed_windows(rolls.path, RECIPES["bars-20d"])
    band = pack_on(tmp_path / "band.vrae-rolls", BANDS, GRIDS[0])
    with pytest.raises(CorpusError, match="holds songs at 12 per beat in parts, and the recipe asks for 20 Hz"):
        packed_windows(band.path, RECIPES["fast-2d"])
    assert len(packed_windows(band.path, RECIPES["bars-20d"])) > 50
