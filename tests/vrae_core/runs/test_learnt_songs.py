"""The songs of a run, read again: from their files, else from the run's windows."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bands import played
from vrae_core.columns import Part
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.sampling import Grid
from vrae_core.midi.export import Track, write_midi, write_song
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learnt_songs import learnt_songs
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import MARK, SongToTrain
from vrae_core.runs.train import corpus_of
from vrae_core.runs.windows import save_corpus


@pytest.fixture
def files(tmp_path):
    """Two songs on disk, the second a fifth higher."""
    paths = []
    for number, name in enumerate(("Low", "High")):
        notes = [Note(t / 4, t / 4 + 0.2, 50 + 7 * number + t % 9, 70 + t) for t in range(30)]
        paths.append(tmp_path / f"{name}.mid")
        write_midi(paths[-1], [Track(name, 0, notes)], 120.0)
    return paths


@pytest.fixture
def run_of(tmp_path):
    def run_of(*entries: SongToTrain) -> RunFolder:
        return RunFolder.create(tmp_path / "runs", RunSettings("First", "paper-2d", RECIPES["paper-2d"], entries))

    return run_of


def test_they_come_from_their_files_in_the_order_of_the_run(files, run_of):
    run = run_of(*(SongToTrain(path.stem, str(path)) for path in reversed(files)))
    learnt = finish(learnt_songs(run))
    assert [(song.name, song.path) for song in learnt.songs] == [(path.stem, str(path)) for path in reversed(files)]
    assert (learnt.from_windows, learnt.missing) == ((), ())


def test_one_that_is_learnt_in_another_key_is_in_that_key(files, run_of):
    (song,) = finish(learnt_songs(run_of(SongToTrain("Low", str(files[0]), semitones=3)))).songs
    assert song.notes[0].pitch == 53


def test_one_whose_file_is_gone_comes_from_the_windows_that_the_run_keeps(files, run_of):
    run = run_of(*(SongToTrain(path.stem, str(path)) for path in files))
    as_they_were = finish(learnt_songs(run)).songs
    save_corpus(run, build_corpus(as_they_were, 20, 10, cap=None, equal_share=False))
    files[0].unlink()
    learnt = finish(learnt_songs(run))
    assert [song.name for song in learnt.songs] == ["Low", "High"]
    assert (learnt.from_windows, learnt.missing) == (("Low",), ())
    roll = learnt.songs[0].roll
    assert np.array_equal(roll, as_they_were[0].roll[: len(roll)])
    assert len(roll) > 100


def test_one_of_which_nothing_is_left_is_named_and_the_rest_is_read(files, run_of):
    run = run_of(*(SongToTrain(path.stem, str(path)) for path in files))
    files[1].write_bytes(b"no song any more")
    learnt = finish(learnt_songs(run))
    assert [song.name for song in learnt.songs] == ["Low"]
    assert (learnt.from_windows, learnt.missing) == ((), ("High",))


def test_a_run_that_names_no_songs_has_those_of_its_windows(run_of):
    run = run_of()
    song = Song("Packed", tuple(Note(t / 4, t / 4 + 0.2, 60 + t % 5) for t in range(30)), 120.0)
    save_corpus(run, build_corpus([song], 20, 10, cap=None, equal_share=False))
    assert [song.name for song in finish(learnt_songs(run)).songs] == ["Packed"]


def by_the_bar(tmp_path, *entries, **settings):
    recipe = RECIPES["bars-2d"]
    return RunFolder.create(tmp_path / "runs", RunSettings("First", "bars-2d", recipe, entries, **settings))


def test_its_parts_and_its_estimated_beats_are_those_that_it_is_learnt_with(tmp_path):
    write_song(tmp_path / "Played.mid", played()[1])
    path = str(tmp_path / "Played.mid")
    parts = (Part.CHORDS, Part.MELODY, None)
    run = by_the_bar(tmp_path, SongToTrain("Played", path, parts=parts, estimate_beats=True))
    (song,) = finish(learnt_songs(run)).songs
    assert (song.parts, song.estimated_beats) == (parts, True)
    learnt = corpus_of(run.settings(), [read_song(path)])
    shown = build_corpus([song], 48, 48, cap=None, equal_share=False, pitches=learnt.pitches, grid=Grid(12, True))
    assert np.array_equal(shown.windows(), learnt.windows())
    assert SongToTrain.of(song) == run.settings().songs[0]


def test_parts_that_are_found_are_nobody_s_choice_and_a_song_that_was_left_out_is_as_in_its_file(tmp_path):
    write_song(tmp_path / "Played.mid", played()[1])
    (song,) = finish(learnt_songs(by_the_bar(tmp_path, SongToTrain("Played", str(tmp_path / "Played.mid"))))).songs
    assert song == read_song(tmp_path / "Played.mid")


@pytest.mark.parametrize("estimate", [False, True])
def test_a_map_that_learnt_its_songs_shows_them_by_the_beats_that_it_had(tmp_path, estimate):
    write_song(tmp_path / "Played.mid", played()[1])
    entry = SongToTrain("Played", str(tmp_path / "Played.mid"), estimate_beats=estimate)
    (song,) = finish(learnt_songs(by_the_bar(tmp_path, entry, extra={MARK: True}))).songs
    assert song.estimated_beats == estimate
