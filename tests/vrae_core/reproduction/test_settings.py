"""Settings compared in equal time: what they learn from, what is kept, what the table says."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.bands import scale_song
from vrae_core.corpus.cutting import build_corpus
from vrae_core.errors import CorpusError
from vrae_core.model.recipes import RECIPES, ModelConfig, Recipe, TrainingConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.reproduction.experiment import Options
from vrae_core.reproduction.settings import SETTINGS, ComparedRecipe, findings, settings, windows_of

TINY = Recipe(
    "tiny",
    ModelConfig(window=20, hop=10, hidden=16, encoder_hidden=8, cell="gru"),
    TrainingConfig(epochs=1, batch=16, learning_rate=1e-2, clip=1.0),
)
HOPELESS = replace(TINY, training=replace(TINY.training, learning_rate=1e30, clip=None))
TWO = {
    "tiny": ComparedRecipe(TINY, 10),
    "tiny-hop-1": ComparedRecipe(replace(TINY, model=replace(TINY.model, hop=1)), 10),
}


@pytest.fixture
def options(tmp_path):
    return Options(tmp_path, minutes=0.01)


@pytest.fixture(scope="module")
def compared_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    songs = [scale_song("Low", 40), scale_song("High", 70, seconds=30)]
    return folder, finish(settings(songs, Options(folder, minutes=0.01), TWO))


@pytest.fixture
def compared(compared_once, tmp_path):
    """What came of it, and its files in the test's own folder."""
    folder, found = compared_once
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return found


def test_every_setting_is_measured_alike_and_leaves_its_model(compared, tmp_path):
    rows = compared["settings"]

    assert list(rows) == ["tiny", "tiny-hop-1"]
    assert rows["tiny-hop-1"]["windows_learnt"] > 5 * rows["tiny"]["windows_learnt"]
    assert rows["tiny-hop-1"]["windows"] == rows["tiny"]["windows"]
    for name, row in rows.items():
        assert row["updates"] == row["curve"][-1]["updates"] > 0
        assert row["lower_bound"] == pytest.approx(row["reconstruction"] - row["kl"])
        assert row["held_out_windows"] > 0
        assert TrainedModel.load(tmp_path / f"{name}.safetensors").config == TWO[name].recipe.model


def test_the_table_has_a_line_for_every_setting_with_as_many_cells_as_headings(compared, tmp_path):
    lines = [line for line in (tmp_path / "settings.md").read_text().splitlines() if line.startswith("|")]

    assert [line.split()[1] for line in lines[2:]] == list(TWO)
    assert len({line.count("|") for line in lines}) == 1
    assert f"{compared['settings']['tiny']['held_out_lower_bound']:.2f}" in lines[2]
    assert (tmp_path / "settings.png").stat().st_size > 10_000


def test_a_setting_that_was_made_in_the_same_way_is_not_trained_again(compared, two_songs, options, monkeypatch):
    monkeypatch.setattr("vrae_core.training.train.train", None)
    again = finish(settings(two_songs, replace(options, resume=True), TWO))

    assert json.dumps(again) == json.dumps(compared)  # NaN, where nothing was measured, equals nothing


def test_only_the_settings_asked_for_are_trained(two_songs, options):
    found = finish(settings(two_songs, replace(options, only=("tiny-hop-1",)), TWO))

    assert list(found["settings"]) == ["tiny-hop-1"]


def row(*points, good=None):
    curve = [dict(zip(("seconds", "lower_bound", "held_out_lower_bound"), point, strict=True)) for point in points]
    return {"lower_bound": curve[-1]["lower_bound"], "seconds_to_good_f1": good, "curve": curve}


