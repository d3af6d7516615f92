"""Which songs the map shows: added or in place of the examples, removed, renamed, brought back."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.songs.sources import SongSource, sources_of
from tests.bands import scale_song
from tests.explorer.conftest import hear, settle
from tests.explorer.session.songs.conftest import names
from vrae_core.bundled import bundled_songs
from vrae_core.midi.song import read_song


@pytest.fixture
def examples(session, make_model, tmp_path, monkeypatch, qtbot):
    """A session that shows two of three example songs, by a model that does not come with them."""
    come = {"2d": tmp_path / "models" / "eight-songs-2d.safetensors"}
    come["2d"].parent.mkdir()
    make_model(seed=1).save(come["2d"])
    monkeypatch.setattr("explorer.session.songs.song_changes.bundled_models", lambda: come)
    monkeypatch.setattr("explorer.session.songs.song_changes.bundled_songs", lambda: bundled_songs()[:3])
    session.library.add_songs([read_song(path) for path in bundled_songs()[:2]])
    settle(session, qtbot)
    session.library.use_model(make_model(), "chance")
    settle(session, qtbot)
    return session


@pytest.fixture
def folder(tmp_path, write_song):
    """A folder with two songs."""
    for name, lowest in (("Reel", 48), ("Air", 60)):
        write_song(scale_song(name, lowest))
    return tmp_path


def test_songs_are_renamed_and_removed_while_others_are_being_opened_and_none_is_lost(explored, folder, qtbot):
    explored.library.open(song_paths=[folder])
    explored.song_changes.rename(0, "Lower")
    explored.song_changes.rename(0, "Lowest")
    explored.song_changes.remove(1)
    explored.song_changes.remove(1)
    settle(explored, qtbot)
    assert names(explored) == ("Lowest", "High", "Air", "Reel")


def test_songs_of_one_s_own_take_the_place_of_the_examples_and_one_button_brings_these_back(
    examples, folder, offers, qtbot
):
    before = names(examples)
    examples.library.open(song_paths=[folder])
    settle(examples, qtbot)
    assert names(examples) == ("Air", "Reel")
    sentence, words, act = offers[-1][:3]
    assert (sentence, words) == ("2 songs in place of the example songs.", "Bring the examples back")
    act()
    settle(examples, qtbot)
    assert set(before) < set(names(examples))
    assert len(names(examples)) == 3
    assert examples.library.model_name == "eight-songs-2d"
    assert offers[-1][:2] == ("The example songs.", "Show the songs from before")
    offers[-1][2]()
    settle(examples, qtbot)
    assert names(examples) == ("Air", "Reel")
    assert examples.library.model_name == "chance"
    assert examples.problems == []


@pytest.fixture
def start(examples, make_model, tmp_path, monkeypatch, qtbot):
    """The examples on the map that a start shows, beside the base."""
    come = {name: tmp_path / "models" / f"{name}.safetensors" for name in ("bars", "base")}
    for seed, path in enumerate(come.values(), 5):
        make_model(seed=seed).save(path)
    monkeypatch.setattr("explorer.session.songs.library.bundled_models", lambda: come)
    monkeypatch.setattr("explorer.session.songs.song_changes.bundled_models", lambda: come)
    examples.library.open(come["bars"])
    settle(examples, qtbot)
    return examples


def test_songs_of_one_s_own_are_opened_by_the_base_and_the_examples_brought_back_by_their_map(
    start, folder, offers, qtbot
):
    start.library.open(song_paths=[folder])
    settle(start, qtbot)
    assert (names(start), start.library.model_name) == (("Air", "Reel"), "base")
    offers[-1][2]()
    settle(start, qtbot)
    assert "Air" not in names(start)
    assert start.library.model_name == "bars"


def test_songs_of_one_s_own_are_opened_by_the_model_that_was_chosen(start, make_model, folder, tmp_path, qtbot):
    make_model(seed=9).save(tmp_path / "mine.safetensors")
    start.library.open(tmp_path / "mine.safetensors")
    settle(start, qtbot)
    start.library.open(song_paths=[folder])
    settle(start, qtbot)
    assert (names(start), start.library.model_name) == (("Air", "Reel"), "mine")


def test_the_map_of_the_examples_stays_where_a_file_cannot_be_used(start, tmp_path, qtbot):
    (tmp_path / "broken.mid").write_bytes(b"no music")
    start.library.open(song_paths=[tmp_path / "broken.mid"])
    settle(start, qtbot)
    assert (len(names(start)), start.library.model_name) == (2, "bars")


def test_another_example_joins_the_examples(examples, qtbot):
    examples.library.open(song_paths=[bundled_songs()[2]])
    settle(examples, qtbot)
    assert len(names(examples)) == 3


def test_files_that_cannot_be_used_take_nothing_s_place(examples, tmp_path, qtbot):
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"no music")
    before = names(examples)
    examples.library.open(song_paths=[broken])
    settle(examples, qtbot)
    assert names(examples) == before
    assert len(examples.problems) == 1


def test_songs_join_one_s_own_and_one_button_shows_the_new_ones_alone(explored, folder, offers, qtbot):
    explored.library.open(song_paths=[folder])
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High", "Air", "Reel")
    assert offers[-1][:2] == ("2 songs added to the 3 that were there.", "Show only the new ones")
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Air", "Reel")
    assert offers[-1][:2] == ("2 songs alone.", "Show all again")
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High", "Air", "Reel")


def test_songs_that_the_map_cannot_show_are_not_counted_among_those_that_were_added(
    explored, folder, write_song, offers, qtbot
):
    write_song(scale_song("Whistle", 100))
    explored.library.open(song_paths=[folder])
    settle(explored, qtbot)
    assert [problem.split(" uses none")[0] for problem in explored.problems] == ["Whistle"]
    assert offers[-1][0] == "2 songs added to the 3 that were there."


@pytest.mark.parametrize("number", range(3))
def test_a_song_is_removed_the_others_stay_where_they_are_and_undo_brings_it_back(explored, offers, number, qtbot):
    explored.library.lit.set_grey(["High"])
    atlas = explored.library.atlas
    points = {name: atlas.map.points[atlas.corpus.song_of == i] for i, name in enumerate(atlas.corpus.names)}
    gone = names(explored)[number]
    explored.song_changes.remove(number)
    settle(explored, qtbot)
    left = explored.library.atlas
    assert names(explored) == tuple(name for name in points if name != gone)
    for song, name in enumerate(left.corpus.names):
        own = left.corpus.song_of == song
        assert (left.map.points[own] == points[name]).all()
        assert (
            left.corpus.windows()[own] == atlas.corpus.windows()[atlas.corpus.song_of == list(points).index(name)]
        ).all()
    assert explored.library.lit.grey == (() if gone == "High" else ("High",))
    assert [song.name for song in explored.library.songs] == [song.name for song in left.songs] == list(names(explored))
    assert left.original(0, 10) is not None
    assert offers[-1][:2] == (f"{gone} is removed from the map.", "Undo")
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High")
    assert explored.problems == []


def test_songs_that_were_removed_renamed_and_opened_are_undone_and_redone_in_their_order(explored, folder, qtbot):
    stack, seen = explored.undo_stack, [names(explored)]
    for change in (
        lambda: explored.song_changes.remove(1),
        lambda: explored.song_changes.rename(0, "Lowest"),
        lambda: explored.library.open(song_paths=[folder]),
        lambda: explored.song_changes.show_only(explored.library.songs[2:]),
    ):
        change()
        settle(explored, qtbot)
        seen.append(names(explored))
    assert seen[-2:] == [("Lowest", "High", "Air", "Reel"), ("Air", "Reel")]
    for step, order in ((stack.undo, seen[-2::-1]), (stack.redo, seen[1:])):
        for expected in order:
            step()
            settle(explored, qtbot)
            assert names(explored) == expected
    assert explored.problems == []


def test_undo_and_redo_that_do_not_wait_for_each_other_keep_their_order(explored, folder, qtbot):
    explored.library.open(song_paths=[folder])
    settle(explored, qtbot)
    all_of_them = names(explored)
    for _ in range(3):
        explored.song_changes.remove(1)
        settle(explored, qtbot)
    explored.song_changes.rename(0, "Another")
    settle(explored, qtbot)
    undo, redo = explored.undo_stack.undo, explored.undo_stack.redo
    for change in (undo, undo, undo, undo):
        change()
    settle(explored, qtbot)
    assert names(explored) == all_of_them
    for change in (redo, undo, redo, redo, redo, undo, redo, redo, undo):
        change()
    settle(explored, qtbot)
    assert names(explored) == (all_of_them[0], all_of_them[-1])


def test_the_button_beside_a_removed_song_brings_that_back_whatever_was_selected_since(explored, offers, qtbot):
    explored.song_changes.remove(1)
    settle(explored, qtbot)
    explored.selection.select_all()
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High")
    assert explored.selection.windows is not None


def test_ctrl_z_after_opening_one_s_own_songs_brings_the_examples_back_and_then_those_again(examples, folder, qtbot):
    examples.library.open(song_paths=[folder])
    settle(examples, qtbot)
    examples.undo_stack.undo()
    settle(examples, qtbot)
    assert examples.library.shows_examples
    examples.undo_stack.undo()
    settle(examples, qtbot)
    assert names(examples) == ("Air", "Reel")


def test_what_was_removed_is_brought_back_to_what_there_is_by_then(explored, make_model, offers, qtbot):
    explored.song_changes.remove(1)
    settle(explored, qtbot)
    undo = offers[-1][2]
    explored.song_changes.rename(0, "Lowest")
    explored.library.use_model(make_model(seed=5), "another")
    undo()
    settle(explored, qtbot)
    assert names(explored) == ("Lowest", "Middle", "High")
    assert explored.library.model_name == "another"
    assert explored.problems == []


def test_songs_are_shown_alone_and_all_again_by_the_model_of_then(explored, make_model, offers, qtbot):
    explored.library.use_model(make_model(seed=5), "another")
    explored.song_changes.show_only(explored.library.songs[:1])
    settle(explored, qtbot)
    assert (names(explored), explored.library.model_name) == (("Low",), "another")
    explored.library.use_model(make_model(seed=6), "a third")
    offers[-1][2]()
    settle(explored, qtbot)
    assert (names(explored), explored.library.model_name) == (("Low", "Middle", "High"), "a third")


def test_on_a_map_of_neighbourhoods_the_others_stay_where_they_are_too(explored, make_model, qtbot):
    explored.library.use_model(make_model(latent=4), "four")
    settle(explored, qtbot)
    atlas = explored.library.atlas
    assert atlas.map.projection == "t-SNE"
    explored.song_changes.remove(0)
    settle(explored, qtbot)
    assert (explored.library.atlas.map.points == atlas.map.points[atlas.corpus.song_of > 0]).all()
    assert explored.library.atlas.map.nearest(atlas.map.points[-1])[0][0] == len(explored.library.atlas.corpus) - 1


def test_the_only_song_stays(explored, qtbot):
    for _ in range(3):
        explored.song_changes.remove(0)
        settle(explored, qtbot)
    assert names(explored) == ("High",)


def test_a_song_is_renamed_and_its_file_keeps_its_name(explored, folder, qtbot):
    explored.library.open(song_paths=[folder])
    settle(explored, qtbot)
    places = explored.library.atlas.map.points
    explored.song_changes.rename(3, "  An air, \n slowly ")
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High", "An air, slowly", "Reel")
    assert np.array_equal(explored.library.atlas.map.points, places)
    air, reel = (str(folder / f"{name}.mid") for name in ("Air", "Reel"))
    sources = sources_of(explored.library.songs)
    assert sources == (SongSource(air, "An air, slowly"), SongSource(reel))
    explored.song_changes.rename(3, "   ")
    settle(explored, qtbot)
    assert names(explored)[3] == "An air, slowly"
    explored.library.reopen(None, sources[::-1], None, lambda _opened: None)
    settle(explored, qtbot)
    assert names(explored) == ("Reel", "An air, slowly")
    assert explored.problems == []


def test_a_song_that_is_renamed_stays_selected_grey_measured_and_as_it_is_heard(explored, qtbot):
    lit, selection, playback, right = explored.library.lit, explored.selection, explored.playback, explored.notes_right
    qtbot.waitUntil(lambda: right.of_song is not None)
    selection.set(explored.library.atlas.corpus.song_of == 1)
    lit.toggle(1)
    hear(explored, qtbot, explored.pieces.play_song)
    heard, measured = playback.heard, right.of_song
    assert heard.windows is not None
    for rename, name in (
        (lambda: explored.song_changes.rename(1, "Another"), "Another"),
        (explored.undo_stack.undo, "Middle"),
        (explored.undo_stack.redo, "Another"),
    ):
        rename()
        qtbot.waitUntil(lambda name=name: names(explored)[1] == name and not explored.jobs.running)
        assert selection.song == 1
        assert lit.mask.tolist() == [True, False, True]
        assert right.of_song is measured
        assert np.array_equal(playback.heard.windows, heard.windows)
        assert np.array_equal(playback.heard.places, heard.places)
    explored.undo_stack.undo()
    explored.undo_stack.undo()
    assert selection.windows is None, "which was done before"


def test_without_a_map_there_is_nothing_to_change(session):
    session.song_changes.remove(0)
    session.song_changes.rename(0, "Something")
    session.song_changes.show_only(())
    assert session.jobs.running == []
