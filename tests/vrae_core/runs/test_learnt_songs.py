"""The songs of a run, read again: from their files, else from the run's windows."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learnt_songs import learnt_songs
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
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
