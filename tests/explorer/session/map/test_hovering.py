"""The dot under the mouse: what its card says, and hearing it without disturbing what is heard."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.panels.map.hover_card import window_facts
from vrae_core.audio.synthesizer import Synthesizer, render_notes
from vrae_core.columns import Part
from vrae_core.model.onsets import note_onset_f1
from vrae_core.piano_roll import STEP_SECONDS
from vrae_core.progress import finish
from vrae_core.runs.songs import SongToTrain


@pytest.fixture
def hovering(explored):
    """Listening."""
    explored.hovering.set_listening(True)
    return explored.hovering


def test_the_card_shows_the_f1_once_it_is_known(panel, explored, qtbot):
    panel.view.set_hovered(4)
    assert "F1 …" in panel.card._figures.text()
    qtbot.waitUntil(lambda: explored.hovering.note_onset_f1(4) is not None)
    atlas = explored.library.atlas
    found = atlas.model.decode(atlas.posterior.mu[[4]]) >= atlas.model.threshold
    counted = note_onset_f1(atlas.corpus.take([4]), found)[Part.ALL]
    assert explored.hovering.note_onset_f1(4) == counted
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
    qtbot.waitUntil(lambda: explored.loan.key is hovering)
    assert explored.playback.heard is None
    assert not explored.history.entries
    explored.playback.player.render(4096)
    hovering.point_at(-1)
    explored.playback.player.render(4096)
    assert explored.loan.key is None
    assert explored.playback.player.state is State.STOPPED
    assert explored.playback.player.position == 0


def test_what_is_heard_of_a_dot_is_its_reconstruction_at_its_times_and_silence_follows(explored, hovering, qtbot):
    atlas, settings, player = explored.library.atlas, explored.playback.piece_settings(), explored.playback.player
    score = settings.score(atlas.model.decode(atlas.posterior.mu[[3]])[0])
    expected = finish(render_notes(score.tracks(settings.sound, STEP_SECONDS), sample_rate=player.sample_rate))
    with Synthesizer(sample_rate=player.sample_rate) as synthesizer:
        player.synthesizer = synthesizer
        hovering.point_at(3)
        qtbot.waitUntil(lambda: explored.loan.key is hovering)
        frames = round(len(score.roll) * STEP_SECONDS * player.sample_rate)
        blocks = [player.render(256) for _ in range(frames // 256)]
        hovering.point_at(-1)
        after = np.concatenate([player.render(256) for _ in range(2 * player.sample_rate // 256)])
        player.synthesizer = None
    heard = np.concatenate(blocks)[:, 0].astype(float)
    lag, likeness = best_fit(heard, expected[:, 0].astype(float), 256)
    assert lag < 256, "every onset is within a block of its time"
    assert likeness > 0.98, "the same pitches from the same steps on, as rendered without a window"
    level = np.sqrt((heard**2).mean() / (expected[: len(heard), 0].astype(float) ** 2).mean())
    assert level == pytest.approx(player.volume**2, rel=0.1)
    assert np.abs(after[len(after) // 2 :]).max() < 0.01 * np.abs(heard).max()


def best_fit(heard, expected, most):
    """How many samples late a sound is, and how like what was expected it is then: their correlation."""
    likeness = [np.corrcoef(heard[lag:], expected[: len(heard) - lag])[0, 1] for lag in range(most)]
    return int(np.argmax(likeness)), max(likeness)


def test_a_mouse_that_passes_by_is_not_heard(explored, hovering, qtbot):
    hovering.point_at(3)
    hovering.point_at(-1)
    qtbot.wait(250)
    assert explored.loan.key is None
    assert explored.playback.player.state is State.STOPPED


def test_the_point_that_was_heard_goes_on_when_the_mouse_leaves(explored, hovering, qtbot):
    playback = explored.playback
    playback.play_window(1)
    qtbot.waitUntil(lambda: playback.heard is not None)
    heard, entries = playback.heard, list(explored.history.entries)
    while playback.player.sequencer.next_step < 3:
        playback.player.render(256)
    hovering.point_at(5)
    qtbot.waitUntil(lambda: explored.loan.key is hovering)
    playback.player.render(8192)
    assert not (playback.player.sequencer.phrase.roll == playback.score.roll).all()
    hovering.point_at(-1)
    playback.player.render(64)
    assert (playback.player.sequencer.phrase.roll == playback.score.roll).all()
    assert playback.player.sequencer.next_step == 3
    assert playback.player.state is State.PLAYING
    assert playback.heard is heard
    assert explored.history.entries == entries


def test_a_click_while_a_dot_is_listened_to_is_what_is_heard_from_then_on(explored, hovering, qtbot):
    hovering.point_at(3)
    qtbot.waitUntil(lambda: explored.loan.key is hovering)
    explored.playback.play_window(3)
    qtbot.waitUntil(lambda: explored.playback.heard is not None)
    hovering.point_at(-1)
    assert explored.loan.key is None
    assert explored.playback.player.state is State.PLAYING
    assert len(explored.history.entries) == 1


def test_a_piece_along_a_path_is_not_disturbed(explored, hovering, qtbot):
    atlas = explored.library.atlas
    for window in (0, 30):
        explored.path.add(explored.path.point_at(atlas.map.points[window], window))
    explored.pieces.play_path()
    qtbot.waitUntil(lambda: explored.playback.heard is not None and not explored.jobs.running)
    played = []
    explored.playback.player.play = lambda phrase, restart=True: played.append(phrase)
    hovering.point_at(5)
    qtbot.waitUntil(lambda: hovering.note_onset_f1(5) is not None)
    qtbot.wait(250)
    assert played == []
    assert explored.loan.key is None


def test_a_song_that_is_listened_to_is_not_disturbed(explored, hovering, qtbot):
    song = explored.training_songs.entries[0].song
    explored.preview.toggle(song, SongToTrain(song.name))
    qtbot.waitUntil(lambda: explored.preview.song is song)
    hovering.point_at(5)
    qtbot.waitUntil(lambda: hovering.note_onset_f1(5) is not None)
    qtbot.wait(250)
    hovering.point_at(-1)
    assert explored.preview.song is song


def test_switched_off_hovering_is_silent(explored, qtbot):
    explored.hovering.point_at(3)
    qtbot.waitUntil(lambda: explored.hovering.note_onset_f1(3) is not None)
    qtbot.wait(250)
    assert explored.loan.key is None
    assert explored.playback.player.state is State.STOPPED


def test_the_switch_is_in_the_menu_and_remembered(window):
    window.actions_by_id["hover_to_listen"].trigger()
    assert window.session.hovering.listens
    assert window.preferences.hover_to_listen
