"""`vrae evaluate`."""

import json

import pytest

from vrae_core.commands.evaluate import _MEANINGS, _MEANINGS_OF_ROLLS, _OF_PARTS
from vrae_core.model.benchmark_evaluation import RollsEvaluation
from vrae_core.model.evaluation import Evaluation


def test_json_has_the_figures_by_their_names(vrae, model_file, songs):
    ran = vrae("evaluate", model_file, *songs, "--json")
    figures = json.loads(ran.out)

    assert ran.status == 0
    assert {
        "lower_bound", "reconstruction", "kl", "lower_bound_teacher_forced",
        "frame_f1", "threshold", "frame_f1_at_half", "frame_f1_shuffled_z",
        "active_units", "song_accuracy", "baseline_marginal", "baseline_per_song", "baseline_persistence",
    } <= set(figures)  # fmt: skip
    assert figures["lower_bound"] == pytest.approx(figures["reconstruction"] - figures["kl"])
    assert figures["threshold"] == 0.4
    assert figures["windows"] == 96


def test_windows_can_be_measured_that_lie_closer_than_those_of_the_training(vrae, model_file, songs):
    figures = json.loads(vrae("evaluate", model_file, *songs, "--hop", 5, "--json").out)
    assert figures["windows"] == 192


def test_people_get_each_figure_with_its_meaning(vrae, model_file, songs):
    lines = vrae("evaluate", model_file, *songs).out.splitlines()
    assert [line.split()[0] for line in lines] == [name for name in Evaluation._fields if name not in _OF_PARTS]
    assert set(_MEANINGS) == set(Evaluation._fields)


def test_a_model_of_parts_is_told_of_by_part(vrae, band_model_file, band_files):
    figures = json.loads(vrae("evaluate", band_model_file, *band_files, "--json").out)
    assert set(_OF_PARTS) <= set(figures)
    assert figures["note_onset_f1_roll"] == 1  # all begin on beats, which are steps of its grid
    assert 0 <= figures["note_onset_f1_drums"] < 1


def test_what_a_grid_of_50_ms_loses_is_told(vrae, model_file, late_songs):
    figures = json.loads(vrae("evaluate", model_file, *late_songs, "--json").out)
    assert figures["note_onset_f1_roll"] == 1  # 40 ms late is 10 ms from a step
    assert not set(_OF_PARTS) & set(figures)


def test_a_song_of_unknown_pitches_is_told(vrae, model_file, unknown_song):
    ran = vrae("evaluate", model_file, unknown_song)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("\n") == 1


def test_rolls_give_the_bounds_of_the_test_split_by_their_names(vrae, model_file, rolls_file):
    ran = vrae("evaluate", model_file, "--rolls", rolls_file, "--samples", 3, "--json")
    figures = json.loads(ran.out)

    assert ran.status == 0
    assert (figures["pieces"], figures["steps"], figures["samples"]) == (2, 52, 3)
    assert figures["lower_bound"] == pytest.approx(figures["reconstruction"] - figures["kl"])


def test_another_split_can_be_measured_and_each_figure_has_its_meaning(vrae, model_file, rolls_file):
    lines = vrae("evaluate", model_file, "--rolls", rolls_file, "--split", "valid").out.splitlines()
    assert [line.split()[0] for line in lines] == list(RollsEvaluation._fields)
    assert set(RollsEvaluation._fields) <= set(_MEANINGS_OF_ROLLS)
    assert lines[1].split()[1] == "21"


def test_rolls_that_are_none_are_told(vrae, model_file, songs):
    ran = vrae("evaluate", model_file, "--rolls", songs[0])
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"vrae: {songs[0]} is not a file of piano rolls (no JSON)\n"


def test_midi_files_and_rolls_exclude_each_other(vrae, model_file, songs, rolls_file):
    ran = vrae("evaluate", model_file, "--rolls", rolls_file, songs[0])
    assert (ran.status, ran.err) == (1, "vrae: give MIDI files or --rolls, not both\n")
