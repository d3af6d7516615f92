"""The speed of training is measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vrae_core.errors import TrainingError
from vrae_core.model.recipes import ModelConfig, Recipe, TrainingConfig
from vrae_core.progress import finish
from vrae_core.training import forecast as training_speed
from vrae_core.training.forecast import measure

SMALL = Recipe("small", ModelConfig(window=8, hop=8, hidden=6, encoder_hidden=6), TrainingConfig(epochs=1, batch=4))


def test_a_few_updates_are_made_and_timed(monkeypatch):
    speed = finish(measure(SMALL, 12, 30, 1))
    assert speed.seconds_per_update > 0
    assert speed.updates >= training_speed.FEWEST_UPDATES


def test_closing_it_ends_the_process(monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "Popen", _remembered(subprocess.Popen, started))
    job = measure(SMALL, 12, 30, 1)
    next(job)
    job.close()
    assert started[0].returncode is not None


def test_a_process_that_dies_is_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TrainingError, match="cannot be measured"):
        finish(measure(SMALL, 12, 30, 1))


def test_a_program_that_is_not_there_is_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(TrainingError, match="cannot be measured"):
        finish(measure(SMALL, 12, 30, 1))


def _remembered(popen, started):
    class Remembered(popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    return Remembered
