"""The dot under the mouse: what its card says, and hearing it without disturbing what is heard."""

from __future__ import annotations

import pytest

from explorer.panels.hover_words import window_facts
from explorer.player import State
from vrae_core.evaluation import frame_f1


@pytest.fixture
def hovering(explored):
    """Listening."""
    explored.hovering.set_listening(True)
    return explored.hovering


def test_the_card_shows_the_f1_once_it_is_known(panel, explored, qtbot):
    panel.view.set_hovered(4)
    assert "F1 …" in panel.card._figures.text()
    qtbot.waitUntil(lambda: explored.hovering.frame_f1(4) is not None)
    atlas = explored.library.atlas
    found = atlas.model.decode(atlas.posterior.mu[[4]]) >= atlas.model.threshold
    assert explored.hovering.frame_f1(4) == pytest.approx(frame_f1(found, atlas.corpus.windows([4])))
    assert panel.card._figures.text() == window_facts(atlas, 4, explored.hovering)
    assert "…" not in panel.card._figures.text()


def test_the_card_names_the_bar_of_a_song_that_comes_from_a_file(session, qtbot, songs, write_song, make_model):
    session.library.open(None, [write_song(song) for song in songs])
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_model(), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    atlas = session.library.atlas
    window = next(i for i in range(len(atlas.corpus)) if atlas.corpus.start_seconds(i) == 4.5)
    assert "bar 3  ·" in window_facts(atlas, window, session.hovering)  # 120 beats a minute, in 4/4


def test_a_song_of_no_file_has_no_bar_on_its_card(explored):
    assert "bar" not in window_facts(explored.library.atlas, 0, explored.hovering)


def test_a_dot_is_heard_while_the_mouse_rests_on_it_and_leaves_no_trace(explored, hovering, qtbot):
    hovering.point_at(3)
    qtbot.waitUntil(lambda: explored.playback.player.state is State.PLAYING)
    assert explored.playback.heard is None
    assert not explored.history.entries
    hovering.point_at(-1)
    assert explored.playback.player.state is State.STOPPED


def test_a_mouse_that_passes_by_is_not_heard(explored, hovering, qtbot):
    hovering.point_at(3)
    hovering.point_at(-1)
    qtbot.wait(250)
    assert explored.playback.player.state is State.STOPPED


def test_the_point_that_was_heard_goes_on_when_the_mouse_leaves(explored, hovering, qtbot):
    playback = explored.playback
    playback.play_window(1)
    qtbot.waitUntil(lambda: playback.heard is not None)
    heard, entries = playback.heard, list(explored.history.entries)
    played = []
    playback.player.play = lambda phrase, restart=True: played.append(phrase)
    hovering.point_at(5)
    qtbot.waitUntil(lambda: len(played) == 1)
    hovering.point_at(-1)
    assert len(played) == 2
    assert (played[1].roll == playback.score.roll).all()
    assert playback.heard is heard
    assert explored.history.entries == entries


def test_a_click_while_a_dot_is_listened_to_is_what_is_heard_from_then_on(explored, hovering, qtbot):
    hovering.point_at(3)
    qtbot.waitUntil(lambda: explored.playback.player.state is State.PLAYING)
    explored.playback.play_window(3)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    hovering.point_at(-1)
    assert explored.playback.player.state is State.PLAYING
    assert len(explored.history.entries) == 1


def test_a_piece_along_a_path_is_not_disturbed(explored, hovering, qtbot):
    atlas = explored.library.atlas
    for window in (0, 30):
        explored.path.add(explored.path_point(atlas.map.points[window], window))
    explored.play_path()
    qtbot.waitUntil(lambda: explored.playback.heard is not None and not explored.jobs.running)
    played = []
    explored.playback.player.play = lambda phrase, restart=True: played.append(phrase)
    hovering.point_at(5)
    qtbot.waitUntil(lambda: hovering.frame_f1(5) is not None)
    qtbot.wait(250)
    assert played == []


def test_switched_off_hovering_is_silent(explored, qtbot):
    explored.hovering.point_at(3)
    qtbot.waitUntil(lambda: explored.hovering.frame_f1(3) is not None)
    qtbot.wait(250)
    assert explored.playback.player.state is State.STOPPED


def test_the_switch_is_in_the_menu_and_remembered(window):
    window.actions_by_id["hover_to_listen"].trigger()
    assert window.session.hovering.listens
    assert window.preferences.hover_to_listen
