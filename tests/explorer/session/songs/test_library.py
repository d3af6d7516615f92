"""Opening models and songs, and drawing them."""

from __future__ import annotations

import dataclasses
import gc
import threading
import weakref

import numpy as np
import pytest

from explorer.session.songs.library import MAKING
from explorer.session.songs.making import redraw
from tests.bands import scale_song
from tests.explorer.conftest import settle
from vrae_core.latent.map import Dimensions, encode_corpus
from vrae_core.midi.song import Song
from vrae_core.piano_roll import Note
from vrae_core.progress import Progress, finish


def test_songs_and_a_model_opened_together_make_a_map(session, songs, make_model, write_song, tmp_path, qtbot):
    model_file = tmp_path / "mine.safetensors"
    make_model().save(model_file)
    with qtbot.waitSignal(session.library.atlas_changed):
        session.library.open(model_file, [write_song(song) for song in songs])
    assert session.library.atlas.corpus.names == ("Low", "Middle", "High")
    assert session.library.model_name == "mine"
    assert session.problems == []
    settle(session, qtbot)


def test_songs_opened_later_join_those_on_the_map(explored, write_song, qtbot):
    before = len(explored.library.atlas.corpus)
    another = Song("Another", tuple(Note(t / 4, t / 4 + 0.2, 50 + t % 9) for t in range(80)), 120.0)
    with qtbot.waitSignal(explored.library.atlas_changed):
        explored.library.open(song_paths=[write_song(another)])
    assert explored.library.atlas.corpus.names[-1] == "Another"
    assert len(explored.library.atlas.corpus) > before
    settle(explored, qtbot)


def test_songs_that_are_opened_while_others_are_join_these(explored, write_song, qtbot):
    explored.library.open(song_paths=[write_song(scale_song("Air", 50))])
    explored.library.open(song_paths=[write_song(scale_song("Reel", 55))])
    explored.library.add_songs([scale_song("Jig", 60)])
    settle(explored, qtbot)
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High", "Air", "Reel", "Jig")


def test_a_model_that_is_chosen_while_songs_are_opened_shows_these_too(
    explored, make_model, write_song, tmp_path, qtbot
):
    for seed in (5, 6):
        make_model(seed=seed).save(tmp_path / f"{seed}.safetensors")
    explored.library.open(song_paths=[write_song(scale_song("Air", 50))])
    explored.library.open(tmp_path / "5.safetensors")
    explored.library.open(tmp_path / "6.safetensors")
    explored.library.open(song_paths=[write_song(scale_song("Reel", 55))])
    settle(explored, qtbot)
    assert explored.library.model_name == "6"
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High", "Air", "Reel")


def test_what_waits_for_songs_that_are_being_opened_is_done_when_that_is_cancelled(explored, write_song, qtbot):
    explored.library.open(song_paths=[write_song(scale_song("Air", 50))])
    explored.library.open(song_paths=[write_song(scale_song("Reel", 55))])
    explored.jobs.cancel(MAKING)
    settle(explored, qtbot)
    assert explored.library.atlas.corpus.names == ("Low", "Middle", "High", "Reel")


def test_each_bad_file_gets_one_sentence_and_the_good_ones_are_opened(explored, write_song, tmp_path, qtbot):
    bad = [tmp_path / "empty.mid", tmp_path / "text.mid", tmp_path / "missing.mid"]
    bad[0].write_bytes(b"")
    bad[1].write_bytes(b"hello")
    good = Song("Good", tuple(Note(t / 4, t / 4 + 0.2, 50 + t % 9) for t in range(80)), 120.0)
    with qtbot.waitSignal(explored.library.atlas_changed):
        explored.library.open(song_paths=[*bad, write_song(good)])
    settle(explored, qtbot)
    assert [problem.split()[0] for problem in explored.problems] == [str(file) for file in bad]
    assert "Good" in explored.library.atlas.corpus.names


def test_a_song_that_is_there_already_is_said_to_be(explored, songs, write_song, qtbot):
    path = write_song(songs[0])
    explored.library.open(song_paths=[path])
    settle(explored, qtbot)
    explored.library.open(song_paths=[path])
    settle(explored, qtbot)
    assert explored.problems[-1] == "Low is on the map already."


def test_a_song_with_no_pitch_the_model_knows_is_named_once_and_kept_for_training(explored, write_song, qtbot):
    strange = Song("Strange", tuple(Note(t / 2, t / 2 + 0.4, 22) for t in range(40)), 120.0)
    explored.library.open(song_paths=[write_song(strange)])
    settle(explored, qtbot)
    assert [p for p in explored.problems if p.startswith("Strange")] != []
    count = len(explored.problems)
    explored.library.use_model(explored.library.model, "again")
    settle(explored, qtbot)
    assert len(explored.problems) == count
    assert any(song.name == "Strange" for song in explored.library.songs)
    assert "Strange" not in explored.library.atlas.corpus.names


