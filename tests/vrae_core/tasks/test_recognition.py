"""Excerpts and the songs they are from."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.errors import CorpusError
from vrae_core.model.evaluation import frame_f1
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.tasks.recognition import _by_cells, know_songs, measure_recognition, recognise

CONFIG = ModelConfig(window=20, hop=20, latent=4, hidden=8, encoder_hidden=16, cell="gru")


def piece(name, seed, steps=300):
    """Notes of four steps at random: no two windows alike."""
    source = np.random.default_rng(seed)
    roll = np.zeros((steps, 88), bool)
    for start in range(0, steps, 4):
        roll[start : start + 3, 30 + source.integers(0, 12, 2)] = True
    return BenchmarkPiece(name, roll)


def excerpt(song, start, end, silence=0):
    return BenchmarkPiece("Excerpt", np.pad(song.roll[start:end], ((silence, 0), (0, 0))))


@pytest.fixture
def pieces():
    return [piece("One", 1), piece("Two", 2), piece("Three", 3, steps=200)]


@pytest.fixture
def model():
    source = np.random.default_rng(0)
    shapes = weight_shapes(CONFIG, 12)
    weights = {name: source.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    return TrainedModel(CONFIG, tuple(range(51, 63)), weights)


@pytest.fixture
def known(model, pieces):
    return finish(know_songs(model, pieces))


@pytest.mark.parametrize("silence", [0, 13])
def test_an_excerpt_is_found_where_it_was_cut_out(model, known, pieces, silence):
    best, *others = finish(recognise(model, known, excerpt(pieces[1], 100, 180, silence)))

    assert (best.song, best.start, best.end) == ("Two", 5.0, 9.0)
    assert best.distance == pytest.approx(0, abs=1e-3)
    assert {match.song for match in others} == {"One", "Three"}
    assert best.distance < others[0].distance <= others[1].distance


def test_an_excerpt_between_the_known_windows_is_found_nearby(model, known, pieces):
    best = finish(recognise(model, known, excerpt(pieces[0], 101, 180)))[0]
    assert best.song == "One"
    assert best.start == pytest.approx(5.05, abs=0.1)


def test_a_few_wrong_notes_do_not_matter(model, known, pieces):
    spoilt = excerpt(pieces[2], 60, 160)
    spoilt.roll[20:23, 40] = True
    spoilt.roll[50:60] = False
    best = finish(recognise(model, known, spoilt))[0]
    assert (best.song, best.start) == ("Three", 3.0)


def test_an_excerpt_longer_than_a_song_covers_all_of_it(model, known, pieces):
    longer = BenchmarkPiece("Longer", np.concatenate([pieces[2].roll, pieces[0].roll]))
    best = next(match for match in finish(recognise(model, known, longer)) if match.song == "Three")
    assert (best.start, best.end) == (0.0, 10.0)


def test_an_excerpt_shorter_than_a_window_has_a_match_of_its_own_length(model, known, pieces):
    best = finish(recognise(model, known, excerpt(pieces[0], 40, 50)))[0]
    assert best.end - best.start == pytest.approx(0.5)


def test_one_song_of_one_window_is_enough(model, pieces):
    known = finish(know_songs(model, [excerpt(pieces[0], 0, 20)]))
    matches = finish(recognise(model, known, pieces[0]))
    assert [(match.start, match.end) for match in matches] == [(0.0, 1.0)]


def test_an_excerpt_of_unknown_pitches_is_refused(model, known):
    with pytest.raises(CorpusError, match="Excerpt uses none of the 12 pitches"):
        finish(recognise(model, known, BenchmarkPiece("Excerpt", np.eye(88, dtype=bool)[:20])))


def test_recognising_tells_how_far_it_is(model, known, pieces):
    steps = list(recognise(model, known, pieces[0]))
    assert {step.text for step in steps} == {"encoding windows", "comparing"}
    assert all(0 <= step.done < step.total for step in steps)


def test_cells_are_compared_by_frame_f1_and_by_the_hamming_distance(pieces):
    heard, known = (song.roll[:200].reshape(10, 20, 88) for song in pieces[:2])
    by_f1 = _by_cells(heard, known, per_sounding=True)(slice(0, 10))
    by_hamming = _by_cells(heard, known, per_sounding=False)(slice(0, 10))

    assert by_f1[2, 7] == pytest.approx(1 - frame_f1(heard[2], known[7]))
    assert by_hamming[2, 7] == (heard[2] ^ known[7]).sum()


def test_every_way_of_comparing_is_measured(model, pieces):
    figures = finish(measure_recognition(model, pieces))

    assert [row.method for row in figures] == ["posterior", "mean", "raw, frame F1", "raw, Hamming"]
    assert all(0 <= share <= 1 for row in figures for share in row[1:])
    assert all(row.place <= row.excerpt for row in figures)
    assert figures[0].excerpt > 0.9
    assert finish(measure_recognition(model, pieces)) == figures


def test_songs_too_short_to_measure_by_are_refused_in_a_sentence(model, pieces):
    short = [BenchmarkPiece(piece.name, piece.roll[:20]) for piece in pieces]
    with pytest.raises(CorpusError, match="too short to measure by"):
        finish(measure_recognition(model, short))
