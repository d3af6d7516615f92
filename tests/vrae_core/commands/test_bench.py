"""`vrae bench`."""

import json

import numpy as np
import pytest

from tests.vrae_core.conftest import tiny
from vrae_core.commands import bench
from vrae_core.errors import SoundError
from vrae_core.model.recipes import RECIPES

UNTIL = ["beginning decoded", "notes handed over", "first sample", "window decoded"]


@pytest.fixture(autouse=True)
def tiny_songs_and_a_tiny_training(songs, monkeypatch):
    monkeypatch.setitem(RECIPES, "fast-20d", tiny(RECIPES["fast-20d"]))
    monkeypatch.setattr("vrae_core.commands.inputs.bundled_songs", lambda: songs)


def test_play_prints_every_part_of_a_press_for_every_model(vrae, model_file):
    ran = vrae("bench", "play", model_file, "--presses", 5)
    head, *rows = ran.out.splitlines()
    assert ran.status == 0, ran.err
    assert "ms from a press until" in head
    assert [row.split("safetensors")[1].split("  ")[1] for row in rows] == UNTIL


def test_json_holds_the_figures_in_the_order_of_a_press(vrae, model_file):
    rows = json.loads(vrae("bench", "play", model_file, "--presses", 10, "--json").out)
    assert [row["until"] for row in rows] == UNTIL
    for name in ("alone_median", "beside_training_median"):
        assert 0 < rows[0][name] <= rows[1][name] <= rows[2][name], "a later part ends later"
    for row in rows:
        assert row["alone_p95"] >= row["alone_median"]
        assert row["ratio"] == pytest.approx(row["beside_training_median"] / row["alone_median"])


def test_a_press_hands_over_the_notes_that_decode_makes(model, monkeypatch):
    """What is measured is what is played: the same probabilities, the same first notes."""
    z = model.encode(np.zeros((1, 20, len(model.pitches)), bool)).mu[0]
    expected = model.decode(z[None])[0]
    taker = NoteTaker()
    bench._press(model, z, taker)
    first = [p for p, probability in zip(model.pitches, expected[0], strict=True) if probability >= model.threshold]
    assert taker.struck == first
    assert taker.rendered > 0


class NoteTaker:
    """A synthesizer that writes down what it is told."""

    now = 0

    def __init__(self):
        self.struck, self.rendered = [], 0

    def note_on_at(self, sample, channel, pitch, velocity):
        self.struck.append(pitch)

    def render(self, frames):
        self.rendered += frames

    def all_sounds_off(self):
        pass


def test_without_fluidsynth_it_says_so(vrae, model_file, monkeypatch):
    def none():
        raise SoundError("FluidSynth is not installed")

    monkeypatch.setattr(bench, "Synthesizer", none)
    ran = vrae("bench", "play", model_file)
    assert (ran.status, ran.err) == (1, "vrae: FluidSynth is not installed\n")


def test_the_help_teaches(vrae):
    assert "vrae bench play" in vrae("bench", "--help").out
    text = vrae("bench", "play", "--help").out
    assert all(until in text for until in UNTIL)
