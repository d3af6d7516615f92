"""Sentences in the window: notes and warnings leave again, errors stay."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from explorer.qt import notices
from explorer.qt.messages import Offered
from explorer.qt.notices import MessageBar


@pytest.fixture
def whole(qtbot, monkeypatch):
    monkeypatch.setattr(notices, "NOTE_MILLISECONDS", 30)
    monkeypatch.setattr(notices, "WARNING_MILLISECONDS", 60)
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(900, 500)
    widget.show()
    return widget


@pytest.mark.parametrize("kind", ["note", "warning"])
def test_a_note_and_a_warning_leave_by_themselves(whole, kind, qtbot):
    bar = MessageBar(whole)
    bar.say("Something was left out.", kind)
    assert bar.isVisible()
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert bar.sentences == []


def test_an_error_stays_and_so_does_what_is_said_beside_it(whole, qtbot):
    bar = MessageBar(whole)
    bar.say("The disk is full.", "error")
    bar.say("One song was left out.", "warning")
    qtbot.wait(200)
    assert bar.sentences == ["The disk is full.", "One song was left out."]
    bar.clear()
    assert not bar.isVisible()


def test_it_lies_in_the_middle_of_the_part_that_it_is_placed_over_and_follows_it(whole):
    bar, part = MessageBar(whole), QWidget(whole)
    part.setGeometry(200, 100, 400, 300)
    part.show()
    bar.place_over(part, 56)
    bar.say("Done.", "note")
    assert (bar.y(), bar.geometry().center().x()) == (156, part.geometry().center().x())
    assert part.geometry().contains(bar.geometry())
    part.setGeometry(300, 50, 300, 300)
    assert part.geometry().contains(bar.geometry())


def test_an_offer_stands_beside_its_button_which_does_it_once_and_leaves(whole):
    bar, done = MessageBar(whole), []
    bar.offer(Offered("Other songs.", "Back", lambda: done.append(True)))
    assert bar.button.isVisible()
    assert bar.button.text() == "Back"
    bar.button.click()
    assert done == [True]
    assert not bar.isVisible()


def test_closing_an_offer_refuses_it_and_leaving_by_itself_does_not(whole):
    bar, refused = MessageBar(whole), []
    for sentence in ("Left.", "Closed."):
        bar.offer(Offered(sentence, "Back", lambda: None, lambda sentence=sentence: refused.append(sentence)))
        bar._leave() if sentence == "Left." else bar.closer.click()
        assert not bar.isVisible()
    bar.offer(Offered("Replaced.", "Back", lambda: None, lambda: refused.append("Replaced.")))
    bar.say("Saved.", "note")
    bar.closer.click()
    assert refused == ["Closed."]


def test_another_sentence_takes_the_button_of_an_offer_away(whole):
    bar = MessageBar(whole)
    bar.offer(Offered("Other songs.", "Back", lambda: None))
    bar.say("Saved.", "note")
    assert not bar.button.isVisible()


@pytest.mark.parametrize("leaves", ["_leave", "_close", "_accept"])
def test_a_question_that_something_was_said_over_comes_back_as_long_as_it_stands(whole, leaves):
    bar, answered, stands = MessageBar(whole), [], [True]
    question = "Its beats can be estimated.", "Estimate", lambda: answered.append(True), lambda: answered.append(False)
    bar.offer(Offered(*question, lambda: stands[0]))
    bar.offer(Offered("8 songs in place of the examples.", "Bring the examples back", lambda: None))
    assert bar.button.text() == "Bring the examples back"
    getattr(bar, leaves)()
    assert bar.sentences == [question[0]]
    assert bar.button.isVisible()
    assert bar.button.text() == "Estimate"
    bar.say("Saved.", "note")
    stands[0] = False
    getattr(bar, leaves)()
    assert bar.sentences == []
    stands[0] = True
    bar.offer(Offered(*question, lambda: stands[0]))
    getattr(bar, leaves)()
    bar.say("Saved.", "note")
    getattr(bar, leaves)()
    assert bar.sentences == []
    assert answered == {"_leave": [], "_close": [False], "_accept": [True]}[leaves]


def test_of_questions_of_one_kind_the_newest_comes_back_alone(whole):
    bar = MessageBar(whole)
    for songs in (25, 60):
        bar.offer(Offered(f"{songs} songs keep to no beats.", "Estimate", lambda: None, None, lambda: True))
    bar.say("Saved.", "note")
    bar._leave()
    assert bar.sentences == ["60 songs keep to no beats."]
    bar._leave()
    assert bar.sentences == []


def test_what_was_warned_of_stays_above_an_offer(whole):
    bar = MessageBar(whole)
    bar.say("One song was left out.", "warning")
    bar.offer(Offered("Other songs.", "Back", lambda: None))
    assert bar.sentences == ["One song was left out.", "Other songs."]
    assert bar.button.isVisible()


def test_what_is_said_of_a_change_goes_with_it_and_warnings_stay(whole):
    bar, there = MessageBar(whole), [True]
    bar.say("One song was left out.", "warning")
    bar.offer(Offered("Reel is removed.", "Undo", lambda: None, holds=lambda: there[0]))
    bar.drop_what_is_over()
    assert bar.button.isVisible()
    there[0] = False
    bar.drop_what_is_over()
    assert bar.sentences == ["One song was left out."]
    assert not bar.button.isVisible()
    bar.clear()
    bar.offer(Offered("Air is removed.", "Undo", lambda: None, holds=lambda: there[0]))
    bar.drop_what_is_over()
    assert not bar.isVisible()
