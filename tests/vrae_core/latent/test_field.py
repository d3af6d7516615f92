"""The decoded field: what it says of a place is what decoding there gives."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.latent import field as decoded_field
from vrae_core.latent.field import MEASURES, Area, FieldDecoder, NearestWindows
from vrae_core.latent.map import encode_corpus, project
from vrae_core.midi.song import Song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.music.difference import Difference
from vrae_core.piano_roll import Note, notes_from_roll
from vrae_core.progress import finish

AREA = Area(-1.0, -0.8, 2.0, 1.5)


@pytest.fixture(scope="module")
def made():
    """A model that nobody trained, the windows of two songs, and their map."""
    songs = [
        Song(str(low), tuple(Note(t / 2, t / 2 + 0.4, low + t % 9) for t in range(40)), 120.0, ()) for low in (40, 70)
    ]
    corpus = build_corpus(songs, 20, 10, equal_share=False)
    config = ModelConfig(window=20, hop=10, latent=2, hidden=8, encoder_hidden=6, z_every_step=True)
    source = np.random.default_rng(3)
    shapes = weight_shapes(config, len(corpus.pitches))
    weights = {name: source.normal(0, 0.7, shape).astype(np.float32) for name, shape in shapes.items()}
    model = TrainedModel(config, corpus.pitches, weights, 0.6)
    latent_map = finish(project(finish(encode_corpus(model, corpus)).mu, "latent"))
    return model, corpus, latent_map


def decoder(made, threshold=0.6):
    model, corpus, latent_map = made
    return FieldDecoder(model, latent_map, threshold, NearestWindows(corpus, latent_map.mu))


def node_places(field):
    rows, columns = field.values.shape[:2]
    area = field.area
    return [
        (row, column, area.left + area.width * (column + 0.5) / columns, area.bottom + area.height * (row + 0.5) / rows)
        for row in range(0, rows, 7)
        for column in range(0, columns, 7)
    ]


def test_every_value_is_that_of_the_roll_decoded_at_its_place(made):
    model, corpus, latent_map = made
    field = finish(decoder(made).decoding(AREA))
    assert np.isfinite(field.of("density")).all()
    assert np.ptp(field.of("density")) > 0
    for row, column, x, y in node_places(field):
        roll = model.decode(latent_map.z_at((x, y))[None])[0] >= 0.6
        assert field.of("density")[row, column] == pytest.approx(
            len(notes_from_roll(roll, corpus.pitches))
        )  # in a second
        pitches = [corpus.pitches[column] for _step, column in np.argwhere(roll)]
        assert field.of("register")[row, column] == pytest.approx(np.mean(pitches) if pitches else np.nan, nan_ok=True)
        most_alike = max(Difference(window, roll).f1 for window in corpus.windows())
        assert field.of("originality")[row, column] == pytest.approx(1 - most_alike, abs=1e-6)


def test_a_field_is_filled_coarse_to_fine_and_covers_the_part_that_is_seen(made):
    job = decoder(made).decoding(AREA)
    seen = []
    while True:
        try:
            progress = next(job)
        except StopIteration as end:
            seen.append(end.value)
            break
        assert 0 <= progress.done < progress.total
        if progress.field is not None and (not seen or progress.field is not seen[-1]):
            seen.append(progress.field)
    sizes = [field.values.shape[:2] for field in seen]
    assert len(sizes) == 3
    assert sizes[2] == tuple(4 * (n - 1) + 1 for n in sizes[0])
    for field in seen:
        assert field.area.left <= AREA.left
        assert field.area.left + field.area.width >= AREA.left + AREA.width
    np.testing.assert_array_equal(seen[0].values, seen[2].values[::4, ::4])


def test_what_is_known_is_not_decoded_again_after_a_pan(made, monkeypatch):
    fields, decoded = decoder(made), []
    decode = TrainedModel.decode
    monkeypatch.setattr(TrainedModel, "decode", lambda model, z: decoded.append(len(z)) or decode(model, z))
    first = finish(fields.decoding(AREA))
    everything = sum(decoded)
    assert everything == first.values.shape[0] * first.values.shape[1]
    decoded.clear()
    finish(fields.decoding(AREA))
    assert decoded == []
    panned = fields.decoding(AREA._replace(left=AREA.left + 0.3))
    assert all(progress.field is None for progress in panned), "no coarse field takes the place of the fine one"
    assert 0 < sum(decoded) < everything / 2


def test_a_window_of_the_songs_is_not_original_and_a_roll_unlike_them_all_is(made):
    _model, corpus, latent_map = made
    window, unlike = corpus.windows([5])[0], ~corpus.windows().any(axis=0)
    rolls = np.stack([window, unlike, np.zeros_like(window)])  # no window is silent
    assert NearestWindows(corpus, latent_map.mu).originality(rolls, latent_map.mu[:3]) == [0, 1, 1]


def test_pitches_of_more_than_one_word_are_compared_too():
    roll = np.random.default_rng(0).random((40, 88)) < 0.1
    corpus = build_corpus([BenchmarkPiece("a", roll)], 20, 10, pitches=range(21, 109))
    other = np.random.default_rng(1).random((20, 88)) < 0.1
    f1 = max(Difference(roll[o : o + 20], other).f1 for o in (0, 10, 20))
    mu = np.zeros((3, 2), np.float32)
    assert NearestWindows(corpus, mu).originality(other[None], mu[:1]) == pytest.approx([1 - f1])


def test_of_many_windows_those_around_the_nearest_in_z_are_compared(made, monkeypatch):
    corpus = made[1]
    exact = finish(decoder(made).decoding(AREA))
    for name, few in (("EXACT_UP_TO", 10), ("THINNED_TO", 20), ("CANDIDATES", 1), ("FEWEST_NEAR", 1)):
        monkeypatch.setattr(decoded_field, name, few)
    some = finish(decoder(made).decoding(AREA))
    assert (some.of("originality") >= exact.of("originality") - 1e-6).all()
    assert some.of("originality").mean() > exact.of("originality").mean() + 1e-4
    np.testing.assert_array_equal(some.of("density"), exact.of("density"))
    monkeypatch.setattr(decoded_field, "CANDIDATES", 10 * len(corpus))
    all_of_them = finish(decoder(made).decoding(AREA))
    np.testing.assert_array_equal(all_of_them.values, exact.values)


def test_where_nothing_sounds_there_is_no_register(made):
    field = finish(decoder(made, threshold=1.0).decoding(AREA))
    assert not field.of("density").any()
    assert np.isnan(field.of("register")).all()
    assert MEASURES == ("density", "register", "originality")
