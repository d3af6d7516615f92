"""Directions in latent space, and what going them does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.corpus.cutting import build_corpus
from vrae_core.midi.song import read_song
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.tasks.directions import STEPS, direction_of, learn_directions, measure_all


def along(direction, steps):
    return direction.effect[STEPS.index(steps)]


def test_a_planted_direction_is_found_with_its_slope():
    source = np.random.default_rng(1)
    mu = source.normal(0, 2, (4000, 6)).astype(np.float32)
    planted = np.array([0, 0.6, 0, -0.8, 0, 0])
    step, slope = direction_of(mu, 5 + 3 * mu @ planted + source.normal(0, 0.5, 4000))
    assert step @ planted / np.linalg.norm(step) > 0.995
    assert np.linalg.norm(step) == pytest.approx(2, rel=0.05)  # one standard deviation
    assert slope == pytest.approx(3 * 2, rel=0.05)


def test_an_attribute_that_is_linear_in_mu_is_told_of_songs_held_out_and_noise_is_not(model, corpus):
    big = replace(corpus, song_of=np.arange(len(corpus)) % 4)
    register = finish(measure_all(corpus))[1]
    source = np.random.default_rng(2)
    planted = source.normal(0, 0.1, (len(corpus), 2)).astype(np.float32)
    planted[:, 1] += register / 5
    told = {d.attribute.name: d for d in finish(learn_directions(model, big, planted))}["Register"]
    assert told.r2_new_song > 0.9
    assert told.slope > 0
    noise = source.normal(0, 1, planted.shape).astype(np.float32)
    assert {d.attribute.name: d for d in finish(learn_directions(model, big, noise))}["Register"].r2 < 0.3


def test_of_two_songs_none_can_be_held_out_whole(model, corpus):
    directions = finish(learn_directions(model, corpus, model.encode(corpus.windows()).mu))
    assert directions
    assert all(np.isnan(direction.r2_new_song) for direction in directions)


def test_where_nothing_varies_nothing_is_learnt(model, corpus):
    same = corpus.take(np.zeros(8, int))
    assert finish(learn_directions(model, same, model.encode(same.windows()).mu)) == ()
    assert finish(learn_directions(model, corpus, np.zeros((len(corpus), 2), np.float32))) == ()
    one = corpus.take([3])
    assert finish(learn_directions(model, one, model.encode(one.windows()).mu)) == ()


def test_a_step_of_the_bundled_model_raises_on_the_whole_what_it_is_named_after():
    model = TrainedModel.load(bundled_models()["20d"])
    songs = [read_song(path) for path in bundled_songs()]
    corpus = build_corpus(songs, model.config.window, 50, equal_share=False, pitches=model.pitches)
    job = learn_directions(model, corpus, model.encode(corpus.windows()).mu)
    directions = {d.attribute.name: d for d in finish(job)}
    assert list(directions) == ["Density", "Register", "Polyphony", "Onsets", "Mode"]
    for name in ("Density", "Register", "Polyphony", "Onsets"):
        assert along(directions[name], 1) > along(directions[name], 0), name
    assert along(directions["Register"], 3) > along(directions["Register"], 0) + 2
    assert along(directions["Register"], -3) < along(directions["Register"], 0) - 2
    assert directions["Register"].r2 > 0.3
