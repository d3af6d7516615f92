"""Learning songs: the run that the command and the window begin, and how long it lasts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bands import make_band, make_band_model
from vrae_core.model.evaluation import frame_f1
from vrae_core.progress import finish
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.learning import (
    MARK,
    RATE,
    RATE_TO_GO_ON,
    is_learnt,
    learning_minutes,
    learning_recipe,
    learning_settings,
    named_after,
    usual_minutes,
)
from vrae_core.runs.train import corpus_of, train_in


@pytest.fixture
def songs():
    return [make_band(name, bars=4) for name in ("Air", "Reel", "Jig")]


def test_very_many_windows_are_learnt_for_longer_though_no_update_was_timed_yet():
    assert usual_minutes(0) == usual_minutes(700) == 3.0
    assert 3.0 < usual_minutes(2_000) < usual_minutes(40_000) == 30.0


def test_a_map_is_named_after_its_songs(songs):
    assert named_after(songs[:1]) == "Air"
    assert named_after(songs[:2]) == "Air, Reel"
    assert named_after(songs) == "Air, Reel and 1 more"


def test_it_begins_at_higher_rates_from_the_base_and_as_the_recipe_says_from_nothing(songs):
    base = make_band_model(songs, latent=4)
    settings, fresh = learning_settings(songs, 3.0, base), learning_settings(songs, 3.0, None)
    assert settings.recipe.model.hidden == base.config.hidden
    assert settings.recipe.training.learning_rate == RATE * fresh.recipe.training.learning_rate
    assert fresh.recipe == learning_recipe(None)
    rates = [settings.recipe.training.learning_rate_at(done) for done in (0.1, 0.5, 0.75, 1)]
    assert rates[0] == rates[1] > rates[2] > rates[3]  # high for half of the time, for there is little of it
    assert (settings.parent, fresh.parent) == ("base", "")
    assert [song.name for song in settings.songs] == ["Air", "Reel", "Jig"]
    assert settings.extra[MARK] is True
    assert settings.minutes == 3.0


def test_what_a_map_has_learnt_is_learnt_on_at_lower_rates(songs):
    own = make_band_model(songs, latent=4)
    first, on = (learning_settings(songs, 3.0, own, "Mine", goes_on=known) for known in (False, True))
    assert on.recipe.training.learning_rate == pytest.approx(RATE_TO_GO_ON / RATE * first.recipe.training.learning_rate)
    assert on.recipe.training.muon_learning_rate < first.recipe.training.muon_learning_rate
    assert on.parent == "Mine"


def test_more_windows_take_longer_within_reason_and_so_does_beginning_from_nothing():
    few, more, very_many = (learning_minutes(windows, 0.5) for windows in (1, 1_000, 60_000))
    assert 0.5 <= few < more < very_many <= 30
    assert learning_minutes(1_000, 0.5, from_nothing=True) > more
    assert learning_minutes(1, 1e-6) == 0.5


def test_a_model_that_hears_no_parts_or_no_beats_was_not_learnt_so(songs):
    assert is_learnt(make_band_model(songs))
    assert not is_learnt(make_band_model(songs, parts=False))


@pytest.mark.parametrize("bad", ["one song", "shorter than a window", "all alike", "begins elsewhere"])
def test_odd_songs_are_learnt_all_the_same(songs, bad, tmp_path):
    base = make_band_model(songs, latent=4)
    given = {
        "one song": songs[:1],
        "shorter than a window": [make_band("Short", bars=1)],
        "all alike": [replace(songs[0], name=f"{i}") for i in range(3)],
        "begins elsewhere": [make_band("Odd", 33.0, bars=2)],
    }[bad]
    settings = replace(learning_settings(given, 3.0, base), minutes=None, epochs=20)  # not by the clock
    corpus = corpus_of(settings, given)
    run = RunFolder.create(tmp_path, settings)
    model = finish(train_in(run, corpus, start_from=base))
    rolls = model.decode(model.encode(corpus.windows()).mu) >= model.threshold
    assert frame_f1(rolls, corpus.windows()) > 0
    assert run.model.exists()


def test_a_song_that_does_not_keep_to_its_beats_is_learnt_as_the_map_has_cut_it(songs):
    notes = tuple(
        note._replace(start=note.start + 0.021 * (place % 7), end=note.end + 0.2)
        for place, note in enumerate(songs[0].notes)
    )
    unsteady = replace(songs[0], name="Unsteady", notes=notes)
    settings = learning_settings([unsteady, songs[1]], 3.0, None)
    assert corpus_of(settings, [unsteady, songs[1]]).names == ("Unsteady", songs[1].name)