def test_a_file_that_is_no_model_leaves_the_one_that_is(explored, tmp_path, qtbot):
    impostor = tmp_path / "impostor.safetensors"
    impostor.write_bytes(b"x" * 100)
    model = explored.library.model
    explored.library.open(model_path=impostor)
    settle(explored, qtbot)
    assert explored.library.model is model
    assert len(explored.problems) == 1
    assert explored.problems[0].startswith(f"{impostor} ")


def test_a_bad_model_does_not_keep_songs_from_being_read(session, songs, write_song, tmp_path, qtbot):
    session.library.open(tmp_path / "missing.safetensors", [write_song(songs[0])])
    settle(session, qtbot)
    assert [song.name for song in session.library.songs] == ["Low"]
    assert session.library.atlas is None
    assert len(session.problems) == 1


def test_a_20_d_model_is_shown_by_pca_and_then_by_t_sne(session, songs, make_model, qtbot):
    shown = []
    session.library.atlas_changed.connect(lambda: shown.append(session.library.atlas.map.projection))
    moved = []
    session.library.dots_moved.connect(moved.append)
    session.library.add_songs(songs)
    settle(session, qtbot)
    session.library.use_model(make_model(20), "deep")
    qtbot.waitUntil(lambda: shown == ["PCA", "t-SNE"], timeout=60_000)
    assert moved, "the dots move while t-SNE settles"
    assert all(points.shape == (len(session.library.atlas.corpus), 2) for points in moved)
    settle(session, qtbot)


def test_a_projection_can_be_cancelled_and_the_map_stays(session, songs, make_model, qtbot):
    session.library.add_songs(songs)
    settle(session, qtbot)
    session.library.use_model(make_model(20), "deep")
    qtbot.waitUntil(lambda: session.jobs.is_running("drawing the map"), timeout=20_000)
    session.jobs.cancel("drawing the map")
    assert session.library.atlas.map.projection == "PCA"


def test_any_two_dimensions_can_be_shown(session, songs, make_model, qtbot):
    session.library.add_songs(songs)
    settle(session, qtbot)
    session.library.use_model(make_model(5), "five")
    qtbot.waitUntil(lambda: session.library.atlas is not None)
    session.library.set_projection(Dimensions(3, 1))
    settle(session, qtbot)
    atlas = session.library.atlas
    assert (atlas.map.points == atlas.posterior.mu[:, [3, 1]]).all()


def test_a_model_that_does_not_know_any_song_is_refused_in_words(explored, make_model, tmp_path, qtbot):
    model = make_model()
    deaf = dataclasses.replace(model, pitches=tuple(range(21, 21 + len(model.pitches))))
    old = explored.library.atlas
    if any(pitch in deaf.pitches for pitch in model.pitches):
        deaf = dataclasses.replace(model, pitches=tuple(range(109 - len(model.pitches), 109)))
    deaf.save(tmp_path / "deaf.safetensors")
    explored.library.open(model_path=tmp_path / "deaf.safetensors")
    settle(explored, qtbot)
    if explored.library.atlas is old:
        assert explored.problems
        assert explored.library.model is old.model


def test_of_very_many_songs_the_first_are_shown_while_the_others_are_read(
    session, make_model, write_song, tmp_path, monkeypatch, qtbot
):
    monkeypatch.setattr("explorer.session.songs.making.FIRST_SHOWN", 1)
    monkeypatch.setattr("explorer.session.songs.making.GROWTH", 2)
    make_model(latent=4).save(tmp_path / "four.safetensors")
    files = [write_song(scale_song(f"Song {number}", 40, 20 + number)) for number in range(5)]
    (tmp_path / "broken.mid").write_bytes(b"no music")
    shown = []
    session.library.atlas_changed.connect(lambda: shown.append(session.library.atlas))
    session.library.open(tmp_path / "four.safetensors", [*files[:2], tmp_path / "broken.mid", *files[2:]])
    settle(session, qtbot)
    counts = [len(atlas.corpus.names) for atlas in shown]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[-1] == 5
    assert {atlas.map.projection for atlas in shown[:-1]} >= {"PCA"}
    assert shown[-1].map.projection == "t-SNE"
    assert len(session.problems) == 1


