"""A standard RNN from a trained VRAE: the start it gets, how it learns, what is reported."""

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import CorpusError, VraeError
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.model.vrae import VRAE
from vrae_core.progress import Progress, finish
from vrae_core.reproduction import warm_start as experiment
from vrae_core.reproduction.experiment import Options
from vrae_core.reproduction.standard_rnn import after_a_window, learn_next_step, learn_songs
from vrae_core.reproduction.warm_start import warm_start

MARKS = (0, 1, 3)


@pytest.fixture
def corpus(two_songs):
    return build_corpus(two_songs, 20, 20, equal_share=False)


@pytest.fixture
def model_of(corpus):
    """A tiny model that nobody trained, with settings of one's choice."""

    def make(seed=99, **settings):
        config = ModelConfig(window=20, hop=20, hidden=16, encoder_hidden=12)
        config = replace(config, **{"cell": "gru"} | settings)
        share = np.full(len(corpus.pitches), 0.1, np.float32)
        return TrainedModel(config, corpus.pitches, VRAE.new(config, share, seed).numpy_weights())

    return make


@pytest.fixture
def two_learning_rates(monkeypatch):
    monkeypatch.setattr(experiment, "LEARNING_RATES", (1e-3, 1e-2))


def next_step(model, corpus, marks, weights=True, state=True, **more):
    windows = after_a_window(corpus)
    return finish(learn_next_step(model, windows, windows, marks, warm_weights=weights, warm_state=state, **more))


def log_likelihood(p, x):
    return float(np.log(np.where(x, p, 1 - p)).sum(axis=2).mean())


@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm"])
def test_before_it_learns_it_says_what_the_decoder_told_the_true_past_says(cell, corpus, model_of):
    model = model_of(cell=cell)
    windows = after_a_window(corpus)
    before = replace(windows, offsets=windows.offsets - 20).windows()
    x = windows.windows()
    expected = log_likelihood(model.decode(model.encode(before).mu, heard=x), x)

    assert next_step(model, corpus, (0,)) == [pytest.approx(expected, rel=1e-2)]  # products may be in bfloat16


def test_it_starts_from_the_vraes_weights_or_state_or_both_or_neither(corpus, model_of):
    starts = [(w, s) for w in (True, False) for s in (True, False)]
    first = {start: next_step(model_of(), corpus, (0,), *start)[0] for start in starts}

    assert len(set(first.values())) == 4


def test_the_usual_start_has_nothing_of_the_vrae(corpus, model_of):
    one, other = (next_step(model_of(seed=seed), corpus, MARKS, False, False) for seed in (1, 2))

    assert one == other


def test_the_next_step_is_learnt(corpus, model_of):
    curve = next_step(model_of(), corpus, (0, 30), False, False, learning_rate=1e-2)

    assert curve[1] > curve[0] + 1


def test_the_weights_of_the_vrae_itself_are_left_as_they_are(corpus, model_of):
    model = model_of()
    digest = model.digest
    next_step(model, corpus, MARKS)

    assert model.digest == digest


def test_only_windows_with_a_whole_window_before_them_are_used(corpus):
    assert after_a_window(corpus).start_of.min() == corpus.window
    assert len(after_a_window(corpus)) == len(corpus) - 2


def test_two_songs_are_told_apart_from_a_few_labelled_windows(corpus, model_of):
    labelled = experiment._labelled(corpus, 4, seed=0)
    curve = finish(learn_songs(model_of(), corpus, labelled, (0, 40), warm_weights=True, learning_rate=1e-2))

    assert curve[1] > 0.9


def test_the_first_guess_of_every_start_is_the_same_song_for_all_windows(corpus, model_of):
    others = corpus.song_of[1:]
    for warm in (True, False):
        (first,) = finish(learn_songs(model_of(), corpus, np.array([0]), (0,), warm_weights=warm))
        assert first == pytest.approx(np.mean(others == 0))


def test_labelled_windows_are_as_many_of_each_song_and_one_is_always_left(corpus):
    chosen = experiment._labelled(corpus, 3, seed=0)

    assert np.bincount(corpus.song_of[chosen]).tolist() == [3, 3]
    assert len(set(chosen)) == 6
    everything = experiment._labelled(corpus, 999, seed=0)
    assert np.bincount(corpus.song_of[everything]).tolist() == (np.bincount(corpus.song_of) - 1).tolist()


@pytest.mark.usefixtures("two_learning_rates")
def test_the_experiment_reports_every_start_with_a_mean_and_a_spread_and_draws_them(two_songs, model_of, tmp_path):
    options = Options(tmp_path, seed=7, model=model_of())
    figures = finish(warm_start(two_songs, options, seeds=2, marks=MARKS, labels=(2,)))

    assert figures["seeds"] == [7, 8]
    assert set(figures["next_step"]["curves"]) == {"weights and state", "weights", "state", "usual"}
    assert set(figures["songs"]["curves"]["2"]) == {"weights", "usual"}
    for curve in (*figures["next_step"]["curves"].values(), *figures["songs"]["curves"]["2"].values()):
        assert curve["mean"] == pytest.approx(np.mean(curve["runs"], axis=0))
        assert curve["standard_deviation"] == pytest.approx(np.std(curve["runs"], axis=0, ddof=1))
        assert len(curve["mean"]) == len(MARKS)
        assert curve["learning_rate"] in (1e-3, 1e-2)
    assert len(figures["findings"]) == 5
    assert (tmp_path / "warm-start.png").stat().st_size > 10_000


@pytest.mark.usefixtures("two_learning_rates")
def test_each_start_learns_at_the_rate_that_suits_it():
    rates = []

    def learn(seed, learning_rate):
        rates.append(learning_rate)
        yield Progress(0, 1)
        return [learning_rate == 1e-3, seed]

    curves = finish(experiment._tuned(learn, seed=0, seeds=2))

    assert rates == [1e-3, 1e-2, 1e-3, 1e-3]
    assert curves.learning_rate == 1e-3
    assert curves.mean.tolist() == [1.0, 0.5]


def test_one_song_or_too_few_windows_or_no_model_is_said_in_words(two_songs, model_of, tmp_path):
    with pytest.raises(VraeError, match="needs a model"):
        next(warm_start(two_songs, Options(tmp_path)))
    with pytest.raises(CorpusError, match="at least two songs"):
        next(warm_start(two_songs[:1], Options(tmp_path, model=model_of())))
    with pytest.raises(CorpusError, match="fewer than ten windows"):
        next(warm_start(two_songs, Options(tmp_path, model=model_of(window=200))))
