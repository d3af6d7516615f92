"""Closing: every part is asked to end, whatever the others do, and nothing is waited for for ever."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from explorer import closing as the_module
from explorer.closing import Closing


@pytest.fixture
def parent(qapp):
    return QObject()


def fail():
    raise OSError("the disk is full")


def test_a_step_that_fails_skips_no_other(parent, qtbot, caplog):
    done = []
    closing = Closing(parent, (fail, lambda: done.append("stop"), fail, lambda: done.append("MIDI")), lambda: False)
    with qtbot.waitSignal(closing.ended):
        closing.begin()
    assert done == ["stop", "MIDI"]
    assert caplog.text.count("a part does not close") == 2


def test_it_ends_once_nothing_is_busy_any_more(parent, qtbot):
    busy = [True]
    closing = Closing(parent, (), lambda: busy[0])
    closing.begin()
    assert not closing.may_end
    qtbot.wait(50)
    assert not closing.may_end
    busy[0] = False
    with qtbot.waitSignal(closing.ended):
        pass
    assert closing.may_end


def test_what_hangs_is_left_behind(parent, qtbot, monkeypatch):
    monkeypatch.setattr(the_module, "MOST_SECONDS", 0.1)
    closing = Closing(parent, (), lambda: True)
    with qtbot.waitSignal(closing.ended):
        closing.begin()


def test_it_begins_once(parent):
    done = []
    closing = Closing(parent, (lambda: done.append(1),), lambda: True)
    closing.begin()
    closing.begin()
    assert done == [1]
