"""Songs of the map with other parts or other beats: they are cut into windows anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.session.songs.sources import SongSource, edited, sources_of
from tests.bands import make_band, make_band_model, played
from tests.explorer.conftest import settle
from tests.explorer.session.songs.conftest import names
from vrae_core.columns import Part, parts_of
from vrae_core.midi.export import write_song as write_as_it_is
from vrae_core.midi.song import read_song


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
    stack = in_bars.undo_stack
    for step in (stack.undo, stack.undo, stack.redo):  # the name, the parts, which are as before already, and again
        step()
        settle(in_bars, qtbot)
    assert in_bars.library.songs[1].name == "Fast"
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
