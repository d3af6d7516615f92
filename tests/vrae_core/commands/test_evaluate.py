"""`vrae evaluate`."""

import json

import pytest

from vrae_core.commands.evaluate import _MEANINGS
from vrae_core.evaluation import Evaluation


def test_json_has_the_figures_by_their_names(vrae, model_file, songs):
    ran = vrae("evaluate", model_file, *songs, "--json")
    figures = json.loads(ran.out)

    assert ran.status == 0
    assert {
        "lower_bound", "reconstruction", "kl", "frame_f1", "threshold", "frame_f1_at_half", "frame_f1_shuffled_z",
        "active_units", "song_accuracy", "baseline_marginal", "baseline_per_song", "baseline_persistence",
    } <= set(figures)  # fmt: skip
    assert figures["lower_bound"] == pytest.approx(figures["reconstruction"] - figures["kl"])
    assert figures["threshold"] == 0.4
    assert figures["windows"] == 96


def test_people_get_each_figure_with_its_meaning(vrae, model_file, songs):
    lines = vrae("evaluate", model_file, *songs).out.splitlines()
    assert [line.split()[0] for line in lines] == list(Evaluation._fields)
    assert set(_MEANINGS) == set(Evaluation._fields)


def test_a_song_of_unknown_pitches_is_told(vrae, model_file, unknown_song):
    ran = vrae("evaluate", model_file, unknown_song)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
