"""What is saved can be read back and is what was heard."""

from __future__ import annotations

import wave

import numpy as np

from vrae_core.latent_path import timing
from vrae_core.midi_file import read_song
from vrae_core.pieces import morph
from vrae_core.progress import finish


def saved(session, qtbot, save):
    with qtbot.waitSignal(session.exports.saved, timeout=20_000) as signal:
        save()
    qtbot.waitUntil(lambda: not session.jobs.running)
    return signal.args[0]


def columns(roll, pitches):
    whole = np.zeros((len(roll), 88), bool)
    whole[:, [pitch - 21 for pitch in pitches]] = roll
    return whole


def hear(session, qtbot):
    with qtbot.waitSignal(session.playback.heard_changed):
        session.playback.play_window(7)
    session.playback.set_threshold(0.4)
    assert session.playback.roll.any()


def test_the_midi_file_of_what_is_heard_gives_its_roll_again(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "heard.mid"))
    expected = columns(explored.playback.roll, explored.library.model.pitches)
    roll = read_song(file).roll
    assert (roll == expected[: len(roll)]).all()
    assert not expected[len(roll) :].any()


def test_the_midi_file_of_the_path_gives_the_morph_s_roll_again(explored, tmp_path, qtbot):
    atlas = explored.library.atlas
    explored.playback.set_threshold(0.4)
    for window in (0, 9, 20):
        explored.path.add(explored.path_point(atlas.map.points[window]))
    explored.path.set_seconds(1.0)
    file = saved(explored, qtbot, lambda: explored.exports.save_path(tmp_path / "path.mid"))
    path = explored.path.drawing.path
    zs = path.at(finish(timing(path, atlas.model)).along)
    expected = columns(morph(atlas.model, zs) > 0.4, atlas.model.pitches)
    roll = read_song(file).roll
    assert (roll == expected[: len(roll)]).all()


def test_sound_is_saved_as_wav(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "heard.wav"))
    with wave.open(str(file)) as sound:
        assert sound.getnchannels() == 2
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    assert np.abs(samples).max() > 500


def test_the_map_is_saved_as_png_and_as_svg(explored, tmp_path, qtbot):
    png = saved(explored, qtbot, lambda: explored.exports.save_map(tmp_path / "map.png", "Map"))
    svg = saved(explored, qtbot, lambda: explored.exports.save_map(tmp_path / "map.svg", "Map"))
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert "Middle" in svg.read_text()


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    explored.exports.save_heard(tmp_path / "nowhere" / "heard.mid")
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert "heard.mid" in explored.problems[0]
    assert not (tmp_path / "nowhere").exists()
    qtbot.waitUntil(lambda: not explored.jobs.running)