def test_ours_is_held_against_the_papers_by_the_time_to_a_good_f1_and_by_held_out_windows_at_the_same_bound():
    paper = row((600, -9.0, -9.5), (1200, -8.0, -8.4))
    ours = row((60, -9.0, -9.1), (120, -7.0, -7.7), (1200, -1.0, -6.0), good=80)
    sentences = findings({"paper-20d": paper, "fast-20d": ours})

    assert any("more than 15.0 times as fast as paper-20d" in sentence for sentence in sentences)
    assert any("have -8.40, and -8.40 in fast-20d" in sentence for sentence in sentences)
    slower = findings({"paper-20d": paper | {"seconds_to_good_f1": 400}, "fast-20d": ours})
    assert any("fast-20d is 5.0 times as fast" in sentence for sentence in slower)


def test_nothing_is_compared_at_a_bound_that_ours_never_had_so_low():
    sentences = findings({"paper-20d": row((1200, -9.5, -9.6)), "fast-20d": row((60, -9.0, -9.1), (120, -7.0, -7.7))})

    assert not any("held-out" in sentence for sentence in sentences)


def test_a_setting_that_was_made_in_another_way_is_trained_again(compared, two_songs, options, monkeypatch):
    monkeypatch.setattr("vrae_core.training.train.train", None)
    options = replace(options, resume=True)

    for other in (replace(options, minutes=0.011), replace(options, seed=1), replace(options, resume=False)):
        with pytest.raises(TypeError):
            finish(settings(two_songs, other, TWO))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"made_with": 3}'])
def test_a_damaged_file_of_figures_counts_for_nothing(content, two_songs, options, tmp_path):
    (tmp_path / "tiny.json").write_bytes(content)
    rows = finish(settings(two_songs, replace(options, resume=True), {"tiny": TWO["tiny"]}))["settings"]

    assert rows["tiny"]["updates"] > 0


def test_a_setting_that_keeps_collapsing_is_a_line_in_the_table_too(two_songs, options, tmp_path):
    found = finish(settings(two_songs, replace(options, minutes=0.1), {"hopeless": ComparedRecipe(HOPELESS, 10)}))

    assert "keeps collapsing" in found["settings"]["hopeless"]["failed"]
    assert "| hopeless | failed |" in (tmp_path / "settings.md").read_text()
    assert any("hopeless failed" in sentence for sentence in found["findings"])


@pytest.mark.parametrize("name", SETTINGS)
def test_no_setting_learns_from_a_step_that_is_held_out(name, two_songs):
    learnt, seen, unseen = windows_of(two_songs, SETTINGS[name])
    held = {step for offset in unseen.offsets for step in range(offset, offset + unseen.window)}

    for corpus in (learnt, seen):
        assert len(corpus)
        assert not held & {step for offset in corpus.offsets for step in range(offset, offset + corpus.window)}
    assert set(seen.offsets) <= set(learnt.offsets)


def test_the_held_out_windows_are_every_tenth(two_songs):
    _, _, unseen = windows_of(two_songs, SETTINGS["paper-20d-hop-1"])
    every = build_corpus(two_songs, 40, 20)

    np.testing.assert_array_equal(unseen.offsets, every.offsets[9::10])


def test_songs_of_fewer_than_ten_windows_are_refused(two_songs, options):
    with pytest.raises(CorpusError, match="fewer than ten windows"):
        next(
            settings(
                two_songs, options, {"long": ComparedRecipe(replace(TINY, model=replace(TINY.model, window=200)), 100)}
            )
        )


@pytest.mark.parametrize(("kind", "weight"), [("2d", 0.5), ("20d", 0.4)])
def test_each_switch_changes_one_thing_and_the_authors_settings_are_two_of_them(kind, weight):
    paper, authors = RECIPES[f"paper-{kind}"], RECIPES[f"authors-{kind}"]
    silent = SETTINGS[f"paper-{kind}-silent-start"].recipe
    lighter = SETTINGS[f"paper-{kind}-kl-{weight}"].recipe

    assert silent == replace(paper, model=authors.model)
    assert lighter == replace(paper, training=authors.training)
    assert authors.model.silent_start
    assert authors.training.kl_weight == weight
    assert replace(authors.training, kl_weight=1.0) == paper.training
    assert SETTINGS[f"paper-{kind}-gru"].recipe == replace(paper, model=replace(paper.model, cell="gru"))
