"""The card of the sound: it shows one, and gives it anew with what was changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from explorer.panels.playing.sound_card import AS_SONGS, SoundCard
from vrae_core.music.scales import SCALES
from vrae_core.music.sound import INSTRUMENTS, PRESETS, Sound, Voice

OWN = Sound((Voice(3), Voice(127, 0.25), Voice(0, 0.5)), expressive=False, scale="dorian", tonic=11)


@pytest.fixture
def opener(qtbot):
    made = QPushButton("Sound")
    qtbot.addWidget(made)
    made.resize(400, 60)
    made.show()
    return made


@pytest.fixture
def card(opener):
    """A card whose every change is put into effect."""
    made = SoundCard(opener)
    made.chosen.connect(made.show_sound)
    made.open_above(opener)
    return made


def test_above_a_button_that_is_below_the_screen_it_lies_within_the_screen(card, opener):
    free = opener.screen().availableGeometry()
    opener.move(free.left(), free.bottom() + 500)
    card.open_above(opener)
    assert free.contains(card.geometry())


def choose(drop_down, text):
    drop_down.setCurrentIndex(drop_down.findText(text))
    drop_down.activated.emit(drop_down.currentIndex())


def test_it_shows_what_is_set(card):
    card.show_sound(OWN)
    assert [row.instrument.currentText() for row in card.voices] == [INSTRUMENTS[3], INSTRUMENTS[127], INSTRUMENTS[0]]
    assert [row.level.value() for row in card.voices] == [100, 25, 50]
    assert (card.scale.currentText(), card.tonic.currentText()) == ("Dorian", "B")
    assert not card.expressive.isChecked()
    assert card.split.isChecked()
    assert card.preset.currentIndex() == -1, "no preset has these voices"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_the_voices_and_nothing_else(card, name):
    card.show_sound(OWN)
    choose(card.preset, name)
    assert card._sound == replace(OWN, split=PRESETS[name][0], voices=PRESETS[name][1])
    assert card.preset.currentText() == name


def test_every_instrument_of_general_midi_can_be_given_to_every_voice(card):
    for row in card.voices:
        assert [row.instrument.findText(name) for name in INSTRUMENTS].count(-1) == 0
    choose(card.voices[2].instrument, "Gunshot")
    assert card._sound.voices[2].program == 127
    assert card._sound.voices[0] == Sound().voices[0]


def test_a_level_is_given_in_hundredths(card):
    card.voices[1].level.setValue(35)
    assert card._sound.voices[1].level == 0.35


def test_without_separate_voices_the_first_plays_all_and_the_others_are_grey(card, qtbot):
    card.split.click()
    assert not card._sound.split
    assert card.voices[0].name.text() == "All notes"
    assert [row.instrument.isEnabled() for row in card.voices] == [True, False, False]
    card.split.click()
    assert [row.instrument.isEnabled() for row in card.voices] == [True, True, True]


def test_a_register_is_muted_or_heard_alone_where_they_are_separate(card):
    melody, chords, bass = card.voices
    chords.mute.click()
    assert card._sound.playing == (True, False, True, True)
    assert (chords.mute.isChecked(), melody.solo.isChecked()) == (True, False)
    bass.solo.click()
    assert card._sound.playing == (False, False, True, False)
    assert [row.mute.isChecked() for row in card.voices] == [True, True, False]
    assert bass.solo.isChecked()
    bass.solo.click()
    assert card._sound.playing == (True,) * 4
    card.split.click()
    assert not any(row.mute.isVisible() or row.solo.isVisible() for row in card.band)


def test_of_music_with_parts_the_songs_own_instruments_come_first(card):
    heard = Sound((Voice(73), Voice(46, 0.7), Voice(35, 0.9)), drums=Voice(32))
    card.show_sound(Sound(), heard)
    assert (card.preset.currentIndex(), card.preset.currentText()) == (0, AS_SONGS)
    assert [row.instrument.currentText() for row in card.band] == [*(INSTRUMENTS[i] for i in (73, 46, 35)), "Jazz kit"]
    assert card.band[3].level.isVisible()
    assert not card.split.isVisible()


def test_another_level_or_a_mute_leaves_the_songs_own_instruments_and_another_instrument_does_not(card):
    heard = Sound((Voice(73), Voice(46, 0.7), Voice(35, 0.9)), drums=Voice(32))
    card.show_sound(Sound(), heard)
    card.band[3].level.setValue(40)
    assert card._sound == replace(Sound(), drums=Voice(0, 0.4))
    card.show_sound(Sound(), heard)
    card.band[3].mute.click()
    assert card._sound == replace(Sound(), playing=(True, True, True, False))
    card.show_sound(Sound(), heard)
    choose(card.band[3].instrument, "Brush kit")
    assert card._sound == Sound(heard.voices, drums=Voice(40), own=False), "all others stay as they are heard"
    card.show_sound(Sound(), heard)
    choose(card.preset, "Strings")
    assert (card._sound.voices, card._sound.own) == (PRESETS["Strings"][1], False)
    card.show_sound(card._sound, card._sound)
    assert card.preset.currentText() == "Strings"
    choose(card.preset, AS_SONGS)
    assert card._sound.own


def test_a_kit_that_general_midi_does_not_name_is_kept(card):
    heard = Sound(drums=Voice(56))
    card.show_sound(Sound(), heard)
    assert card.band[3].instrument.placeholderText() == "Program 56"
    choose(card.band[0].instrument, "Koto")
    assert card._sound.drums == Voice(56)


def test_every_scale_can_be_chosen_and_a_tonic_only_with_one(card):
    assert not card.tonic.isEnabled()
    for scale in SCALES:
        choose(card.scale, scale.capitalize())
        assert card._sound.scale == scale
    choose(card.tonic, "F♯")
    assert card._sound.tonic == 6
    choose(card.scale, "Off")
    assert card._sound.scale == ""


def test_showing_a_sound_chooses_nothing(card, qtbot):
    with qtbot.assertNotEmitted(card.chosen):
        card.show_sound(OWN)


def test_it_opens_with_the_keyboard_in_its_first_field_and_escape_closes_it(card, qtbot):
    assert card.isVisible()
    assert card.focusWidget() is card.preset
    order = []
    for _ in range(15):
        order.append(card.focusWidget())
        qtbot.keyClick(card.focusWidget(), Qt.Key.Key_Tab)
    voices = [part for row in card.voices for part in row.parts[1:]]
    assert order == [card.preset, card.split, *voices, card.expressive]
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_letters_typed_on_the_card_find_an_instrument(card, qtbot):
    card.voices[0].instrument.setFocus()
    qtbot.keyClicks(card.voices[0].instrument, "Koto")
    assert card.voices[0].instrument.currentText() == "Koto"


def test_everything_on_it_has_a_name_and_a_tip(card):
    fields = [card.preset, card.split, card.expressive, card.scale, card.tonic]
    for field in fields + [part for row in card.band for part in row.parts[1:]]:
        assert field.accessibleName() or field.text()
        assert field.toolTip()
