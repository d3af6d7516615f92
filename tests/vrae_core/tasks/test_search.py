"""Searching the windows of songs: by name, by a phrase, by example, by a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece
from vrae_core.errors import CorpusError, VraeError
from vrae_core.latent.map import LatentMap
from vrae_core.piano_roll import LOWEST_PITCH, PIANO_PITCHES, Note, roll_from_notes
from vrae_core.progress import finish
from vrae_core.tasks import search
from vrae_core.tasks.query import MOST_NOTES, PhraseNote, PhraseRecording, excerpt, passage, phrase, window_of
from vrae_core.tasks.search import find, find_pieces, named, nearest_in_z

WINDOW = 20


def piece(name: str, seed: int, seconds: int = 40) -> BenchmarkPiece:
    """Melody and chords by chance, four notes a second."""
    source = np.random.default_rng(seed)
    notes = [Note(t / 4, t / 4 + 0.2, int(p)) for t, p in enumerate(source.integers(60, 80, seconds * 4))]
    notes += [Note(t, t + 0.9, int(p)) for t, p in enumerate(source.integers(40, 55, seconds))]
    return BenchmarkPiece(name, roll_from_notes(notes))


@pytest.fixture
def songs():
    return [piece("My Bonnie", 1), piece("Bonnie & Clyde", 2), piece("Greensleeves", 3, seconds=25)]


@pytest.fixture
def pieces(songs):
    return build_corpus(songs, WINDOW, 5, cap=None, equal_share=False, pitches=PIANO_PITCHES)


def melody(song: BenchmarkPiece, first: int, last: int) -> list[PhraseNote]:
    """The notes from 60 up that are struck between two steps."""
    struck = song.roll.copy()
    struck[1:] &= ~song.roll[:-1]
    return [PhraseNote(t, c + LOWEST_PITCH) for t, c in np.argwhere(struck[first:last]).tolist() if c >= 60 - 21]


def where(corpus, hit):
    return corpus.names[corpus.song_of[hit.window]], hit.at


def test_a_phrase_taken_out_of_a_song_is_found_at_its_place(songs, pieces):
    best, second = finish(find(pieces, phrase(melody(songs[1], 310, 350)), top=2))

    assert where(pieces, best) == ("Bonnie & Clyde", 15.5)
    assert (best.shared, best.of, best.score, best.semitones) == (8, 8, 1.0, 0)
    assert second.shared < 8


def test_the_window_that_holds_most_of_the_phrase_is_given(songs, pieces):
    [hit] = finish(find(pieces, phrase(melody(songs[0], 312, 326)), top=1))
    start = int(pieces.start_of[hit.window])
    assert start <= 312
    assert start + WINDOW >= 326


def test_a_transposed_phrase_is_found_when_asked_for_and_says_by_how_much(songs, pieces):
    higher = phrase([note._replace(pitch=note.pitch + 7) for note in melody(songs[2], 200, 240)])

    [hit] = finish(find(pieces, higher, transposed=True, top=1))
    assert where(pieces, hit) == ("Greensleeves", 10.0)
    assert (hit.shared, hit.semitones) == (8, -7)

    [untransposed] = finish(find(pieces, higher, top=1))
    assert untransposed.shared < 8


def test_a_phrase_played_a_step_too_early_or_late_is_still_found(songs, pieces):
    inexact = [note._replace(step=note.step + i % 2) for i, note in enumerate(melody(songs[0], 400, 440))]
    [hit] = finish(find(pieces, phrase(inexact), top=1))
    assert hit.shared == hit.of == 8
    assert where(pieces, hit) == ("My Bonnie", pytest.approx(20, abs=0.051))


def test_half_the_notes_wrong_means_half_of_them_are_shared(songs, pieces):
    notes = melody(songs[0], 400, 440)
    wrong = [note._replace(pitch=105) if i % 2 else note for i, note in enumerate(notes)]
    [hit] = finish(find(pieces, phrase(wrong), top=1))
    assert (hit.shared, hit.of, hit.score) == (4, 8, 0.5)
    assert where(pieces, hit) == ("My Bonnie", 20.0)


def test_a_phrase_never_runs_from_a_song_into_the_next(songs, pieces):
    """The last half second of one song and the first of the next lie side by side in the corpus."""
    end = melody(songs[0], 790, 800)
    begin = [note._replace(step=note.step + 10) for note in melody(songs[1], 0, 10)]
    [hit] = finish(find(pieces, phrase(end + begin), top=1))
    assert len(end + begin) == 4
    assert hit.shared < 4


def test_what_comes_back_later_is_more_like_a_window_than_anything_else(songs):
    bar = songs[0].roll[100:120]
    roll = np.concatenate([songs[0].roll, np.zeros((7, 88), bool), bar, np.zeros((9, 88), bool)])
    corpus = build_corpus(
        [BenchmarkPiece("Refrain", roll), songs[1]], WINDOW, 5, cap=None, equal_share=False, pitches=PIANO_PITCHES
    )
    itself = int(np.flatnonzero(corpus.start_of == 100)[0])

    best, second = finish(find(corpus, window_of(corpus, itself), top=2))

    assert where(corpus, best) == ("Refrain", round((len(songs[0].roll) + 7) / 20, 2))
    assert best.score == 1.0
    assert second.score < 0.8


def test_what_only_one_of_two_passages_has_counts_against_it():
    """Two songs hold the same four notes; in one of them there are as many others."""
    plain = [Note(t / 4, t / 4 + 0.1, 60 + t) for t in range(4)]
    more = plain + [Note(t / 4 + 0.1, t / 4 + 0.2, 80 + t) for t in range(4)]
    rolls = [np.pad(roll_from_notes(notes), ((0, 10), (0, 0)))[:WINDOW] for notes in (more, plain)]
    corpus = build_corpus(
        [BenchmarkPiece("More", rolls[0]), BenchmarkPiece("Plain", rolls[1])], WINDOW, 5, pitches=PIANO_PITCHES
    )

    best, second = finish(find(corpus, passage(rolls[1], PIANO_PITCHES), top=2))
    assert [corpus.names[hit.window] for hit in (best, second)] == ["Plain", "More"]
    assert (best.score, second.score) == (1.0, pytest.approx(8 / 12, abs=1e-4))


def test_looking_at_a_part_at_a_time_finds_the_same(songs, pieces, monkeypatch):
    query = phrase(melody(songs[1], 310, 350))
    at_once = finish(find(pieces, query, transposed=True))
    monkeypatch.setattr(search, "_AT_ONCE", 37)
    assert finish(find(pieces, query, transposed=True)) == at_once


def test_a_search_tells_how_far_it_is_and_can_be_closed(songs, pieces):
    job = find(pieces, phrase(melody(songs[1], 310, 350)), transposed=True)
    shares = [(step.done / step.total) for step in job]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.9 < shares[-1] < 1
    job = find(pieces, phrase(melody(songs[1], 310, 350)))
    next(job)
    job.close()


def test_songs_are_found_by_any_words_of_their_names(pieces):
    assert set(pieces.song_of[named(pieces, "bonnie")]) == {0, 1}
    assert set(pieces.song_of[named(pieces, "CLYDE bonnie")]) == {1}
    assert len(named(pieces, "")) == len(named(pieces, "bonnie sleeves")) == 0


def test_the_nearest_in_z_leaves_out_what_overlaps_with_the_example(pieces):
    mu = np.random.default_rng(0).normal(size=(len(pieces), 3)).astype(np.float32)
    latent_map = LatentMap(mu[:, :2], mu, "PCA")
    row = int(pieces.offsets[10])

    hits = nearest_in_z(latent_map, pieces, mu[10], 5, row)
    distances = np.linalg.norm(mu - mu[10], axis=1)
    apart = np.abs(pieces.offsets - row) >= WINDOW

    assert [hit.window for hit in hits] == np.flatnonzero(apart)[np.argsort(distances[apart])][:5].tolist()
    assert hits[0].score == pytest.approx(distances[hits[0].window], abs=1e-5)
    assert nearest_in_z(latent_map, pieces, mu[10], 1)[0].window == 10


def test_the_windows_of_a_file_are_each_found_where_they_are_from(songs, two_songs, corpus, model):
    found = finish(find_pieces(corpus, None, model, BenchmarkPiece("Snippet", two_songs[1].roll[60:100]), False, top=3))
    assert found[0].score == 1.0
    assert all(corpus.names[corpus.song_of[hit.window]] == "High" for hit in found)

    with pytest.raises(CorpusError, match="uses none of the"):
        finish(find_pieces(corpus, None, model, BenchmarkPiece("Silence", np.zeros((50, 88), bool)), False))


def test_an_excerpt_of_a_song_on_the_map_is_no_find_of_itself(songs, pieces):
    cut = excerpt(songs[1], 5.0, pieces, "Bonnie & Clyde")
    assert cut.row == len(songs[0].roll) + 100
    [hit] = finish(find(pieces, passage(cut.roll, pieces.pitches, cut.before, cut.row), top=1))
    assert hit.score < 1

    [itself] = finish(find(pieces, passage(cut.roll, pieces.pitches, cut.before), top=1))
    assert (itself.score, itself.at) == (1.0, 5.0)


def test_beyond_its_end_a_song_is_silent(songs, pieces):
    assert excerpt(songs[2], 24.5, pieces).roll.shape == (WINDOW, 88)
    assert not excerpt(songs[2], 10**6, pieces).roll.any()


@pytest.mark.parametrize(
    "notes",
    [
        [],
        [PhraseNote(0, 20)],
        [PhraseNote(0, 109)],
        [PhraseNote(0, 60), PhraseNote(10**9, 60)],
        [PhraseNote(t // 80, 21 + t % 80) for t in range(MOST_NOTES + 1)],
    ],
)
def test_what_is_no_phrase_is_said_in_a_sentence(notes):
    with pytest.raises(VraeError, match=r"^(there is no note|a phrase to look for)"):
        phrase(notes)


def test_a_note_held_from_before_is_not_struck_in_a_window(songs, pieces):
    window = int(np.flatnonzero(pieces.start_of == 110)[0])
    assert pieces.roll[109:111].all(axis=0).any(), "a chord is held there"
    again = replace(window_of(pieces, window), row=None)
    [hit] = finish(find(pieces, again, top=1))
    assert (hit.window, hit.score) == (window, 1.0)
    assert hit.shared == hit.of == len(again.notes)


def test_silence_is_like_nothing_and_one_window_is_enough_to_search():
    with pytest.raises(VraeError, match="no note"):
        passage(np.zeros((WINDOW, 88), bool), PIANO_PITCHES)
    alone = build_corpus([BenchmarkPiece("One", roll_from_notes([Note(0, 1, 60)]))], WINDOW, 5, pitches=PIANO_PITCHES)
    assert [hit.window for hit in finish(find(alone, phrase([PhraseNote(3, 60)])))] == [0]
    assert finish(find(alone, phrase([PhraseNote(0, 61)]))) == []


def test_what_is_played_on_a_keyboard_begins_with_its_first_note_and_lies_on_steps():
    recording = PhraseRecording(steps=50)
    for seconds, message in (
        (7.0, b"\xb0\x10\x40"),
        (10.0, b"\x90\x3c\x40"),
        (10.24, b"\x80\x3c\x00"),
        (10.26, b"\x90\x40\x40"),
        (10.5, b"\x90\x40\x00"),
        (10.51, b"\x90\x0a\x40"),  # no piano has it
        (11.0, b"\x91\x43\x40"),
        (13.0, b"\x91\x45\x40"),  # too late
    ):
        recording.take(message, seconds)
    assert recording.notes_until(13.0) == [PhraseNote(0, 60, 5), PhraseNote(5, 64, 5), PhraseNote(20, 67, 30)]


def test_a_recording_counts_the_steps_that_it_is_told():
    recording = PhraseRecording(steps=96, steps_per_second=30)  # twelfths of a beat at 150 beats a minute
    assert recording.seconds == 3.2
    for beat, pitch in enumerate((60, 62, 64)):
        recording.take(bytes((0x90, pitch, 90)), 10 + beat * 0.4)
        recording.take(bytes((0x80, pitch, 0)), 10.2 + beat * 0.4)
    assert recording.notes_until(13.0) == [PhraseNote(0, 60, 6), PhraseNote(12, 62, 6), PhraseNote(24, 64, 6)]


@pytest.mark.parametrize("message", [b"", b"\x90", b"\x90\x3c", b"\xf0\x01\x02\xf7", b"\xb0\x10\x40"])
def test_what_is_no_note_leaves_the_recording_as_it_is(message):
    recording = PhraseRecording(steps=50)
    assert not recording.take(message, 1.0)
    assert recording.notes_until(2.0) == []
