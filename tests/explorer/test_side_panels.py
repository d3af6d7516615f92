"""The legend, what is playing, and the transport."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from explorer.panels.now_playing_panel import NowPlayingPanel
from explorer.panels.songs_panel import SongsPanel
from explorer.panels.transport_panel import TransportPanel
from explorer.player import AtEnd, State
from explorer.session.versions import Version
from tests.explorer.conftest import make_song
from vrae_core.sound import PRESETS, Sound

LEFT = Qt.MouseButton.LeftButton


def rows(row_list):
    model = row_list.rows
    return [model.row(model.index(i)) for i in range(model.rowCount())]


def click_row(qtbot, row_list, index):
    at = row_list.visualRect(row_list.rows.index(index)).center()
    qtbot.mouseClick(row_list.viewport(), LEFT, pos=at)


# --- songs


@pytest.fixture
def legend(explored, qtbot):
    panel = SongsPanel(explored)
    qtbot.addWidget(panel)
    panel.resize(220, 600)
    panel.show()
    return panel


def test_the_legend_names_every_song_with_its_colour_and_count(legend, explored):
    atlas = explored.library.atlas
    assert [(r.name, r.colour, r.right) for r in rows(legend.list)] == [
        (name, colour, str(count))
        for name, colour, count in zip(atlas.corpus.names, atlas.colours, atlas.counts, strict=True)
    ]


def test_a_click_greys_a_song_and_a_double_click_all_others(legend, explored, qtbot):
    click_row(qtbot, legend.list, 1)
    assert [r.on for r in rows(legend.list)] == [True, False, True]
    click_row(qtbot, legend.list, 1)
    at = legend.list.visualRect(legend.list.rows.index(0)).center()
    qtbot.mouseClick(legend.list.viewport(), LEFT, pos=at)
    qtbot.mouseDClick(legend.list.viewport(), LEFT, pos=at)
    assert explored.library.lit.tolist() == [True, False, False]


def test_the_search_leaves_the_songs_that_match_and_clicks_still_mean_them(legend, explored, qtbot):
    qtbot.keyClicks(legend.search, "hi")
    assert [r.name for r in rows(legend.list)] == ["High"]
    click_row(qtbot, legend.list, 0)
    assert explored.library.lit.tolist() == [True, True, False]


def test_a_model_is_chosen_from_those_on_offer(legend, explored, make_model, tmp_path, qtbot):
    make_model(seed=3).save(tmp_path / "other.safetensors")
    explored.library.offer_models([tmp_path / "other.safetensors"])
    assert [legend.model.itemText(i) for i in range(legend.model.count())] == ["other", "chance"]
    assert legend.model.currentText() == "chance"
    legend.model.setCurrentIndex(0)
    legend.model.activated.emit(0)
    qtbot.waitUntil(lambda: explored.library.model_name == "other" and not explored.jobs.running)
    assert legend.model.currentText() == "other"


def test_a_2_d_model_is_shown_as_it_is(legend):
    box = legend.projection
    assert [box.kind.itemData(i) for i in range(box.kind.count())] == ["latent"]
    assert box.across.isHidden()
    assert box.perplexity.isHidden()


def test_a_deeper_model_can_be_shown_in_three_ways(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running, timeout=60_000)
    box = legend.projection
    assert [box.kind.itemData(i) for i in range(box.kind.count())] == ["t-SNE", "PCA", "dimensions"]
    assert not box.perplexity.isHidden()
    choose(box.kind, "dimensions")
    assert not box.across.isHidden()
    qtbot.waitUntil(lambda: not explored.jobs.running, timeout=20_000)
    first, second = (box.across.itemData(i) for i in (0, 1))
    assert explored.library.atlas.map.projection == (first, second)
    choose(box.across, box.across.itemData(3))
    qtbot.waitUntil(lambda: not explored.jobs.running, timeout=20_000)
    assert explored.library.atlas.map.projection == (box.across.itemData(3), second)


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_dimensions_come_with_what_they_carry_the_most_first(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running, timeout=60_000)
    box = legend.projection.across
    kl = explored.library.atlas.kl
    assert [box.itemData(i) for i in range(6)] == np.argsort(-kl).tolist()
    assert box.itemText(0) == f"z{kl.argmax()} · {kl.max():.1f}"


def test_another_perplexity_draws_another_map(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running, timeout=60_000)
    before = explored.library.atlas.map.points
    legend.projection.perplexity.setValue(5)
    qtbot.waitUntil(lambda: not explored.jobs.running, timeout=60_000)
    assert not np.allclose(explored.library.atlas.map.points, before)
    assert explored.library.perplexity == 5


def test_a_song_joins_the_map_and_moves_no_dot_until_it_is_drawn_anew(legend, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running, timeout=60_000)
    before = explored.library.atlas.map.points
    explored.library.add_songs([make_song("Higher", 72, 25)])
    qtbot.waitUntil(lambda: len(explored.library.songs) == 4 and not explored.jobs.running, timeout=60_000)
    after = explored.library.atlas.map.points
    assert len(after) > len(before)
    np.testing.assert_array_equal(after[: len(before)], before)
    assert legend.projection.anew.text().startswith(f"{len(after) - len(before)} joined")

    legend.projection.anew.click()
    qtbot.waitUntil(lambda: not explored.jobs.running, timeout=60_000)
    assert not np.allclose(explored.library.atlas.map.points[: len(before)], before)
    assert legend.projection.anew.isHidden()


# --- what is kept


def names(row_list):
    return [row.name for row in rows(row_list)]


@pytest.fixture
def kept(legend, explored):
    for window in (0, 9):
        explored.path.add(explored.path_point(np.zeros(2, np.float32), window))
    explored.path.keep()
    explored.path.star(explored.library.atlas.posterior.mu[20], "Twenty")
    return legend.kept


def test_paths_and_favourites_are_listed_once_there_are_some(legend, kept, explored):
    assert not kept.isHidden()
    assert [(r.name, r.right) for r in rows(kept.list)] == [("Path 1", "5 s"), ("Twenty", "★")]
    for _ in range(2):
        explored.path.undo_stack.undo()
    assert kept.isHidden()


def test_a_click_draws_a_kept_path_or_plays_a_favourite(kept, explored, qtbot):
    explored.path.clear()
    click_row(qtbot, kept.list, 0)
    assert len(explored.path.points) == 2
    hear(explored, qtbot, lambda: click_row(qtbot, kept.list, 1))
    np.testing.assert_allclose(explored.playback.heard.zs[0], explored.library.atlas.posterior.mu[20], atol=1e-5)


def test_a_favourite_off_the_dots_is_the_same_z_again(legend, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_at((0.2, 0.1)))
    explored.add_favourite()
    probabilities = explored.playback.heard.probabilities
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    hear(explored, qtbot, lambda: click_row(qtbot, legend.kept.list, 0))
    np.testing.assert_allclose(explored.playback.heard.probabilities, probabilities, atol=1e-6)
    np.testing.assert_allclose(explored.playback.heard.places, [(0.2, 0.1)], atol=1e-6)


def test_f2_renames_and_delete_deletes_what_is_kept(kept, explored, qtbot):
    kept.list.setFocus()
    kept.list.setCurrentIndex(kept.list.rows.index(1))
    qtbot.keyClick(kept.list, Qt.Key.Key_F2)
    editor = kept.list.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Best")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(kept.list) == ["Path 1", "Best"])
    kept.list.setCurrentIndex(kept.list.rows.index(0))
    qtbot.keyClick(kept.list, Qt.Key.Key_Delete)
    assert names(kept.list) == ["Best"]
    explored.path.undo_stack.undo()
    explored.path.undo_stack.undo()
    assert names(kept.list) == ["Path 1", "Twenty"]


def test_songs_cannot_be_renamed(legend, qtbot):
    legend.list.setCurrentIndex(legend.list.rows.index(0))
    qtbot.keyClick(legend.list, Qt.Key.Key_F2)
    assert legend.list.findChild(QLineEdit) is None


# --- now playing


@pytest.fixture
def playing(explored, qtbot):
    panel = NowPlayingPanel(explored)
    qtbot.addWidget(panel)
    panel.resize(360, 700)
    panel.show()
    return panel


def hear(explored, qtbot, action):
    with qtbot.waitSignal(explored.playback.heard_changed):
        action()


def test_a_window_is_named_by_song_and_time_and_is_its_own_nearest(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.title.text() == "Low · 0:01.5"
    assert rows(playing.nearest)[0].right == "0.00"


def test_a_point_between_songs_is_named_by_what_it_lies_between(playing, explored, qtbot):
    points, song_of = explored.library.atlas.map.points, explored.library.atlas.corpus.song_of
    middle = (points[song_of == 0].mean(axis=0) + points[song_of == 2].mean(axis=0)) / 2
    hear(explored, qtbot, lambda: explored.playback.play_at(middle))
    assert playing.title.text().startswith(("Between ", "Among "))


def test_off_the_dots_of_a_tsne_map_the_blended_windows_are_shown_with_weights(playing, explored, make_model, qtbot):
    explored.library.use_model(make_model(6), "six")
    qtbot.waitUntil(lambda: explored.library.model_name == "six" and not explored.jobs.running, timeout=60_000)
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
        return "running on" in playing.subtitle.text()

    qtbot.waitUntil(past_the_window)
    assert playing.title.text() == "Low · 0:01.5"
    explored.playback.loop()
    explored.playback.stop()
    assert playing.subtitle.text().startswith("as the model plays it")


def test_the_roll_shows_what_is_played_in_the_scale_and_says_so(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert "kept to" not in playing.caption.text()
    explored.playback.set_sound(Sound(scale="whole tone", tonic=3))
    assert "kept to E♭ whole tone" in playing.caption.text()
    assert playing.roll._rows == len(explored.playback.score.pitches)


def test_silence_is_explained_and_can_be_mended_by_one_click(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.lower_threshold.isHidden()
    explored.playback.set_threshold(1.0)
    assert not playing.lower_threshold.isHidden()
    playing.lower_threshold.click()
    assert not explored.playback.is_silent
    assert playing.lower_threshold.isHidden()


def test_a_point_far_from_the_songs_is_said_to_be_far(playing, explored, qtbot):
    atlas = explored.library.atlas
    hear(explored, qtbot, lambda: explored.playback.play_at(atlas.map.points.max(axis=0) + 5 * atlas.extent))
    assert not playing.far.isHidden()
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    assert playing.far.isHidden()


def test_a_path_is_named_by_the_points_it_is_between(playing, explored, qtbot):
    for window in (0, 9, 20):
        explored.path.add(explored.path_point(explored.library.atlas.map.points[window]))
    explored.path.set_seconds(0.5)
    hear(explored, qtbot, explored.play_path)
    assert playing.title.text() == "Path, point 1 → 2"
    explored.playback.player.render(int(0.2 * 44100))
    qtbot.waitUntil(lambda: (playing.roll.position or 0) > 1)
    explored.playback.player.render(int(0.5 * 44100))
    qtbot.waitUntil(lambda: playing.title.text() == "Path, point 2 → 3")
    explored.playback.stop()


# --- the original beside the model


def shown_segment(panel):
    return next(key for key, button in panel.versions.buttons.items() if button.isChecked())


def test_a_window_s_own_point_offers_original_model_and_difference(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert playing.versions.isVisible()
    assert shown_segment(playing) == Version.MODEL
    score = f"F1 {explored.playback.comparison.f1:.2f}"
    for version, words in (("original", "as the song has it"), ("difference", "where the two differ")):
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
    comparison = explored.playback.comparison
    counts = [int(cells.sum()) for cells in (comparison.hit, comparison.miss, comparison.extra)]
    assert all(counts), "the fixture has some of each"
    assert playing.difference.accessibleName() == "{} hit, {} missed, {} extra".format(*counts)
    assert playing.difference.isVisible()
    assert not playing.caption.isVisible()
    assert playing.roll.grab().toImage() != plain
    explored.playback.set_version(Version.MODEL)
    assert playing.roll.grab().toImage() == plain
    assert not playing.difference.isVisible()


def test_the_segments_are_reached_and_chosen_by_the_keyboard(playing, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    buttons = playing.versions.buttons
    buttons["model"].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(buttons["model"], Qt.Key.Key_Right)
    assert explored.playback.version is Version.DIFFERENCE
    qtbot.keyClick(buttons["difference"], Qt.Key.Key_Left)
    assert explored.playback.version is Version.MODEL
    assert all(button.accessibleName() and button.accessibleDescription() for button in buttons.values())


# --- transport


@pytest.fixture
def transport(explored, qtbot):
    panel = TransportPanel(explored)
    qtbot.addWidget(panel)
    panel.resize(1280, 70)
    panel.show()
    return panel


def test_every_control_sets_what_it_says(transport, explored):
    playback, player = explored.playback, explored.playback.player
    transport.tempo.set_value(90)
    transport.threshold.set_value(0.2)
    transport.temperature.set_value(0.5)
    transport.volume.set_value(0.4)
    transport.hold.click()
    heard = (player.tempo, playback.threshold, playback.temperature, player.volume, player.hold)
    assert heard == (90, pytest.approx(0.2), pytest.approx(0.5), pytest.approx(0.4), True)


@pytest.mark.parametrize(("line", "at_end"), [(0, AtEnd.STOP), (1, AtEnd.LOOP), (2, AtEnd.RUN_ON)])
def test_one_control_says_what_follows_the_end_and_sets_it(transport, explored, line, at_end):
    transport.at_end.setCurrentIndex(line)
    transport.at_end.activated.emit(line)
    assert explored.playback.at_end is at_end
    assert explored.playback.player.at_end is at_end
    explored.playback.loop()
    assert transport.at_end.currentText() == "Loop"


def test_the_controls_follow_what_is_set_elsewhere(transport, explored):
    explored.playback.set_threshold(0.31)
    explored.playback.run_on()
    explored.playback.set_hold(True)
    explored.playback.set_sound(Sound(*PRESETS["Jazz trio"][::-1]))
    assert transport.threshold.value() == pytest.approx(0.31)
    assert transport.at_end.currentText() == "Run on"
    assert transport.hold.isChecked()
    assert transport.sound.text() == "Jazz trio"
    assert transport.card.preset.currentText() == "Jazz trio"
    assert transport.card.voices[2].instrument.currentText() == "Acoustic Bass"


def test_a_change_on_the_card_of_the_sound_is_heard(transport, explored):
    card, playback = transport.card, explored.playback
    card.preset.setCurrentIndex(card.preset.findText("Piano"))
    card.preset.activated.emit(card.preset.currentIndex())
    assert playback.player.programs[0] == 0
    assert not playback.sound.split
    assert transport.sound.text() == "Piano"
    card.scale.setCurrentIndex(card.scale.findText("Blues"))
    card.scale.activated.emit(card.scale.currentIndex())
    card.tonic.setCurrentIndex(9)
    card.tonic.activated.emit(9)
    assert (playback.sound.scale, playback.sound.tonic) == ("blues", 9)


def test_play_and_stop(transport, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    transport.play.click()
    assert explored.playback.player.state is State.PAUSED
    transport.play.click()
    assert explored.playback.player.state is State.PLAYING
    transport.stop.click()
    assert explored.playback.player.state is State.STOPPED


def test_the_state_of_the_sound_is_shown_in_words(transport):
    transport.show_audio("No sound device", False)
    assert transport._audio.text() == "No sound device"
    assert transport._audio.toolTip() == "No sound device"


def test_every_control_has_a_name_for_screen_readers(transport):
    for part in (transport.play, transport.stop, transport.hold, transport.at_end, transport.sound, transport.export):
        assert part.accessibleName()
    assert np.all([s.slider.accessibleName() for s in (transport.tempo, transport.threshold, transport.volume)])
