"""Undo of what was done before it was put on the stack."""

from __future__ import annotations

import pytest

from explorer.session.path.undo_stacks import UndoStacks


@pytest.fixture
def stacks():
    return UndoStacks()


@pytest.fixture
def done(stacks):
    """What happened, and how the first change is taken back by a button."""
    happened = []
    back, again = (lambda word=word: happened.append(word) for word in ("back", "again"))
    return happened, stacks.done("removing Reel", back, again).take_back


def test_what_was_done_is_undone_and_redone_in_turn(stacks, done):
    happened, _ = done
    assert happened == []
    for step in (stacks.undo, stacks.redo, stacks.undo):
        step()
    assert happened == ["back", "again", "back"]


def test_a_button_takes_its_own_change_back_whatever_was_done_since(stacks, done):
    happened, take_back = done
    stacks.done("selecting", lambda: happened.append("another"), lambda: None)
    take_back()
    take_back()
    assert happened == ["back"]
    stacks.undo()
    stacks.undo()
    assert happened == ["back", "another"]
    stacks.redo()
    assert happened == ["back", "another", "again"]


def test_a_button_takes_back_what_ctrl_z_has_not_and_once(stacks, done):
    happened, take_back = done
    take_back()
    assert stacks.canRedo()
    take_back()
    stacks.redo()
    stacks.undo()
    take_back()
    assert happened == ["back", "again", "back"]


def test_what_cannot_be_done_again_is_undone_once(stacks):
    happened = []
    take_back = stacks.done("opening the map", lambda: happened.append("back")).take_back
    stacks.undo()
    assert (stacks.canUndo(), stacks.canRedo()) == (False, False)
    take_back()
    assert happened == ["back"]


def test_a_button_works_though_nothing_can_be_undone_any_more(stacks, done):
    happened, take_back = done
    stacks.clear()
    take_back()
    assert happened == ["back"]


def test_what_was_taken_back_from_another_model_s_stack_is_done_again_once(stacks):
    happened = []
    stacks.undone("opening the map", lambda: happened.append("again"))
    assert (happened, stacks.canUndo(), stacks.redoText()) == ([], False, "opening the map")
    stacks.redo()
    assert (happened, stacks.canUndo(), stacks.canRedo()) == (["again"], False, False)


def test_a_change_says_whether_it_is_there(stacks):
    change = stacks.done("removing Reel", lambda: None, lambda: None)
    told = [change.there]
    for step in (stacks.undo, stacks.redo, change.take_back):
        step()
        told.append(change.there)
    assert told == [True, False, True, False]
