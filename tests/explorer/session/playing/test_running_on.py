"""Once, in a loop, or running on past the end."""

from __future__ import annotations

import numpy as np

from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.session.playing.running_on import LONGEST_BEATS
from tests.explorer.conftest import hear, render
from vrae_core.corpus.sampling import PAPER_STEPS_PER_BEAT
from vrae_core.music.pieces import medley, morph


def play_on(session, qtbot, until):
    """Render, as a device would, until something has come about."""

    def rendered():
        render(session, 0.05)
        return until()

    qtbot.waitUntil(rendered)


def test_running_on_plays_the_medley_that_the_decoder_makes_of_the_point(explored, qtbot):
    model = explored.library.model
    explored.playback.run_on()
    heard = hear(explored, qtbot, lambda: explored.playback.play_window(7))
    z = heard.zs[0]
    play_on(explored, qtbot, lambda: explored.playback.player.position > 150)
    assert explored.playback.player.state is State.PLAYING
    heard = explored.playback.heard
    assert heard.own_steps == model.config.window
    np.testing.assert_allclose(heard.probabilities, medley(model, z, len(heard.probabilities)), atol=1e-5)
    assert len(explored.playback.roll) == len(heard.probabilities), "and this is what is saved"


def test_more_is_ready_long_before_it_is_needed(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    qtbot.waitUntil(lambda: len(explored.playback.heard.probabilities) >= 120)


def test_a_path_runs_on_from_its_last_point_at_the_row_it_has_come_to(explored, qtbot):
    atlas = explored.library.atlas
    for window in (0, 20):
        explored.path.add(explored.path.point_at(atlas.map.points[window]))
    explored.path.set_seconds(1.65)
    explored.playback.run_on()
    hear(explored, qtbot, explored.pieces.play_path)
    zs = explored.playback.heard.zs
    assert len(zs) % atlas.model.config.window
    qtbot.waitUntil(lambda: explored.playback.heard.ran_on > 0)
    heard = explored.playback.heard
    row = len(zs) % atlas.model.config.window
    expected = medley(atlas.model, zs[-1], row + heard.ran_on)[row:]
    np.testing.assert_allclose(heard.probabilities[: len(zs)], morph(atlas.model, zs), atol=1e-5)
    np.testing.assert_allclose(heard.probabilities[len(zs) :], expected, atol=1e-5)


def test_the_loop_after_running_on_is_the_window_again(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    play_on(explored, qtbot, lambda: explored.playback.player.position > 60)
    explored.playback.loop()
    render(explored)
    assert len(explored.playback.roll) == explored.library.model.config.window
    assert explored.playback.player.position < explored.library.model.config.window
    play_on(explored, qtbot, lambda: explored.playback.player.position > 15)
    assert explored.playback.player.state is State.PLAYING


def test_changing_to_the_loop_and_back_before_more_has_come_runs_on_all_the_same(explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.run_on()
    explored.playback.loop()
    qtbot.wait(100)  # what was asked for comes, and is wanted no more
    assert explored.playback.heard.ran_on == 0
    explored.playback.run_on()
    qtbot.waitUntil(lambda: explored.playback.heard.ran_on > 0)


def test_running_on_ends_after_its_stated_time(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    explored.playback.set_tempo(300)

    def ended():
        render(explored, 2.0)
        return explored.playback.player.state is State.FINISHED

    qtbot.waitUntil(ended)
    assert explored.playback.heard.ran_on == LONGEST_BEATS * PAPER_STEPS_PER_BEAT
    hear(explored, qtbot, lambda: explored.playback.play_window(3))
    assert explored.playback.player.at_end is AtEnd.RUN_ON


def test_a_drag_while_running_on_goes_on_from_the_new_point(explored, qtbot):
    explored.playback.run_on()
    hear(explored, qtbot, lambda: explored.playback.play_window(7))
    play_on(explored, qtbot, lambda: explored.playback.player.position > 45)
    hear(explored, qtbot, lambda: explored.playback.morph_to((0.3, 0.3)))
    z = explored.playback.heard.zs[0]
    play_on(explored, qtbot, lambda: 30 < explored.playback.player.position < 45)
    heard = explored.playback.heard
    np.testing.assert_allclose(
        heard.probabilities, medley(explored.library.model, z, len(heard.probabilities)), atol=1e-5
    )