def test_of_very_many_songs_no_window_is_encoded_twice(session, make_model, write_song, tmp_path, monkeypatch, qtbot):
    monkeypatch.setattr("explorer.session.songs.making.FIRST_SHOWN", 1)
    monkeypatch.setattr("explorer.session.songs.making.GROWTH", 2)
    encoded = []

    def counted(model, corpus):
        encoded.append(len(corpus))
        return encode_corpus(model, corpus)

    monkeypatch.setattr("explorer.session.songs.making.encode_corpus", counted)
    make_model().save(tmp_path / "two.safetensors")
    files = [write_song(scale_song(f"Song {number}", 40, 20 + number)) for number in range(5)]
    session.library.open(tmp_path / "two.safetensors", files[:4])
    settle(session, qtbot)
    session.library.open(None, files[4:])
    settle(session, qtbot)
    atlas = session.library.atlas
    assert len(encoded) == 4
    assert sum(encoded) == len(atlas.corpus)
    anew = finish(encode_corpus(atlas.model, atlas.corpus))
    assert np.allclose(atlas.posterior.mu, anew.mu, atol=1e-5)
    assert np.allclose(atlas.posterior.sigma, anew.sigma, atol=1e-5)
    assert len(atlas.songs) == 5


def test_what_is_shown_of_very_many_songs_stays_if_the_rest_is_cancelled(
    session, make_model, write_song, tmp_path, monkeypatch, qtbot
):
    monkeypatch.setattr("explorer.session.songs.making.FIRST_SHOWN", 1)
    make_model().save(tmp_path / "two.safetensors")
    files = [write_song(scale_song(f"Song {number}", 40, 20 + number)) for number in range(3)]
    session.library.atlas_changed.connect(lambda: session.jobs.cancel(MAKING))
    session.library.open(tmp_path / "two.safetensors", files)
    settle(session, qtbot)
    assert session.library.atlas.corpus.names == ("Song 0",)
    assert [song.name for song in session.library.songs] == ["Song 0"]


def test_a_model_that_is_shown_again_encodes_nothing_and_nothing_of_another_is_held_on_to(
    session, make_model, write_song, tmp_path, monkeypatch, qtbot
):
    encoded = []

    def counted(model, corpus):
        encoded.append(model.digest)
        return encode_corpus(model, corpus)

    monkeypatch.setattr("explorer.session.songs.making.encode_corpus", counted)
    paths = [tmp_path / "one.safetensors", tmp_path / "other.safetensors"]
    for seed, path in enumerate(paths):
        make_model(seed=seed).save(path)
    library = session.library
    library.open(paths[0], [write_song(scale_song(f"Song {number}", 40, 40 + number)) for number in range(4)])
    settle(session, qtbot)
    shown, before = library.atlas.posterior, [weakref.ref(library.atlas), weakref.ref(library.model)]
    assert len(shown.mu) >= 256
    for path in (paths[1], paths[0]):
        library.open(path)
        settle(session, qtbot)
        gc.collect()
        assert [each() for each in before] == [None, None]
        before = [weakref.ref(library.atlas), weakref.ref(library.model)]
    assert len(encoded) == len(set(encoded)) == 2
    assert (library.atlas.posterior.mu == shown.mu).all()
    assert (library.atlas.posterior.sigma == shown.sigma).all()


@pytest.mark.parametrize("asked", ["another perplexity", "to fit it anew"])
def test_a_map_that_is_being_drawn_is_drawn_all_the_same_once_a_song_has_changed(explored, monkeypatch, qtbot, asked):
    library, given, began = explored.library, [], threading.Event()

    def drawing(atlas, projection, perplexity, refit):
        given.append((atlas.corpus.names[0], perplexity, refit))
        while len(given) == 1:  # until it is cancelled
            began.set()
            yield Progress(0, 1)
        atlas = yield from redraw(atlas, projection, perplexity, refit)
        return dataclasses.replace(atlas, map=dataclasses.replace(atlas.map, perplexity=perplexity)).prepared()

    monkeypatch.setattr("explorer.session.songs.library.redraw", drawing)
    if asked == "another perplexity":
        library.set_projection("PCA", 7.0)
    else:
        library.recompute_map()
    qtbot.waitUntil(began.is_set)
    explored.song_changes.rename(0, "Lower")
    settle(explored, qtbot)
    perplexity, refit = (7.0, False) if asked == "another perplexity" else (library.perplexity, True)
    assert given == [("Low", perplexity, refit), ("Lower", perplexity, refit)]
    assert library.atlas.map.perplexity == perplexity
    explored.song_changes.rename(0, "Low")
    settle(explored, qtbot)
    assert len(given) == 2, "what has come is not drawn again"
