"""A window's original, the model's reconstruction and their difference."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.path.pieces import along_song
from explorer.session.playing.versions import Version
from explorer.session.songs.own_notes import FINEST
from tests.bands import FLUTE, FRETLESS, HARP, JAZZ_KIT, scale_song
from tests.explorer.conftest import hear, render, tracks_of
from tests.explorer.note_taker import NoteTaker
from vrae_core.columns import Part
from vrae_core.music.difference import LOUD, SOFT
from vrae_core.progress import finish


def as_cells(phrase, pitches):
    """What a phrase plays in the steps of the model, (steps, P), in whatever channel."""
    cells = np.zeros((len(phrase) // phrase.per_step, len(pitches)), bool)
    for number, column in enumerate(phrase.pitches):
        cells[:, pitches.index(column % 128)] |= phrase.roll[:: phrase.per_step, number]
    return cells


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
        assert (as_cells(playback.player.sequencer.phrase, atlas.corpus.pitches) == expected).all()
        assert (playback.roll == expected).all(), "what is saved is what is heard"


def test_a_song_is_heard_as_it_is_as_soon_as_it_is_known_that_the_model_does_not_know_it(explored, monkeypatch, qtbot):
    playback, notes_right = explored.playback, explored.notes_right
    qtbot.waitUntil(lambda: notes_right.of_song is not None)
    hear(explored, qtbot, lambda: playback.play_window(7))
    assert playback.version is Version.MODEL
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 2.0)
    assert playback.version is Version.MODEL, "what is said to be heard is what was made"
    notes_right.measured.emit()
    assert playback.original_unasked
    assert (playback.roll == explored.library.atlas.roll(7)).all()


def test_songs_that_were_not_known_are_heard_as_they_are_while_another_joins_them(
    explored, monkeypatch, write_song, qtbot
):
    playback, notes_right = explored.playback, explored.notes_right
    qtbot.waitUntil(lambda: notes_right.of_song is not None)
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 2.0)
    hear(explored, qtbot, lambda: playback.play_window(7))
    versions = []
    playback.heard_changed.connect(lambda: versions.append(playback.version))
    explored.library.open(None, [write_song(scale_song("Fourth", 50))])
    qtbot.waitUntil(lambda: len(explored.library.songs) == 4 and notes_right.of_song is not None)
    assert set(versions) == {Version.ORIGINAL}


def test_the_difference_is_heard_softly_where_the_model_is_right_and_loud_where_not(explored, qtbot):
    playback = explored.playback
    hear(explored, qtbot, lambda: playback.play_window(7))
    playback.set_threshold(0.1)
    playback.toggle_difference()
    render(explored)
    phrase, difference = playback.player.sequencer.phrase, playback.difference
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


def test_the_original_of_a_window_has_the_file_s_instruments_drums_and_velocities(in_bars, qtbot):
    playback, player = in_bars.playback, in_bars.playback.player
    player.synthesizer = notes = NoteTaker()
    hear(in_bars, qtbot, lambda: playback.play_window(2))
    playback.set_version(Version.ORIGINAL)
    hear(in_bars, qtbot, lambda: playback.play_window(2))
    notes.events.clear(), notes.channels.clear(), notes.velocities.clear()
    player.render(round(2.6 * player.sample_rate))
    assert dict(notes.programs) == {0: FLUTE, 1: HARP, 2: FRETLESS, 9: JAZZ_KIT}
    struck = [(channel, pitch) for kind, pitch, channel in notes.channels if kind == "on"]
    assert sorted(struck) == sorted(
        [(0, 72 + 2 * (beat % 6)) for beat in range(8, 12)]
        + [(1, pitch) for pitch in (55, 59, 62)]
        + [(2, 42)]
        + [(9, pitch) for pitch in (36, 38, 36, 38)]
    )
    loud = dict(zip(struck, notes.velocities, strict=True))
    assert {channel: loud[channel, pitch] for channel, pitch in struck} == {0: 100, 1: 60, 2: 80, 9: 110}
    playback.set_version(Version.MODEL)
    player.render(100)
    assert player.sequencer.phrase.per_step == 1


def test_the_original_is_finer_than_the_model_s_steps_and_keeps_the_place(in_bars, qtbot):
    playback, player = in_bars.playback, in_bars.playback.player
    hear(in_bars, qtbot, lambda: playback.play_window(2))
    player.render(player.sample_rate)
    before = player.position
    playback.set_version(Version.ORIGINAL)
    player.render(441)
    phrase = player.sequencer.phrase
    assert 60 / (float(phrase.tempos[0]) * phrase.steps_per_beat) <= FINEST + 1e-6
    assert player.position == pytest.approx(before + 0.06, abs=0.02)
    playback.set_version(Version.MODEL)
    player.render(441)
    assert player.position == pytest.approx(before + 0.12, abs=0.02)


def test_the_original_of_a_song_played_through_is_there_with_it(in_bars, qtbot):
    atlas = in_bars.playback.atlas
    heard = finish(along_song(atlas, 1))
    assert len(heard.original) == heard.own_steps * heard.original.per_step
    assert (9 in np.array(heard.original.pitches) // 128, heard.original.programs[1]) == (True, HARP)


def test_the_difference_of_parts_is_played_by_these_parts(in_bars, qtbot):
    playback = in_bars.playback
    hear(in_bars, qtbot, lambda: playback.play_window(2))
    playback.set_version(Version.DIFFERENCE)
    playback.player.render(100)
    phrase = playback.player.sequencer.phrase
    channels = np.broadcast_to(phrase.voices, phrase.roll.shape)[0]
    expected = [9 if column // 128 == Part.DRUMS else column // 128 - 1 for column in phrase.pitches]
    assert channels.tolist() == expected
    playback.set_version(Version.MODEL)


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
