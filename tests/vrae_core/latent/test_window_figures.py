"""A figure of every window, as counted window by window and as the evaluation's; a selection against the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus import attributes
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece, Corpus
from vrae_core.latent import window_figures
from vrae_core.latent.window_figures import FIGURES, compare, differences, measure, measuring, size_word, song_shares
from vrae_core.model.evaluation import evaluate, frame_f1
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import STEP_SECONDS, STEPS_PER_SECOND, FloatArray, notes_from_roll
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


# --- a selection against the rest


def corpus_of(*rolls) -> Corpus:
    pieces = [BenchmarkPiece(f"Song {number}", roll) for number, roll in enumerate(rolls)]
    return build_corpus(pieces, 20, 5, equal_share=False, pitches=range(40, 80))


@pytest.fixture
def two_kinds() -> Corpus:
    """A high and dense one, and a low and sparse one."""
    rng = np.random.default_rng(0)
    rolls = np.zeros((2, 400, 88), bool)
    rolls[0][:, 40:59] = rng.random((400, 19)) < 0.3
    rolls[1][:, 19:39] = rng.random((400, 20)) < 0.05
    return corpus_of(*rolls)


def test_the_figures_of_a_window_are_those_of_its_notes(two_kinds):
    figures = finish(measuring(two_kinds))
    for window in (0, 7, len(two_kinds) - 1):
        roll = two_kinds.windows([window])[0]
        notes = notes_from_roll(roll, two_kinds.pitches)
        assert figures.density[window] == pytest.approx(len(notes) * STEPS_PER_SECOND / 20)
        lasting = np.array([note.end - note.start for note in notes])
        pitches = np.array([note.pitch for note in notes])
        assert figures.register[window] == pytest.approx((lasting * pitches).sum() / lasting.sum(), rel=1e-5)
        assert figures.polyphony[window] == pytest.approx(roll.sum() / roll.any(axis=1).sum(), rel=1e-5)
        of_c = lasting[pitches % 12 == 0].sum() / lasting.sum()
        assert figures.pitch_classes[window, 0] == pytest.approx(of_c, rel=1e-4, abs=1e-6)
        assert figures.pitch_classes[window].sum() == pytest.approx(1, rel=1e-5)


def test_a_dense_high_song_is_denser_and_higher_than_the_rest(two_kinds):
    mu = np.zeros((len(two_kinds), 3), np.float32)
    mu[:, 2] = two_kinds.song_of == 0
    mu[:, 1] = np.random.default_rng(1).normal(size=len(mu))
    mu[:, 2] += mu[:, 1] * 0.01
    found = compare(finish(measuring(two_kinds)), mu, two_kinds.song_of == 0)
    density, register, _polyphony = found.music
    assert density.selected > 3 * density.rest
    assert min(density.effect, register.effect) > 2
    assert found.latent[0].name == "z2"
    assert found.latent[-1].name == "z0"
    assert np.isnan(found.latent[-1].effect)  # no spread at all
    assert not found.latent[-1].matters


def test_cohens_d_is_the_difference_over_the_pooled_standard_deviation():
    values = np.array([[2.0], [4.0], [6.0], [1.0], [3.0]], np.float32)
    (found,) = differences(["x"], values, np.array([1, 1, 1, 0, 0], bool))
    pooled = np.sqrt((2 * np.var([2, 4, 6], ddof=1) + np.var([1, 3], ddof=1)) / 3)
    assert found.effect == pytest.approx((4 - 2) / pooled)
    assert (found.selected_windows, found.rest_windows) == (3, 2)


def test_silence_has_no_register_and_is_not_counted_for_one():
    silent_at_first = np.zeros((80, 88), bool)
    silent_at_first[40:, 30] = True
    corpus = corpus_of(silent_at_first)
    figures = finish(measuring(corpus))
    assert np.isnan(figures.register[0])
    assert figures.density[0] == 0
    register = compare(figures, np.zeros((len(corpus), 1), np.float32), corpus.start_of < 40).music[1]
    assert register.selected_windows < (corpus.start_of < 40).sum()


def test_one_window_and_all_windows_are_compared_without_a_complaint(two_kinds):
    figures, mu = finish(measuring(two_kinds)), np.zeros((len(two_kinds), 2), np.float32)
    one = compare(figures, mu, np.arange(len(mu)) == 3)
    assert one.music[0].selected == pytest.approx(figures.density[3])
    everything = compare(figures, mu, np.ones(len(mu), bool))
    assert all(np.isnan(each.effect) and not each.matters for each in everything.music)


def test_the_share_of_a_song_is_set_against_its_share_in_all_windows():
    song_of = np.repeat([0, 1, 2], [60, 20, 20])
    selected = np.zeros(100, bool)
    selected[[0, 60, 61, 62]] = True
    first, second = song_shares(song_of, 3, selected)
    assert (first.song, first.windows, first.share) == (1, 3, 0.75)
    assert first.lift == pytest.approx(0.75 / 0.2)
    assert second.lift == pytest.approx(0.25 / 0.6)


def test_a_small_difference_is_given_no_word():
    assert [size_word(effect) for effect in (0.1, -0.3, 0.6, -2.0)] == ["", "small", "medium", "large"]
