"""What is saved can be read back and is what was heard."""

from __future__ import annotations

import wave
from dataclasses import replace

import mido
import numpy as np
import pretty_midi
import pytest
import soundfile

from tests.explorer.conftest import hear_window, saved, tracks_of
from vrae_core.latent.path import timing
from vrae_core.midi.beats import Meter
from vrae_core.midi.export import Track, stepped, write_midi
from vrae_core.midi.song import read_song
from vrae_core.music.piece_recipe import read_recipe
from vrae_core.music.pieces import medley, morph
from vrae_core.music.sound import Sound, Voice
from vrae_core.piano_roll import Note
from vrae_core.progress import finish


def columns(roll, pitches):
    whole = np.zeros((len(roll), 88), bool)
    whole[:, [pitch - 21 for pitch in pitches]] = roll
    return whole


def hear(session, qtbot):
    hear_window(session, qtbot, 7)
    session.playback.set_threshold(0.4)
    assert session.playback.roll.any()


def test_the_midi_file_of_what_is_heard_gives_its_roll_again(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "heard.mid"))
    expected = columns(explored.playback.roll, explored.library.model.pitches)
    roll = read_song(file).roll
    assert (roll == expected[: len(roll)]).all()
    assert not expected[len(roll) :].any()


class Recorder:
    """A synthesizer that writes down the notes that begin: (step, pitch, program, velocity)."""

    def __init__(self):
        self.now, self.programs, self.begun = 0, {}, []

    def set_program(self, channel, program):
        self.programs[channel] = program

    def note_on_at(self, sample, channel, pitch, velocity):
        self.begun.append((round(sample / 2205), pitch, self.programs[channel], velocity))

    def note_off_at(self, sample, channel, pitch): ...
    def all_sounds_off(self): ...

    def render(self, frames):
        self.now += frames
        return np.zeros((frames, 2), np.int16)


def test_what_is_saved_is_what_was_heard_note_by_note_in_voices_scale_and_velocities(explored, tmp_path, qtbot):
    playback = explored.playback
    playback.set_sound(Sound((Voice(3), Voice(5, 0.6), Voice(7, 0.8)), scale="minor", tonic=4))
    hear(explored, qtbot)
    playback.set_threshold(0.3)
    recorder = playback.player.synthesizer = Recorder()
    playback.play_once()
    playback.stop()
    playback.toggle()
    for _ in range(200):
        playback.player.render(441)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "heard.mid"))
    written = [
        (round(note.start * 20), note.pitch, track.program, note.velocity)
        for track in pretty_midi.PrettyMIDI(str(file)).instruments
        for note in track.notes
    ]
    assert sorted(written) == sorted(recorder.begun)
    assert len({program for _, _, program, _ in written}) > 1
    assert len({velocity for *_, velocity in written}) > 1


def test_the_original_is_saved_while_it_is_the_original_that_is_heard(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    explored.playback.toggle_original()
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "original.mid"))
    expected = columns(explored.library.atlas.roll(7), explored.library.model.pitches)
    roll = read_song(file).roll
    assert (roll == expected[: len(roll)]).all()


def test_the_midi_file_of_the_path_gives_the_morph_s_roll_again(explored, tmp_path, qtbot):
    atlas = explored.library.atlas
    explored.playback.set_threshold(0.4)
    for window in (0, 9, 20):
        explored.path.add(explored.path.point_at(atlas.map.points[window]))
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


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    explored.exports.save_heard(tmp_path / "nowhere" / "heard.mid")
    qtbot.waitUntil(lambda: bool(explored.problems))
    assert "heard.mid" in explored.problems[0]
    assert not (tmp_path / "nowhere").exists()
    qtbot.waitUntil(lambda: not explored.jobs.running)


@pytest.mark.parametrize(("suffix", "kind"), [(".flac", "FLAC"), (".ogg", "OGG")])
def test_sound_is_saved_as_flac_and_ogg(explored, tmp_path, qtbot, suffix, kind):
    hear(explored, qtbot)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / f"heard{suffix}"))
    assert soundfile.info(file).format == kind
    sound, rate = soundfile.read(file)
    assert len(sound) / rate == pytest.approx(explored.playback.roll.shape[0] / 20 + 1, abs=0.6)
    assert np.abs(sound).max() > 0.01


@pytest.mark.parametrize("tempo", [90, 150, 97])
def test_at_any_tempo_a_step_is_a_1_32_note_and_lasts_as_long_as_one_heard_it(explored, tmp_path, qtbot, tempo):
    hear(explored, qtbot)
    explored.playback.set_tempo(tempo)
    file = saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "heard.mid"))
    notes = [note for track in tracks_of(explored) for note in track.notes]
    song = read_song(file)

    def by_time(some):
        return sorted(((note.start, note.end, note.pitch) for note in some), key=lambda n: (round(n[0], 3), n[2]))

    np.testing.assert_allclose(by_time(song.notes), by_time(notes), atol=1e-4)
    assert song.beats_per_minute == pytest.approx(tempo, abs=1e-3)
    starts = np.array([n.start for n in song.notes]) * tempo / 60 * 8
    np.testing.assert_allclose(starts, np.rint(starts), atol=1e-3)


