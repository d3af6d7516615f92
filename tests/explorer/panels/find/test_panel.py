"""Finding windows: what is looked for, by mouse, keyboard and MIDI, and the list of what was found."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from explorer.audio.player import State
from explorer.panels.find.panel import FindPanel
from tests.explorer.conftest import found, rows, shown_panel
from vrae_core.midi.song import Song
from vrae_core.tasks.query import PhraseNote

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CLIMB = [PhraseNote(0, 70), PhraseNote(10, 72), PhraseNote(20, 74)]  # as High begins, and again every 3 s


@pytest.fixture
def search(explored):
    return explored.search


@pytest.fixture
def page(explored, qtbot):
    return shown_panel(FindPanel, explored, qtbot, 330, 600)


# --- what is found


def test_a_phrase_is_found_where_it_is_and_its_song_named(explored, search, page, qtbot):
    result = found(explored, qtbot, lambda: search.by_phrase(CLIMB))
    assert result.alike == len(result.hits) > 5
    assert all(hit.at % 3 == 0 for hit in result.hits)
    assert {row.name for row in rows(page.list)} == {"High"}
    assert rows(page.list)[0].right == "3/3"
    assert page.heading.text() == "A phrase of 3 notes"


def test_in_any_key_it_is_found_in_the_other_songs_too(explored, search, page, qtbot):
    found(explored, qtbot, lambda: search.by_phrase(CLIMB))
    page.any_key.click()
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert {row.name for row in rows(page.list)} == {"High", "Middle"}, "which is nearer than Low"
    assert page.sentence.text() == "The best 50 windows."
    assert rows(page.list)[0].name == "High", "in its own key first"
    assert "higher" in rows(page.list)[-1].tip or "lower" in rows(page.list)[-1].tip


def test_when_nothing_is_like_it_the_page_says_how_near_the_nearest_is(explored, search, page, qtbot):
    wrong = [*CLIMB[:2], PhraseNote(15, 61), PhraseNote(17, 63), PhraseNote(19, 65)]
    found(explored, qtbot, lambda: search.by_phrase(wrong))
    assert page.sentence.text() == "Nothing like it: the nearest shares 2 of 5 notes."
    assert rows(page.list)
    assert not any(row.on for row in rows(page.list))
    assert not page.select.isVisible()

    found(explored, qtbot, lambda: search.by_phrase([PhraseNote(0, 21)]))
    qtbot.waitUntil(lambda: page.sentence.text() == "Nothing like it: no window shares a note with it.")


def test_songs_are_found_by_name_with_their_windows(explored, page, qtbot):
    found(explored, qtbot, lambda: qtbot.keyClicks(page.name, "i"))
    atlas = explored.library.atlas
    assert [(row.name, row.right) for row in rows(page.list)] == [
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


def test_a_file_dropped_on_the_page_is_looked_for(explored, page, qtbot, write_song, songs):
    path = write_song(Song("Excerpt", tuple(n for n in songs[1].notes if n.start < 2), 120.0, ()))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    result = found(explored, qtbot, lambda: page.dropEvent(drop))
    assert result.hits[0].score == 1.0
    assert {row.name for row in rows(page.list) if row.right == "100%"} == {"Middle"}
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
    assert rows(page.list) == []


# --- the list


def test_a_row_that_is_picked_is_heard_and_escape_clears_the_selection(window, qtbot):
    session, page = window.session, window.explore.find_page
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
    assert window.explore.find_page.isVisible()
    assert session.search.what.endswith(", in z")


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
    assert {row.name for row in rows(page.list)} == {"High"}


# --- on a map that counts beats: two songs, half of the windows at 90 and half at 150, whose melody is in quarters


@pytest.fixture
def page_in_bars(in_bars, qtbot):
    return shown_panel(FindPanel, in_bars, qtbot, 330, 600)


@pytest.mark.parametrize(("tempo", "quarter"), [(None, 0.5), (150.0, 0.4)])
def test_a_tune_that_is_played_at_the_tempo_is_found(in_bars, page_in_bars, qtbot, monkeypatch, tempo, quarter):
    in_bars.playback.set_tempo(tempo)
    words = "120 bpm" if tempo is None else "150 bpm"
    assert page_in_bars.keyboard.toolTip().endswith(f"2 bars at {words} from its first note")
    play_in(in_bars, page_in_bars, monkeypatch, quarter)
    assert page_in_bars.roll.notes == [PhraseNote(0, 72, 2), PhraseNote(4, 74, 2), PhraseNote(8, 76, 2)]
    qtbot.waitUntil(lambda: in_bars.search.found is not None and not in_bars.jobs.running)
    assert {(row.name, row.right) for row in rows(page_in_bars.list)} == {("Slow", "3/3"), ("Fast", "3/3")}


def play_in(session, page, monkeypatch, quarter):
    """Three quarters of the band's melody on the MIDI keyboard, each held for half as long."""
    now = [100.0]
    monkeypatch.setattr("explorer.session.map.search.time.monotonic", lambda: now[0])
    session.midi.wiring = session.midi.wiring.__class__(input="Keys", input_port=Driven())
    page.keyboard.click()
    for pitch in (72, 74, 76):
        session.midi._take(bytes([0x90, pitch, 90]))
        now[0] += quarter / 2
        session.midi._take(bytes([0x80, pitch, 0]))
        now[0] += quarter / 2
    page.keyboard.click()


def test_the_phrase_is_heard_by_the_beats_of_the_map(in_bars, page_in_bars):
    page_in_bars.roll.put(PhraseNote(0, 72, 4))
    page_in_bars.play.click()
    player = in_bars.playback.player
    player.render(100)
    assert player.sequencer.samples_per_step == pytest.approx(player.sample_rate / 8), "a quarter of half a second"


def test_on_another_maps_grid_the_phrase_lasts_as_long_and_is_found_anew(
    in_bars, page_in_bars, qtbot, make_model, monkeypatch
):
    page_in_bars._put_phrase([PhraseNote(0, 72, 4), PhraseNote(4, 74, 4)])
    in_bars.midi.wiring = in_bars.midi.wiring.__class__(input="Keys", input_port=Driven())
    page_in_bars.keyboard.click()
    in_bars.library.use_model(make_model(), "of 50 ms")
    qtbot.waitUntil(lambda: in_bars.library.model_name == "of 50 ms" and not in_bars.jobs.running)
    assert not in_bars.search.listening, "its steps are others now"
    moved = [PhraseNote(0, 72, 10), PhraseNote(10, 74, 10)]
    assert page_in_bars.roll.notes == moved
    assert in_bars.search.what == "A phrase of 2 notes"
    shown = in_bars.search.found
    assert found(in_bars, qtbot, lambda: in_bars.search.by_phrase(moved)).hits == shown.hits


def test_without_a_midi_keyboard_the_window_says_where_to_choose_one(explored, page):
    said = []
    explored.messages.said.connect(lambda sentence, _kind: said.append(sentence))
    page.keyboard.click()
    assert said == ["No MIDI keyboard is chosen: choose one with MIDI ports… in the Play menu."]
    assert not page.keyboard.isChecked()


def test_esc_in_the_name_field_gives_the_keyboard_back_to_the_map(window, qtbot):
    window.show()
    window.explore.find_page.start()
    field = QApplication.focusWidget()
    assert field is window.explore.find_page.name
    window.actions_by_id["clear"].trigger()
    assert QApplication.focusWidget() is window.map_panel.view
