"""The set-up side on three small songs, with updates that take no time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.panels.training.setup import TrainingSetup
from explorer.panels.training.songs import COLUMNS
from explorer.session.training import pace as training_pace
from tests.explorer.conftest import given_parts
from vrae_core.training.forecast import Speed


class Frame(QWidget):
    """What holds the set-up side."""

    songs_wanted = Signal()


@pytest.fixture
def timed(monkeypatch):
    """What was asked to be timed, and what it is said to take."""
    asked = []

    def measure(recipe, pitches, windows, threads):
        asked.append((recipe, pitches, windows, threads))
        yield
        return Speed(0.25, 4)

    monkeypatch.setattr(training_pace, "measure", measure)
    return asked


@pytest.fixture
def setup(explored, timed, qtbot):
    frame = Frame()
    made = given_parts(TrainingSetup, explored, songs_wanted=frame.songs_wanted)
    made.frame = frame
    made.setParent(frame)
    qtbot.addWidget(frame)
    made.resize(1280, 600)
    frame.resize(1280, 600)
    frame.show()
    frame.activateWindow()
    qtbot.waitUntil(lambda: explored.training_songs.counts is not None)
    return made


def column(title):
    return next(i for i, each in enumerate(COLUMNS) if each.title == title)


def shown(setup, title):
    rows = setup.table.rows
    return [rows.index(row, column(title)).data() for row in range(rows.rowCount())]
