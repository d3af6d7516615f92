"""Medleys."""

import json
from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.midi.song import read_song
from vrae_core.progress import finish
from vrae_core.reproduction import medleys
from vrae_core.reproduction.experiment import Options


@pytest.fixture
def everywhere(two_songs):
    return build_corpus(two_songs, window=20, hop=1, cap=None, equal_share=False)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(medleys, "STEPS", 110)
    monkeypatch.setattr(medleys, "PER_GROUP", 3)


@pytest.fixture
def undrawn(monkeypatch):
    """Pictures take a second each to draw; most tests do not look at them."""
    monkeypatch.setattr(medleys, "save_picture", lambda *_: None)


@pytest.mark.usefixtures("short")
def test_medleys_are_played_drawn_and_measured(two_songs, model, tmp_path):
    found = finish(medleys.medley(two_songs, Options(tmp_path, model=model)))

    music = {f"{kind}-{number}.mid" for kind in ("encoded", "random") for number in (1, 2)}
    assert {path.name for path in tmp_path.iterdir()} == {"medleys.png", "medley-rolls.png"} | music
    assert [each["song"] for each in found["encoded"]["medleys"]] == ["Low", "High", "Low"]
    assert found["encoded"]["medleys"][1]["file"] == "encoded-2.mid"
    assert len(found["random"]["medleys"][0]["note_density"]) == 110 // 20
    assert len(found["findings"]) == 2
    json.dumps(found)


@pytest.mark.usefixtures("short")
def test_a_silent_model_gives_medleys_that_die_out_at_once(two_songs, model, tmp_path):
    found = finish(medleys.medley(two_songs, Options(tmp_path, model=replace(model, threshold=1.1))))
    assert found["random"]["dies_out"] == 1
    assert found["random"]["goes_on_for_steps"]["mean"] == 0
    assert found["random"]["medleys"][0]["nearest_song"] == [None] * 5


@pytest.mark.usefixtures("short")
def test_one_short_song_is_enough(two_songs, model, tmp_path):
    short = replace(two_songs[0], notes=two_songs[0].notes[:2])
    finish(medleys.medley([short], Options(tmp_path, model=model)))
    assert (tmp_path / "medleys.png").exists()


def test_a_song_played_as_a_medley_is_as_near_as_can_be(everywhere):
    rolls = np.stack([everywhere.roll[7:127], everywhere.roll[500:620]])
    found = finish(medleys.measured(rolls, everywhere))

    np.testing.assert_allclose(found.distance, 0)
    assert (found.song == [[0], [1]]).all()
    assert np.isnan(found.self_similarity[:, 0]).all()
    np.testing.assert_allclose(found.density, 3)  # half-second notes: two in a block, and one that goes on from before


def test_silence_is_like_silence_and_near_to_nothing(everywhere):
    found = finish(medleys.measured(np.zeros((1, 60, len(everywhere.pitches)), bool), everywhere))
    np.testing.assert_array_equal(found.self_similarity[0, 1:], [1, 1])
    assert np.isnan(found.distance).all()
    assert (found.song == -1).all()


def test_the_nearest_window_may_have_to_be_of_another_song(everywhere):
    x = everywhere.windows([5, 900])
    index, f1 = finish(medleys.nearest(x, everywhere))
    np.testing.assert_allclose(f1, 1)
    np.testing.assert_array_equal(everywhere.windows(index), x)
    others = finish(medleys.nearest(x, everywhere, other_than=everywhere.song_of[[5, 900]]))
    np.testing.assert_allclose(others[1], 0)  # a low song and a high one have no cell in common


def test_the_nearest_window_is_the_same_however_many_are_compared_at_once(everywhere, monkeypatch):
    x = everywhere.windows([3, 333, 777]) & (np.random.default_rng(0).random((3, 20, 1)) < 0.8)
    whole = finish(medleys.nearest(x, everywhere))
    monkeypatch.setattr(medleys, "_COMPARED_AT_ONCE", 10)
    parts = finish(medleys.nearest(x, everywhere))
    np.testing.assert_array_equal(whole[0], parts[0])


@pytest.mark.usefixtures("short", "undrawn")
def test_the_music_that_is_saved_is_the_medley(two_songs, model, tmp_path):
    finish(medleys.medley(two_songs, Options(tmp_path, model=model)))
    assert 0 < read_song(tmp_path / "random-1.mid").seconds <= 110 * 0.05
