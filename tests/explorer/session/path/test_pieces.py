"""A song played through, from the window that is heard to its end."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.session.path.pieces import along_song
from explorer.session.playing.versions import Version
from tests.explorer.conftest import hear_window, let_play, windows_of
from vrae_core.latent.map import Dimensions
from vrae_core.progress import finish


@pytest.fixture
def played_through(panel, explored, qtbot):
    """A song from its fourth window on."""
    hear_window(explored, qtbot, int(windows_of(explored, 1)[3]))
    explored.pieces.play_song()
    qtbot.waitUntil(lambda: explored.playback.heard.windows is not None and not explored.jobs.running)
    return explored


def test_a_song_is_played_through_from_the_window_heard_as_each_of_its_windows_is_decoded(played_through):
    atlas, heard = played_through.library.atlas, played_through.playback.heard
    mine = windows_of(played_through, 1)
    length = int(atlas.corpus.start_of[mine[-1]] - atlas.corpus.start_of[mine[3]]) + atlas.corpus.window
    assert heard.probabilities.shape == (length, len(atlas.model.pitches))
    assert heard.window_at(0) == mine[3]
    assert heard.window_at(length) == mine[-1]
    for step in (0, 25, length - 1):
        window = heard.window_at(step)
        row = step + int(atlas.corpus.start_of[mine[3]]) - int(atlas.corpus.start_of[window])
        decoded = atlas.model.decode(atlas.posterior.mu[[window]])[0]
        np.testing.assert_allclose(heard.probabilities[step], decoded[row], atol=1e-6)
    assert played_through.playback.player.state is State.PLAYING


def test_the_cursor_runs_along_the_thread_while_a_song_plays_through(played_through, panel):
    heard, points, mine = played_through.playback.heard, panel.view.points, windows_of(played_through, 1)
    np.testing.assert_allclose(heard.place_at(0), points[mine[3]], atol=1e-6)
    np.testing.assert_allclose(heard.place_at(10), points[mine[4]], atol=1e-6)
    np.testing.assert_allclose(heard.place_at(5), (points[mine[3]] + points[mine[4]]) / 2, atol=1e-6)
    let_play(played_through, 26.5)
    np.testing.assert_allclose(panel.view.marks.cursor, heard.places[26])
    assert not len(panel.reading.head.points), "the cursor is the head"
    assert (panel.reading.threads.shown[1] == points[mine[5]]).all(axis=1).any()


def test_a_song_played_through_is_heard_as_the_song_has_it_when_the_switch_says_so(played_through):
    playback, corpus = played_through.playback, played_through.library.atlas.corpus
    playback.set_version(Version.ORIGINAL)
    begins = int(corpus.offsets[playback.heard.window])
    original = corpus.roll[begins : begins + len(playback.roll)]
    assert playback.version is Version.ORIGINAL
    np.testing.assert_array_equal(playback.difference.original, original)
    np.testing.assert_array_equal(playback.roll, original)


def test_a_song_played_through_runs_on_from_the_end_of_its_last_window(played_through, qtbot):
    playback, atlas = played_through.playback, played_through.library.atlas
    own = playback.heard.own_steps
    playback.run_on()
    let_play(played_through, own - 20)
    qtbot.waitUntil(lambda: playback.heard.ran_on > 0)
    last = int(windows_of(played_through, 1)[-1])
    medley = atlas.model.decode(atlas.posterior.mu[[last]], steps=2 * atlas.corpus.window)[0]
    np.testing.assert_allclose(playback.heard.probabilities[own - 20 : own + 20], medley, atol=1e-5)
    assert playback.difference is None


def test_the_next_window_of_a_song_that_plays_through_is_that_after_the_one_heard(played_through, qtbot):
    mine = windows_of(played_through, 1)
    let_play(played_through, 25)
    at = played_through.playback.heard.window_at(25)
    played_through.song_windows.hear_next()
    qtbot.waitUntil(lambda: played_through.playback.heard.window == at + 1)
    assert at > mine[3]


def test_a_song_that_plays_through_stays_on_its_thread_when_the_map_is_drawn_in_another_way(
    explored, make_model, panel, qtbot
):
    explored.library.use_model(make_model(latent=4), "more dimensions")
    library, jobs = explored.library, explored.jobs
    qtbot.waitUntil(lambda: library.atlas.model.config.latent == 4 and not jobs.running)
    hear_window(explored, qtbot, int(windows_of(explored, 1)[3]))
    explored.pieces.play_song()
    qtbot.waitUntil(lambda: explored.playback.heard.windows is not None and not explored.jobs.running)
    explored.library.set_projection(Dimensions(1, 3))
    qtbot.waitUntil(lambda: explored.library.atlas.map.projection == Dimensions(1, 3))
    heard = explored.playback.heard
    np.testing.assert_allclose(heard.place_at(10), explored.library.atlas.map.points[heard.window_at(0) + 1], atol=1e-5)


@pytest.mark.parametrize(("grid", "steps"), [("explored", 8), ("in_bars", 4)])
def test_a_song_is_played_for_as_many_beats_whatever_the_model_s_steps_are(request, monkeypatch, grid, steps):
    atlas = request.getfixturevalue(grid).library.atlas
    monkeypatch.setattr("explorer.session.path.pieces.LONGEST_SONG", 20)
    first = int(windows_of(request.getfixturevalue(grid), 1)[0])
    heard = finish(along_song(atlas, first))
    assert 20 * steps - atlas.corpus.window < len(heard.probabilities) <= 20 * steps
