"""The way between two points through mixtures of their music: parts are handed over one after another."""

import numpy as np

from vrae_core.columns import BAND_COLUMNS, Part, column_of
from vrae_core.latent.mixing import mixtures, way
from vrae_core.piano_roll import PIANO_PITCHES


def window(pitch, columns=BAND_COLUMNS, steps=4):
    roll = np.zeros((steps, len(columns)), bool)
    for part in (Part.MELODY, Part.CHORDS, Part.BASS):
        roll[:, columns.index(column_of(part, pitch))] = True
    return roll


def test_the_ends_of_the_way_are_the_two_windows():
    start, end = window(50), window(60)
    mixed = mixtures(start, end, [0.0, 1.0], BAND_COLUMNS)
    assert np.array_equal(mixed[0], start)
    assert np.array_equal(mixed[1], end)


def test_the_bass_hands_over_first_and_the_melody_last():
    mixed = mixtures(window(50), window(60), np.linspace(0, 1, 41), BAND_COLUMNS)
    arrives = {}
    for part in (Part.MELODY, Part.CHORDS, Part.BASS):
        arrives[part] = int(np.argmax(mixed[:, 0, BAND_COLUMNS.index(column_of(part, 60))]))
    assert arrives[Part.BASS] < arrives[Part.CHORDS] < arrives[Part.MELODY]


def test_half_way_half_of_the_cells_are_of_each():
    source = np.random.default_rng(0)
    start, end = source.random((2, 32, len(PIANO_PITCHES))) < 0.2
    [half] = mixtures(start, end, [0.5], PIANO_PITCHES)
    for own, other in ((start, end), (end, start)):
        assert 0.35 < (half & own & ~other).sum() / (own & ~other).sum() < 0.65


def test_once_handed_over_a_column_is_not_handed_back():
    source = np.random.default_rng(1)
    start, end = source.random((2, 8, len(PIANO_PITCHES))) < 0.3
    mixed = mixtures(start, end, np.linspace(0, 1, 21), PIANO_PITCHES)
    of_end = (mixed == end).all(axis=1) & ~(mixed == start).all(axis=1)
    assert (np.diff(of_end.astype(int), axis=0) >= 0).all()


def test_two_silences_lead_to_silence():
    silence = np.zeros((4, 3), bool)
    assert not mixtures(silence, silence, [0.5], (60, 61, 62)).any()


def test_the_way_begins_and_ends_at_the_points_themselves(model):
    source = np.random.default_rng(2)
    z0, z1 = source.standard_normal((2, model.config.latent)).astype(np.float32)
    points = way(model, z0, z1, [0.0, 0.5, 1.0])
    assert np.array_equal(points[0], z0)
    assert np.array_equal(points[-1], z1)
    assert points.shape == (3, model.config.latent)
    assert np.isfinite(points).all()
