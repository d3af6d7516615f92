"""Rolls packed into a file, and the windows cut from them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.vrae_core.corpus.conftest import BANDS, pack, pack_on
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.packed import ROW
from vrae_core.corpus.packed_index import MAGIC, row_bytes
from vrae_core.corpus.packing import packed, writing_rolls
from vrae_core.corpus.sampling import PAPER_GRID, Grid
from vrae_core.corpus.windows import Corpus, held_out, subset
from vrae_core.errors import CorpusError, FileError, RollsFileError
from vrae_core.midi.beats import Meter
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.piano_roll import PIANO_PITCHES
from vrae_core.progress import finish
from vrae_core.runs.windows import packed_windows
from vrae_core.training.checkpoint import run_fingerprint
from vrae_core.training.train import train

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru", z_every_step=True),
    TrainingConfig(epochs=4, batch=16, learning_rate=1e-2, clip=1.0),
)


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


def test_a_file_that_is_cut_short_while_it_is_in_use_is_an_error_not_a_crash(rolls):
    corpus = rolls.cut(20, 10)
    os.truncate(rolls.path, 100)
    with pytest.raises(RollsFileError, match="cut short"):
        corpus.windows([0])


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


GRIDS = [Grid(12, parts=True), Grid(8), Grid(0, parts=True)]


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


def test_a_recipe_of_another_grid_is_refused_in_one_sentence(tmp_path, rolls):
    with pytest.raises(CorpusError, match="holds songs at 20 Hz, and the recipe asks for 12 per beat in parts; pack"):
        packed_windows(rolls.path, RECIPES["bars-40d"])
    band = pack_on(tmp_path / "band.vrae-rolls", BANDS, GRIDS[0])
    with pytest.raises(CorpusError, match="holds songs at 12 per beat in parts, and the recipe asks for 20 Hz"):
        packed_windows(band.path, RECIPES["fast-2d"])
    assert len(packed_windows(band.path, RECIPES["bars-40d"])) > 50
