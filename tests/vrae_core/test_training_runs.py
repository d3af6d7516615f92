"""Training in a run folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vrae_core.progress import finish
from vrae_core.recipes import RECIPES, ModelConfig, Recipe
from vrae_core.run_folder import RunFolder, RunSettings, SongEntry
from vrae_core.training_runs import corpus_of, train_in


@pytest.fixture
def run(tmp_path: Path, two_songs) -> RunFolder:
    fast = RECIPES["fast-2d"]
    tiny = Recipe(
        "tiny", ModelConfig(window=20, hop=10, hidden=8, encoder_hidden=6, cell="gru", z_every_step=True),
        replace(fast.training, batch=16), None, False,
    )  # fmt: skip
    songs = tuple(SongEntry(song.name) for song in two_songs)
    return RunFolder.create(tmp_path, RunSettings("tiny", "tiny", tiny, songs, epochs=6))


def test_a_finished_run_leaves_its_model_history_snapshots_and_checkpoint(run, two_songs):
    model = finish(train_in(run, corpus_of(run.settings(), two_songs)))
    assert run.state == "finished"
    assert run.rows()[-1].epoch == 6
    assert run.snapshots()[-1].updates == run.rows()[-1].updates
    np.testing.assert_array_equal(
        type(model).load(run.snapshots()[-1].path).weights["output.weight"], model.weights["output.weight"]
    )
    assert run.checkpoint.exists()


def test_a_run_that_was_closed_goes_on_and_equals_one_that_was_not_bit_for_bit(run, two_songs, tmp_path):
    corpus = corpus_of(run.settings(), two_songs)
    whole = finish(train_in(RunFolder.create(tmp_path / "other", run.settings()), corpus))
    part = train_in(run, corpus)
    while next(part).epoch < 3:
        pass
    part.close()
    assert run.state == "stopped"
    resumed = finish(train_in(run, corpus))
    assert resumed.digest == whole.digest
