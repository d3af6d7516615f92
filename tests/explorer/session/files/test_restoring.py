"""A MIDI file that was made here brings back what it was made from, to the note."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from explorer.audio.player import State
from tests.explorer.conftest import saved
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import Song
from vrae_core.music.piece_recipe import MARK, PieceRecipe, read_recipe, recipe_text
from vrae_core.music.sound import Sound, Voice
from vrae_core.piano_roll import Note

SONG = Song("Dropped", tuple(Note(t / 4, t / 4 + 0.2, 50 + t % 9) for t in range(80)), 120.0)


def settings(session):
    playback = session.playback
    return (
        playback.threshold,
        playback.temperature,
        playback.piece_settings().seed,
        playback.player.tempo,
        playback.sound,
    )


def set_differently(session):
    session.playback.set_threshold(0.37)
    session.playback.set_temperature(0.6)
    session.playback.set_tempo(97)
    session.playback.set_sound(Sound((Voice(1), Voice(2), Voice(3)), scale="minor pentatonic", tonic=2))


def spoil(session, qtbot):
    """Hear something else, with other settings, and draw another path."""
    session.path.clear()
    session.path.set_seconds(7.0)
    with qtbot.waitSignal(session.playback.heard_changed):
        session.playback.play_window(11)
    session.playback.set_threshold(0.8)
    session.playback.set_temperature(0)
    session.playback.set_tempo(200)
    session.playback.set_sound(Sound())


def restored(session, qtbot, file):
    before = session.playback.heard
    session.restoring.open(file)
    qtbot.waitUntil(lambda: session.playback.heard is not before and not session.jobs.running)
    return session.playback.roll


def draw_path(session, windows=(0, 9, 20)):
    for window in windows:
        session.path.add(session.path.point_at(session.library.atlas.map.points[window] + np.float32(0.01)))
    session.path.set_seconds(1.3)
    session.path.set_smooth(True)


@pytest.mark.parametrize("latent", [2, 5])
def test_a_path_comes_back_with_every_note_and_setting(explored, make_model, tmp_path, qtbot, latent):
    if latent != 2:
        explored.library.use_model(make_model(latent), "five")
        qtbot.waitUntil(lambda: explored.library.model_name == "five" and not explored.jobs.running)
    set_differently(explored)
    draw_path(explored)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.pieces.play_path()
    drawn, roll, kept = explored.path.drawing.path, explored.playback.roll, settings(explored)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "path.mid"))
    spoil(explored, qtbot)
    again = restored(explored, qtbot, file)
    assert roll.any()
    np.testing.assert_array_equal(again, roll)
    np.testing.assert_array_equal(explored.path.drawing.path.points, drawn.points)
    assert explored.path.manner == drawn.manner
    assert settings(explored) == kept
    assert explored.playback.player.state is State.PLAYING
    assert len(explored.library.songs) == 3, "it is no song"
    explored.path.undo_stack.undo()
    assert explored.path.points == ()


def test_a_point_comes_back_with_every_note_and_as_the_window_it_is(explored, tmp_path, qtbot):
    set_differently(explored)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(30)
    roll, kept = explored.playback.roll, settings(explored)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "point.mid"))
    spoil(explored, qtbot)
    np.testing.assert_array_equal(restored(explored, qtbot, file), roll)
    assert settings(explored) == kept
    mu = explored.library.atlas.posterior.mu
    np.testing.assert_array_equal(mu[explored.playback.heard.window], mu[30])


def test_a_medley_comes_back_and_can_be_saved_as_the_same_bytes(explored, tmp_path, qtbot):
    set_differently(explored)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(30)
    file = saved(explored, qtbot, lambda: explored.exports.save_medley(tmp_path / "medley.mid", 20))
    spoil(explored, qtbot)
    assert len(restored(explored, qtbot, file)) == 259, "20 s of steps at 97 beats a minute"
    again = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "again.mid"))
    assert again.read_bytes() == file.read_bytes()


def test_the_model_is_found_among_the_known_ones(explored, make_model, tmp_path, qtbot):
    explored.playback.set_threshold(0.4)
    draw_path(explored)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.pieces.play_path()
    roll = explored.playback.roll
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "path.mid"))
    first = explored.library.model
    first.save(tmp_path / "first.safetensors")
    explored.library.offer_models([tmp_path / "gone.safetensors", tmp_path / "first.safetensors"])
    explored.library.use_model(make_model(seed=1), "second")
    qtbot.waitUntil(lambda: explored.library.model is not first and not explored.jobs.running)
    np.testing.assert_array_equal(restored(explored, qtbot, file), roll)
    assert explored.library.model_name == "first"
    assert explored.library.model.digest == first.digest


def test_a_model_that_is_not_here_is_asked_for_by_name(explored, make_model, tmp_path, qtbot):
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_window(30)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "point.mid"))
    explored.library.use_model(make_model(seed=1), "second")
    qtbot.waitUntil(lambda: explored.library.model_name == "second" and not explored.jobs.running)
    explored.restoring.open(file)
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert explored.problems[0].startswith("point.mid was made with “chance” (")
    assert explored.playback.heard is None
    assert len(explored.library.songs) == 3


def test_without_songs_there_is_no_map_to_restore_on(session, make_model, tmp_path, qtbot):
    model = make_model()
    model.save(tmp_path / "chance.safetensors")
    session.library.offer_models([tmp_path / "chance.safetensors"])
    recipe = PieceRecipe(
        model.digest, "chance", "point", np.zeros((1, 2), np.float32), {"steps": 20}, 0.5, 0, 0, 150, Sound()
    )
    write_midi(tmp_path / "point.mid", [Track("", 0, SONG.notes)], text=recipe_text(recipe))
    session.restoring.open(tmp_path / "point.mid")
    qtbot.waitUntil(lambda: bool(session.problems))
    assert session.problems == ["There is no map yet to restore a piece on: open some songs first."]


def test_a_song_that_says_nothing_joins_the_map(explored, write_song, qtbot):
    with qtbot.waitSignal(explored.library.atlas_changed):
        explored.restoring.open(write_song(SONG))
    assert explored.library.songs[-1].name == "Dropped"


def test_a_damaged_recipe_is_told_and_the_file_is_a_song(explored, tmp_path, qtbot):
    write_midi(tmp_path / "Odd.mid", [Track("", 0, SONG.notes)], 120, f"{MARK} {{}}")
    with qtbot.waitSignal(explored.library.atlas_changed):
        explored.restoring.open(tmp_path / "Odd.mid")
    assert explored.library.songs[-1].name == "Odd"
    assert "Odd.mid says what it was made from, but that is damaged" in explored.problems[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"points": np.zeros((2, 7), np.float32)}, "its points are of another"),
        ({"parameters": {}}, "a stored path needs"),
        ({"parameters": {"seconds": [None] * 3, "usual_seconds": 1e300}}, "a stored path needs"),
        ({"parameters": {"seconds": ["5", None, None]}}, "a stored path needs"),
        (
            {"kind": "point", "points": np.zeros((1, 2), np.float32), "parameters": {"steps": 10**9}},
            "must have between 1 and",
        ),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(explored, tmp_path, qtbot, change, sentence):
    draw_path(explored)
    file = saved(explored, qtbot, lambda: explored.exports.save_path(tmp_path / "path.mid"))
    write_midi(file, [Track("", 0, SONG.notes)], text=recipe_text(dataclasses.replace(read_recipe(file), **change)))
    points, kept = explored.path.points, settings(explored)
    explored.restoring.open(file)
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert sentence in explored.problems[0]
    assert explored.path.points is points
    assert settings(explored) == kept
