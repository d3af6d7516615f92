"""A window's original, the model's reconstruction and their difference."""

from __future__ import annotations

from explorer.session.playing.versions import Version
from tests.explorer.conftest import hear, tracks_of
from vrae_core.music.difference import LOUD, SOFT


def render(session, seconds=0.1):
    session.playback.player.render(int(seconds * session.playback.player.sample_rate))


def test_original_and_model_change_places_while_the_music_goes_on(explored, qtbot):
    playback, atlas = explored.playback, explored.library.atlas
    hear(explored, qtbot, lambda: playback.play_window(7))
    render(explored, 0.4)
    for version in (Version.ORIGINAL, Version.MODEL, Version.ORIGINAL):
        before = playback.player.position
        playback.toggle_original()
        assert playback.version is version
        render(explored, 0.02)
        assert before <= playback.player.position < before + 2
        expected = atlas.roll(7) if version is Version.ORIGINAL else playback.difference.model
        assert (playback.player._phrase.roll == expected).all()
        assert (playback.roll == expected).all(), "what is saved is what is heard"


def test_the_difference_is_heard_softly_where_the_model_is_right_and_loud_where_not(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_threshold(0.1)
    playback.toggle_difference()
    render(explored)
    phrase, difference = playback.player._phrase, playback.difference
    assert (phrase.velocities[phrase.roll & difference.hit] == SOFT).all()
    assert (phrase.velocities[phrase.roll & ~difference.hit] == LOUD).all()
    assert {note.velocity for track in tracks_of(explored) for note in track.notes} == {SOFT, LOUD}
    playback.toggle_difference()
    assert playback.version is Version.MODEL


def test_the_comparison_follows_the_threshold(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_version(Version.DIFFERENCE)
    playback.set_threshold(1.0)
    assert not playback.difference.hit.any()
    assert (playback.difference.miss == explored.library.atlas.roll(7)).all()
    assert not playback.is_silent, "what the model misses is heard"
    playback.set_threshold(0.0)
    assert not playback.difference.miss.any()


def test_only_a_window_s_own_point_can_be_compared(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_at((0.21, 0.13)))
    playback.toggle_original()
    assert playback.difference is None
    assert playback.version is Version.MODEL
    for window in (0, 9):
        explored.path.add(explored.path.point_at(explored.library.atlas.map.points[window]))
    hear(explored, qtbot, explored.pieces.play_path)
    assert playback.difference is None


def test_stopping_and_clearing_forgets_the_version(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_version(Version.ORIGINAL)
    playback.clear()
    hear(explored, qtbot, lambda: playback.play_window(7))
    assert playback.version is Version.MODEL
