"""What is playing: its name, its neighbours, its roll, and the original beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.panels.playing.panel import NowPlayingPanel
from explorer.session.playing.versions import Version
from tests.explorer.conftest import click_row, given_parts, hear, rows, shown_panel
from vrae_core.columns import Part
from vrae_core.music.sound import Sound

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def playing(explored, qtbot):
    return shown_panel(NowPlayingPanel, explored, qtbot, 360, 700)


def test_a_window_is_named_by_song_and_time_and_is_its_own_nearest(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.title.text() == "Low · 0:01.5"
    assert rows(playing.nearest)[0].right == "0.00"


def test_what_is_heard_keeps_its_name_when_its_song_leaves_the_map(playing, explored, songs, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    explored.song_changes.remove(0)
    qtbot.waitUntil(lambda: len(explored.library.songs) == 2 and not explored.jobs.running)
    assert playing.title.text() == "Low · 0:01.5"
    assert playing.subtitle.text() == "from a map that was shown before"
    assert playing.far.isHidden()
    explored.favourites.add()
    assert explored.path.drawing.favourites[-1].name == "Low · 0:01.5"
    explored.library.add_songs(songs[:1])
    qtbot.waitUntil(lambda: len(explored.library.songs) == 3 and not explored.jobs.running)
    assert playing.title.text().startswith("Low · 0:"), "it repeats itself: whichever of its windows is alike"
    assert playing.subtitle.text().startswith("as the model plays it")


def test_a_point_between_songs_is_named_by_what_it_lies_between(playing, explored, qtbot):
    points, song_of = explored.library.atlas.map.points, explored.library.atlas.corpus.song_of
    middle = (points[song_of == 0].mean(axis=0) + points[song_of == 2].mean(axis=0)) / 2
    hear(explored, qtbot, lambda: explored.playback.play_at(middle))
    assert playing.title.text().startswith(("Between ", "Among "))


def test_off_the_dots_of_a_tsne_map_the_blended_windows_are_shown_with_weights(playing, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running)
    atlas = explored.library.atlas
    place = atlas.map.points[:6].mean(axis=0)
    hear(explored, qtbot, lambda: explored.playback.play_at(place))
    windows, weights = atlas.map.blend_at(place)
    shown = rows(playing.nearest)
    assert [row.key for row in shown] == windows.tolist()
    assert [row.middle for row in shown] == [f"{weight:.0%}" for weight in weights]
    z = weights @ atlas.posterior.mu[windows]
    np.testing.assert_allclose(explored.playback.heard.zs[0], z, atol=1e-5)
    away = np.linalg.norm(atlas.posterior.mu - z, axis=1).min()
    assert "no inverse" in playing.blend.text()
    assert f"lies {away:.1f} from the nearest" in playing.blend.text()
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    assert playing.blend.text() == ""
    assert playing.nearest_heading.text() == "NEAREST WINDOWS"


def test_where_the_map_shows_all_of_z_nothing_is_blended(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_at((0.2, 0.1)))
    assert playing.blend.isHidden()
    assert playing.nearest_heading.text() == "NEAREST WINDOWS"


def test_a_click_on_a_near_window_plays_it(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_at((0.2, 0.1)))
    third = rows(playing.nearest)[2].key
    hear(explored, qtbot, lambda: click_row(qtbot, playing.nearest, 2))
    assert explored.playback.heard.window == third


def test_the_play_head_follows_the_player(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    explored.playback.player.render(int(0.3 * 44100))
    qtbot.waitUntil(lambda: (playing.roll.position or 0) > 3)


def test_running_on_is_said_when_the_window_is_past(playing, explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.subtitle.text().startswith("as the model plays it")

    def past_the_window():
        explored.playback.player.render(4410)
        return "continuing past the end" in playing.subtitle.text()

    qtbot.waitUntil(past_the_window)
    assert playing.title.text() == "Low · 0:01.5"
    explored.playback.loop()
    explored.playback.stop()
    assert playing.subtitle.text().startswith("as the model plays it")


def test_the_roll_shows_what_is_played_in_the_scale_and_says_so(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert "in " not in playing.caption.text()
    explored.playback.set_sound(Sound(scale="whole tone", tonic=3))
    assert "in E♭ whole tone" in playing.caption.text()
    assert playing.roll.layout_of.columns == explored.playback.score.pitches


def test_silence_is_explained_and_can_be_mended_by_one_click(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.lower_threshold.isHidden()
    explored.playback.set_threshold(1.0)
    assert not playing.lower_threshold.isHidden()
    playing.lower_threshold.click()
    assert not explored.playback.is_silent
    assert playing.lower_threshold.isHidden()


def test_where_no_note_is_likely_at_all_there_is_silence_and_no_threshold_to_set(playing, explored, qtbot):
    heard = hear(explored, qtbot, lambda: explored.playback.play_window(3))
    nothing = replace(heard, probabilities=np.full_like(heard.probabilities, 0.0002))
    explored.playback.play_piece(nothing, explored.library.atlas)
    assert explored.playback.is_silent
    assert playing.lower_threshold.text() == "The model hears silence here"
    assert not playing.lower_threshold.isEnabled()


def test_a_point_far_from_the_songs_is_said_to_be_far(playing, explored, qtbot):
    atlas = explored.library.atlas
    hear(explored, qtbot, lambda: explored.playback.play_at(atlas.map.points.max(axis=0) + 5 * atlas.extent))
    assert not playing.far.isHidden()
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    assert playing.far.isHidden()


def test_a_path_is_named_by_the_points_it_is_between(playing, explored, qtbot):
    for window in (0, 9, 20):
        explored.path.add(explored.path.point_at(explored.library.atlas.map.points[window]))
    explored.path.set_seconds(0.5)
    hear(explored, qtbot, explored.pieces.play_path)
    assert playing.title.text() == "Path, point 1 → 2"
    explored.playback.player.render(int(0.2 * 44100))
    qtbot.waitUntil(lambda: (playing.roll.position or 0) > 1)
    explored.playback.player.render(int(0.5 * 44100))
    qtbot.waitUntil(lambda: playing.title.text() == "Path, point 2 → 3")
    explored.playback.stop()


def shown_segment(panel):
    return next(key for key, button in panel.versions.buttons.items() if button.isChecked())


def test_a_window_s_own_point_offers_original_model_and_difference(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.versions.isVisible()
    assert shown_segment(playing) == Version.MODEL
    score = f"{explored.playback.difference.f1:.0%} of the notes agree"
    for version, words in (("original", "as in the song"), ("difference", "where the two differ")):
        qtbot.mouseClick(playing.versions.buttons[version], LEFT)
        assert explored.playback.version == version
        assert playing.subtitle.text() == f"{words} · {score}"


def test_off_the_dots_there_is_nothing_to_compare_and_the_model_is_heard(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    explored.playback.set_version(Version.ORIGINAL)
    before = playing.roll.pos()
    hear(explored, qtbot, lambda: explored.playback.morph_to((0.21, 0.13)))
    assert not playing.versions.isVisible()
    assert explored.playback.version is Version.MODEL
    assert playing.roll.pos() == before, "a drag off a dot does not move the roll"
    hear(explored, qtbot, lambda: explored.playback.play_window(4))
    assert shown_segment(playing) == Version.ORIGINAL, "the next window is heard as the last was"


def test_the_difference_is_counted_and_drawn_in_three_ways(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    explored.playback.set_threshold(0.4)
    plain = playing.roll.grab().toImage()
    explored.playback.set_version(Version.DIFFERENCE)
    difference = explored.playback.difference
    counts = [int(cells.sum()) for cells in (difference.hit, difference.miss, difference.extra)]
    assert all(counts), "the fixture has some of each"
    assert playing.key.accessibleName() == "{} hit, {} missed, {} extra".format(*counts)
    assert playing.key.isVisible()
    assert not playing.caption.isVisible()
    assert playing.roll.grab().toImage() != plain
    explored.playback.set_version(Version.MODEL)
    assert playing.roll.grab().toImage() == plain
    assert not playing.key.isVisible()


def test_the_segments_are_reached_and_chosen_by_the_keyboard(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    buttons = playing.versions.buttons
    buttons["model"].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(buttons["model"], Qt.Key.Key_Right)
    assert explored.playback.version is Version.DIFFERENCE
    qtbot.keyClick(buttons["difference"], Qt.Key.Key_Left)
    assert explored.playback.version is Version.MODEL
    assert all(button.accessibleName() and button.accessibleDescription() for button in buttons.values())


def test_where_there_are_bars_titles_neighbours_and_lengths_speak_of_them(in_bars, qtbot):
    playing = given_parts(NowPlayingPanel, in_bars)
    qtbot.addWidget(playing)
    playing.show()
    atlas = in_bars.playback.atlas
    hear(in_bars, qtbot, lambda: in_bars.playback.play_window(2))
    assert playing.title.text() == atlas.title(2) == "Slow · bar 3"
    assert atlas.file_name(2) == "Slow bar 3"
    assert playing.caption.text() == "shade: probability · outline: note · 1 bar · 2.7 s"
    assert all(row.middle.startswith("bar ") for row in rows(playing.nearest))
    assert playing.parts.isVisible()
    assert playing.roll.layout_of.columns == atlas.corpus.pitches
    in_bars.playback.set_version(Version.DIFFERENCE)
    assert "1/4 of a beat" in playing.key.toolTip()
    assert not playing.parts.isVisible()
    in_bars.playback.set_version(Version.MODEL)


def test_what_is_muted_is_faint_in_the_roll(in_bars, qtbot):
    playing = given_parts(NowPlayingPanel, in_bars)
    qtbot.addWidget(playing)
    hear(in_bars, qtbot, lambda: in_bars.playback.play_window(2))
    assert not np.any(playing.roll._muted)
    in_bars.playback.set_sound(Sound(playing=(True, True, True, False)))
    drums = np.array(in_bars.playback.score.pitches) // 128 == Part.DRUMS
    assert playing.roll._muted[:, drums].all()
    assert not playing.roll._muted[:, ~drums].any()
