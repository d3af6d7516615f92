"""Songs, corpora and models small enough to make anew in every test."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bands import scale_song
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.sampling import Grid
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song, SongTrack
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import Note


@pytest.fixture
def two_songs() -> list[Song]:
    return [scale_song("Low", 40), scale_song("High", 70, seconds=30)]


@pytest.fixture
def corpus(two_songs: list[Song]) -> Corpus:
    return build_corpus(two_songs, window=20, hop=10, equal_share=False)


def random_model(config: ModelConfig, pitches: tuple[int, ...], seed: int = 0) -> TrainedModel:
    """A model that nobody trained."""
    source = np.random.default_rng(seed)
    shapes = weight_shapes(config, len(pitches))
    weights = {n: source.normal(0, 0.3, shape).astype(np.float32) for n, shape in shapes.items()}
    return TrainedModel(config, pitches, weights, 0.4, {"recipe": "chance"})


def tiny(recipe: Recipe) -> Recipe:
    """A recipe that is learnt in no time."""
    model = replace(recipe.model, window=20, hop=10, hidden=8, encoder_hidden=6, context=min(recipe.model.context, 4))
    return replace(recipe, model=model, training=replace(recipe.training, epochs=2, batch=16))


@pytest.fixture
def model(corpus: Corpus) -> TrainedModel:
    config = ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True)
    return random_model(config, corpus.pitches)


@pytest.fixture
def pieces() -> dict[str, list[list[list[int]]]]:
    """Benchmark pieces: scales that climb by a step each, of lengths that no window of 20 steps divides."""
    lengths = {"train": (45, 30), "valid": (21,), "test": (45, 7)}
    return {
        split: [[[48 + (t + n) % 12, 64 + 2 * (t % 6)] for t in range(n)] for n in split_lengths]
        for split, split_lengths in lengths.items()
    }


@pytest.fixture
def rolls_file(tmp_path: Path, pieces: dict[str, list[list[list[int]]]]) -> Path:
    path = tmp_path / "scales.json.gz"
    path.write_bytes(gzip.compress(json.dumps(pieces).encode()))
    return path


def band_song(name: str, beats_per_minute: float, lowest: int, bars: int = 8) -> Song:
    """A lead, chords, a bass and drums in bars of 4/4; its notes begin on beats, which no step of 50 ms need meet."""
    beat = 60 / beats_per_minute
    tracks = (
        SongTrack("Lead", 0, 73),
        SongTrack("Chords", 1, 48),
        SongTrack("Bass", 2, 33),
        SongTrack("Drums", 9, 0, is_drums=True),
    )
    notes, drums = [], []
    for at in range(4 * bars):
        notes.append(Note(at * beat, (at + 0.9) * beat, lowest + 24 + 2 * (at % 6), 90, 0))
        drums.append(Note(at * beat, (at + 0.1) * beat, 38 if at % 2 else 36, 100, 3))
        if at % 4 == 0:
            notes += [Note(at * beat, (at + 3.5) * beat, lowest + 12 + third, 70, 1) for third in (0, 4, 7)]
            notes.append(Note(at * beat, (at + 1.9) * beat, lowest + at // 4 % 3, 90, 2))
    tempo_map = TempoMap((Tempo(0.0, beats_per_minute),))
    return Song(
        name,
        tuple(sorted(notes)),
        beats_per_minute,
        tempo_map=tempo_map,
        meters=(Meter(0.0, 4, 4),),
        tracks=tracks,
        drums=tuple(drums),
    )


@pytest.fixture
def band_songs() -> list[Song]:
    """Slow, of 90 beats a minute, and Fast, of 150: eight bars each."""
    return [band_song("Slow", 90, 40), band_song("Fast", 150, 43)]


@pytest.fixture
def band_corpus(band_songs: list[Song]) -> Corpus:
    return build_corpus(band_songs, window=16, hop=16, cap=None, equal_share=False, grid=Grid(4, parts=True))


@pytest.fixture
def band_model(band_corpus: Corpus) -> TrainedModel:
    """Four steps a beat, a bar a window, of parts."""
    config = ModelConfig(
        window=16, hop=16, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True, steps_per_beat=4, parts=True
    )
    return random_model(config, band_corpus.pitches)
