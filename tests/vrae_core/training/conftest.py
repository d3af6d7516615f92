"""Trainings that are the same on every machine."""

from __future__ import annotations

import math

import pytest


@pytest.fixture(autouse=True)
def a_step_is_told_at_the_end_of_an_epoch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an epoch lasts longer than a second, as on a busy machine, there would be more."""
    monkeypatch.setattr("vrae_core.training.run.SECONDS_BETWEEN_STEPS", math.inf)
