"""What a model of parts plays is saved in musical time: tempos, bars, a track a part and drums."""

from __future__ import annotations

from itertools import pairwise

import mido
import numpy as np
import pytest

from tests.explorer.conftest import hear_window, saved
from vrae_core.columns import Part, parts_of
from vrae_core.corpus.cutting import choose_pitches
from vrae_core.corpus.sampling import Grid
from vrae_core.midi.beats import Meter, Tempo, TempoMap
from vrae_core.midi.export import Track, write_midi
from vrae_core.midi.song import read_song
from vrae_core.model.file import weight_shapes
from vrae_core.model.recipes import ModelConfig
from vrae_core.model.trained import TrainedModel
from vrae_core.piano_roll import Note

BAR = 48  # steps
PROGRAMS = {"Slow": (73, 48, 33, 8), "Fast": (80, 25, 38, 0)}


def song_file(folder, name, tempo, lowest):
    """Eight bars: a tune, two held chords a bar, a bass and a drum on each beat."""
    times = TempoMap((Tempo(0, tempo),)).seconds_at(np.arange(33)).tolist()
    beats = list(pairwise(times))
    lead, chords, bass, kit = PROGRAMS[name]
    write_midi(
        folder / f"{name}.mid",
        [
            Track("Lead", lead, [Note(a, b, lowest + 24 + i % 5) for i, (a, b) in enumerate(beats)]),
            Track("Pad", chords, [Note(a, b, lowest + 12 + p) for a, b in beats[::2] for p in (0, 4, 7)]),
            Track("Bass", bass, [Note(a, b, lowest - 12) for a, b in beats]),
            Track("Kit", kit, [Note(a, a + 0.05, (36, 38)[i % 2]) for i, (a, b) in enumerate(beats)], is_drums=True),
        ],
        float(tempo),
    )
    return folder / f"{name}.mid"


