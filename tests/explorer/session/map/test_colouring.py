"""What the colours of dots mean: figures, columns of a table, songs; markers; and the legend that says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.panels.map.colour_box import OPEN, ColourBox
from explorer.session.files.session_file import read_session
from explorer.session.map.colouring import MEASURING, TABLE
from tests.explorer.conftest import given_parts, settled_picture
from vrae_core.latent.colours import LEVELS, song_colour
from vrae_core.latent.window_figures import FIGURES


def colour_by(session, qtbot, what):
    session.colouring.set_colour_by(what)
    qtbot.waitUntil(lambda: not session.jobs.running)


@pytest.fixture
def table(explored, tmp_path):
    """Numbers for every window but the first; words for one song; nothing for another."""
    corpus = explored.library.atlas.corpus
    lines = ["song,start_seconds,loudness,mood"]
    for i in range(1, len(corpus)):
        name = corpus.names[corpus.song_of[i]]
        lines.append(f"{name},{corpus.start_seconds(i)},{i},{'calm' if name == 'Low' else ''}")
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def open_table(session, qtbot, path):
    session.colouring.open_table(path)
    qtbot.waitUntil(lambda: not session.jobs.running)


@pytest.mark.parametrize("what", list(FIGURES))
def test_a_figure_gives_every_dot_a_level_and_the_legend_its_ends(explored, qtbot, what):
    colour_by(explored, qtbot, what)
    meaning = explored.colouring.meaning
    assert meaning.figure == FIGURES[what]
    assert len(meaning.colour_of) == len(explored.library.atlas.corpus)
    assert 0 <= meaning.colour_of.min() <= meaning.colour_of.max() <= LEVELS
    assert meaning.low <= meaning.high
    assert len(meaning.colours(True, False)) == len(meaning.colours(False, False)) == LEVELS + 1


def test_the_higher_song_has_the_higher_register(explored, qtbot):
    colour_by(explored, qtbot, "register")
    level, song_of = explored.colouring.meaning.colour_of, explored.library.atlas.corpus.song_of
    assert level[song_of == 2].min() > level[song_of == 0].max()


def test_what_is_measured_once_is_not_measured_again(explored, qtbot):
    colour_by(explored, qtbot, "lower_bound")
    colour_by(explored, qtbot, "song")
    explored.colouring.set_colour_by("reconstruction")  # comes with the bound
    assert not explored.jobs.is_running(MEASURING)
    assert explored.colouring.meaning.figure == FIGURES["reconstruction"]


def test_another_map_of_the_same_windows_keeps_the_colours_and_another_model_measures_anew(explored, qtbot, make_model):
    colour_by(explored, qtbot, "kl")
    before = explored.colouring.meaning.colour_of
    explored.library.song_colours.set_safe(True)
    assert (explored.colouring.meaning.colour_of == before).all()
    explored.library.use_model(make_model(seed=5), "other")
    qtbot.waitUntil(lambda: not explored.jobs.running and explored.library.model_name == "other")
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert (explored.colouring.meaning.colour_of != before).any()


def test_a_measuring_that_is_cancelled_gives_the_songs_their_colours_again(explored):
    explored.colouring.set_colour_by("frame_f1")
    explored.jobs.cancel(MEASURING)
    assert explored.colouring.colour_by == "song"
    assert explored.colouring.meaning is None


def test_a_table_colours_by_its_first_column_and_its_columns_can_be_chosen(explored, qtbot, table):
    open_table(explored, qtbot, table)
    meaning = explored.colouring.meaning
    assert explored.colouring.colour_by == TABLE + "loudness"
    assert list(explored.colouring.choices)[-2:] == [TABLE + "loudness", TABLE + "mood"]
    assert meaning.missing == 1
    assert meaning.colour_of[0] == LEVELS
    assert (np.diff(meaning.colour_of[1:]) >= 0).all()
    colour_by(explored, qtbot, TABLE + "mood")
    assert explored.colouring.meaning.words == ("calm",)
    assert explored.colouring.meaning.counts == (int((explored.library.atlas.corpus.song_of == 0).sum()) - 1,)


def test_a_table_that_cannot_be_used_is_told_once_and_changes_nothing(explored, qtbot, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("title,x\nLow,1\n", encoding="utf-8")
    open_table(explored, qtbot, path)
    assert len(explored.problems) == 1
    assert "no column “song”" in explored.problems[0]
    assert explored.colouring.colour_by == "song"


def test_a_table_about_other_songs_leaves_the_songs_their_colours(explored, qtbot, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("song,x\nElsewhere,1\n", encoding="utf-8")
    open_table(explored, qtbot, path)
    assert explored.colouring.colour_by == "song"
    assert "says nothing of these songs" in explored.problems[0]


def test_a_session_keeps_a_figure_and_forgets_a_table(explored, qtbot, table, tmp_path):
    def kept(name):
        explored.keeping.save(tmp_path / name)
        qtbot.waitUntil(lambda: not explored.jobs.running)
        return read_session(tmp_path / name).map.colour_by

    colour_by(explored, qtbot, "polyphony")
    assert kept("a.vrae-session") == "polyphony"
    open_table(explored, qtbot, table)
    assert kept("b.vrae-session") == "song"


def test_markers_are_the_songs_own_on_the_map_and_in_the_legend(window, qtbot):
    session = window.session
    round_dots = settled_picture(window.map_panel, qtbot)
    window.actions_by_id["marker_shapes"].trigger()
    corpus = session.library.atlas.corpus
    assert (session.colouring.shape_of(session.library.atlas) == corpus.song_of).all()
    fewer = replace(session.library.atlas, corpus=corpus.without_song(0))
    assert len(session.colouring.shape_of(fewer)) == len(fewer.corpus), "the second map of Compare may lag behind"
    rows = window.explore.songs.list.rows
    assert [rows.row(rows.index(i)).shape for i in range(3)] == [0, 1, 2]
    assert settled_picture(window.map_panel, qtbot) != round_dots
    assert window.preferences.marker_shapes
    window.actions_by_id["marker_shapes"].trigger()
    assert session.colouring.shape_of(session.library.atlas) is None


def test_safe_colours_reach_the_map_the_legend_and_the_preferences(window):
    window.reading.set_safe_colours(True)
    safe = tuple(song_colour(i, safe=True).screen for i in range(3))
    rows = window.explore.songs.list.rows
    assert window.session.library.atlas.colours == safe
    assert tuple(rows.row(rows.index(i)).colour for i in range(3)) == safe
    assert window.preferences.safe_colours


def test_on_a_light_surface_songs_have_their_dark_colours_on_the_map_and_in_the_legend(window):
    atlas, rows = window.session.library.atlas, window.explore.songs.list.rows
    window.use_theme("light")
    paper = tuple(song_colour(i).paper for i in range(3))
    assert window.session.library.atlas.colours == tuple(window.map_panel.view.dots._scene.colours)[:3] == paper
    assert tuple(rows.row(rows.index(i)).colour for i in range(3)) == paper
    window.use_theme("dark")
    assert window.session.library.atlas.colours == atlas.colours


def test_the_legend_shows_a_ramp_for_numbers_words_for_words_and_nothing_for_songs(explored, qtbot, table):
    box = given_parts(ColourBox, explored)
    qtbot.addWidget(box)
    box.show()
    assert not any(part.isVisible() for part in (box.ramp, box.words, box.missing))
    colour_by(explored, qtbot, "density")
    assert box.ramp.isVisible()
    assert box.ramp.accessibleName().endswith("notes a second")
    open_table(explored, qtbot, table)
    assert "1 window " in box.missing.text()
    colour_by(explored, qtbot, TABLE + "mood")
    assert box.words.isVisible()
    assert not box.ramp.isVisible()
    rows = [box.words.rows.row(box.words.rows.index(i)) for i in range(box.words.rows.rowCount())]
    assert [row.name for row in rows] == ["calm", "No value"]
    assert sum(int(row.right) for row in rows) == len(explored.library.atlas.corpus)
    box.grab()


def test_the_fullest_legend_fits_into_the_smallest_window(window, qtbot, table):
    window.resize(window.minimumSize())
    for number in range(4):
        window.session.playback.play_window(number)
        qtbot.waitUntil(lambda number=number: getattr(window.session.playback.heard, "window", None) == number)
        window.session.favourites.add()
    open_table(window.session, qtbot, table)
    colour_by(window.session, qtbot, TABLE + "mood")
    QApplication.processEvents()
    box = window.explore.songs.colours
    assert box.words.geometry().top() > box.choice.geometry().bottom()
    assert box.words.geometry().bottom() <= box.height()
    assert window.explore.songs.projection.geometry().bottom() <= window.explore.songs.height()


def test_the_last_choice_asks_for_a_table_and_changes_nothing_until_there_is_one(window, monkeypatch, table, qtbot):
    box = window.explore.songs.colours
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    box.choice.setCurrentIndex(box.choice.findData(OPEN))
    box.choice.activated.emit(box.choice.currentIndex())
    assert box.choice.currentData() == "song"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    window.actions_by_id["open_table"].trigger()
    qtbot.waitUntil(lambda: not window.session.jobs.running)
    assert box.choice.currentText() == "loudness"
