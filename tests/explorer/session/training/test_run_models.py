"""The models of runs in Explore, with the songs that they learnt."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.session.songs.sources import SongSource
from tests.explorer.conftest import settle
from vrae_core.corpus.cutting import build_corpus
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note
from vrae_core.runs.folder import RUNNING, RunFolder
from vrae_core.runs.history import HistoryRow
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.windows import save_corpus

FIGURES = HistoryRow(90.0, 3, 40, -5.25, -5.0, 0.25, 1e-3, 1.0, math.nan, 2, 900.0)


@pytest.fixture
def learnt(write_song):
    """The files of two songs that are not on the map."""
    songs = [
        Song(name, tuple(Note(t / 4, t / 4 + 0.2, low + t % 9) for t in range(60)), 120.0)
        for name, low in (("Reel", 48), ("Air", 60))
    ]
    return [write_song(song) for song in songs]


@pytest.fixture
def run(explored, learnt, make_model):
    """A finished run on them."""
    return make_run(explored, "Reels", learnt, make_model(seed=3))


def make_run(session, name, files, model):
    """A run a day after those that there are."""
    root = session.trainer.runs_folder
    root.mkdir(parents=True, exist_ok=True)
    entries = tuple(SongToTrain(file.stem, str(file)) for file in files)
    settings = RunSettings(name, "fast-2d", RECIPES["fast-2d"], entries, minutes=1.0)
    made = RunFolder.create_at(root / f"2026-01-{len(list(root.iterdir())) + 1:02}", settings)
    made.append(FIGURES)
    model.save(made.model)
    return made


@pytest.fixture
def offers(explored):
    """What is said with a button."""
    told = []
    explored.messages.offered.connect(told.append)
    return told


def listed(session, qtbot):
    with qtbot.waitSignal(session.runs.changed):
        session.runs.refresh()
    return [run.name for run in session.library.of_runs.values()]


def test_a_run_is_explored_with_the_songs_it_learnt_and_those_of_before_come_back(explored, run, offers, qtbot):
    with qtbot.waitSignal(explored.run_models.opening):
        explored.run_models.use(run)
    settle(explored, qtbot)
    assert (explored.library.model_name, explored.library.model_path) == ("Reels", run.model)
    assert explored.library.atlas.corpus.names == ("Reel", "Air")
    sentence, words, act = offers[0][:3]
    assert (sentence, words) == ("Reels with its 2 songs.", "Show the songs from before")
    act()
    settle(explored, qtbot)
    assert explored.library.model_name == "Reels"
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High")
    assert offers[1][:2] == ("Reels with the 3 songs from before.", "Show the others again")
    explored.run_models.show_before()
    settle(explored, qtbot)
    assert explored.library.atlas.corpus.names == ("Reel", "Air")
    assert explored.problems == []


def test_songs_that_are_on_the_map_already_take_no_place(explored, songs, write_song, make_model, offers, qtbot):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    explored.library.reopen(None, [SongSource(str(write_song(song))) for song in songs], None, lambda _opened: None)
    settle(explored, qtbot)
    files = [Path(song.path) for song in explored.library.songs]
    explored.run_models.use(make_run(explored, "The same", files, make_model(seed=3)))
    settle(explored, qtbot)
    assert said == ["The same with its 3 songs."]
    assert offers == []
    assert explored.run_models.before == ()


def test_after_two_runs_the_songs_from_before_are_those_of_no_run(explored, run, learnt, make_model, offers, qtbot):
    for each in (run, make_run(explored, "Airs", learnt[1:], make_model())):
        explored.run_models.use(each)
        settle(explored, qtbot)
    assert offers[-1][0] == "Airs with its one song."
    explored.run_models.show_before()
    settle(explored, qtbot)
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High")


def test_a_song_whose_file_is_gone_costs_a_sentence_and_the_rest_is_opened(explored, run, learnt, qtbot):
    learnt[0].unlink()
    explored.run_models.use(run)
    settle(explored, qtbot)
    assert explored.library.atlas.corpus.names == ("Air",)
    assert explored.problems == ["Left out, as their files cannot be read: Reel."]


def test_where_no_song_is_left_the_model_is_shown_with_those_that_are_there(explored, run, learnt, offers, qtbot):
    for file in learnt:
        file.unlink()
    explored.run_models.use(run)
    settle(explored, qtbot)
    assert explored.library.model_name == "Reels"
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High")
    assert [problem.split(" can be")[0] for problem in explored.problems] == ["None of the songs that it learnt"]
    assert offers == []


def test_opening_one_can_be_cancelled_and_nothing_has_changed(explored, run, qtbot):
    atlas = explored.library.atlas
    explored.run_models.use(run)
    explored.jobs.cancel(explored.jobs.running[-1].key)
    settle(explored, qtbot)
    assert explored.library.atlas is atlas
    assert explored.library.model_name == "chance"


def test_a_run_without_a_model_is_said_to_have_none(explored, run, qtbot):
    run.model.unlink()
    explored.run_models.use(run)
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert explored.problems == ["“Reels” has no model yet"]


def test_a_run_whose_folder_is_gone_is_said_to_be_gone(explored, run, qtbot):
    shutil.rmtree(run.path)
    explored.run_models.use(run)
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert explored.problems == [f"{run.path} is not there any more"]
    assert explored.library.model_name == "chance"


def test_one_in_training_is_explored_too_and_follows_its_name_though_it_has_no_lasting_file(
    explored, run, make_model, qtbot
):
    run.model.unlink()
    run.keep_snapshot(make_model(seed=5), 40)
    here = {"host": socket.gethostname(), "process": os.getpid()}
    (run.path / RUNNING).write_text(json.dumps(here))
    explored.run_models.use(run)
    settle(explored, qtbot)
    assert (explored.library.model_name, explored.library.model_path) == ("Reels", None)
    assert explored.library.atlas.corpus.names == ("Reel", "Air")
    assert listed(explored, qtbot) == []
    explored.runs.rename(run, "Jigs")
    qtbot.waitUntil(lambda: explored.library.model_name == "Jigs")


def test_models_of_runs_that_have_ended_are_offered_the_newest_first(explored, run, learnt, make_model, qtbot):
    make_run(explored, "Airs", learnt[1:], make_model())
    without = make_run(explored, "Begun", learnt, make_model())
    without.model.unlink()
    assert listed(explored, qtbot) == ["Airs", "Reels"]


def test_of_very_many_only_the_newest_are_offered(explored, run, learnt, make_model, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.training.runs.MOST_OFFERED", 2)
    for number in range(2):
        make_run(explored, f"Next {number}", learnt, make_model())
    assert listed(explored, qtbot) == ["Next 1", "Next 0"]


def test_runs_of_one_name_are_told_apart_there_too(explored, run, learnt, make_model, qtbot):
    again = make_run(explored, "Other", learnt, make_model())
    again.rename("Reels")
    assert listed(explored, qtbot) == ["Reels (2)", "Reels"]


def test_a_run_that_is_renamed_renames_the_model_that_is_shown(explored, run, qtbot):
    explored.run_models.use(run)
    settle(explored, qtbot)
    assert listed(explored, qtbot) == ["Reels"]
    assert "Reels" not in explored.library.models
    with qtbot.waitSignal(explored.library.models_changed):
        explored.runs.rename(run, "Jigs")
    qtbot.waitUntil(lambda: explored.library.model_name == "Jigs")
    assert [each.name for each in explored.library.of_runs.values()] == ["Jigs"]


def test_a_run_that_is_deleted_leaves_the_model_that_is_shown_without_its_file(explored, run, qtbot):
    explored.run_models.use(run)
    settle(explored, qtbot)
    assert listed(explored, qtbot) == ["Reels"]
    explored.runs.throw_away(run)
    qtbot.waitUntil(lambda: not explored.library.of_runs)
    assert (explored.library.model_name, explored.library.model_path) == ("Reels", None)
    explored.runs.restore()
    qtbot.waitUntil(lambda: list(explored.library.of_runs) == [run.model])


def test_a_model_of_a_run_is_compared_by_the_run_s_name_whatever_that_becomes(explored, run, qtbot):
    listed(explored, qtbot)
    explored.comparing.open(run.model)
    settle(explored, qtbot)
    assert explored.comparing.name == "Reels"
    assert "model" not in explored.library.models
    explored.runs.rename(run, "Jigs")
    qtbot.waitUntil(lambda: explored.comparing.name == "Jigs")


def test_a_run_that_changes_only_its_figures_renews_no_list(explored, run, qtbot):
    listed(explored, qtbot)
    changes = []
    explored.library.models_changed.connect(lambda: changes.append(1))
    run.append(FIGURES._replace(updates=80))
    listed(explored, qtbot)
    assert changes == []


# --- kept with the session


def reopened(session, make_model, tmp_path, qtbot):
    """The session after it was saved, something else was shown, and it was opened again."""
    file = tmp_path / "kept.vrae-session"
    with qtbot.waitSignal(session.keeping.used):
        session.keeping.save(file)
    session.library.use_model(make_model(seed=9), "other")
    settle(session, qtbot)
    session.library.add_songs((Song("Other", tuple(Note(t, t + 0.5, 50) for t in range(9)), 120.0),))
    session.run_models.restore_before(())
    settle(session, qtbot)
    session.problems.clear()
    with qtbot.waitSignal(session.keeping.used):
        session.keeping.open(file)
    settle(session, qtbot)
    return json.loads(file.read_text())


def test_songs_of_a_run_s_windows_come_back_with_the_session(explored, run, learnt, make_model, tmp_path, qtbot):
    as_they_were = [read_song(file) for file in learnt]
    save_corpus(run, build_corpus(as_they_were, 20, 10, cap=None, equal_share=False))
    learnt[0].unlink()
    explored.run_models.use(run)
    settle(explored, qtbot)
    explored.song_changes.rename(0, "A reel")
    settle(explored, qtbot)
    songs = explored.library.songs
    assert [song.path for song in songs] == ["", str(learnt[1])]
    saved = reopened(explored, make_model, tmp_path, qtbot)
    of_run = {"folder": str(run.path), "name": "Reel"}
    assert saved["songs"][0] == {"name": "A reel", "run": of_run}
    assert explored.library.songs == songs
    assert explored.problems == []


def test_songs_come_back_as_their_run_learns_them_or_else_as_their_files_have_them(
    explored, learnt, make_model, tmp_path, qtbot
):
    run = make_run(explored, "Higher", learnt, make_model(seed=3))
    settings = run.settings()
    run.write_settings(replace(settings, songs=tuple(replace(song, semitones=5) for song in settings.songs)))
    explored.run_models.use(run)
    settle(explored, qtbot)
    assert explored.library.songs[1].notes[0].pitch == 65
    reopened(explored, make_model, tmp_path, qtbot)
    assert explored.library.songs[1].notes[0].pitch == 65
    explored.problems.clear()
    shutil.rmtree(run.path)
    explored.keeping.open(tmp_path / "kept.vrae-session")
    settle(explored, qtbot)
    assert explored.library.songs[1].notes[0].pitch == 60
    assert f"cannot be read from its run any more, {run.path}; it is shown as {learnt[0]} has it" in "".join(
        explored.problems
    )


def test_the_songs_from_before_come_back_after_a_restart(
    explored, run, songs, write_song, make_model, offers, tmp_path, qtbot
):
    explored.library.reopen(None, [SongSource(str(write_song(song))) for song in songs], None, lambda _opened: None)
    settle(explored, qtbot)
    explored.run_models.use(run)
    settle(explored, qtbot)
    before = explored.run_models.before
    saved = reopened(explored, make_model, tmp_path, qtbot)
    assert [song["path"] for song in saved["before"]] == [song.path for song in before]
    assert explored.library.atlas.corpus.names == ("Reel", "Air")
    explored.run_models.show_before()
    settle(explored, qtbot)
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High")
    assert offers[-1][:2] == (f"{explored.library.model_name} with the 3 songs from before.", "Show the others again")
    assert explored.problems == []
