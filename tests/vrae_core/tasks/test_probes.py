"""Linear probes, what they are asked, and what is held out from them."""

from __future__ import annotations

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.windows import BenchmarkPiece, Corpus
from vrae_core.latent.table import TableError, read_table
from vrae_core.progress import finish
from vrae_core.tasks.probes import (
    Labels,
    _principal_components,
    key_labels,
    keys_of,
    labels_of,
    overlapping,
    probe,
    song_folds,
    song_labels,
    time_folds,
)

SCALE = (0, 2, 4, 5, 7, 9, 11)


def scale_in(tonic: int, first: int = 0) -> BenchmarkPiece:
    """A major scale up and down, for 200 steps, that begins on some degree and dwells on tonic, third and fifth."""
    roll = np.zeros((200, 88), bool)
    for i, start in enumerate(range(0, 200, 5)):
        degree = (i + first) % 7
        roll[start : start + (5 if degree in (0, 2, 4) else 2), 39 + tonic + SCALE[degree]] = True
    return BenchmarkPiece(f"Scale {tonic}", roll)


@pytest.fixture
def scales() -> Corpus:
    """Four songs of 19 windows of 20 steps, in four keys."""
    return build_corpus([scale_in(tonic) for tonic in (0, 3, 6, 10)], window=20, hop=10)


def table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("tonic", range(12))
def test_a_scale_is_in_its_key(tonic):
    roll = scale_in(tonic).roll[None]
    assert list(keys_of(roll, range(21, 109))) == [tonic]


def test_a_minor_triad_is_in_its_minor_key_and_silence_in_none():
    roll = np.zeros((2, 10, 3), bool)
    roll[0] = True
    assert list(keys_of(roll, [57, 60, 64])) == [12 + 9, -1]


def test_rare_keys_are_not_asked(scales):
    asked = key_labels(scales).of
    keys = keys_of(scales.windows(), scales.pitches)
    counts = np.bincount(keys, minlength=24)
    assert 0 < counts[counts > 0].min() < 10 <= counts.max()
    np.testing.assert_array_equal(asked, np.where(counts[keys] >= 10, keys, -1))


def test_every_song_is_held_out_in_five_stretches(scales):
    folds = time_folds(scales.song_of)
    for song in range(4):
        of_song = folds[scales.song_of == song]
        assert list(np.unique(of_song)) == [0, 1, 2, 3, 4]
        assert (np.diff(of_song) >= 0).all()


def test_whole_songs_are_held_out_and_each_answer_stays_known(scales):
    answers = np.array([0, 1, 0, 1])[scales.song_of]
    folds = song_folds(scales.song_of, answers)
    assert all(len(np.unique(folds[scales.song_of == song])) == 1 for song in range(4))
    assert all(set(answers[folds != fold]) == {0, 1} for fold in np.unique(folds))


def test_windows_that_share_a_step_with_a_held_out_one_overlap_it(scales):
    chosen = np.zeros(len(scales), bool)
    chosen[[5, 19]] = True  # in the middle of the first song, and the first of the second
    assert list(np.flatnonzero(overlapping(scales, chosen))) == [4, 5, 6, 19, 20]


def test_principal_components_keep_every_distance(scales):
    cells = scales.windows().reshape(len(scales), -1).astype(float)
    components = _principal_components(scales.windows())
    distances = (np.linalg.norm(x[:1] - x, axis=1) for x in (cells, components))
    np.testing.assert_allclose(*distances, atol=1e-6)


def test_features_that_hold_the_label_tell_it_and_noise_tells_nothing(scales):
    source = np.random.default_rng(0)
    label = {"song": song_labels(scales)}
    telling = np.eye(4)[scales.song_of] + source.normal(0, 0.1, (len(scales), 4))
    (good,) = finish(probe(scales, telling, label))
    (bad,) = finish(probe(scales, source.normal(size=(len(scales), 4)), label))

    assert (good.label, good.classes, good.windows, good.held_out) == ("song", 4, 76, "stretches of time")
    assert good.most_frequent == 0.25
    assert good.mu == 1.0
    assert bad.mu < 0.5
    assert good.raw > 0.9
    assert (good.pca, good.raw) == (bad.pca, bad.raw)


def test_a_question_that_nobody_is_asked_is_left_out(scales):
    labels = {"nothing": Labels((), np.full(len(scales), -1)), "song": song_labels(scales)}
    assert [row.label for row in finish(probe(scales, np.zeros((len(scales), 2)), labels))] == ["song"]


def test_a_table_of_labels_may_leave_songs_out_and_hold_whole_songs_back(scales, tmp_path):
    path = table(tmp_path, "song,composer,key\nscale 0,Anna,C\nScale 3,Bea,\nScale 6,Anna,C\nScale 10,Bea,F\n")
    labels = labels_of(read_table(path), scales)

    assert list(labels) == ["composer", "key"]
    assert labels["composer"].names == ("Anna", "Bea")
    assert labels["composer"].whole_songs
    assert not labels["key"].whole_songs
    assert list(np.unique(labels["key"].of[scales.song_of == 1])) == [-1]
    rows = finish(probe(scales, np.zeros((len(scales), 2)), labels))
    assert [(row.held_out, row.classes) for row in rows] == [("songs", 2), ("stretches of time", 2)]


def test_a_table_of_windows_asks_each_its_own_and_numbers_are_answers_too(scales, tmp_path):
    path = table(tmp_path, "song,window,bar\nScale 0,0,1\nScale 0,1,2\nScale 3,0,1\nScale 3,4,2\n")
    (labels,) = labels_of(read_table(path), scales).values()
    first = int(np.searchsorted(scales.song_of, 1))
    assert labels.names == ("1", "2")
    assert labels.whole_songs
    assert {int(i): int(labels.of[i]) for i in np.flatnonzero(labels.of >= 0)} == {0: 0, 1: 1, first: 0, first + 4: 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_spreadsheets_own_csv_is_read(scales, tmp_path, encoding):
    path = table(tmp_path, '"song";"composer"\r\n'.replace(";", ",") + "Scale 0,Dvořák\r\n", encoding)
    assert labels_of(read_table(path), scales)["composer"].names == ("Dvořák",)


@pytest.mark.parametrize(
    ("text", "encoding", "reason"),
    [
        ("", "utf-8", "has no rows"),
        ("song\nScale 0\n", "utf-8", "has no column to look at"),
        ("title,composer\nScale 0,Anna\n", "utf-8", "has no column “song”"),
        ("song,composer\nOther,Anna\n", "utf-8", "says nothing of the songs, which are Scale 0, Scale 3"),
        ("song,composer\nScale 0,Dvořák\n", "utf-16", "is not text in UTF-8"),
        ('song,composer\n"Scale 0,Anna', "utf-8", "is not a table"),
    ],
)
def test_a_table_that_is_none_is_told_in_one_sentence(scales, tmp_path, text, encoding, reason):
    with pytest.raises(TableError, match=reason):
        labels_of(read_table(table(tmp_path, text, encoding)), scales)
