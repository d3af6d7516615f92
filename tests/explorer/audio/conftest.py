"""A player, rendered by hand against a synthesizer that only takes notes."""

from __future__ import annotations

import pytest

from explorer.audio.player import Player
from tests.explorer.note_taker import NoteTaker


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def notes() -> NoteTaker:
    return NoteTaker()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(notes: NoteTaker, clock: Clock) -> Player:
    return Player(notes, clock=clock)
