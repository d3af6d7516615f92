"""Two models on the same windows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bands import scale_song
from tests.vrae_core.conftest import random_model
from vrae_core.__main__ import main
from vrae_core.corpus.cutting import same_windows
from vrae_core.corpus.windows import Corpus
from vrae_core.errors import CorpusError
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.model.evaluation import evaluate
from vrae_core.model.trained import TrainedModel
from vrae_core.progress import finish
from vrae_core.tasks.two_models import View, compare


def view(model: TrainedModel, corpus: Corpus) -> View:
    return View(model, corpus, model.encode(corpus.windows()).mu)


def test_another_model_s_windows_begin_where_they_began(corpus: Corpus, two_songs: list[Song]) -> None:
    pitches = corpus.pitches[2:5]
    other = same_windows(corpus, two_songs, 33, pitches)
    assert len(other) == len(corpus)
    common = [corpus.pitches.index(pitch) for pitch in pitches]
    for i in (0, 7, len(corpus) - 1):
        np.testing.assert_array_equal(other.windows([i])[0][:20], corpus.windows([i])[0][:, common])


def test_beyond_its_end_and_without_its_pitches_a_song_is_silent(corpus: Corpus, two_songs: list[Song]) -> None:
    other = same_windows(corpus, two_songs, 100, (40,))  # that only the low song has
    assert other.windows([0]).any()
    assert not other.windows(np.flatnonzero(other.song_of == 1)).any()
    assert not other.windows([int(np.flatnonzero(other.song_of == 0)[-1])])[0][20:].any()


def test_other_songs_are_refused(corpus: Corpus, two_songs: list[Song]) -> None:
    with pytest.raises(CorpusError, match="not the songs"):
        same_windows(corpus, two_songs[::-1], 20, corpus.pitches)


def test_the_figures_are_those_of_each_model_alone(corpus: Corpus, model: TrainedModel) -> None:
    other = random_model(replace(model.config, latent=5), corpus.pitches, seed=4)
    found = finish(compare(view(model, corpus), view(other, corpus)))
    for mine, measured in ((found.first, model), (found.second, other)):
        alone = finish(evaluate(measured, corpus))
        for name in ("lower_bound", "kl", "frame_f1", "active_units", "song_accuracy"):
            assert getattr(mine, name) == pytest.approx(getattr(alone, name)), name
    assert found.second.latent == 5
    assert 0 <= found.shared_neighbours <= 1


def test_a_model_beside_itself_shares_everything(corpus: Corpus, model: TrainedModel) -> None:
    found = finish(compare(view(model, corpus), view(model, corpus), most=9))
    assert found.shared_neighbours == 1
    assert found.first == found.second
    assert (found.windows, found.measured) == (len(corpus), 9)


@pytest.fixture
def files(tmp_path: Path, model: TrainedModel) -> list[str]:
    """Two models of different windows, and two songs."""
    names = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    model.save(names[0])
    random_model(replace(model.config, window=30, latent=4), model.pitches, seed=2).save(names[1])
    for song in (scale_song("Low", 40), scale_song("High", 70, seconds=30)):
        names.append(tmp_path / f"{song.name}.mid")
        write_midi(names[-1], [Track(song.name, 0, song.notes)], 120.0)
    return [str(name) for name in names]


def test_the_command_prints_a_table_or_json(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *files]) == 0
    table = capsys.readouterr().out
    assert all(word in table for word in ("one", "two", "Latent dimensions", "F1", "Song 5-NN", "Shared neighbours"))
    assert main(["compare", *files, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["first"]["window"], figures["second"]["window"]) == (20, 30)
    assert figures["windows"] == figures["measured"] > 50


def test_the_command_draws_both_maps(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "both.svg"
    assert main(["compare", *files, "-o", str(picture)]) == 0
    assert "residual 0." in capsys.readouterr().err
    words = picture.read_text(encoding="utf-8")
    assert all(title in words for title in ("one", "two, laid onto one", "Low", "High"))
