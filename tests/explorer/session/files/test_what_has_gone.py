"""A session is opened though songs or models of it have gone; what was drawn with other models comes back with them."""

from __future__ import annotations

import json

from explorer.session.files.session_file import SUFFIX
from explorer.session.path.drawing import Drawing
from tests.explorer.conftest import hear_window
from tests.explorer.session.files.conftest import (
    everything,
    open_again,
    save,
    set_everything,
    wait,
)


def test_a_song_that_has_gone_costs_a_sentence_and_nothing_else(kept, tmp_path, qtbot):
    set_everything(kept, qtbot)
    drawing = kept.path.as_plain()
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    (tmp_path / "Middle.mid").unlink()
    open_again(kept, qtbot, file)
    assert kept.problems == [f"{tmp_path / 'Middle.mid'} does not exist."]
    assert [song.name for song in kept.library.songs] == ["Low", "High"]
    assert kept.path.as_plain() == drawing


def test_a_model_that_was_moved_is_known_by_its_weights(kept, make_model, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    (tmp_path / "five.safetensors").rename(tmp_path / "moved.safetensors")
    make_model(5, seed=9).save(tmp_path / "five.safetensors")
    kept.library.offer_models([tmp_path / "moved.safetensors"])
    open_again(kept, qtbot, file)
    assert kept.library.model_name == "moved"
    assert kept.problems == []


def test_without_its_model_the_songs_are_shown_by_another_and_nothing_of_before_is_left(
    kept, make_model, tmp_path, qtbot
):
    set_everything(kept, qtbot)
    hear_window(kept, qtbot, 3)
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    kept.library.use_model(make_model(5, seed=4), "other")
    wait(kept, qtbot)
    kept.library.models.clear()
    (tmp_path / "five.safetensors").unlink()
    kept.path.add(kept.path.point_at(kept.library.atlas.map.points[1]))
    hear_window(kept, qtbot, 2)
    open_again(kept, qtbot, file)
    assert kept.problems == [
        "The session's “five” was not found: its songs are shown by another model, without its paths."
    ]
    assert kept.library.model_name == "other"
    assert kept.path.points == ()
    assert kept.playback.heard is None
    assert kept.playback.player.tempo == 97


def test_without_any_of_its_songs_nothing_changes(kept, songs, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    for song in songs:
        (tmp_path / f"{song.name}.mid").unlink()
    atlas = kept.library.atlas
    kept.keeping.open(file)
    qtbot.waitUntil(lambda: len(kept.problems) == 4)
    assert kept.problems[-1] == "None of the songs of mine.vrae-session can be opened, so nothing is changed."
    assert kept.library.atlas is atlas
    assert len(kept.library.songs) == 3


def test_the_session_before_can_be_had_back(kept, make_model, tmp_path, qtbot):
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    set_everything(kept, qtbot)
    before = everything(kept)
    open_again(kept, qtbot, file)
    assert kept.path.points == ()
    open_again(kept, qtbot, kept.keeping.earlier[0])
    assert everything(kept) == before


def test_a_song_that_was_played_through_and_is_not_on_the_map_is_left_out_in_words(kept, tmp_path, qtbot):
    hear_window(kept, qtbot, 3)
    with qtbot.waitSignal(kept.playback.heard_changed):
        kept.pieces.play_song()
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    values = json.loads(file.read_bytes())
    values["heard"]["how"]["song"] = "Nobody's"
    file.write_text(json.dumps(values))
    open_again(kept, qtbot, file)
    assert kept.playback.heard is None
    assert kept.problems == ["What was heard last is left out: Nobody's is not on the map, or begins elsewhere."]


# --- what is drawn with models that are not shown


def two_models_drawn_with(session, make_model, tmp_path, qtbot):
    """A path with the model that is left, and a favourite with the one that is shown; what the first one has."""
    make_model(3, seed=8).save(tmp_path / "three.safetensors")
    session.path.add(session.path.point_at(session.library.atlas.map.points[1]))
    session.path.add(session.path.point_at(session.library.atlas.map.points[5]))
    session.path.keep()
    first = session.path.as_plain()
    open_model(session, tmp_path / "three.safetensors", qtbot)
    session.path.star(session.library.atlas.posterior.mu[2], "Here")
    return first


def open_model(session, file, qtbot):
    session.library.open(file)
    qtbot.waitUntil(lambda: session.library.model_path == file and not session.jobs.running)


def test_what_is_drawn_with_other_models_is_in_the_file_and_comes_back_with_them(kept, make_model, tmp_path, qtbot):
    first = two_models_drawn_with(kept, make_model, tmp_path, qtbot)
    second = kept.path.as_plain()
    file = save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    assert not kept.keeping.modified
    kept.path.restore(Drawing().as_plain())
    open_again(kept, qtbot, file)
    assert kept.path.as_plain() == second
    assert not kept.keeping.modified
    open_model(kept, tmp_path / "five.safetensors", qtbot)
    assert kept.path.as_plain() == first
    assert kept.problems == []


def test_a_model_that_was_not_found_brings_its_paths_when_it_returns(kept, make_model, tmp_path, qtbot):
    first = two_models_drawn_with(kept, make_model, tmp_path, qtbot)
    second, file = kept.path.as_plain(), save(kept, qtbot, tmp_path / f"mine{SUFFIX}")
    (tmp_path / "three.safetensors").rename(tmp_path / "three, elsewhere.safetensors")
    open_model(kept, tmp_path / "five.safetensors", qtbot)
    open_again(kept, qtbot, file)
    assert len(kept.problems) == 1
    assert kept.path.as_plain() == first
    open_model(kept, tmp_path / "three, elsewhere.safetensors", qtbot)
    assert kept.path.as_plain() == second
