"""What is said of songs before a training is what the training then finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrae_core.corpus.attributes import key_name, semitones_home
from vrae_core.corpus.cutting import build_corpus, choose_pitches
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song, SongTrack
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note, transposed
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.song_facts import facts_of, figures_of
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of

C_MAJOR, A_MINOR = (60, 64, 67, 72, 62, 65, 69, 71), (57, 60, 64, 69, 57, 64, 68, 71)


def song(pitches, name="song", seconds=0.25):
    notes = tuple(Note(i * seconds, (i + 1) * seconds, pitch) for i, pitch in enumerate(pitches))
    return Song(name, notes, 120.0)


_SONGS = st.lists(st.lists(st.integers(15, 115), min_size=1, max_size=60), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(_SONGS, st.booleans(), st.sampled_from([None, 2, 520]), st.sampled_from([0.0, 0.0005, 0.1]), st.integers(1, 30))
def test_windows_and_pitches_are_those_of_the_corpus(tunes, equal_share, cap, min_share, hop):
    recipe = RECIPES["fast-2d"]
    model = replace(recipe.model, window=20, hop=hop)
    recipe = replace(recipe, model=model, equal_share=equal_share, cap=cap, min_pitch_share=min_share)
    songs = [song(tune, str(i)) for i, tune in enumerate(tunes)]
    figures = figures_of([facts_of(each) for each in songs], recipe)
    pitches = choose_pitches(songs, min_share)
    assert figures.pitches == pitches
    if not pitches:
        assert not figures.windows.any()
        return
    corpus = build_corpus(songs, 20, hop, cap=cap, equal_share=equal_share, pitches=pitches)
    of_song = {name: int((corpus.song_of == i).sum()) for i, name in enumerate(corpus.names)}
    assert figures.windows.tolist() == [of_song.get(each.name, 0) for each in songs]


_TUNES = st.lists(
    st.lists(st.tuples(st.integers(0, 900), st.integers(33, 96), st.integers(0, 2)), min_size=1, max_size=40),
    min_size=1,
    max_size=4,
)
_METERS = st.sampled_from([((0, 4, 4),), ((0, 3, 4), (7, 4, 4)), ((0, 13, 8),), ((0, 4, 4), (2.5, 1, 32), (3, 7, 8))])


@settings(max_examples=60, deadline=None)
@given(_TUNES, _METERS, st.booleans(), st.booleans(), st.integers(1, 120), st.integers(1, 120), st.integers(-12, 12))
def test_in_musical_time_windows_and_columns_are_those_of_the_corpus(
    tunes, meters, equal_share, parts, window, hop, shift
):
    recipe = RECIPES["bars-40d"]
    recipe = replace(recipe, model=replace(recipe.model, window=window, hop=hop, parts=parts), equal_share=equal_share)
    songs = [band([(0, 60, 0), (0, 40, 1), *tune], str(i), meters) for i, tune in enumerate(tunes)]
    figures = figures_of([facts_of(each, grid=recipe.model.grid).transposed(shift) for each in songs], recipe)
    run = RunSettings("", "", recipe, tuple(SongToTrain(each.name, semitones=shift) for each in songs))
    if not figures.pitches:
        assert not figures.windows.any()
        return
    corpus = corpus_of(run, songs)
    assert figures.pitches == corpus.pitches
    of_song = {name: int((corpus.song_of == i).sum()) for i, name in enumerate(corpus.names)}
    assert figures.windows.tolist() == [of_song.get(each.name, 0) for each in songs]


def band(tune, name, meters):
    """Two instruments and a drummer at 100 beats a minute, then 163."""
    tracks = (SongTrack("lead", 0, 0), SongTrack("bass", 1, 33), SongTrack("kit", 9, 0, is_drums=True))
    notes = sorted(Note(at / 60, at / 60 + 0.3, pitch, 90, track) for at, pitch, track in tune)
    by_drums = {drums: tuple(note for note in notes if (note.track == 2) is drums) for drums in (False, True)}
    return Song(
        name,
        by_drums[False],
        100.0,
        tempo_map=TempoMap((Tempo(0, 100), Tempo(8, 163))),
        meters=tuple(Meter(*each) for each in meters),
        tracks=tracks,
        drums=by_drums[True],
    )


def test_a_song_without_beats_is_left_out_where_beats_are_counted():
    unmeasured, recipe = facts_of(song([60] * 9), grid=RECIPES["bars-2d"].model.grid), RECIPES["bars-2d"]
    assert unmeasured.why_not == "song has no beats in its file, and is left out unless they are estimated"
    assert figures_of([unmeasured], recipe).windows.tolist() == [0]


def test_no_songs_give_no_windows():
    figures = figures_of([], RECIPES["fast-2d"])
    assert (figures.pitches, len(figures.windows)) == ((), 0)


def test_what_is_cut_away_is_said_for_each_song():
    common, rare = song([60] * 99 + [61], "common"), song([90, 60, 60, 60], "rare")
    recipe = replace(RECIPES["fast-2d"], min_pitch_share=0.02)
    little, much = figures_of([facts_of(common), facts_of(rare)], recipe).lost
    assert 0 < little < 0.02
    assert 0.2 < much < 0.3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(21, 108), min_size=1, max_size=60), st.integers(-100, 100))
def test_the_facts_of_a_transposed_song_are_those_of_its_transposed_roll(tune, semitones):
    plain = song(tune)
    roll = transposed(plain.roll, semitones)
    facts = facts_of(plain).transposed(semitones)
    assert np.array_equal(facts.cells, roll.sum(axis=0))
    assert facts.steps == len(roll)
    assert len(facts.pitches) == roll.any(axis=0).sum()


def test_what_leaves_the_piano_is_left_out():
    facts = facts_of(song([108, 60])).transposed(12)
    assert facts.pitches == (72,)
    assert facts.transposed(40).key == -1


@pytest.mark.parametrize("semitones", range(-6, 6))
def test_every_key_finds_its_way_home(semitones):
    for tune, home in ((C_MAJOR, "C major"), (A_MINOR, "A minor")):
        facts = facts_of(song([pitch + semitones for pitch in tune]))
        assert facts_of(song(tune)).transposed(semitones).key == facts.key
        assert key_name(facts.transposed(semitones_home(facts.key)).key) == home
        assert semitones_home(facts.key) % 12 == -semitones % 12


def test_the_same_music_has_the_same_digest_whatever_it_is_called():
    assert facts_of(song(C_MAJOR, "one")).digest == facts_of(song(C_MAJOR, "two")).digest


def test_silence_has_no_key_and_stays_where_it_is():
    facts = facts_of(Song("mute", (), 120.0))
    assert (facts.key, key_name(facts.key), semitones_home(facts.key), facts.steps) == (-1, "", 0, 0)
