"""A second model beside the one in Explore: what is carried to it, what is heard through it, what stays untouched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.session.playing.versions import Version
from tests.bands import make_band_model
from vrae_core.latent.map import natural_projection
from vrae_core.music.pieces import roll_from_probabilities


@pytest.fixture
def compared(explored, make_model, qtbot, tmp_path):
    """The session that is explored, with a model of five dimensions and longer windows as B."""
    return compare_with(explored, with_window(make_model(latent=5, seed=3), 30), qtbot, tmp_path)


def with_window(model, window):
    return replace(model, config=replace(model.config, window=window), threshold=0.5)


def compare_with(session, model, qtbot, folder):
    path = folder / "other.safetensors"
    model.save(path)
    session.comparing.open(path)
    qtbot.waitUntil(lambda: session.comparing.figures is not None and not session.jobs.running)
    session.comparing.set_shown(True)
    return session


def hear(session, qtbot, action):
    with qtbot.waitSignal(session.playback.heard_changed):
        action()
    qtbot.waitUntil(lambda: session.playback.heard is not None and not session.jobs.running)
    return session.playback.heard


def notes_of(model, z, settings):
    return roll_from_probabilities(model.decode(z[None])[0], model.threshold, settings.temperature, settings.seed)


def test_window_for_window_both_are_the_same_music(compared):
    here, there = compared.comparing.counterpart.atlas.corpus, compared.comparing.counterpart.other.corpus
    assert len(here) == len(there)
    assert (here.start_of == there.start_of).all()
    np.testing.assert_array_equal(there.windows([5])[0][:20], here.windows([5])[0])


def test_a_window_s_own_point_is_carried_to_its_own_point(compared):
    pair = compared.comparing.counterpart
    for window in (0, 11, len(pair.atlas.corpus) - 1):
        z, place = pair.there(pair.atlas.posterior.mu[window])
        nearest = np.flatnonzero((pair.atlas.posterior.mu == pair.atlas.posterior.mu[window]).all(axis=1))
        np.testing.assert_allclose(z, pair.other.posterior.mu[nearest].mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(place, pair.other.map.point_of(z), atol=1e-6)


def test_a_place_pointed_at_on_b_s_map_is_that_place_exactly(compared, qtbot):
    pair, place = compared.comparing.counterpart, np.array([0.21, -0.13], np.float32)
    heard = hear(compared, qtbot, lambda: compared.comparing.play_other(place))
    np.testing.assert_array_equal(compared.comparing.place(), place)
    z, _ = pair.there(heard.zs[0])
    np.testing.assert_array_equal(z, pair.other.map.z_at(place))


def test_a_window_of_b_s_map_sounds_as_b_decodes_it_with_b_s_own_threshold(compared, qtbot):
    pair, playback = compared.comparing.counterpart, compared.playback
    heard = hear(compared, qtbot, lambda: compared.comparing.play_other(pair.other.map.points[7], 7))
    assert heard.window == 7, "to Explore it is a window of its own map"
    expected = notes_of(pair.other.model, pair.other.posterior.mu[7], playback.piece_settings())
    np.testing.assert_array_equal(playback.roll, expected)
    assert len(playback.roll) == 30
    compared.comparing.hear_other(False)
    np.testing.assert_array_equal(
        playback.roll, notes_of(pair.atlas.model, pair.atlas.posterior.mu[7], playback.piece_settings())
    )


def test_changing_between_the_models_keeps_the_place_in_time(compared, qtbot):
    playback, player = compared.playback, compared.playback.player
    hear(compared, qtbot, lambda: playback.play_window(4))
    player.render(int(0.4 * player.sample_rate))
    before = player.position
    assert before > 5
    for other in (True, False, True):
        compared.comparing.toggle()
        player.render(int(0.01 * player.sample_rate))
        assert before <= player.position < before + 3
        assert compared.comparing.hears_other is other
        assert player.state is State.PLAYING
        assert len(player.sequencer.phrase) == (30 if other else 20)
        before = player.position


def test_the_song_s_own_notes_can_be_heard_beside_b_too(compared, qtbot):
    playback, pair = compared.playback, compared.comparing.counterpart
    hear(compared, qtbot, lambda: compared.comparing.play_other(pair.other.map.points[7], 7))
    playback.set_version(Version.ORIGINAL)
    np.testing.assert_array_equal(playback.roll, pair.other.roll(7))


def test_moving_the_threshold_moves_b_s_as_much(compared, qtbot):
    playback, pair = compared.playback, compared.comparing.counterpart
    hear(compared, qtbot, lambda: compared.comparing.play_other(pair.other.map.points[7], 7))
    playback.set_threshold(pair.atlas.model.threshold - 0.2)
    probabilities = pair.other.model.decode(pair.other.posterior.mu[7:8])[0]
    np.testing.assert_array_equal(
        playback.roll, roll_from_probabilities(probabilities, pair.other.model.threshold - 0.2)
    )


def test_a_drag_over_b_s_map_goes_on_through_b(compared, qtbot):
    comparing, playback = compared.comparing, compared.playback
    hear(compared, qtbot, lambda: comparing.play_other(np.array([0.0, 0.0], np.float32)))
    end = np.array([0.3, 0.2], np.float32)
    for share in np.linspace(0.1, 1, 8, dtype=np.float32):
        comparing.morph_other(share * end)
    qtbot.waitUntil(lambda: comparing.place() is not None and np.allclose(comparing.place(), end))
    model = comparing.counterpart.other.model
    expected = notes_of(model, comparing.counterpart.other.map.z_at(end), playback.piece_settings())
    np.testing.assert_array_equal(playback.roll, expected)


def test_the_path_is_played_by_both_step_for_step(compared, qtbot):
    pair, path = compared.comparing.counterpart, compared.path
    for window in (2, 30, 60):
        path.add(compared.path.point_at(pair.atlas.map.points[window], window))
    path.set_seconds(1.0)
    heard = hear(compared, qtbot, compared.comparing.play_path)
    assert len(compared.playback.roll) == 41
    compared.comparing.toggle()
    assert len(compared.playback.roll) == 41
    piece = pair.carry(heard, pair.atlas, compared.playback.piece_settings())[0]
    assert piece.arrivals == heard.arrivals
    np.testing.assert_allclose(piece.zs[20], pair.there(pair.atlas.posterior.mu[30])[0], atol=1e-5)
    assert len(pair.drawing(path.drawing).points) == 3


def test_a_path_played_in_explore_is_carried_to_b_once_it_is_decoded(compared, qtbot):
    for window in (2, 30):
        compared.path.add(compared.path.point_at(compared.library.atlas.map.points[window], window))
    compared.path.set_seconds(1.0)
    compared.comparing.hear_other(True)
    heard = hear(compared, qtbot, compared.pieces.play_path)
    pair = compared.comparing.counterpart
    assert not pair.lacks(heard)
    piece = pair.carry(heard, pair.atlas, compared.playback.piece_settings())[0]
    np.testing.assert_array_equal(compared.playback.roll, roll_from_probabilities(piece.probabilities, 0.5))


def b_window_for_window(pair, heard):
    """What B decodes of the windows that are heard, each from where A begins with it."""
    begins = np.flatnonzero(np.diff(heard.windows, prepend=-1))
    ends = [*begins[1:], len(heard.windows)]
    mu = pair.other.posterior.mu[heard.windows[begins]]
    decoded = [pair.other.model.decode(z[None], end - begin)[0] for z, begin, end in zip(mu, begins, ends, strict=True)]
    return roll_from_probabilities(np.concatenate(decoded), pair.other.model.threshold)


@pytest.mark.parametrize("b_first", [True, False])
def test_a_song_is_played_through_b_window_for_window(compared, qtbot, b_first):
    playback, comparing, pair = compared.playback, compared.comparing, compared.comparing.counterpart
    sounding = []
    playback.heard_changed.connect(lambda: sounding.append(comparing.sounds_other))
    comparing.hear_other(b_first)
    heard = hear(compared, qtbot, lambda: compared.pieces.play_whole_song(1))
    comparing.hear_other(True)
    assert sounding[0] is False, "B has to decode it first"
    assert sounding[-1] is comparing.sounds_other is True
    np.testing.assert_array_equal(playback.roll, b_window_for_window(pair, heard))
    np.testing.assert_allclose(comparing.place(), pair.other.map.points[heard.window], atol=1e-5)
    comparing.toggle()
    np.testing.assert_array_equal(playback.roll, roll_from_probabilities(heard.probabilities, playback.threshold))


def test_a_b_of_short_windows_plays_a_song_without_a_gap(explored, make_model, qtbot, tmp_path):
    compare_with(explored, with_window(make_model(latent=5, seed=3), 8), qtbot, tmp_path)
    pair = explored.comparing.counterpart
    explored.comparing.hear_other(True)
    heard = hear(explored, qtbot, lambda: explored.pieces.play_whole_song(0))
    piece = pair.carry(heard, pair.atlas, explored.playback.piece_settings())[0]
    np.testing.assert_array_equal(piece.windows[:30], np.arange(3).repeat(10), "windows begin every 10 steps")
    for window, begins in ((0, 0), (1, 10), (2, 20)):
        decoded = pair.other.model.decode(pair.other.posterior.mu[[window]], 10)[0]
        np.testing.assert_allclose(piece.probabilities[begins : begins + 10], decoded, atol=1e-6)
    assert len(heard.zs) - len(piece.zs) == 12, "it ends with the last of its windows"


def test_the_original_of_a_song_is_its_file_s_whichever_model_is_on(compared, qtbot):
    playback, comparing, pair = compared.playback, compared.comparing, compared.comparing.counterpart
    heard = hear(compared, qtbot, lambda: compared.pieces.play_whole_song(1))
    playback.set_version(Version.ORIGINAL)
    for other in (False, True):
        comparing.hear_other(other)
        playback.player.render(64)
        assert comparing.sounds_other is other
        assert playback.version is Version.ORIGINAL
        assert playback.player.sequencer.phrase is heard.original
    begins = pair.other.corpus.offsets[heard.window]
    np.testing.assert_array_equal(playback.roll, pair.other.corpus.roll[begins : begins + len(heard.zs)])


def test_a_b_of_other_steps_plays_a_song_at_the_steps_of_a(in_bars, qtbot, tmp_path):
    counting = make_band_model(in_bars.library.songs, parts=False)
    other = replace(counting, config=replace(counting.config, steps_per_beat=0, window=20), threshold=0.5)
    compare_with(in_bars, other, qtbot, tmp_path)
    playback, pair = in_bars.playback, in_bars.comparing.counterpart
    in_bars.comparing.hear_other(True)
    heard = hear(in_bars, qtbot, lambda: in_bars.pieces.play_whole_song(0))
    playback.set_version(Version.ORIGINAL)
    seconds = heard.time.lasting(len(playback.roll)).seconds[:-1]
    at = np.floor(seconds / 0.05 + 0.5).astype(int)
    np.testing.assert_array_equal(playback.roll, pair.other.corpus.roll[at])
    assert len(heard.zs) - len(playback.roll) < 16
    playback.set_version(Version.MODEL)
    piece = pair.carry(heard, pair.atlas, playback.piece_settings())[0]
    assert len(playback.roll) == len(piece.windows)
    window = int(heard.windows[20])
    now = np.flatnonzero(piece.windows == window)
    rows = at[now] - pair.other.corpus.start_of[window]
    decoded = pair.other.model.decode(pair.other.posterior.mu[[window]], int(rows.max()) + 1)[0]
    assert len(now)
    np.testing.assert_allclose(piece.probabilities[now], decoded[rows], atol=1e-6)


def test_a_song_that_goes_on_while_the_songs_change_is_carried_step_by_step(compared, songs, qtbot):
    heard = hear(compared, qtbot, lambda: compared.pieces.play_whole_song(1))
    compared.library.add_songs([replace(songs[0], name="Again")])
    qtbot.waitUntil(lambda: compared.playback.heard is not heard)
    qtbot.waitUntil(lambda: compared.comparing.figures is not None and not compared.jobs.running)
    assert compared.playback.heard.windows is None
    compared.comparing.hear_other(True)
    assert compared.comparing.sounds_other
    pair = compared.comparing.counterpart
    z, place = pair.there(heard.zs[0])
    expected = roll_from_probabilities(pair.other.model.decode(z[None], 20)[0], pair.other.model.threshold)
    np.testing.assert_array_equal(compared.playback.roll[:20], expected)
    np.testing.assert_allclose(compared.comparing.place(), place, atol=1e-6)


def test_nothing_sounds_through_b_once_the_comparison_is_left(compared, qtbot):
    playback, comparing = compared.playback, compared.comparing
    heard = hear(compared, qtbot, lambda: comparing.play_other(comparing.counterpart.other.map.points[7], 7))
    history, selection = len(compared.history.entries), np.arange(len(compared.library.atlas.corpus)) < 9
    compared.selection.set(selection)
    comparing.set_shown(False)
    comparing.toggle()
    assert not comparing.hears_other
    model = compared.library.model
    expected = notes_of(model, compared.library.atlas.posterior.mu[7], playback.piece_settings())
    np.testing.assert_array_equal(playback.roll, expected)
    comparing.set_shown(True)
    comparing.toggle()
    comparing.close()
    assert playback.heard.window == heard.window == 7
    assert len(compared.history.entries) == history
    assert (compared.selection.windows == selection).all()
    assert (comparing.counterpart, comparing.figures, comparing.name) == (None, None, "")
    np.testing.assert_array_equal(playback.roll, expected)


def test_more_songs_in_explore_are_shown_to_b_too(compared, songs, qtbot):
    before = len(compared.comparing.counterpart.other.corpus)
    hear(compared, qtbot, lambda: compared.playback.play_window(before - 1))
    compared.library.add_songs([replace(songs[0], name="Again")])
    qtbot.waitUntil(lambda: compared.comparing.counterpart is not None and not compared.jobs.running)
    assert len(compared.comparing.counterpart.other.corpus) == len(compared.library.atlas.corpus) > before
    assert compared.comparing.name == "other"


def test_another_model_in_explore_becomes_a(compared, make_model, qtbot):
    compared.library.use_model(make_model(latent=3, seed=8), "third")
    qtbot.waitUntil(lambda: compared.library.model_name == "third" and compared.comparing.figures is not None)
    qtbot.waitUntil(lambda: not compared.jobs.running)
    assert compared.comparing.counterpart.atlas.model is compared.library.model
    assert compared.comparing.figures.first.latent == 3
    assert compared.comparing.counterpart.other.map.projection == natural_projection(5)


def test_another_projection_in_explore_is_laid_anew(compared, qtbot, make_model):
    compared.library.use_model(make_model(latent=4, seed=8), "four")
    qtbot.waitUntil(lambda: compared.library.model_name == "four" and not compared.jobs.running)
    compared.library.set_projection("PCA")
    qtbot.waitUntil(lambda: compared.library.atlas.map.projection == "PCA" and not compared.jobs.running)
    pair = compared.comparing.counterpart
    assert pair.atlas is compared.library.atlas
    assert pair.other.map.projection == "PCA"
    np.testing.assert_allclose(pair.laid, pair.alignment.apply(pair.other.map.points))


def test_a_model_beside_itself_is_laid_onto_itself(explored, qtbot, tmp_path):
    compare_with(explored, explored.library.model, qtbot, tmp_path)
    pair = explored.comparing.counterpart
    assert pair.alignment.residual == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(pair.laid, pair.atlas.map.points, atol=1e-4)
    assert explored.comparing.figures.shared_neighbours == 1


def test_a_file_that_is_no_model_is_said_and_changes_nothing(compared, qtbot, tmp_path):
    before = compared.comparing.counterpart
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    compared.comparing.open(broken)
    qtbot.waitUntil(lambda: bool(compared.problems))
    assert "broken" in compared.problems[0]
    assert compared.comparing.counterpart is before
    assert compared.comparing.name == "other"


def test_what_is_exported_while_b_is_heard_says_nothing_of_how_a_would_make_it(compared, qtbot, tmp_path):
    comparing = compared.comparing
    hear(compared, qtbot, lambda: comparing.play_other(comparing.counterpart.other.map.points[7], 7))
    assert not len(compared.exports._heard().points)
    comparing.hear_other(False)
    assert len(compared.exports._heard().points) == 1