@pytest.fixture
def in_time(session, qtbot, tmp_path):
    """A session on a song at 90 and one at 150 beats a minute, with a model of parts that nobody trained."""
    files = [song_file(tmp_path, "Slow", 90, 48), song_file(tmp_path, "Fast", 150, 52)]
    session.library.open(song_paths=files)
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    config = ModelConfig(
        window=BAR, hop=BAR, latent=2, hidden=8, encoder_hidden=6, z_every_step=True, steps_per_beat=12, parts=True
    )
    pitches = choose_pitches(session.library.songs, grid=Grid(12, parts=True))
    source = np.random.default_rng(0)
    shapes = weight_shapes(config, len(pitches))
    weights = {n: source.normal(0, 0.6, shape).astype(np.float32) for n, shape in shapes.items()}
    session.library.use_model(TrainedModel(config, pitches, weights, 0.5, {"recipe": "chance"}), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    return session


def window_of(session, name):
    corpus = session.library.atlas.corpus
    return int(np.flatnonzero(corpus.song_of == corpus.names.index(name))[2])


def lengths_in_beats(file):
    written = mido.MidiFile(file)
    return {sum(m.time for m in track) / written.ticks_per_beat for track in written.tracks}


def test_a_window_is_saved_at_its_song_s_tempo_with_its_instruments_and_ends_with_its_bar(in_time, tmp_path, qtbot):
    for name, tempo in (("Slow", 90), ("Fast", 150)):
        hear_window(in_time, qtbot, window_of(in_time, name))
        file = saved(in_time, qtbot, lambda name=name: in_time.exports.save_heard(tmp_path / f"{name} out.mid"))
        song = read_song(file)
        assert song.tempo_map.tempos == (Tempo(0, pytest.approx(tempo, abs=0.01)),)
        assert song.meters == (Meter(0, 4, 4),)
        assert {track.program for track in song.tracks} <= set(PROGRAMS[name])
        assert lengths_in_beats(file) == {4}


def test_what_is_read_back_on_the_grid_is_what_was_heard_part_by_part(in_time, tmp_path, qtbot):
    hear_window(in_time, qtbot, window_of(in_time, "Slow"))
    score = in_time.playback.score
    song = read_song(saved(in_time, qtbot, lambda: in_time.exports.save_heard(tmp_path / "heard.mid")))
    kinds = {"Melody": Part.MELODY, "Chords": Part.CHORDS, "Bass": Part.BASS, "Drums": Part.DRUMS}
    begun = np.diff(score.roll.astype(int), axis=0, prepend=0) == 1
    expected = {(step, score.pitches[column]) for step, column in np.argwhere(begun).tolist()}
    steps = {}
    for note in (*song.notes, *song.drums):
        part = kinds[song.tracks[note.track].name]
        steps[round(float(song.tempo_map.beats_at(note.start)) * 12, 3), 128 * part + note.pitch] = part
    assert set(steps) == expected
    assert all(track.is_drums == (track.name == "Drums") for track in song.tracks)
    assert {track.channel for track in song.tracks if track.is_drums} <= {9}


def test_a_path_from_90_to_150_beats_a_minute_has_a_tempo_map_that_leads_there(in_time, tmp_path, qtbot):
    atlas = in_time.library.atlas
    for name in ("Slow", "Fast"):
        in_time.path.add(in_time.path.point_at(atlas.map.points[window_of(in_time, name)]))
    in_time.path.set_seconds(4.0)
    in_time.playback.set_threshold(0.4)
    file = saved(in_time, qtbot, lambda: in_time.exports.save_path(tmp_path / "path.mid"))
    song = read_song(file)
    tempos = [tempo.beats_per_minute for tempo in song.tempo_map.tempos]
    assert tempos[0] == pytest.approx(90, abs=1)
    assert tempos[-1] == pytest.approx(150, abs=1)
    assert len(tempos) > 2
    assert all(89 < tempo < 151 for tempo in tempos)
    starts = song.tempo_map.beats_at([note.start for note in (*song.notes, *song.drums)]) * 12
    np.testing.assert_allclose(starts, np.rint(starts), atol=0.01)  # each note lies on the grid
    names = [track.name for track in song.tracks]
    assert names == [name for name in ("Melody", "Chords", "Bass", "Drums") if name in names]
    assert len(names) > 1
    assert mido.MidiFile(file).ticks_per_beat == 480


def test_a_closed_path_ends_with_its_bar(in_time, tmp_path, qtbot):
    atlas = in_time.library.atlas
    for name in ("Slow", "Fast"):
        in_time.path.add(in_time.path.point_at(atlas.map.points[window_of(in_time, name)]))
    in_time.path.set_closed(True)
    [beats] = lengths_in_beats(saved(in_time, qtbot, lambda: in_time.exports.save_path(tmp_path / "path.mid")))
    assert beats % 4 == 0


def test_a_tempo_that_is_set_is_the_only_one(in_time, tmp_path, qtbot):
    hear_window(in_time, qtbot, window_of(in_time, "Fast"))
    in_time.playback.set_tempo(113)
    song = read_song(saved(in_time, qtbot, lambda: in_time.exports.save_heard(tmp_path / "heard.mid")))
    assert song.tempo_map.tempos == (Tempo(0, pytest.approx(113, abs=0.01)),)


def test_the_original_is_saved_with_its_own_tracks_drums_and_tempo(in_time, tmp_path, qtbot):
    hear_window(in_time, qtbot, window_of(in_time, "Fast"))
    in_time.playback.toggle_original()
    file = saved(in_time, qtbot, lambda: in_time.exports.save_heard(tmp_path / "original.mid"))
    song = read_song(file)
    assert [(track.name, track.program) for track in song.tracks] == list(
        zip(("Lead", "Pad", "Bass", "Kit"), PROGRAMS["Fast"], strict=True)
    )
    assert song.beats_per_minute == pytest.approx(150, abs=0.01)
    assert len(song.drums) == 4
    assert lengths_in_beats(file) == {4}


def test_every_window_is_saved_at_its_own_tempo(in_time, tmp_path, qtbot):
    windows = np.array([window_of(in_time, name) for name in ("Slow", "Fast")])
    (tmp_path / "out").mkdir()
    saved(in_time, qtbot, lambda: in_time.exports.save_windows(tmp_path / "out", windows, ".mid", originals=False))
    tempos = [read_song(file).beats_per_minute for file in sorted((tmp_path / "out").iterdir())]
    assert sorted(round(tempo) for tempo in tempos) == [90, 150]


def test_a_score_of_parts_has_drums_that_no_register_plays(in_time, qtbot):
    hear_window(in_time, qtbot, window_of(in_time, "Slow"))
    score = in_time.playback.score
    assert score.has_parts
    drums = parts_of(score.pitches) == Part.DRUMS
    assert (score.voices[:, drums] == 3).all()
    assert not (score.voices[:, ~drums] == 3).any()
