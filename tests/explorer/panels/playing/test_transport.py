"""The transport: tempo, volume, threshold, what follows the end, the sound's state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.panels.playing.transport import TransportPanel
from tests.bands import FLUTE, FRETLESS, HARP, JAZZ_KIT
from tests.explorer.conftest import given_parts, hear, shown_panel
from tests.explorer.note_taker import NoteTaker
from vrae_core.music.sound import PRESETS, Sound


@pytest.fixture
def transport(explored, qtbot):
    return shown_panel(TransportPanel, explored, qtbot, 1280, 70)


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
    assert transport.at_end.currentText() == "Continue"
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


def test_parts_play_with_their_songs_instruments_and_the_card_shows_them(in_bars, qtbot):
    transport = given_parts(TransportPanel, in_bars)
    qtbot.addWidget(transport)
    playback, player = in_bars.playback, in_bars.playback.player
    player.synthesizer = notes = NoteTaker()
    hear(in_bars, qtbot, lambda: playback.play_window(0))
    transport.show_sound()
    card = transport.card
    assert (transport.sound.text(), card.preset.currentText()) == ("As the songs", "As the songs")
    assert card.band[3].instrument.currentText() == "Jazz kit"
    assert [row.instrument.currentData() for row in card.voices] == [FLUTE, HARP, FRETLESS]
    card.band[1].solo.click()
    assert playback.sound.playing == (False, True, False, False)
    assert playback.sound.own
    player.render(100)
    assert dict(notes.programs) == {0: FLUTE, 1: HARP, 2: FRETLESS, 9: JAZZ_KIT}
    played = player.sequencer.phrase
    assert {column // 128 for column in np.array(played.pitches)[played.roll.any(axis=0)]} <= {2}
    card.band[0].instrument.setCurrentIndex(card.band[0].instrument.findText("Koto"))
    card.band[0].instrument.activated.emit(0)
    player.render(100)
    assert dict(notes.programs)[0] == 107
    assert transport.sound.text() == "Custom sound"
    card.hide()


def test_play_and_stop(transport, explored, qtbot):
    hear(explored, qtbot, lambda: explored.playback.play_window(0))
    transport.play.click()
    assert explored.playback.player.state is State.PAUSED
    transport.play.click()
    assert explored.playback.player.state is State.PLAYING
    transport.stop.click()
    assert explored.playback.player.state is State.STOPPED


def test_the_tempo_is_the_songs_until_one_is_set_and_again_when_asked(in_bars, qtbot):
    transport = given_parts(TransportPanel, in_bars)
    qtbot.addWidget(transport)
    transport.show()
    playback, player = in_bars.playback, in_bars.playback.player
    for window, tempo in ((0, 90), (len(playback.atlas.corpus) - 1, 150)):
        hear(in_bars, qtbot, lambda window=window: playback.play_window(window))
        assert (transport.tempo.value(), transport.tempo._text.text()) == (tempo, f"{tempo} bpm")
        assert (player.tempo, transport.as_songs.isChecked()) == (None, True)
    qtbot.keyClick(transport.tempo.slider, Qt.Key.Key_Right)
    assert (player.tempo, transport.as_songs.isChecked()) == (151, False)
    transport.as_songs.click()
    assert (player.tempo, transport.tempo.value()) == (None, 150)
    transport.as_songs.click()
    assert player.tempo == 150, "off: it stays at the tempo that was heard"
    transport.tempo.set_value(60)
    qtbot.mouseDClick(transport.tempo.slider, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(transport.tempo.slider, Qt.MouseButton.LeftButton)
    assert (player.tempo, transport.tempo.value()) == (None, 150)


def test_the_slider_follows_a_tempo_that_changes_along_the_music(in_bars, qtbot):
    transport = given_parts(TransportPanel, in_bars)
    qtbot.addWidget(transport)
    playback, player = in_bars.playback, in_bars.playback.player
    heard = hear(in_bars, qtbot, lambda: playback.play_window(0))
    time = replace(heard.time, tempos=np.repeat(np.array([80, 160], np.float32), 8))
    playback.play_piece(replace(heard, time=time), playback.atlas)
    seen = []
    for _ in range(40):
        player.render(player.sample_rate // 10)
        playback.moved.emit(player.position)
        seen.append((player.position >= 8, transport.tempo.value()))
    assert set(seen) == {(False, 80), (True, 160)}
    assert player.tempo is None, "to follow is not to set"


def test_the_state_of_the_sound_is_shown_in_words(transport):
    transport.show_audio("No sound device", False)
    assert transport._audio.text() == "No sound device"
    assert transport._audio.toolTip() == "No sound device"


@pytest.mark.parametrize(("audible", "offered"), [(None, False), (True, False), (False, True)])
def test_where_nothing_is_heard_the_sound_can_be_looked_for_again(transport, qtbot, audible, offered):
    transport.show_audio("How it stands", audible)
    assert transport.again.isVisible() == offered
    with qtbot.waitSignal(transport.again_wanted):
        transport.again.click()


def test_every_control_has_a_name_for_screen_readers(transport):
    parts = transport.play, transport.stop, transport.hold, transport.at_end, transport.sound, transport.again
    for part in (*parts, transport.as_songs):
        assert part.accessibleName()
    assert np.all([s.slider.accessibleName() for s in (transport.tempo, transport.threshold, transport.volume)])
