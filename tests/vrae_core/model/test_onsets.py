"""Note onsets: counted as mir_eval counts them, whatever the grid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mir_eval.transcription import precision_recall_f1_overlap

from vrae_core.columns import Part
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.sampling import Grid
from vrae_core.corpus.windows import Corpus
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.song import Song, SongTrack
from vrae_core.model.onsets import WITHIN, matched, note_onset_f1, note_onsets
from vrae_core.piano_roll import Note

MAP = TempoMap((Tempo(0, 113),))
TRACKS = (SongTrack("Lead", 0, 80), SongTrack("Bass", 1, 33), SongTrack("Kit", 9, 0, is_drums=True))
PARTS = (Part.MELODY, Part.BASS, Part.DRUMS)


def random_song(seed: int, tracks: tuple[SongTrack, ...] = ()) -> Song:
    """Notes anywhere, some of them nearly at once, and hits."""
    chance = np.random.default_rng(seed)
    starts = np.sort(chance.uniform(0, 12, 90)).tolist()
    notes = [Note(t, t + float(chance.uniform(0.06, 0.7)), 60 + int(chance.integers(4)), 90, i % 2)
             for i, t in enumerate(starts)]  # fmt: skip
    drums = [Note(t, t + 0.1, int(chance.choice((36, 38, 42))), 90, 2) for t in starts[::3]] if tracks else []
    parts = PARTS if tracks else ()
    return Song("A song", tuple(notes), 113.0, (), "", MAP, (Meter(0, 4, 4),), tracks, tuple(drums), parts)


def whole(song: Song, grid: Grid) -> Corpus:
    """The song as one window."""
    corpus = build_corpus([song], 1, 1, grid=grid, cap=1)
    return build_corpus([song], len(corpus.roll), 1, grid=grid)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("grid", [Grid(), Grid(12)], ids=str)
def test_counted_without_offsets_it_is_mir_evals_figure(seed, grid):
    chance = np.random.default_rng(seed)
    corpus = whole(random_song(seed), grid)
    rolls = corpus.windows() ^ (chance.random((1, *corpus.roll.shape)) < 0.02)
    begun = rolls[0] & ~np.pad(rolls[0][:-1], ((1, 0), (0, 0)))
    at = np.argwhere(begun)
    found = np.round(corpus.time_of(0).seconds_at(at[:, 0]), 3)  # by a millisecond, as ours tells onsets apart
    pairs = {
        (round(when, 3), pitch)
        for when, pitch in zip(corpus.onsets[0].seconds.tolist(), corpus.onsets[0].columns.tolist(), strict=True)
    }
    true, true_pitch = (np.array(each) for each in zip(*sorted(pairs), strict=True))
    _, _, f1, _ = precision_recall_f1_overlap(
        np.stack([true, true + 0.1], axis=1),
        440 * 2 ** ((true_pitch - 69) / 12),
        np.stack([found, found + 0.1], axis=1),
        440 * 2 ** ((np.array(corpus.pitches)[at[:, 1]] - 69) / 12),
        onset_tolerance=WITHIN,
        offset_ratio=None,
    )
    assert note_onset_f1(corpus, rolls) == {Part.ALL: pytest.approx(f1)}
    assert 0.2 < f1 < 1


@given(st.lists(st.integers(0, 300)), st.lists(st.integers(0, 300)))
def test_no_pairing_has_more_hits_than_the_one_that_is_counted(found, true):
    """An augmenting-path matching, which tries everything, finds as many."""
    one, other = (np.array(sorted(each), np.float64) / 1000 for each in (found, true))
    partner: dict[int, int] = {}

    def finds(i: int, tried: set[int]) -> bool:
        for j in range(len(other)):
            if abs(one[i] - other[j]) <= WITHIN + 1e-9 and j not in tried:
                tried.add(j)
                if j not in partner or finds(partner[j], tried):
                    partner[j] = i
                    return True
        return False

    assert matched(one, other) == sum(finds(i, set()) for i in range(len(one)))


def test_a_song_that_is_written_on_the_grid_is_all_right_and_silence_is_all_wrong():
    times = MAP.seconds_at(np.arange(17)).tolist()
    notes = tuple(Note(a, a + 0.1, 60) for a in times[:16])
    corpus = build_corpus([Song("A song", notes, 113.0, (), "", MAP)], 48, 48, grid=Grid(12))
    assert note_onset_f1(corpus, corpus.windows()) == {Part.ALL: 1}
    assert note_onset_f1(corpus, np.zeros_like(corpus.windows())) == {Part.ALL: 0}


def test_a_note_that_a_window_begins_in_the_middle_of_is_no_onset_of_its():
    song = Song("A song", (Note(0, MAP.seconds_at(8).item(), 60),), 113.0, (), "", MAP)
    corpus = build_corpus([song], 48, 48, grid=Grid(12))
    counted = note_onsets(corpus, corpus.windows())[Part.ALL]
    assert (len(corpus), counted.hits, counted.found, counted.true) == (2, 1, 1, 1)


def test_each_part_is_counted_by_itself_and_all_together_whoever_plays():
    corpus = whole(random_song(1, TRACKS), Grid(12, parts=True))
    rolls = corpus.windows()
    figures = note_onset_f1(corpus, rolls)
    assert set(figures) == {Part.ALL, *PARTS}
    assert all(0.5 < figure <= 1 for figure in figures.values())
    silenced = rolls & (np.array(corpus.pitches) < 128 * Part.DRUMS)
    without = note_onset_f1(corpus, silenced)
    assert without[Part.DRUMS] == 0
    assert without[Part.ALL] < figures[Part.ALL]
    assert without[Part.MELODY] == figures[Part.MELODY]
