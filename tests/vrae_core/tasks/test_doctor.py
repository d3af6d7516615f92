"""The doctor finds what was made wrong on purpose, and leaves a healthy model alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.song import Song, read_song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.tasks.doctor import Finding, diagnose

Examine = Callable[..., dict[str, Finding]]


@pytest.fixture(scope="module")
def bundled_music() -> list[Song]:
    return [read_song(path) for path in bundled_songs()]


@pytest.fixture(scope="module")
def healthy() -> TrainedModel:
    return TrainedModel.load(bundled_models()["20d"])


@pytest.fixture(scope="module")
def every_third_window(bundled_music: list[Song], healthy: TrainedModel) -> Corpus:
    return build_corpus(bundled_music, 50, 150, equal_share=False, pitches=healthy.pitches)


def examined(model: TrainedModel, corpus: Corpus, songs: list[Song]) -> dict[str, Finding]:
    return {finding.name: finding for finding in finish(diagnose(model, corpus, songs))}


def test_a_well_trained_model_has_nothing_bad(healthy, every_third_window, bundled_music):
    findings = examined(healthy, every_third_window, bundled_music)
    assert {f.state for f in findings.values()} <= {"good", "note"}
    assert findings["Use of z"].state == findings["Learning"].state == findings["Sharpness"].state == "good"
    assert "All 20" in findings["Latent dimensions"].sentence


def test_every_answer_has_a_number_and_every_complaint_something_to_try(healthy, every_third_window, bundled_music):
    for finding in examined(healthy, every_third_window, bundled_music).values():
        assert any(c.isdigit() for c in finding.evidence), finding
        assert bool(finding.advice) == (finding.state != "good"), finding


def test_the_worst_comes_first(model, corpus, two_songs):
    states = [finding.state for finding in finish(diagnose(model, corpus, two_songs))]
    assert states == sorted(states, key=("bad", "note", "good").index)


def test_a_decoder_that_does_not_hear_z_has_collapsed(healthy, every_third_window, bundled_music):
    deaf = {
        name: np.zeros_like(weight) if name in ("start.weight", "decoder.latent", "context.1.weight") else weight
        for name, weight in healthy.weights.items()
    }
    finding = examined(replace(healthy, weights=deaf, threshold=0.05), every_third_window, bundled_music)["Use of z"]
    assert finding.state in ("bad", "note")
    assert "listens to z only a little" in finding.sentence or "collapsed" in finding.sentence


def test_an_encoder_that_says_nothing_has_collapsed_and_all_its_dimensions_are_dead(
    healthy, every_third_window, bundled_music
):
    silent = {
        name: np.zeros_like(weight) if name.startswith(("mean.", "log_sigma.")) else weight
        for name, weight in healthy.weights.items()
    }
    findings = examined(replace(healthy, weights=silent), every_third_window, bundled_music)
    assert findings["Use of z"].state == "bad"
    assert findings["Latent dimensions"].state == "bad"
    assert "20 of 20" in findings["Latent dimensions"].evidence


def test_a_dimension_that_says_nothing_is_named(healthy, every_third_window, bundled_music):
    weights = {name: weight.copy() for name, weight in healthy.weights.items()}
    for part in ("mean.weight", "mean.bias", "log_sigma.weight", "log_sigma.bias"):
        weights[part][7] = 0
    finding = examined(replace(healthy, weights=weights), every_third_window, bundled_music)["Latent dimensions"]
    assert finding.state == "note"
    assert finding.sentence.startswith("z7 carries nothing")


def test_a_model_that_nobody_trained_has_learnt_nothing_and_is_blurred(model, corpus, two_songs):
    findings = examined(model, corpus, two_songs)
    assert findings["Learning"].state == "bad"
    assert findings["Sharpness"].state == "bad"


def test_a_handful_of_windows_is_too_few(model, corpus, two_songs):
    assert examined(model, corpus.take(np.arange(5)), two_songs)["Windows"].state == "bad"


def test_a_song_that_loses_notes_is_named_with_its_loss(model, corpus, two_songs):
    fewer = replace(model, pitches=model.pitches[:-2])
    weights = dict(model.weights)
    for name in ("output.weight", "output.bias"):
        weights[name] = weights[name][:-2]
    for name in ("encoder.input", "decoder.input"):
        weights[name] = weights[name][:, :-2]
    fewer = replace(fewer, weights=weights)
    cut = build_corpus(two_songs, window=20, hop=10, equal_share=False, pitches=fewer.pitches)
    finding = examined(fewer, cut, two_songs)["Pitches"]
    assert finding.state == "bad"
    assert "High loses 3" in finding.evidence  # two of the six notes of its scale


def test_songs_that_are_the_same_overlap_and_their_windows_are_pointed_at(model, two_songs):
    twins = [two_songs[0], replace(two_songs[0], name="Twin")]
    corpus = build_corpus(twins, window=20, hop=10, pitches=model.pitches)
    finding = examined(model, corpus, twins)["Songs apart"]
    assert finding.state == "bad"
    assert "Twin" in finding.sentence
    assert len(finding.windows)
    assert finding.windows.max() < len(corpus)


def test_a_threshold_far_from_the_best_is_told_with_the_better_one(healthy, every_third_window, bundled_music):
    finding = examined(replace(healthy, threshold=0.999), every_third_window, bundled_music)["Threshold"]
    assert finding.state == "note"
    assert finding.advice.startswith("Set the threshold to 0.")


def test_one_window_and_windows_all_alike_can_be_examined(model, corpus, two_songs):
    assert examined(model, corpus.take([0]), two_songs[:1])["Windows"].state == "bad"
    assert examined(model, corpus.take([3] * 12), two_songs)["Songs apart"].state == "good"


def test_of_very_many_windows_some_are_looked_at_and_all_are_counted(model, corpus, two_songs, monkeypatch):
    monkeypatch.setattr("vrae_core.tasks.doctor.MOST_WINDOWS", 10)
    assert examined(model, corpus, two_songs)["Windows"].evidence.startswith(f"{len(corpus)} windows")
