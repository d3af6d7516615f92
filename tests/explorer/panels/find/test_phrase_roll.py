"""A phrase is written by mouse or by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from explorer.panels.find.phrase_roll import ROWS, PhraseRoll
from explorer.session.map.phrase_grid import PhraseGrid
from vrae_core.corpus.sampling import Grid
from vrae_core.tasks.query import PhraseNote

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def roll(qtbot):
    made = PhraseRoll(PhraseGrid())
    qtbot.addWidget(made)
    made.resize(326, 144)
    made.show()
    return made


def test_a_click_puts_a_note_a_drag_lengthens_it_and_a_right_click_deletes_it(roll, qtbot):
    edits = []
    roll.edited.connect(lambda: edits.append(list(roll.notes)))
    qtbot.mouseClick(roll, LEFT, pos=roll.place_of(8, 64).toPoint())
    assert roll.notes == [PhraseNote(8, 64, 4)]
    qtbot.mousePress(roll, LEFT, pos=roll.place_of(9, 64).toPoint())
    qtbot.mouseMove(roll, roll.place_of(15, 64).toPoint())
    qtbot.mouseRelease(roll, LEFT, pos=roll.place_of(15, 64).toPoint())
    assert roll.notes == [PhraseNote(8, 64, 8)]
    qtbot.mouseClick(roll, RIGHT, pos=roll.place_of(12, 64).toPoint())
    assert roll.notes == []
    assert len(edits) >= 3


def test_on_a_map_that_counts_beats_a_click_is_half_a_beat_long_and_the_phrase_moves_there(roll, qtbot):
    roll.put(PhraseNote(10, 64, 10))
    roll.show_grid(PhraseGrid(Grid(12), 120.0))
    assert roll.notes == [PhraseNote(12, 64, 12)]
    qtbot.mouseClick(roll, LEFT, pos=roll.place_of(48, 67).toPoint())
    assert roll.notes == [PhraseNote(12, 64, 12), PhraseNote(48, 67, 6)]


def test_what_another_grid_has_less_room_for_stays_in_sight(roll, qtbot):
    roll.show_grid(PhraseGrid(Grid(12), 120.0))
    roll.put(PhraseNote(90, 64, 6))
    roll.show_grid(PhraseGrid())
    qtbot.mouseClick(roll, RIGHT, pos=roll.place_of(77, 64).toPoint())
    assert roll.notes == []


def test_two_notes_of_one_pitch_never_sound_at_once(roll):
    for note in (PhraseNote(0, 64, 8), PhraseNote(10, 64, 4), PhraseNote(4, 64, 7), PhraseNote(5, 65, 2)):
        roll.put(note)
    assert roll.notes == [PhraseNote(0, 64, 4), PhraseNote(4, 64, 7), PhraseNote(5, 65, 2)]


def test_a_phrase_can_be_written_by_keyboard_alone(roll, qtbot):
    roll.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Space):
        qtbot.keyClick(roll, key)
    assert roll.notes == [PhraseNote(1, 61, 4)]
    assert roll.accessibleDescription() == "C♯4 at step 2"
    qtbot.keyClick(roll, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert roll.notes == [PhraseNote(1, 61, 5)]
    qtbot.keyClick(roll, Qt.Key.Key_Delete)
    assert roll.notes == []
    for _ in range(40):
        qtbot.keyClick(roll, Qt.Key.Key_Down)
    qtbot.keyClick(roll, Qt.Key.Key_Space)
    assert roll.notes == [PhraseNote(1, 21, 4)]
    assert roll.lowest == 21


def test_notes_in_other_octaves_are_brought_into_sight(roll):
    roll.show_notes([PhraseNote(0, 100), PhraseNote(4, 108)])
    assert roll.lowest <= 100
    assert 108 < roll.lowest + ROWS <= 109
