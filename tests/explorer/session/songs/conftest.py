"""What the map is called to show, and what is offered."""

from __future__ import annotations

import pytest


def names(session):
    return session.library.atlas.corpus.names


@pytest.fixture
def offers(session):
    """What is said with a button."""
    told = []
    session.messages.offered.connect(told.append)
    return told
