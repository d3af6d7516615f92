"""Which songs the map shows: added or in place of the examples, removed, renamed, brought back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.session.songs.sources import SongSource, edited, sources_of
from tests.bands import make_band, make_band_model, played, scale_song
from tests.explorer.conftest import settle
from vrae_core.bundled import bundled_songs
from vrae_core.columns import Part, parts_of
from vrae_core.midi.export import write_song as write_as_it_is
from vrae_core.midi.song import read_song


def names(session):
    return session.library.atlas.corpus.names


@pytest.fixture
def offers(session):
    """What is said with a button."""
    told = []
    session.messages.offered.connect(lambda *offer: told.append(offer))
    return told


@pytest.fixture
def examples(session, make_model, tmp_path, monkeypatch, qtbot):
    """A session that shows two of three example songs, by a model that does not come with them."""
    come = {"2d": tmp_path / "models" / "eight-songs-2d.safetensors"}
    come["2d"].parent.mkdir()
    make_model(seed=1).save(come["2d"])
    monkeypatch.setattr("explorer.session.songs.song_changes.bundled_models", lambda: come)
    monkeypatch.setattr("explorer.session.songs.song_changes.bundled_songs", lambda: bundled_songs()[:3])
    session.library.add_songs([read_song(path) for path in bundled_songs()[:2]])
    settle(session, qtbot)
    session.library.use_model(make_model(), "chance")
    settle(session, qtbot)
    return session


@pytest.fixture
def folder(tmp_path, write_song):
    """A folder with two songs."""
    for name, lowest in (("Reel", 48), ("Air", 60)):
        write_song(scale_song(name, lowest))
    return tmp_path


def test_songs_are_renamed_and_removed_while_others_are_being_opened_and_none_is_lost(explored, folder, qtbot):
    explored.library.open(song_paths=[folder])
    explored.song_changes.rename(0, "Lower")
    explored.song_changes.rename(0, "Lowest")
    explored.song_changes.remove(1)
    explored.song_changes.remove(1)
    settle(explored, qtbot)
    assert names(explored) == ("Lowest", "High", "Air", "Reel")


def test_songs_of_one_s_own_take_the_place_of_the_examples_and_one_button_brings_these_back(
    examples, folder, offers, qtbot
):
    before = names(examples)
    examples.library.open(song_paths=[folder])
    settle(examples, qtbot)
    assert names(examples) == ("Air", "Reel")
    sentence, words, act = offers[-1][:3]
    assert (sentence, words) == ("2 songs in place of the example songs.", "Bring the examples back")
    act()
    settle(examples, qtbot)
    assert set(before) < set(names(examples))
    assert len(names(examples)) == 3
    assert examples.library.model_name == "eight-songs-2d"
    assert offers[-1][:2] == ("The example songs.", "Show the songs from before")
    offers[-1][2]()
    settle(examples, qtbot)
    assert names(examples) == ("Air", "Reel")
    assert examples.library.model_name == "chance"
    assert examples.problems == []


@pytest.fixture
def start(examples, make_model, tmp_path, monkeypatch, qtbot):
    """The examples on the map that a start shows, beside the base."""
    come = {name: tmp_path / "models" / f"{name}.safetensors" for name in ("bars", "base")}
    for seed, path in enumerate(come.values(), 5):
        make_model(seed=seed).save(path)
    monkeypatch.setattr("explorer.session.songs.library.bundled_models", lambda: come)
    monkeypatch.setattr("explorer.session.songs.song_changes.bundled_models", lambda: come)
    examples.library.open(come["bars"])
    settle(examples, qtbot)
    return examples


def test_songs_of_one_s_own_are_opened_by_the_base_and_the_examples_brought_back_by_their_map(
    start, folder, offers, qtbot
):
    start.library.open(song_paths=[folder])
    settle(start, qtbot)
    assert (names(start), start.library.model_name) == (("Air", "Reel"), "base")
    offers[-1][2]()
    settle(start, qtbot)
    assert "Air" not in names(start)
    assert start.library.model_name == "bars"


def test_songs_of_one_s_own_are_opened_by_the_model_that_was_chosen(start, make_model, folder, tmp_path, qtbot):
    make_model(seed=9).save(tmp_path / "mine.safetensors")
    start.library.open(tmp_path / "mine.safetensors")
    settle(start, qtbot)
    start.library.open(song_paths=[folder])
    settle(start, qtbot)
    assert (names(start), start.library.model_name) == (("Air", "Reel"), "mine")


def test_the_map_of_the_examples_stays_where_a_file_cannot_be_used(start, tmp_path, qtbot):
    (tmp_path / "broken.mid").write_bytes(b"no music")
    start.library.open(song_paths=[tmp_path / "broken.mid"])
    settle(start, qtbot)
    assert (len(names(start)), start.library.model_name) == (2, "bars")


def test_another_example_joins_the_examples(examples, qtbot):
    examples.library.open(song_paths=[bundled_songs()[2]])
    settle(examples, qtbot)
    assert len(names(examples)) == 3


def test_files_that_cannot_be_used_take_nothing_s_place(examples, tmp_path, qtbot):
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"no music")
    before = names(examples)
    examples.library.open(song_paths=[broken])
    settle(examples, qtbot)
    assert names(examples) == before
    assert len(examples.problems) == 1


def test_songs_join_one_s_own_and_one_button_shows_the_new_ones_alone(explored, folder, offers, qtbot):
    explored.library.open(song_paths=[folder])
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High", "Air", "Reel")
    assert offers[-1][:2] == ("2 songs added to the 3 that were there.", "Show only the new ones")
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Air", "Reel")
    assert offers[-1][:2] == ("2 songs alone.", "Show all again")
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High", "Air", "Reel")


@pytest.mark.parametrize("number", range(3))
def test_a_song_is_removed_the_others_stay_where_they_are_and_undo_brings_it_back(explored, offers, number, qtbot):
    explored.library.lit.set_grey(["High"])
    atlas = explored.library.atlas
    points = {name: atlas.map.points[atlas.corpus.song_of == i] for i, name in enumerate(atlas.corpus.names)}
    gone = names(explored)[number]
    explored.song_changes.remove(number)
    settle(explored, qtbot)
    left = explored.library.atlas
    assert names(explored) == tuple(name for name in points if name != gone)
    for song, name in enumerate(left.corpus.names):
        own = left.corpus.song_of == song
        assert (left.map.points[own] == points[name]).all()
        assert (
            left.corpus.windows()[own] == atlas.corpus.windows()[atlas.corpus.song_of == list(points).index(name)]
        ).all()
    assert explored.library.lit.grey == (() if gone == "High" else ("High",))
    assert [song.name for song in explored.library.songs] == [song.name for song in left.songs] == list(names(explored))
    assert left.original(0, 10) is not None
    assert offers[-1][:2] == (f"{gone} is removed from the map.", "Undo")
    offers[-1][2]()
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High")
    assert explored.problems == []


def test_on_a_map_of_neighbourhoods_the_others_stay_where_they_are_too(explored, make_model, qtbot):
    explored.library.use_model(make_model(latent=4), "four")
    settle(explored, qtbot)
    atlas = explored.library.atlas
    assert atlas.map.projection == "t-SNE"
    explored.song_changes.remove(0)
    settle(explored, qtbot)
    assert (explored.library.atlas.map.points == atlas.map.points[atlas.corpus.song_of > 0]).all()
    assert explored.library.atlas.map.nearest(atlas.map.points[-1])[0][0] == len(explored.library.atlas.corpus) - 1


def test_the_only_song_stays(explored, qtbot):
    for _ in range(3):
        explored.song_changes.remove(0)
        settle(explored, qtbot)
    assert names(explored) == ("High",)


def test_a_song_is_renamed_and_its_file_keeps_its_name(explored, folder, qtbot):
    explored.library.open(song_paths=[folder])
    settle(explored, qtbot)
    places = explored.library.atlas.map.points
    explored.song_changes.rename(3, "  An air, \n slowly ")
    settle(explored, qtbot)
    assert names(explored) == ("Low", "Middle", "High", "An air, slowly", "Reel")
    assert np.array_equal(explored.library.atlas.map.points, places)
    air, reel = (str(folder / f"{name}.mid") for name in ("Air", "Reel"))
    sources = sources_of(explored.library.songs)
    assert sources == (SongSource(air, "An air, slowly"), SongSource(reel))
    explored.song_changes.rename(3, "   ")
    settle(explored, qtbot)
    assert names(explored)[3] == "An air, slowly"
    explored.library.reopen(None, sources[::-1], None, lambda _opened: None)
    settle(explored, qtbot)
    assert names(explored) == ("Reel", "An air, slowly")
    assert explored.problems == []


def test_without_a_map_there_is_nothing_to_change(session):
    session.song_changes.remove(0)
    session.song_changes.rename(0, "Something")
    session.song_changes.show_only(())
    assert session.jobs.running == []


# --- other parts, other beats


def of_song(atlas, number):
    return atlas.corpus.song_of == number


def heard_parts(atlas, number):
    """Which parts a song has on the map."""
    cells = atlas.corpus.windows()[of_song(atlas, number)].any(axis=(0, 1))
    return set(parts_of(np.array(atlas.corpus.pitches)[cells].tolist()).tolist())


NO_HARP = (Part.MELODY, None, Part.BASS, Part.DRUMS)


@pytest.mark.parametrize("latent", [2, 4])
def test_a_song_whose_parts_are_corrected_is_cut_anew_the_others_stay_and_undo_brings_it_back(
    in_bars, offers, latent, qtbot
):
    in_bars.library.use_model(make_band_model(in_bars.library.songs, latent), "chance in bars")
    settle(in_bars, qtbot)
    in_bars.library.lit.set_grey(["Slow"])
    before, songs = in_bars.library.atlas, in_bars.library.songs
    assert heard_parts(before, 1) == {Part.MELODY, Part.CHORDS, Part.BASS, Part.DRUMS}
    in_bars.song_changes.choose_parts(1, NO_HARP)
    settle(in_bars, qtbot)
    after = in_bars.library.atlas
    assert heard_parts(after, 1) == {Part.MELODY, Part.BASS, Part.DRUMS}
    assert in_bars.library.songs[1].parts == NO_HARP
    assert after.map.projection == before.map.projection == ("latent" if latent == 2 else "t-SNE")
    assert np.array_equal(after.map.points[of_song(after, 0)], before.map.points[of_song(before, 0)])
    assert in_bars.library.lit.grey == ("Slow",)
    assert offers[-1][:2] == ("Fast has other parts: its windows are new.", "Undo")
    in_bars.song_changes.rename(1, "Faster")
    settle(in_bars, qtbot)
    offers[-1][2]()
    settle(in_bars, qtbot)
    assert heard_parts(in_bars.library.atlas, 1) == heard_parts(before, 1)
    assert [song.name for song in in_bars.library.songs] == ["Slow", "Faster"]
    assert replace(in_bars.library.songs[1], name="Fast") == songs[1]
    in_bars.undo_stack.redo()
    settle(in_bars, qtbot)
    assert in_bars.library.songs[1].parts == NO_HARP
    assert in_bars.problems == []


def test_a_song_whose_tracks_are_all_left_out_stays_as_it_is_and_it_is_said(in_bars, qtbot):
    before = in_bars.library.atlas
    in_bars.song_changes.choose_parts(0, (None, None, None, None))
    settle(in_bars, qtbot)
    assert in_bars.library.atlas is before
    assert in_bars.library.songs[0].parts == ()
    assert len(in_bars.problems) == 1
    assert in_bars.problems[0].startswith("Slow ")


def test_a_song_that_keeps_to_no_beats_is_counted_by_estimated_ones_and_undo_takes_them_back(in_bars, offers, qtbot):
    _, loose = played()
    in_bars.library.add_songs([loose])
    settle(in_bars, qtbot)
    assert [in_bars.song_changes.lacks_beats(song) for song in range(3)] == [False, False, True]
    as_in_file = in_bars.library.atlas.corpus.tempos()[of_song(in_bars.library.atlas, 2)]
    in_bars.song_changes.estimate_beats(2)
    settle(in_bars, qtbot)
    found = in_bars.library.atlas.corpus.tempos()[of_song(in_bars.library.atlas, 2)]
    assert np.abs(as_in_file - 120).max() < 1e-3
    assert np.ptp(found) > 5
    assert not in_bars.song_changes.lacks_beats(2)
    assert offers[-1][:2] == ("Played has other beats: its windows are new.", "Undo")
    offers[-1][2]()
    settle(in_bars, qtbot)
    assert in_bars.library.songs[2] == loose
    assert in_bars.song_changes.lacks_beats(2)


def test_a_song_with_too_few_notes_for_beats_says_so(in_bars, qtbot):
    short = replace(played()[1], notes=played()[1].notes[:5], drums=())
    in_bars.library.add_songs([short])
    settle(in_bars, qtbot)
    in_bars.song_changes.estimate_beats(2)
    settle(in_bars, qtbot)
    assert [sentence.rstrip(".") for sentence in in_bars.problems] == ["Played has too few notes to find its beats"]


def test_what_is_changed_of_a_song_is_in_the_list_to_train_on_too_with_what_was_done_to_it_there(in_bars, qtbot):
    listed = in_bars.training_songs
    listed.transpose([1], 3)
    listed.toggle([0])
    in_bars.song_changes.choose_parts(1, NO_HARP)
    settle(in_bars, qtbot)
    in_bars.song_changes.choose_parts(0, NO_HARP)
    settle(in_bars, qtbot)
    slow, fast = (entry.to_train for entry in listed.entries)
    assert (fast.semitones, fast.parts, fast.included) == (3, NO_HARP, True)
    assert (slow.semitones, slow.parts, slow.included) == (0, NO_HARP, False)


def test_what_somebody_changed_is_changed_again_when_its_file_is_read(tmp_path):
    write_as_it_is(tmp_path / "Played.mid", played()[1])
    song = read_song(tmp_path / "Played.mid")
    assert sources_of([song]) == (SongSource(song.path),)
    parts = (Part.CHORDS, Part.MELODY, None)
    source = SongSource(song.path, "Mine", parts=parts, estimated_beats=True)
    changed = edited(song, source)
    assert (changed.name, changed.parts, changed.estimated_beats) == ("Mine", parts, True)
    assert changed.tempo_map != song.tempo_map
    assert sources_of([changed]) == (source,)
    assert edited(song, SongSource(song.path, parts=(Part.BASS,))) == song, "the file has other tracks by now"
    assert edited(replace(song, notes=(), drums=song.drums[:3]), source).estimated_beats is False


def test_a_changed_song_whose_file_is_opened_once_more_is_on_the_map_already(in_bars, tmp_path, qtbot):
    write_as_it_is(tmp_path / "Third.mid", make_band("Third"))
    in_bars.library.open(song_paths=[tmp_path / "Third.mid"])
    settle(in_bars, qtbot)
    in_bars.song_changes.choose_parts(2, NO_HARP)
    settle(in_bars, qtbot)
    in_bars.library.open(song_paths=[tmp_path / "Third.mid"])
    settle(in_bars, qtbot)
    assert names(in_bars) == ("Slow", "Fast", "Third")
    assert in_bars.problems == ["Third is on the map already."]


def test_of_a_song_that_keeps_to_no_beats_of_its_file_it_is_said_that_they_can_be_estimated(in_bars, offers, qtbot):
    in_bars.library.add_songs([played()[1]])
    settle(in_bars, qtbot)
    assert names(in_bars) == ("Slow", "Fast", "Played")
    sentence = "Played keeps to no beats of its file: beats can be estimated from its notes."
    assert offers[-1][:2] == (sentence, "Estimate the beats")
    offers[-1][2]()
    settle(in_bars, qtbot)
    assert in_bars.library.songs[2].estimated_beats
    assert in_bars.library.atlas.off_beat == ()
    assert [offer[0] for offer in offers].count(sentence) == 1


def test_a_song_that_is_left_out_for_want_of_beats_comes_to_the_map_by_estimated_ones(in_bars, offers, qtbot):
    loose = replace(played()[1], tempo_map=None, meters=())
    in_bars.library.add_songs([loose])
    settle(in_bars, qtbot)
    assert names(in_bars) == ("Slow", "Fast")
    sentence = "Played is left out of the map: its beats can be estimated from its notes."
    assert offers[-1][:2] == (sentence, "Estimate the beats")
    offers[-1][2]()
    settle(in_bars, qtbot)
    assert names(in_bars) == ("Slow", "Fast", "Played")
    assert in_bars.library.songs[2].estimated_beats
    said = len(offers)
    in_bars.song_changes.rename(0, "Slower")
    settle(in_bars, qtbot)
    assert len(offers) == said
