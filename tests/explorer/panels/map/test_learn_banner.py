"""The banner over the map: what the model does not know, and the way to a map that does."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.panels.map.learn_banner import LearnBanner
from explorer.session.songs.library import OfRun
from tests.explorer.conftest import given_parts, hear, settle
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.songs import key_of


@pytest.fixture
def banner(explored, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.training.learning.timed", lambda *_given: timed(3.2))
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.5)
    qtbot.waitUntil(lambda: explored.notes_right.of_song is not None)
    made = given_parts(LearnBanner, explored)
    qtbot.addWidget(made)
    return made


def timed(minutes):
    yield None
    return minutes


def measure_as(session, qtbot, *shares):
    session.notes_right.of_song = np.array(shares, np.float32)
    session.notes_right.changed.emit()
    qtbot.waitUntil(lambda: not session.jobs.running)


def test_where_every_song_is_known_there_is_none(banner, explored, qtbot):
    measure_as(explored, qtbot, 0.9, 0.6, 0.5)
    assert banner.isHidden()


def test_it_says_what_the_model_does_not_know_and_how_long_learning_takes(banner, explored, qtbot):
    measure_as(explored, qtbot, 0.02, 0.1, 0.09)
    assert not banner.isHidden()
    assert banner.words.text() == "This model does not know these songs: it gets 7% of their notes right."
    assert banner.learn.text() == "Learn these songs (about 3 minutes)"
    measure_as(explored, qtbot, 0.9, 0.1, 0.2)
    assert banner.words.text() == "This model does not know 2 of the 3 songs: it gets 15% of their notes right."
    measure_as(explored, qtbot, 0.9, 0.1, 0.8)
    assert banner.words.text() == "This model does not know “Middle”: it gets 10% of its notes right."


def test_a_long_name_does_not_make_the_map_wider_than_its_window(banner, explored, qtbot):
    explored.song_changes.rename(1, "A name that goes on " * 5)
    qtbot.waitUntil(lambda: explored.library.songs[1].name.startswith("A name"))
    qtbot.waitUntil(lambda: explored.notes_right.of_song is not None)
    measure_as(explored, qtbot, 0.9, 0.1, 0.8)
    assert banner.words.text().startswith("This model does not know “A name that goes on A n…”: it gets 10%")


def test_the_originals_are_heard_from_the_first_song_that_is_not_known(banner, explored, qtbot):
    measure_as(explored, qtbot, 0.9, 0.1, 0.2)
    heard = hear(explored, qtbot, banner.originals.click)
    assert explored.library.atlas.song_name(heard.window) == "Middle"
    assert explored.playback.version == "original"
    assert explored.playback.original_unasked


def learnt(session, folder, songs, *, to_its_end=True):
    """The model of a run that has learnt songs."""
    return {folder / "model.safetensors": OfRun(folder, "Mine", frozenset(map(key_of, songs)), to_its_end)}


def test_songs_whose_map_is_ready_are_opened_with_it_and_others_are_learnt(
    banner, explored, tmp_path, monkeypatch, qtbot
):
    opened = []
    monkeypatch.setattr(explored.learning, "open", opened.append)
    measure_as(explored, qtbot, 0.1, 0.1, 0.2)
    explored.library.offer_models_of_runs(learnt(explored, tmp_path, explored.library.songs, to_its_end=False))
    assert (banner.learn.isHidden(), banner.open.isHidden()) == (False, True), "it was cancelled"
    explored.library.offer_models_of_runs(learnt(explored, tmp_path, explored.library.songs))
    assert (banner.learn.isHidden(), banner.open.isHidden()) == (True, False)
    assert banner.words.text().endswith("of their notes right. A map that does is ready.")
    banner.open.click()
    assert [run.path for run in opened] == [tmp_path]
    explored.song_changes.remove(0)
    qtbot.waitUntil(lambda: len(explored.library.songs) == 2 and explored.notes_right.of_song is not None)
    qtbot.waitUntil(lambda: (banner.learn.isHidden(), banner.open.isHidden()) == (False, True))


def test_a_map_that_is_told_to_be_ready_is_not_offered_twice(banner, explored, tmp_path, qtbot):
    measure_as(explored, qtbot, 0.1, 0.1, 0.2)
    explored.learning._begun_with = explored.learning._state()
    explored.playback.play_window(0)  # so that the map is offered, and does not open by itself
    explored.learning._measured(RunFolder(tmp_path), True, 0.9)
    assert banner.isHidden()
    explored.library.offer_models_of_runs(learnt(explored, tmp_path, explored.library.songs))
    assert banner.isHidden()
    explored.song_changes.remove(0)
    qtbot.waitUntil(lambda: len(explored.library.songs) == 2 and explored.notes_right.of_song is not None)
    qtbot.waitUntil(lambda: not banner.isHidden())


def test_a_song_that_its_own_map_gets_wrong_is_learnt_on(banner, explored, tmp_path, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.training.learning.is_learnt", lambda _model: True)
    songs = explored.library.songs
    models = learnt(explored, tmp_path, songs[:2])
    explored.library.offer_models_of_runs(models)
    (explored.library.model_path,) = models
    measure_as(explored, qtbot, 0.9, 0.1, 0.8)
    assert banner.words.text() == "This model does not yet know “Middle”: it gets 10% of its notes right."
    assert banner.learn.text() == "Learn on (about 3 minutes)"
    measure_as(explored, qtbot, 0.9, 0.8, 0.1)
    assert banner.words.text().startswith("This model does not know “"), "it was added"
    assert banner.learn.text() == "Learn these songs (about 3 minutes)"


def test_closed_it_is_gone_until_other_songs_are_shown(banner, explored, qtbot):
    measure_as(explored, qtbot, 0.1, 0.1, 0.2)
    banner._close()
    assert banner.isHidden()
    measure_as(explored, qtbot, 0.1, 0.1, 0.2)
    assert banner.isHidden()
    explored.song_changes.remove(0)
    qtbot.waitUntil(lambda: len(explored.library.songs) == 2 and explored.notes_right.of_song is not None)
    qtbot.waitUntil(lambda: not banner.isHidden())


def test_the_legend_says_how_many_of_a_song_s_notes_are_right(window, explored, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.training.learning.timed", lambda *_given: timed(3.2))
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.5)
    qtbot.waitUntil(lambda: explored.notes_right.of_song is not None)
    measure_as(explored, qtbot, 0.9, 0.1, 0.2)
    songs = window.explore.songs.list.rows
    assert [songs.row(songs.index(i)).right for i in (1, 2)] == ["10%", "20%"]
    assert "90% of its notes right" in songs.row(songs.index(0)).tip
    assert window.map_panel.banner.isVisible()


def test_the_songs_that_are_learnt_are_counted_whatever_is_shown_meanwhile(banner, explored, monkeypatch, qtbot):
    monkeypatch.setattr(explored.trainer, "queue", lambda *_given: None)
    explored.learning.learn()
    monkeypatch.setattr(type(explored.learning), "running", True)
    explored.learning.changed.emit()
    assert banner.words.text() == "Learning 3 songs. Meanwhile the map can be played."
    settle(explored, qtbot)
    explored.song_changes.show_only(explored.library.songs[:1])
    qtbot.waitUntil(lambda: explored.library.atlas.corpus.names == ("Low",) and not explored.jobs.running)
    explored.learning.changed.emit()
    assert banner.words.text() == "Learning 3 songs. Meanwhile the map can be played."
