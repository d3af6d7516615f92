"""Searching the windows of the map: the newest question counts, and another map is searched anew."""

from __future__ import annotations

import pytest

from tests.explorer.conftest import found
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note


@pytest.fixture
def search(explored):
    return explored.search


def test_a_point_between_the_dots_has_windows_like_it_too(explored, search, qtbot):
    place = explored.library.atlas.map.points[:2].mean(axis=0) + 0.01
    explored.playback.play_at(place)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    result = found(explored, qtbot, lambda: search.like_heard("z"))
    assert len(result.hits) > 5
    search.clear()
    assert found(explored, qtbot, lambda: search.like_heard("sound")).sentence


def test_with_nothing_heard_it_is_said(explored, search):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    search.like_heard("sound")
    assert said == ["Nothing has been played yet to compare with: click on the map."]
    assert search.found is None


def test_the_newest_search_wins(explored, search, qtbot):
    for text in ("low", "mid", "high"):
        search.by_name(text)
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert search.what == "Songs called “high”"
    assert len(search.found.hits) == 1


def test_songs_that_join_the_map_are_searched_as_well(explored, search, qtbot):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    found(explored, qtbot, lambda: search.by_name("g"))
    song = Song("Gigue", (Note(0, 0.4, 70), Note(0.5, 0.9, 72), Note(1, 5, 74)), 120.0, ())
    explored.library.add_songs((song,))
    qtbot.waitUntil(lambda: len(explored.library.atlas.corpus.names) == 4 and not explored.jobs.running)
    assert len(search.found.hits) == 2
    assert "The map has changed, so Find searches it again." in said


def test_what_was_found_is_gone_until_a_smaller_map_has_been_searched(explored, search, qtbot):
    found(explored, qtbot, lambda: search.by_name("g"))
    seen = []
    explored.library.atlas_changed.connect(lambda: seen.append(search.found))
    explored.song_changes.show_only(explored.library.songs[:1])
    qtbot.waitUntil(lambda: explored.library.atlas.corpus.names == ("Low",) and not explored.jobs.running)
    assert seen == [None]
    assert search.found.hits == ()


def test_found_windows_of_another_map_are_forgotten(explored, search, qtbot, make_model):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    found(explored, qtbot, lambda: search.like_window(3, "sound"))
    explored.library.use_model(make_model(seed=3), "other")
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert search.found is None
    assert "The map has changed: what Find had found is gone." in said
