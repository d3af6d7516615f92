"""The card of the sound: it shows one, and gives it anew with what was changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from explorer.panels.playing.sound_card import SoundCard
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
    for _ in range(9):
        order.append(card.focusWidget())
        qtbot.keyClick(card.focusWidget(), Qt.Key.Key_Tab)
    voices = [part for row in card.voices for part in (row.instrument, row.level)]
    assert order == [card.preset, card.split, *voices, card.expressive]
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_letters_typed_on_the_card_find_an_instrument(card, qtbot):
    card.voices[0].instrument.setFocus()
    qtbot.keyClicks(card.voices[0].instrument, "Koto")
    assert card.voices[0].instrument.currentText() == "Koto"


def test_everything_on_it_has_a_name_and_a_tip(card):
    fields = [card.preset, card.split, card.expressive, card.scale, card.tonic]
    for field in fields + [part for row in card.voices for part in (row.instrument, row.level)]:
        assert field.accessibleName() or field.text()
        assert field.toolTip()
