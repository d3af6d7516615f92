"""The table of songs to train on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette

from explorer.panels.training.songs import COLUMNS, NAME, PLAY
from explorer.session.training.listed_songs import ListedSong
from tests.explorer.panels.training.conftest import column, shown
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note


def press(setup, row, place, qtbot, x=12):
    table = setup.table
    at = table.visualRect(table.rows.index(row, place)).topLeft() + QPoint(x, 10)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_the_table_says_what_each_song_is_and_gives(setup):
    assert shown(setup, "Song") == ["Low", "Middle", "High"]
    assert shown(setup, "Length") == ["0:20", "0:25", "0:30"]
    assert shown(setup, "Windows") == ["7", "9", "11"]
    assert shown(setup, "Pitches")[0] == "6 · E2–D3"
    assert shown(setup, "Notes/s") == ["2.0", "2.0", "2.0"]
    assert shown(setup, "Tempo") == ["120", "120", "120"]


def test_a_click_on_a_tick_leaves_a_song_out(setup, explored, qtbot):
    press(setup, 1, NAME, qtbot)
    assert [song.name for song in setup.chosen_songs()] == ["Low", "High"]
    qtbot.waitUntil(lambda: explored.training_songs.counts is not None)
    assert shown(setup, "Windows")[1] == "–"


def test_a_click_on_a_name_only_selects_it(setup, qtbot):
    press(setup, 1, NAME, qtbot, x=60)
    assert len(setup.chosen_songs()) == 3
    assert setup.table.chosen() == [1]


def test_the_keyboard_ticks_transposes_plays_and_removes(setup, explored, qtbot):
    table, songs = setup.table, explored.training_songs
    table.setFocus()
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert not songs.entries[1].to_train.included
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        qtbot.keyClick(table, key)
    assert songs.entries[1].to_train.semitones == 1
    assert shown(setup, "Shift") == ["", "+1", ""]
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: explored.preview.song is songs.entries[1].song)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert explored.preview.song is None
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert shown(setup, "Song") == ["Low", "High"]


def test_sorting_keeps_what_is_selected_and_can_be_undone(setup, qtbot):
    setup.table.selectRow(0)
    setup.table.sortByColumn(column("Length"), Qt.SortOrder.DescendingOrder)
    assert shown(setup, "Song") == ["High", "Middle", "Low"]
    assert setup.table.chosen() == [0]
    press(setup, 0, NAME, qtbot)
    assert [song.name for song in setup.chosen_songs()] == ["Low", "Middle"]
    setup.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert shown(setup, "Song") == ["Low", "Middle", "High"]


@pytest.mark.parametrize("title", [each.title for each in COLUMNS])
def test_every_column_can_be_sorted_by(setup, title):
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        setup.table.sortByColumn(column(title), order)
        assert sorted(shown(setup, "Song")) == ["High", "Low", "Middle"]


def test_ten_thousand_songs_are_counted_sorted_and_ticked(setup, explored, qtbot):
    songs = explored.training_songs
    facts = songs.entries[0].read
    many = (ListedSong.of(Song(f"Song {i}", (Note(0, 1, 60),), 100.0 + i % 50), read=facts) for i in range(10_000))
    songs._list(many)
    qtbot.waitUntil(lambda: songs.counts is not None)
    assert songs.counts.windows == 70_000
    setup.table.sortByColumn(column("Tempo"), Qt.SortOrder.DescendingOrder)
    assert setup.table.rows.index(0, column("Tempo")).data() == "149"
    songs.toggle(range(0, 10_000, 2))
    qtbot.waitUntil(lambda: songs.counts is not None)
    assert songs.counts.windows == 35_000


def test_what_one_should_know_of_a_song_stands_out(setup, explored, qtbot):
    songs = explored.training_songs
    jingle = Song("Jingle", (Note(0, 1, 60),), 120.0, ("1 note never released, and so ended early",))
    songs._list((*songs.entries, ListedSong.of(jingle)))
    qtbot.waitUntil(lambda: songs.counts is not None)
    said = "shorter than a window: the rest is silence; 1 note never released, and so ended early"
    assert shown(setup, "Notes") == ["", "", "", said]
    index = setup.table.rows.index(3, column("Notes"))
    assert index.data(Qt.ItemDataRole.ForegroundRole) == setup.palette().color(QPalette.ColorRole.BrightText)
    assert "never released" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_a_click_on_the_sign_plays_and_leaving_the_page_ends_it(setup, explored, qtbot):
    press(setup, 2, PLAY, qtbot)
    qtbot.waitUntil(lambda: explored.preview.song is explored.training_songs.entries[2].song)
    setup.hide()
    assert explored.preview.song is None
