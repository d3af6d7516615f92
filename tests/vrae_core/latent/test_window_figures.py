"""A figure of every window: the same as counted window by window, and the same as the evaluation's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus import attributes
from vrae_core.corpus.windows import Corpus
from vrae_core.latent import window_figures
from vrae_core.latent.window_figures import FIGURES, measure
from vrae_core.model.evaluation import evaluate, frame_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import STEP_SECONDS, FloatArray, notes_from_roll
from vrae_core.progress import finish


def figure(what: str, model: TrainedModel, corpus: Corpus) -> FloatArray:
    return finish(measure(what, model, corpus, model.encode(corpus.windows())))[what]


@pytest.fixture
def noisy(corpus: Corpus) -> Corpus:
    """Notes at random, with a silent stretch as long as some windows."""
    roll = np.random.default_rng(0).random(corpus.roll.shape) < 0.3
    roll[100:160] = False
    return replace(corpus, roll=roll)


@pytest.mark.parametrize("rows", [7, 1 << 16])
def test_density_polyphony_and_register_are_those_of_each_window_alone(
    model: TrainedModel, noisy: Corpus, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_figures, "ROWS", rows)
    figures = finish(measure("density", model, noisy, model.encode(noisy.windows())))
    silent = 0
    for i, x in enumerate(noisy.windows()):
        density = len(notes_from_roll(x, noisy.pitches)) / (noisy.window * STEP_SECONDS)
        assert figures["density"][i] == pytest.approx(density)
        if x.any():
            assert figures["polyphony"][i] == pytest.approx(x.sum() / x.any(axis=1).sum())
            assert figures["register"][i] == pytest.approx(np.average(noisy.pitches, weights=x.sum(axis=0)), rel=1e-5)
        else:
            silent += 1
            assert np.isnan([figures["polyphony"][i], figures["register"][i]]).all()
    assert silent > 0


@pytest.mark.parametrize("what", ["density", "polyphony", "register"])
def test_the_figures_of_music_are_the_attributes_of_the_windows(model: TrainedModel, noisy: Corpus, what: str) -> None:
    of_windows = getattr(attributes, what)(noisy.windows(), noisy.pitches)
    np.testing.assert_allclose(figure(what, model, noisy), of_windows, rtol=1e-5)


@pytest.mark.parametrize("what", ["density", "polyphony", "register"])
def test_so_they_are_of_parts_in_musical_time(band_model: TrainedModel, band_corpus: Corpus, what: str) -> None:
    of_windows = getattr(attributes, what)(band_corpus.windows(), band_corpus.pitches, band_corpus.durations)
    np.testing.assert_allclose(figure(what, band_model, band_corpus), of_windows, rtol=1e-5)


def test_a_faster_song_has_more_notes_a_second(band_model: TrainedModel, band_corpus: Corpus) -> None:
    density = figure("density", band_model, band_corpus)
    slow, fast = (density[band_corpus.song_of == song].mean() for song in (0, 1))
    assert fast / slow == pytest.approx(150 / 90)


@pytest.mark.parametrize("what", list(FIGURES))
def test_every_figure_has_a_value_a_window(model: TrainedModel, corpus: Corpus, what: str) -> None:
    values = figure(what, model, corpus)
    assert values.shape == (len(corpus),)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def test_the_mean_of_the_bounds_is_what_the_evaluation_says(model: TrainedModel, corpus: Corpus) -> None:
    whole = finish(evaluate(model, corpus, window_figures.SEED))
    assert figure("lower_bound", model, corpus).mean() == pytest.approx(whole.lower_bound, rel=1e-5)
    assert -figure("reconstruction", model, corpus).mean() == pytest.approx(whole.reconstruction, rel=1e-5)
    assert figure("kl", model, corpus).mean() == pytest.approx(whole.kl, rel=1e-5)


def test_the_f1_of_a_window_is_that_of_its_own_cells(model: TrainedModel, corpus: Corpus) -> None:
    found = model.decode(model.encode(corpus.windows()).mu, corpus.window) >= model.threshold
    alone = [frame_f1(f, x) for f, x in zip(found, corpus.windows(), strict=True)]
    np.testing.assert_allclose(figure("frame_f1", model, corpus), alone, rtol=1e-6)
