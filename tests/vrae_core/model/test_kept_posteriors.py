"""Posteriors that are kept for next time."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vrae_core.corpus.windows import Corpus
from vrae_core.model import kept_posteriors
from vrae_core.model.kept_posteriors import keep_posterior, load_posterior, posterior_file
from vrae_core.model.trained import Posterior, TrainedModel

WINDOWS = 300


@pytest.fixture
def posterior() -> Posterior:
    source = np.random.default_rng(0)
    return Posterior(*(source.normal(size=(WINDOWS, 3)).astype(np.float32) for _ in range(2)))


def test_what_was_kept_is_there_to_the_bit(tmp_path: Path, posterior: Posterior) -> None:
    file = tmp_path / "folder" / "kept.safetensors"
    keep_posterior(file, posterior)
    found = load_posterior(file, WINDOWS, 3)
    assert found is not None
    assert (found.mu == posterior.mu).all()
    assert (found.sigma == posterior.sigma).all()


def test_a_file_that_is_damaged_or_of_other_windows_counts_as_none(tmp_path: Path, posterior: Posterior) -> None:
    file = tmp_path / "kept.safetensors"
    assert load_posterior(file, WINDOWS, 3) is None
    keep_posterior(file, posterior)
    assert load_posterior(file, WINDOWS + 1, 3) is None
    assert load_posterior(file, WINDOWS, 2) is None
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    assert load_posterior(file, WINDOWS, 3) is None
    file.write_bytes(whole[:100])
    assert load_posterior(file, WINDOWS, 3) is None


def test_another_model_or_other_windows_have_another_file(tmp_path: Path, model: TrainedModel, corpus: Corpus) -> None:
    other_roll = corpus.roll.copy()
    other_roll[3, 0] ^= True
    weights = model.weights | {"encoder.bias": model.weights["encoder.bias"] + 1}
    files = {
        posterior_file(tmp_path, *pair)
        for pair in (
            (model, corpus),
            (replace(model, weights=weights), corpus),
            (replace(model, config=replace(model.config, reversed_input=True)), corpus),
            (model, replace(corpus, roll=other_roll)),
            (model, corpus.take(np.arange(len(corpus) - 1))),
        )
    }
    assert len(files) == 5
    assert posterior_file(tmp_path, replace(model, about={}), replace(corpus, names=("A", "B"))) in files


def test_the_newest_are_kept_and_few_windows_never(tmp_path: Path, posterior: Posterior, monkeypatch) -> None:
    keep_posterior(tmp_path / "few.safetensors", Posterior(posterior.mu[:9], posterior.sigma[:9]))
    monkeypatch.setattr(kept_posteriors, "MOST_KEPT", 20_000)  # two files of 7,200 bytes and some
    for number in range(4):
        file = tmp_path / f"{number}.safetensors"
        keep_posterior(file, posterior)
        if file.exists():
            os.utime(file, (number, number))
    assert {file.stem for file in tmp_path.iterdir()} == {"2", "3"}
