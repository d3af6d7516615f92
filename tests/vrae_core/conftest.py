"""Songs, corpora and models small enough to make anew in every test."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vrae_core.corpus.windows import Corpus, build_corpus
from vrae_core.midi.song import Song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig, Recipe
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import Note


def scale_song(name: str, lowest: int, seconds: float = 20.0, step: int = 2) -> Song:
    """Half-second notes that climb a scale of whole tones and begin again."""
    notes = [Note(t / 2, t / 2 + 0.4, lowest + step * (t % 6)) for t in range(int(seconds * 2))]
    return Song(name, tuple(notes), 120.0, ())


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
