"""A session is saved, and opened again as it was but for what has gone."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from explorer.audio.player import State
from explorer.audio.sequencer import AtEnd
from explorer.session.files.session_file import SUFFIX, read_session
from explorer.session.playing.versions import Version
from explorer.session.songs.library import OfRun
from explorer.session.songs.sources import SongSource
from tests.bands import played
from tests.explorer.conftest import hear_window
from tests.explorer.session.files.conftest import (
    SEEN,
    change_everything,
    everything,
    open_again,
    save,
    set_everything,
    wait,
)
from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.columns import Part
from vrae_core.midi.export import write_song as write_song_as_it_is


@pytest.mark.parametrize("what", ["path", "window", "original", "medley", "song", "nothing"])
def test_everything_comes_back_and_is_heard_note_for_note(kept, make_model, tmp_path, qtbot, what):
    set_everything(kept, qtbot)
    if what == "path":
        with qtbot.waitSignal(kept.playback.heard_changed):
            kept.pieces.play_path()
    elif what != "nothing":
        hear_window(kept, qtbot, 30)
    if what == "song":
        with qtbot.waitSignal(kept.playback.heard_changed):
            kept.pieces.play_song()
    if what == "original":
        kept.playback.set_version(Version.ORIGINAL)
    if what == "medley":
        kept.playback.set_at_end(AtEnd.RUN_ON)
        qtbot.waitUntil(lambda: kept.playback.heard.ran_on > 0)
        kept.playback.set_at_end(AtEnd.STOP)
    before = everything(kept)
    played = before["roll"]
    if what == "original":  # the song's own notes, finer than the model's steps
        kept.playback.player.render(512)
        played = kept.playback.player.sequencer.phrase.roll.tolist()
        assert len(played) > len(before["roll"])
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    change_everything(kept, make_model, qtbot)
    assert not {name for name, value in everything(kept).items() if value == before[name]} - {"songs", "version"}
    open_again(kept, qtbot, file)
    after = everything(kept)
    for name in before:
        assert after[name] == before[name], name
    assert kept.views == [SEEN]
    assert kept.problems == []
    assert (kept.keeping.file, kept.keeping.modified) == (file, False)
    if what != "nothing":
        assert kept.playback.player.state is State.STOPPED
        kept.playback.toggle()
        kept.playback.player.render(512)
        assert kept.playback.player.sequencer.phrase.roll.tolist() == played, "Space plays it"


def test_an_original_that_nobody_chose_is_no_choice_after_a_restart(kept, monkeypatch, tmp_path, qtbot):
    qtbot.waitUntil(lambda: kept.notes_right.of_song is not None)
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 2.0)
    hear_window(kept, qtbot, 7)
    assert kept.playback.original_unasked
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    monkeypatch.setattr("explorer.session.songs.notes_right.KNOWN", 0.0)
    open_again(kept, qtbot, file)
    hear_window(kept, qtbot, 9)
    assert kept.playback.version is Version.MODEL


def test_only_what_makes_up_the_session_counts_as_a_change(kept, tmp_path, qtbot):
    save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    hear_window(kept, qtbot, 3)
    kept.keeping.touch()  # as when the view is moved
    assert not kept.keeping.modified
    kept.path.add(kept.path.point_at(kept.library.atlas.map.points[1]))
    assert kept.keeping.modified
    kept.path.undo_stack.undo()
    assert not kept.keeping.modified
    kept.playback.set_tempo(60)
    assert kept.keeping.modified
    save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    assert not kept.keeping.modified


def test_a_model_in_no_file_is_put_into_one(explored, tmp_path, qtbot, songs, write_song, make_model):
    explored.library.reopen(None, [SongSource(str(write_song(song))) for song in songs], None, lambda _opened: None)
    wait(explored, qtbot)
    hear_window(explored, qtbot, 3)
    roll, digest = explored.playback.roll, explored.library.model.digest
    file = save(explored, qtbot, tmp_path / f"mine{SUFFIX}")
    explored.library.use_model(make_model(seed=5), "other")
    wait(explored, qtbot)
    open_again(explored, qtbot, file)
    assert explored.problems == []
    assert explored.library.model.digest == digest
    assert explored.library.model_name == "chance", "not as the file that it was put into"
    assert explored.library.models["chance"].stem == digest
    np.testing.assert_array_equal(explored.playback.roll, roll)


def test_a_model_of_a_run_is_called_as_it_was_and_once_the_runs_are_known_as_its_run_is(
    explored, tmp_path, qtbot, songs, write_song
):
    explored.library.reopen(None, [SongSource(str(write_song(song))) for song in songs], None, lambda _opened: None)
    wait(explored, qtbot)
    of_run = tmp_path / "2026-01-01 Reels" / "model.safetensors"
    of_run.parent.mkdir()
    explored.library.model.save(of_run)
    explored.library.offer_models_of_runs({of_run: OfRun(of_run.parent, "Reels")})
    explored.library.open(of_run)
    wait(explored, qtbot)
    assert explored.library.model_name == "Reels"
    file = save(explored, qtbot, tmp_path / f"mine{SUFFIX}")
    explored.library.offer_models_of_runs({})  # as at a start
    open_again(explored, qtbot, file)
    assert (explored.library.model_name, explored.library.model_path) == ("Reels", of_run)
    explored.library.offer_models_of_runs({of_run: OfRun(of_run.parent, "Jigs")})
    assert explored.library.model_name == "Jigs"
    assert "Reels" not in explored.library.models


def test_bundled_models_and_songs_are_kept_by_name(session, tmp_path, qtbot):
    session.library.open(bundled_models()["2d"], bundled_songs()[:2])
    wait(session, qtbot)
    file = save(session, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    assert values["model"]["bundled"] == "2d"
    assert values["songs"] == [{"bundled": path.name} for path in bundled_songs()[:2]]
    contents = read_session(file)
    assert contents.songs == tuple(SongSource(str(path)) for path in bundled_songs()[:2])
    assert contents.model.path == str(bundled_models()["2d"])


def test_the_list_to_train_on_comes_back_with_its_ticks_and_transpositions(kept, tmp_path, qtbot, songs, write_song):
    more = write_song(replace(songs[0], name="More"))
    with qtbot.waitSignal(kept.training_songs.listed):
        kept.training_songs.add([more])
    kept.training_songs.include([0, 3], False)
    kept.training_songs.transpose([3], -5)
    kept.training_songs.quantise_by(70)
    kept.training_songs.quantise([2], "1/8T")
    kept.training_songs.choose_parts(kept.training_songs.entries[0].song, (Part.BASS, None))
    kept.training_songs.estimate_beats([0, 2], True)
    kept.training_songs.remove([1])
    before = kept.training_songs.listing()
    assert len(before) == 3
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    kept.training_songs.remove([0, 2])
    open_again(kept, qtbot, file)
    assert kept.training_songs.listing() == before
    assert [entry.on_map for entry in kept.training_songs.entries] == [True, True, False]
    more.unlink()
    values = json.loads(file.read_bytes())
    open_again(kept, qtbot, file)
    assert kept.training_songs.listing() == before[:2]
    assert len(kept.problems) == 1
    values.pop("training")  # as it was written before
    file.write_text(json.dumps(values))
    open_again(kept, qtbot, file)
    assert kept.training_songs.listing() == before[:2]


def test_a_song_that_was_renamed_is_called_so_again(explored, songs, write_song, tmp_path, qtbot):
    explored.library.reopen(None, [SongSource(str(write_song(song))) for song in songs], None, lambda _opened: None)
    wait(explored, qtbot)
    explored.song_changes.rename(0, "Lower")
    wait(explored, qtbot)
    file = save(explored, qtbot, tmp_path / f"mine{SUFFIX}")
    assert read_session(file).songs[0] == SongSource(explored.library.songs[0].path, "Lower")
    open_again(explored, qtbot, file)
    assert explored.library.atlas.corpus.names == ("Lower", "Middle", "High")
    assert explored.problems == []


@pytest.fixture
def loose(in_bars, tmp_path, qtbot):
    """A session by the bar with a song from a file whose notes keep to no beats of it."""
    write_song_as_it_is(tmp_path / "Played.mid", played()[1])
    in_bars.library.reopen(None, [SongSource(str(tmp_path / "Played.mid"))], None, lambda _opened: None)
    wait(in_bars, qtbot)
    return in_bars


def test_parts_and_beats_that_somebody_gave_a_song_come_back_and_are_a_change(loose, tmp_path, qtbot):
    file = save(loose, qtbot, tmp_path / f"mine{SUFFIX}")
    assert "parts" not in json.loads(file.read_bytes())["songs"][0]
    parts = (Part.MELODY, Part.BASS, None)
    loose.song_changes.choose_parts(0, parts)
    wait(loose, qtbot)
    assert loose.keeping.modified
    loose.song_changes.estimate_beats(0)
    wait(loose, qtbot)
    windows = loose.library.atlas.corpus.windows()
    save(loose, qtbot, file)
    loose.undo_stack.undo()
    wait(loose, qtbot)
    assert not loose.library.songs[0].estimated_beats
    open_again(loose, qtbot, file)
    assert (loose.library.songs[0].parts, loose.library.songs[0].estimated_beats) == (parts, True)
    assert np.array_equal(loose.library.atlas.corpus.windows(), windows)
    assert loose.problems == []


def test_parts_of_tracks_that_a_file_has_no_more_are_left_out(loose, tmp_path, qtbot):
    loose.song_changes.choose_parts(0, (Part.MELODY, Part.BASS, None))
    wait(loose, qtbot)
    file = save(loose, qtbot, tmp_path / f"mine{SUFFIX}")
    alone = replace(played()[1], drums=(), notes=tuple(n for n in played()[1].notes if n.track == 0))
    write_song_as_it_is(tmp_path / "Played.mid", replace(alone, tracks=alone.tracks[:1]))
    open_again(loose, qtbot, file)
    assert loose.library.songs[0].parts == ()
    assert loose.problems == []
