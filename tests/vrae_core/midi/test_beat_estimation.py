"""Beats that are found in a song's onsets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.bands import played
from vrae_core.errors import CorpusError
from vrae_core.midi.beat_estimation import with_beats, with_estimated_beats
from vrae_core.midi.beats import Meter, TempoMap
from vrae_core.midi.quantising import keeps_to_its_beats
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note


@pytest.mark.parametrize(("seed", "usual", "drift"), [(0, 100, 12), (1, 128, 8), (2, 84, 6), (3, 115, 15)])
def test_most_beats_are_found_within_50_ms_though_the_tempo_drifts(seed, usual, drift):
    beats, song = played(seed, usual, drift)
    found = with_estimated_beats(song)
    counted = found.tempo_map.seconds_at(np.arange(2 * len(beats)))
    off = np.abs(counted[:, None] - beats).min(axis=0)
    assert (off < 0.05).mean() >= 0.8
    assert found.beats_per_minute == pytest.approx(usual, rel=0.2)


def test_beats_are_doubted_where_notes_do_not_keep_to_them_and_never_those_that_were_found():
    _, song = played()
    assert not keeps_to_its_beats(song)
    assert keeps_to_its_beats(with_estimated_beats(song))
    assert not keeps_to_its_beats(replace(song, tempo_map=None, meters=()))


def test_a_song_without_beats_is_left_out_in_one_sentence_unless_they_are_estimated():
    _, song = played()
    with pytest.raises(CorpusError, match="Played does not keep to the beats of its file, and is left out unless"):
        with_beats(song, estimate=False)
    with pytest.raises(CorpusError, match="Played has no beats in its file"):
        with_beats(replace(song, tempo_map=None), estimate=False)
    assert with_beats(song, estimate=True).tempo_map != song.tempo_map
    with pytest.raises(CorpusError, match="too few notes"):
        with_beats(Song("Short", (Note(0, 1, 60),), 120.0), estimate=True)


def test_a_song_that_keeps_to_its_beats_is_left_as_it_is():
    notes = tuple(Note(i / 8, i / 8 + 0.1, 60 + i % 7) for i in range(200))
    song = Song("Steady", notes, 120.0, tempo_map=TempoMap(), meters=(Meter(0, 4, 4),))
    assert with_beats(song, estimate=True) is song