def test_a_medley_is_as_long_as_asked_and_begins_with_what_is_heard(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    model, z = explored.library.model, explored.playback.heard.zs[0]
    file = saved(explored, qtbot, lambda: explored.exports.save_medley(tmp_path / "medley.mid", 30.0))
    expected = columns(medley(model, z, 600) >= 0.4, model.pitches)
    roll = read_song(file).roll
    assert (roll == expected[: len(roll)]).all()
    assert not expected[len(roll) :].any()
    assert read_recipe(file).parameters == {"steps": 600}


def test_every_window_is_saved_in_a_file_of_its_own(explored, tmp_path, qtbot):
    explored.playback.set_threshold(0.4)
    atlas, windows = explored.library.atlas, np.array([3, 30, 51])
    told = saved(explored, qtbot, lambda: explored.exports.save_windows(tmp_path, windows, ".mid", originals=False))
    assert told == tmp_path / "3 windows"
    assert {file.name for file in tmp_path.glob("*.mid")} == {"Low 0-01.5.mid", "Low 0-15.0.mid", "Middle 0-06.0.mid"}
    for window, name in zip(windows, explored.exports.window_files(windows, ".mid"), strict=True):
        expected = columns(atlas.model.decode(atlas.posterior.mu[[window]])[0] >= 0.4, atlas.model.pitches)
        if expected.any():
            roll = read_song(tmp_path / name).roll
            assert (roll == expected[: len(roll)]).all()
        assert (read_recipe(tmp_path / name).points == atlas.posterior.mu[window]).all()


def test_the_original_windows_are_the_songs_own_notes_and_no_piece(explored, tmp_path, qtbot):
    atlas = explored.library.atlas
    saved(explored, qtbot, lambda: explored.exports.save_windows(tmp_path, np.array([3]), ".mid", originals=True))
    roll = read_song(tmp_path / "Low 0-01.5.mid").roll
    expected = columns(atlas.roll(3), atlas.model.pitches)
    assert (roll == expected[: len(roll)]).all()
    assert not expected[len(roll) :].any()
    assert read_recipe(tmp_path / "Low 0-01.5.mid") is None


@pytest.fixture
def band(session, songs, make_model, qtbot, tmp_path):
    """A session with a song in 3/4 that slows down at 6 s and gets loud there, with a bass and drums."""
    notes = [note._replace(velocity=40 if note.start < 6 else 110) for note in songs[0].notes]
    kit = Track("Kit", 0, [Note(i / 2, i / 2 + 0.05, 36) for i in range(24)], is_drums=True)
    tracks = [Track("Lead", 0, notes[::2]), Track("Bass", 33, notes[1::2]), kit]
    write_midi(tmp_path / "Low.mid", tracks, stepped([(0.0, 90.0), (6.0, 60.0)]), meters=[Meter(0, 3, 4)])
    session.library.open(song_paths=[tmp_path / "Low.mid"])
    qtbot.waitUntil(lambda: bool(session.library.songs) and not session.library.busy)
    session.library.use_model(make_model(), "chance")
    qtbot.waitUntil(lambda: session.library.atlas is not None and not session.jobs.running)
    return session


def its_own(path):
    """What a file written of the band says: meter, tempos, programs on tracks, velocities, drum hits, seconds."""
    song, whole = read_song(path), mido.MidiFile(path)
    tempos = [(round(t.beat, 3), round(t.beats_per_minute)) for t in song.tempo_map.tempos]
    programs = {track.name: track.program for track in song.tracks}
    return song.meters, tempos, programs, {n.velocity for n in song.notes}, len(song.drums), round(whole.length, 3)


def test_an_original_window_has_its_song_s_meter_tempos_velocities_instruments_and_drums(band, tmp_path, qtbot):
    window = int(np.flatnonzero(band.library.atlas.corpus.start_of == 110)[0])  # from 5.5 s to 6.5 s
    (tmp_path / "out").mkdir()
    saved(band, qtbot, lambda: band.exports.save_windows(tmp_path / "out", np.array([window]), ".mid", originals=True))
    expected = ((3, 4), [(0, 90), (0.75, 60)], {"Lead": 0, "Bass": 33, "Kit": 0}, {40, 110}, 2, 1.0)
    [file] = (tmp_path / "out").iterdir()
    meters, *others = its_own(file)
    assert (meters[0][1:], *others) == expected

    with qtbot.waitSignal(band.playback.heard_changed):
        band.playback.play_window(window)
    band.playback.toggle_original()
    file = saved(band, qtbot, lambda: band.exports.save_heard(tmp_path / "heard.mid"))
    meters, *others = its_own(file)
    assert (meters[0][1:], *others) == expected


def test_a_silent_end_belongs_to_what_is_saved_so_that_it_loops_in_time(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    explored.playback.set_threshold(1.0)
    explored.playback.set_tempo(97)
    file = mido.MidiFile(saved(explored, qtbot, lambda: explored.exports.save_heard(tmp_path / "heard.mid")))
    beats = [sum(m.time for m in track) / file.ticks_per_beat for track in file.tracks]
    assert beats == [20 / 8] * len(file.tracks)


def test_windows_of_one_name_get_files_of_two(explored):
    names = explored.exports.window_files(np.array([3, 3, 3]), ".mid")
    assert names == ["Low 0-01.5.mid", "Low 0-01.5 (2).mid", "Low 0-01.5 (3).mid"]


def test_songs_whose_names_differ_only_in_case_get_files_that_differ_in_more(explored, monkeypatch):
    atlas = explored.library.atlas
    corpus = replace(atlas.corpus, names=("Low", "low", "LOW"))
    monkeypatch.setattr(explored.playback, "atlas", replace(atlas, corpus=corpus), raising=False)
    windows = np.searchsorted(corpus.song_of, [0, 1, 2])
    assert explored.exports.window_files(windows, ".mid") == [
        "Low 0-00.0.mid",
        "low 0-00.0 (2).mid",
        "LOW 0-00.0 (3).mid",
    ]


def test_what_is_saved_under_one_name_in_two_folders_at_once_is_in_both(explored, tmp_path, qtbot):
    hear(explored, qtbot)
    files = [tmp_path / folder / "take.mid" for folder in "AB"]
    for file in files:
        file.parent.mkdir()
        explored.exports.save_medley(file, 60.0)
    assert len(explored.jobs.writing) == 2
    qtbot.waitUntil(lambda: not explored.jobs.running)
    assert [file.exists() for file in files] == [True, True]
    assert explored.problems == []


def test_saving_windows_can_be_cancelled_and_leaves_only_whole_files(explored, tmp_path, qtbot):
    explored.exports.save_windows(tmp_path, np.arange(60) % len(explored.library.atlas.corpus), ".wav", originals=True)
    title = "Saving 60 windows"
    qtbot.waitUntil(lambda: any(job.title == title and job.share for job in explored.jobs.running))
    job = next(job for job in explored.jobs.running if job.title == title)
    explored.jobs.cancel(job.key)
    qtbot.waitUntil(lambda: not job.worker.running)
    files = list(tmp_path.glob("*.wav"))
    assert 0 < len(files) < 60
    assert all(soundfile.info(file).frames > 0 for file in files)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("suffix", [".mid", ".flac"])
def test_a_long_medley_shows_progress_and_cancelled_leaves_nothing(explored, tmp_path, qtbot, suffix):
    hear(explored, qtbot)
    explored.exports.save_medley(tmp_path / f"medley{suffix}", 3600.0)
    worker, shares = explored.jobs.running[-1].worker, []
    explored.jobs.changed.connect(lambda: shares.extend(job.share for job in explored.jobs.running if job.share))
    qtbot.waitUntil(lambda: bool(shares))
    explored.jobs.cancel(explored.jobs.writing[0].key)
    qtbot.waitUntil(lambda: not worker.running)
    assert not list(tmp_path.glob("*medley*")) + list(tmp_path.glob(".*"))


def test_a_path_says_how_to_follow_it(explored, tmp_path, qtbot):
    for window in (0, 9, 20):
        explored.path.add(explored.path.point_at(explored.library.atlas.map.points[window]))
    explored.path.set_seconds(1.25)
    recipe = read_recipe(saved(explored, qtbot, lambda: explored.exports.save_path(tmp_path / "path.mid")))
    assert (recipe.kind, recipe.model, recipe.model_name) == ("path", explored.library.model.digest, "chance")
    assert (recipe.points == [point.z for point in explored.path.points]).all()
    assert recipe.parameters == explored.path.parameters()


def test_every_file_handed_over_stays_and_is_named_after_what_is_heard(explored, qtbot):
    hear(explored, qtbot)
    made = []
    for count in (1, 2):
        explored.exports.make_file_to_hand_over(made.append)
        qtbot.waitUntil(lambda count=count: len(made) == count)
    assert [file.name for file, _ in made] == ["Low 0-03.5.mid"] * 2
    assert made[0][0] != made[1][0]
    assert all(file.read_bytes() == data for file, data in made)
    assert read_recipe(made[0][0]).kind == "point"


def test_a_file_of_a_place_off_the_dots_is_called_as_the_place_is(explored, qtbot):
    place = explored.library.atlas.map.points[7] + np.float32(0.01)
    with qtbot.waitSignal(explored.playback.heard_changed):
        explored.playback.play_at(place)
    assert explored.exports.heard_name() == explored.library.atlas.place_name(place)
