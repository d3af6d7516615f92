"""Finding windows: what is looked for, by mouse, keyboard and MIDI, and the list of what was found."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from explorer.audio.player import State
from explorer.panels.find.panel import FindPanel
from explorer.panels.find.phrase_roll import ROWS, PhraseRoll
from tests.explorer.conftest import given_parts
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note
from vrae_core.tasks.query import PhraseNote

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CLIMB = [PhraseNote(0, 70), PhraseNote(10, 72), PhraseNote(20, 74)]  # as High begins, and again every 3 s


@pytest.fixture
def search(explored):
    return explored.search


@pytest.fixture
def page(explored, qtbot):
    made = given_parts(FindPanel, explored)
    qtbot.addWidget(made)
    made.resize(330, 600)
    made.show()
    QApplication.processEvents()
    return made


@pytest.fixture
def roll(qtbot):
    made = PhraseRoll(50)
    qtbot.addWidget(made)
    made.resize(326, 144)
    made.show()
    return made


def found(session, qtbot, ask):
    """Ask, and wait for the answer."""
    ask()
    qtbot.waitUntil(lambda: session.search.found is not None and not session.jobs.running)
    return session.search.found


def rows(page):
    model = page.list.rows
    return [model.row(model.index(i)) for i in range(model.rowCount())]


# --- what is found


def test_a_phrase_is_found_where_it_is_and_its_song_named(explored, search, page, qtbot):
    result = found(explored, qtbot, lambda: search.by_phrase(CLIMB))
    assert result.alike == len(result.hits) > 5
    assert all(hit.at % 3 == 0 for hit in result.hits)
    assert {row.name for row in rows(page)} == {"High"}
    assert rows(page)[0].right == "3/3"
    assert page.heading.text() == "A phrase of 3 notes"


def test_in_any_key_it_is_found_in_the_other_songs_too(explored, search, page, qtbot):
    found(explored, qtbot, lambda: search.by_phrase(CLIMB))
    page.any_key.click()
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert {row.name for row in rows(page)} == {"High", "Middle"}, "which is nearer than Low"
    assert page.sentence.text() == "The best 50 windows."
    assert rows(page)[0].name == "High", "in its own key first"
    assert "higher" in rows(page)[-1].tip or "lower" in rows(page)[-1].tip


def test_when_nothing_is_like_it_the_page_says_how_near_the_nearest_is(explored, search, page, qtbot):
    wrong = [*CLIMB[:2], PhraseNote(15, 61), PhraseNote(17, 63), PhraseNote(19, 65)]
    found(explored, qtbot, lambda: search.by_phrase(wrong))
    assert page.sentence.text() == "Nothing like it: the nearest shares 2 of 5 notes."
    assert rows(page)
    assert not any(row.on for row in rows(page))
    assert not page.select.isVisible()

    found(explored, qtbot, lambda: search.by_phrase([PhraseNote(0, 21)]))
    qtbot.waitUntil(lambda: page.sentence.text() == "Nothing like it: no window shares a note with it.")


def test_songs_are_found_by_name_with_their_windows(explored, page, qtbot):
    found(explored, qtbot, lambda: qtbot.keyClicks(page.name, "i"))
    atlas = explored.library.atlas
    assert [(row.name, row.right) for row in rows(page)] == [
        ("Middle", str(atlas.counts[1])),
        ("High", str(atlas.counts[2])),
    ]
    page.select.click()
    assert explored.selection.windows.tolist() == (atlas.corpus.song_of > 0).tolist()

    found(explored, qtbot, lambda: qtbot.keyClicks(page.name, "<b>"))
    qtbot.waitUntil(lambda: page.sentence.text() == "No song is called “i<b>”.")
    page.name.clear()
    qtbot.keyClicks(page.name, " ")
    assert explored.search.found is None


def test_more_like_what_is_heard_gives_its_repetitions_in_sound_and_in_z(explored, search, page, qtbot):
    atlas = explored.library.atlas
    window = int(np.flatnonzero((atlas.corpus.song_of == 2) & (atlas.corpus.start_of == 60))[0])
    explored.playback.play_window(window)
    qtbot.waitUntil(lambda: explored.playback.heard is not None and explored.playback.heard.window == window)

    in_sound = found(explored, qtbot, page.like.click)
    assert in_sound.hits[0].score == 1.0
    assert window not in in_sound.windows
    assert all(atlas.corpus.start_of[hit.window] % 60 == 0 for hit in in_sound.hits if hit.score == 1.0)

    page.spaces.buttons["z"].click()
    page.like.click()
    qtbot.waitUntil(lambda: search.what.endswith("in z") and not explored.jobs.running)
    assert search.found.hits[0].score == pytest.approx(0, abs=1e-5)
    assert "neighbours usually lie" in page.sentence.text()


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


def test_a_file_dropped_on_the_page_is_looked_for(explored, page, qtbot, write_song, songs):
    path = write_song(Song("Excerpt", tuple(n for n in songs[1].notes if n.start < 2), 120.0, ()))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    result = found(explored, qtbot, lambda: page.dropEvent(drop))
    assert result.hits[0].score == 1.0
    assert {row.name for row in rows(page) if row.right == "100%"} == {"Middle"}
    assert len(explored.library.songs) == 3
    assert explored.search.what == "Like Excerpt.mid, in sound"

    page.spaces.buttons["z"].click()
    qtbot.waitUntil(lambda: explored.search.what == "Like Excerpt.mid, in z")


@pytest.mark.parametrize("content", [None, b"", b"no MIDI at all", b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\xff\xff\xff\xff"])
def test_a_file_that_is_no_song_is_told_on_the_page(explored, search, page, qtbot, tmp_path, content):
    path = tmp_path / "bad.mid"
    if content is not None:
        path.write_bytes(content)
    found(explored, qtbot, lambda: search.like_file(path))
    assert page.sentence.text().replace("\u200b", "").startswith(f"{path} ")
    assert page.sentence.text().endswith(".")
    assert rows(page) == []


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


def test_found_windows_of_another_map_are_forgotten(explored, search, qtbot, make_model):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    found(explored, qtbot, lambda: search.like_window(3, "sound"))
    explored.library.use_model(make_model(seed=3), "other")
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert search.found is None
    assert "The map has changed: what Find had found is gone." in said


# --- the list


def test_a_row_that_is_picked_is_heard_and_escape_clears_the_selection(window, qtbot):
    session, page = window.session, window.find_panel
    window.actions_by_id["find"].trigger()
    assert page.isVisible()
    assert QApplication.focusWidget() is page.name
    found(session, qtbot, lambda: session.search.by_phrase(CLIMB))
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    assert session.playback.player.state is State.PLAYING
    qtbot.waitUntil(lambda: session.playback.heard is not None)
    assert session.playback.heard.window == session.search.found.hits[1].window

    page.select.click()
    assert set(session.selection.indices) == set(session.search.found.windows.tolist())
    window.actions_by_id["clear"].trigger()
    assert session.selection.windows is None


def test_a_right_click_on_a_row_offers_more_like_it(explored, search, page, qtbot):
    result = found(explored, qtbot, lambda: search.by_phrase(CLIMB))
    third = page.list.rows.index(2)
    page._offer(page.list.visualRect(third).center())
    menu = page.findChild(QMenu)
    more = next(action for action in menu.actions() if action.text() == "More like this, in z")
    more.trigger()
    qtbot.waitUntil(lambda: search.found.by == "z" and not explored.jobs.running)
    title = explored.library.atlas.title(result.hits[2].window)
    assert page.heading.text() == f"Like {title}, in z"
    menu.close()


@pytest.mark.parametrize(
    ("names", "taken"), [(["a.mid"], True), (["a.mid", "b.mid"], False), (["m.safetensors"], False)]
)
def test_only_a_single_midi_file_is_taken_by_the_page_the_window_takes_the_rest(page, names, taken):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(f"/songs/{name}") for name in names])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    page.dragEnterEvent(enter)
    assert enter.isAccepted() is taken


def test_more_like_this_of_the_menu_shows_the_page(window, qtbot):
    session = window.session
    assert not window.actions_by_id["like_in_z"].isEnabled()
    session.playback.play_window(4)
    qtbot.waitUntil(window.actions_by_id["like_in_z"].isEnabled)
    found(session, qtbot, window.actions_by_id["like_in_z"].trigger)
    assert window.find_panel.isVisible()
    assert session.search.what.endswith(", in z")


# --- the roll


def test_a_click_puts_a_note_a_drag_lengthens_it_and_a_right_click_deletes_it(roll, qtbot):
    edits = []
    roll.edited.connect(lambda: edits.append(list(roll.notes)))
    qtbot.mouseClick(roll, LEFT, pos=roll.place_of(8, 64).toPoint())
    assert roll.notes == [PhraseNote(8, 64, 4)]
    qtbot.mousePress(roll, LEFT, pos=roll.place_of(9, 64).toPoint())
    qtbot.mouseMove(roll, roll.place_of(15, 64).toPoint())
    qtbot.mouseRelease(roll, LEFT, pos=roll.place_of(15, 64).toPoint())
    assert roll.notes == [PhraseNote(8, 64, 8)]
    qtbot.mouseClick(roll, RIGHT, pos=roll.place_of(12, 64).toPoint())
    assert roll.notes == []
    assert len(edits) >= 3


def test_two_notes_of_one_pitch_never_sound_at_once(roll):
    for note in (PhraseNote(0, 64, 8), PhraseNote(10, 64, 4), PhraseNote(4, 64, 7), PhraseNote(5, 65, 2)):
        roll.put(note)
    assert roll.notes == [PhraseNote(0, 64, 4), PhraseNote(4, 64, 7), PhraseNote(5, 65, 2)]


def test_a_phrase_can_be_written_by_keyboard_alone(roll, qtbot):
    roll.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Space):
        qtbot.keyClick(roll, key)
    assert roll.notes == [PhraseNote(1, 61, 4)]
    assert roll.accessibleDescription() == "C♯4 at step 2"
    qtbot.keyClick(roll, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert roll.notes == [PhraseNote(1, 61, 5)]
    qtbot.keyClick(roll, Qt.Key.Key_Delete)
    assert roll.notes == []
    for _ in range(40):
        qtbot.keyClick(roll, Qt.Key.Key_Down)
    qtbot.keyClick(roll, Qt.Key.Key_Space)
    assert roll.notes == [PhraseNote(1, 21, 4)]
    assert roll.lowest == 21


def test_notes_in_other_octaves_are_brought_into_sight(roll):
    roll.show_notes([PhraseNote(0, 100), PhraseNote(4, 108)])
    assert roll.lowest <= 100
    assert 108 < roll.lowest + ROWS <= 109


# --- playing, and being played to


def test_the_phrase_is_heard_once(explored, page):
    page.roll.put(PhraseNote(0, 64, 4))
    page.play.click()
    assert explored.playback.player.state is State.PLAYING
    explored.playback.player.render(60_000)
    assert explored.playback.player.state is State.FINISHED


class Driven:
    """A MIDI input that is open."""

    def close(self) -> None:
        pass


def test_what_is_played_on_the_midi_keyboard_is_looked_for(explored, page, qtbot, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("explorer.session.map.search.time.monotonic", lambda: now[0])
    explored.midi.wiring = explored.midi.wiring.__class__(input="Keys", input_port=Driven())
    page.keyboard.click()
    assert explored.search.listening
    for pitch in (70, 72, 74):
        explored.midi._take(bytes([0x90, pitch, 90]))
        now[0] += 0.4
        explored.midi._take(bytes([0x80, pitch, 0]))
        now[0] += 0.1
    assert explored.playback.player.state is State.STOPPED  # the keys start no music meanwhile
    page.keyboard.click()
    assert not explored.search.listening
    assert page.roll.notes == [PhraseNote(0, 70, 8), PhraseNote(10, 72, 8), PhraseNote(20, 74, 8)]
    qtbot.waitUntil(lambda: explored.search.found is not None and not explored.jobs.running)
    assert {row.name for row in rows(page)} == {"High"}


def test_without_a_midi_keyboard_the_window_says_where_to_choose_one(explored, page):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    page.keyboard.click()
    assert said == ["No MIDI keyboard is chosen: choose one with MIDI ports… in the Play menu."]
    assert not page.keyboard.isChecked()


def test_esc_in_the_name_field_gives_the_keyboard_back_to_the_map(window, qtbot):
    window.show()
    window.find_panel.start()
    field = QApplication.focusWidget()
    assert field is window.find_panel.name
    window.actions_by_id["clear"].trigger()
    assert QApplication.focusWidget() is window.map_panel.view
