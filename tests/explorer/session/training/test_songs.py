"""The list of songs to train on: where they come from, what is done to them, and what they give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.session.songs import files as song_files
from explorer.session.training.listed_songs import ListedSong
from vrae_core.corpus.attributes import key_name
from vrae_core.corpus.cutting import build_corpus, choose_pitches
from vrae_core.corpus.midi_files import DEEPEST
from vrae_core.midi.quantising import Quantising
from vrae_core.midi.song import Song
from vrae_core.model.recipes import RECIPES
from vrae_core.piano_roll import Note
from vrae_core.progress import finish


@pytest.fixture
def listed(explored, qtbot):
    """The list, with the songs of the map counted."""
    songs = explored.training_songs
    qtbot.waitUntil(lambda: songs.counts is not None)
    return songs


def counted(songs, qtbot):
    """Wait until the newest change is counted."""
    qtbot.waitUntil(lambda: songs.counts is not None)
    return songs.counts


def added(session, paths, qtbot):
    """Add files, and wait until they are read."""
    session.training_songs.add(paths)
    qtbot.waitUntil(lambda: not session.jobs.running)
    counted(session.training_songs, qtbot)


def names(songs):
    return [entry.song.name for entry in songs.entries]


def test_at_first_the_songs_of_the_map_are_learnt(listed):
    assert names(listed) == ["Low", "Middle", "High"]
    assert all(entry.to_train.included for entry in listed.entries)


def test_what_they_give_is_what_the_corpus_will_hold(listed, songs):
    recipe = listed.plan.recipe
    pitches = choose_pitches(songs, recipe.min_pitch_share)
    corpus = build_corpus(songs, recipe.model.window, recipe.model.hop, cap=None, equal_share=False, pitches=pitches)
    assert listed.counts.windows == len(corpus)
    assert listed.counts.figures.pitches == corpus.pitches


def test_a_folder_is_walked_and_its_songs_need_not_be_on_the_map(explored, listed, songs, write_song, tmp_path, qtbot):
    deep = tmp_path / "album" / "disc"
    deep.mkdir(parents=True)
    for number, name in enumerate(("One", "Two")):
        write_song(replace(songs[number], name=name)).rename(deep / f"{name}.MID")
    added(explored, [tmp_path / "album"], qtbot)
    assert names(listed) == ["Low", "Middle", "High", "One", "Two"]
    assert len(explored.library.songs) == 3


def test_a_bad_file_is_one_sentence_and_the_others_are_read(explored, listed, songs, write_song, tmp_path, qtbot):
    bad, empty = tmp_path / "bad.mid", tmp_path / "empty"
    bad.write_bytes(b"no song at all")
    empty.mkdir()
    added(explored, [bad, write_song(replace(songs[0], name="Good")), empty], qtbot)
    assert names(listed)[3:] == ["Good"]
    assert [sentence.split()[0] for sentence in explored.problems] == [str(empty), str(bad)]


def test_a_file_that_is_in_the_list_is_not_taken_twice(explored, listed, songs, write_song, qtbot):
    file = write_song(replace(songs[0], name="Again"))
    added(explored, [file], qtbot)
    added(explored, [file], qtbot)
    assert names(listed).count("Again") == 1
    assert explored.problems == ["Again.mid is in the list already."]


def test_a_second_folder_does_not_stop_the_reading_of_the_first(explored, listed, songs, write_song, qtbot):
    for name in ("One", "Two"):
        explored.training_songs.add([write_song(replace(songs[0], name=name))])
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert sorted(names(listed)[3:]) == ["One", "Two"]


def test_links_hidden_and_deep_folders_are_left_alone(tmp_path, songs, write_song):
    album, elsewhere = tmp_path / "album", tmp_path / "elsewhere"
    deep = album.joinpath(*["d"] * (DEEPEST + 2))
    for folder in (album / ".hidden", elsewhere, deep):
        folder.mkdir(parents=True)
        write_song(songs[0]).rename(folder / "inside.mid")
    (album / "link").symlink_to(elsewhere, target_is_directory=True)
    (album / "loop").symlink_to(album, target_is_directory=True)
    write_song(songs[0]).rename(album / "good.mid")
    read = finish(song_files.read([album], frozenset()))
    assert [song.name for song, _ in read.songs] == ["good"]


def test_a_path_that_may_not_be_looked_at_is_one_sentence_too(tmp_path, songs, write_song):
    out_of_reach = tmp_path / f"{'x' * 300}.mid"  # longer than a name may be: to look for it is an error
    read = finish(song_files.read([out_of_reach, write_song(songs[0])], frozenset()))
    assert [song.name for song, _ in read.songs] == [songs[0].name]
    assert [sentence.split()[0] for sentence in read.complaints] == [str(out_of_reach)]


def test_too_many_files_are_cut_off_and_said(tmp_path, songs, write_song, monkeypatch):
    monkeypatch.setattr(song_files, "MOST_FILES", 2)
    for number in range(4):
        write_song(replace(songs[0], name=f"n{number}"))
    read = finish(song_files.read([tmp_path], frozenset()))
    assert [song.name for song, _ in read.songs] == ["n0", "n1"]
    assert "at most 2" in read.complaints[0]


def test_songs_that_join_the_map_join_the_list_and_those_added_stay(explored, listed, songs, write_song, qtbot):
    added(explored, [write_song(replace(songs[0], name="Mine"))], qtbot)
    other = replace(songs[1], name="Other")
    explored.library.add_songs([other])
    qtbot.waitUntil(lambda: len(explored.library.songs) == 4 and not explored.jobs.running)
    assert names(listed) == ["Low", "Middle", "High", "Mine", "Other"]


def test_a_song_taken_from_the_list_stays_on_the_map(explored, listed, qtbot):
    listed.remove([1])
    counted(listed, qtbot)
    assert names(listed) == ["Low", "High"]
    assert len(explored.library.songs) == 3


def test_a_transposed_song_is_learnt_where_it_lies_now(listed, songs, qtbot):
    before = counted(listed, qtbot).figures.pitches
    listed.transpose(range(3), -5)
    assert counted(listed, qtbot).figures.pitches == tuple(pitch - 5 for pitch in before)
    assert {entry.semitones for entry in listed.songs_to_train()} == {-5}
    listed.transpose_to(range(3), 0)
    assert counted(listed, qtbot).figures.pitches == before


def test_by_the_bar_songs_give_what_the_corpus_will_hold_and_one_without_beats_nothing(
    explored, listed, songs, write_song, qtbot
):
    added(explored, [write_song(replace(songs[0], name="Counted"))], qtbot)
    listed.set_plan(replace(listed.plan, recipe=RECIPES["bars-2d"]))
    model = listed.plan.recipe.model
    counts = counted(listed, qtbot)
    corpus = build_corpus([listed.entries[3].song], model.window, model.hop, cap=None, grid=model.grid)
    assert counts.figures.windows.tolist() == [0, 0, 0, len(corpus)]
    assert counts.figures.pitches == corpus.pitches
    without_beats = ("has no beats in its file, and is left out unless they are estimated",)
    assert [listed.warnings(row) for row in range(4)] == [without_beats] * 3 + [()]


def test_a_song_that_is_quantised_is_counted_and_learnt_on_its_beats(explored, listed, songs, write_song, qtbot):
    late = tuple(n._replace(start=n.start + 0.06, end=n.end + 0.06) for n in songs[0].notes)
    added(explored, [write_song(replace(songs[0], name="Late", notes=late))], qtbot)
    assert listed.warnings(3) == ()
    listed.quantise([3], "1/16")
    counted(listed, qtbot)
    assert listed.warnings(3) == (
        "the same music as Low",
        "fits 1/32 better: onsets lie 60 ms from the 1/16 grid on average",
    )
    entry = listed.songs_to_train()[3]
    assert entry.quantising == Quantising("1/16", 100)
    listed.quantise_by(50)
    counted(listed, qtbot)
    assert [entry.quantising.strength for entry in listed.songs_to_train()] == [100, 100, 100, 50]
    assert not any("same music" in sentence for sentence in listed.warnings(3))
    listed.quantise([3], "")
    counted(listed, qtbot)
    assert listed.warnings(3) == ()


def test_no_song_is_transposed_farther_than_it_makes_sense(listed, qtbot):
    listed.transpose([0], 500)
    assert listed.entries[0].to_train.semitones == 24
    counted(listed, qtbot)


def test_songs_are_brought_home_by_their_keys(session, qtbot):
    tune = [0, 4, 7, 12, 2, 5, 9, 11]
    major = Song("In E", tuple(Note(i / 4, i / 4 + 0.25, 64 + p) for i, p in enumerate(tune * 4)), 120.0)
    session.library.add_songs([major])
    qtbot.waitUntil(lambda: len(session.training_songs.entries) == 1)
    counted(session.training_songs, qtbot)
    session.training_songs.bring_home([0])
    counted(session.training_songs, qtbot)
    entry = session.training_songs.entries[0]
    assert (entry.to_train.semitones, key_name(entry.facts.key)) == (-4, "C major")
    session.training_songs.bring_home([0])
    assert session.training_songs.entries[0].to_train.semitones == -4
    counted(session.training_songs, qtbot)


def test_the_same_music_under_another_name_is_said(explored, listed, songs, qtbot, write_song):
    added(explored, [write_song(replace(songs[0], name="Twin"))], qtbot)
    assert "the same music as Low" in listed.warnings(3)
    listed.transpose([3], 2)
    counted(listed, qtbot)
    assert "the same music as Low" not in listed.warnings(3)


def test_a_song_shorter_than_a_window_and_what_is_cut_from_one_are_said(session, songs, qtbot):
    short = Song("Short", (Note(0, 0.5, 40), Note(0.5, 1, 105)), 120.0, ("an impossible tempo was ignored",))
    session.library.add_songs([*songs, short])
    qtbot.waitUntil(lambda: len(session.training_songs.entries) == 4)
    listed = session.training_songs
    recipe = replace(listed.plan.recipe, min_pitch_share=0.01)
    listed.set_plan(replace(listed.plan, recipe=recipe))
    counted(listed, qtbot)
    said = listed.warnings(3)
    assert said == ("50% is cut away", "shorter than a window: the rest is silence", "an impossible tempo was ignored")


def test_why_a_training_cannot_start_is_one_sentence(session, songs, qtbot):
    listed = session.training_songs
    assert listed.problem.startswith("There are no songs yet")
    session.library.add_songs([Song("Mute", (Note(0, 1, 3),), 120.0)])
    qtbot.waitUntil(lambda: bool(listed.entries))
    counted(listed, qtbot)
    assert "silence" in listed.problem
    listed.include([0], False)
    assert listed.problem == "Tick at least one song to train on."
    counted(listed, qtbot)


def test_too_few_windows_to_hold_any_out_are_said_before(listed, qtbot):
    listed.set_plan(replace(listed.plan, held_out=0.03))
    assert counted(listed, qtbot).windows == 27
    assert listed.problem.startswith("27 windows are too few to hold 3% out")
    listed.set_plan(replace(listed.plan, held_out=0.05))
    assert listed.problem == ""


def test_fewer_windows_than_a_batch_are_said_and_no_obstacle(listed, qtbot):
    assert counted(listed, qtbot).windows < listed.plan.recipe.training.batch
    assert listed.problem == ""
    assert "every update uses them all" in listed.caution


def test_only_the_newest_change_counts(listed, qtbot):
    for _ in range(20):
        listed.toggle([0])
    listed.toggle([1])
    counts = counted(listed, qtbot)
    assert sorted(counts.place) == [0, 2]


def test_changes_that_come_before_anything_is_counted_count(session, songs, qtbot):
    listed = session.training_songs
    listed._list(ListedSong.of(song) for song in songs)
    for row in (0, 1, 0):
        listed.toggle([row])
        qtbot.wait(1)
    counts = counted(listed, qtbot)
    assert sorted(counts.place) == [0, 2]
    assert all(entry.facts is not None for entry in listed.entries)
