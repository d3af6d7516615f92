"""The windows that a run learns: its songs moved, quantised, weighed and told apart as its settings say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.bands import played, scale_song
from tests.vrae_core.runs.conftest import changed
from vrae_core.columns import Part, parts_of
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.errors import CorpusError
from vrae_core.midi.beat_estimation import with_estimated_beats
from vrae_core.midi.beats import TempoMap
from vrae_core.midi.quantising import Quantising
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain
from vrae_core.runs.train import corpus_of, weights_of


def test_songs_are_moved_as_their_entries_say_and_notes_that_fall_off_the_piano_are_counted(run):
    songs = [scale_song("Low", 40), scale_song("High", 100, step=1)]
    up = changed(run, songs=(SongToTrain("Low", semitones=-3), SongToTrain("High", semitones=5)))
    corpus = corpus_of(up.settings(), songs)
    assert corpus.pitches == (*range(37, 48, 2), *range(105, 109))
    assert corpus.skipped == ("High: 12 notes fall off the piano when moved by +5 semitones",)
    as_before = corpus_of(replace(up.settings(), songs=(SongToTrain("Low"), SongToTrain("High"))), songs)
    np.testing.assert_array_equal(corpus.roll[:, :6], as_before.roll[:, :6])


def test_a_song_is_quantised_and_then_moved_and_told_if_it_does_not_follow_its_beats(run):
    beats = TempoMap.of_seconds([(0.0, 120.0)])
    on_time = [replace(scale_song(name, lowest), tempo_map=beats) for name, lowest in (("Low", 40), ("High", 60))]
    late = [
        replace(s, notes=tuple(n._replace(start=n.start + 0.06, end=n.end + 0.06) for n in s.notes)) for s in on_time
    ]
    entries = (
        SongToTrain("Low", semitones=2, quantising=Quantising("1/8")),
        SongToTrain("High", quantising=Quantising("1/8", 0)),
    )
    corpus = corpus_of(changed(run, songs=entries).settings(), late)
    wanted = replace(run.settings(), songs=(SongToTrain("Low", semitones=2), SongToTrain("High")))
    np.testing.assert_array_equal(corpus.windows(), corpus_of(wanted, [on_time[0], late[1]]).windows())
    assert corpus.skipped == (
        "Low fits 1/32 better: onsets lie 60 ms from the 1/8 grid on average",
    )  # fmt: skip


def test_a_roll_without_notes_is_not_quantised(run):
    pieces = [BenchmarkPiece(song.name, song.roll) for song in (scale_song("Low", 40), scale_song("High", 60))]
    with pytest.raises(CorpusError, match="Low is a roll without notes"):
        corpus_of(
            changed(run, songs=(SongToTrain("Low", quantising=Quantising("1/8")), SongToTrain("High"))).settings(),
            pieces,
        )


def test_a_song_that_falls_off_the_piano_whole_is_left_out(run, two_songs):
    corpus = corpus_of(
        changed(run, songs=(SongToTrain("Low"), SongToTrain("High", semitones=90))).settings(), two_songs
    )  # fmt: skip
    assert corpus.names == ("Low",)
    assert corpus.skipped[0].startswith("High uses none of")


def test_other_songs_than_the_runs_are_refused(run, two_songs):
    with pytest.raises(CorpusError, match="learns 2 songs, but 1 were found"):
        corpus_of(run.settings(), two_songs[:1])


def test_the_windows_begin_with_their_songs_weight(run, two_songs):
    corpus = corpus_of(run.settings(), two_songs)
    assert weights_of(run.settings(), corpus) is None
    entries = (SongToTrain("Gone", weight=9.0), SongToTrain("Low", weight=0.0), SongToTrain("High", weight=2.0))
    weights = weights_of(replace(run.settings(), songs=entries), corpus)
    np.testing.assert_array_equal(weights, np.array([0.0, 2.0])[corpus.song_of])


def by_the_bar(*songs):
    """What a run by the bar learns."""
    return RunSettings("By the bar", "bars-2d", RECIPES["bars-2d"], songs)


def test_tracks_are_learnt_as_the_parts_that_were_chosen_for_them():
    song = with_estimated_beats(played()[1])
    found, chosen = (
        corpus_of(by_the_bar(SongToTrain("Played", parts=parts)), [song])
        for parts in ((), (Part.BASS, None, Part.MELODY))
    )
    assert set(parts_of(found.pitches).tolist()) == {Part.MELODY, Part.BASS, Part.DRUMS}
    assert set(parts_of(chosen.pitches).tolist()) == {Part.BASS, Part.MELODY}


def test_drums_stay_what_they_are_when_a_song_is_transposed_whoever_plays_them():
    song = with_estimated_beats(played()[1])
    drums_by_hand = (Part.MELODY, Part.DRUMS, None)
    kept, moved = (
        corpus_of(by_the_bar(SongToTrain("Played", semitones=by, parts=drums_by_hand)), [song]) for by in (0, 5)
    )
    of_drums = [[c for c in corpus.pitches if parts_of([c])[0] == Part.DRUMS] for corpus in (kept, moved)]
    assert of_drums[0] == of_drums[1] != []


def test_a_song_without_beats_is_left_out_of_what_counts_in_beats_and_said_or_its_beats_are_found():
    _, song = played()
    steady = replace(with_estimated_beats(song), name="Steady")
    corpus = corpus_of(by_the_bar(SongToTrain("Played"), SongToTrain("Steady")), [song, steady])
    assert corpus.names == ("Steady",)
    assert corpus.skipped == (
        "Played does not keep to the beats of its file, and is left out unless they are estimated",
    )
    corpus = corpus_of(by_the_bar(SongToTrain("Played", estimate_beats=True), SongToTrain("Steady")), [song, steady])
    assert corpus.names == ("Played", "Steady")
    with pytest.raises(CorpusError, match="is left out unless"):
        corpus_of(by_the_bar(SongToTrain("Played")), [song])


def test_a_song_of_drums_only_is_learnt_as_a_part_and_left_out_of_what_has_none():
    song = with_estimated_beats(played()[1])
    beat = replace(song, name="Beat", notes=())
    assert set(parts_of(corpus_of(by_the_bar(SongToTrain("Beat")), [beat]).pitches).tolist()) == {Part.DRUMS}
    in_steps = replace(by_the_bar(SongToTrain("Played"), SongToTrain("Beat")), recipe=RECIPES["fast-2d"])
    corpus = corpus_of(in_steps, [song, beat])
    assert corpus.names == ("Played",)
    assert corpus.skipped == ("Beat holds only drums, which this model does not play",)
