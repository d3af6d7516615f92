"""`vrae decode`."""

import wave
from dataclasses import replace

import mido
import numpy as np
import pytest
import soundfile

from vrae_core.errors import SoundError
from vrae_core.midi.beats import Meter
from vrae_core.midi.export import write_song
from vrae_core.midi.song import read_song
from vrae_core.music.piece_recipe import read_recipe
from vrae_core.music.pieces import roll_from_probabilities
from vrae_core.piano_roll import notes_from_roll


def notes_in(path):
    """(start in steps, end in steps, pitch) of every note."""
    return sorted((round(n.start * 20), round(n.end * 20), n.pitch) for n in read_song(path).notes)


def expected(model, z, steps, **settings):
    probabilities = model.decode(np.float32([z]), steps=steps)[0]
    notes = notes_from_roll(roll_from_probabilities(probabilities, **({"threshold": 0.4} | settings)), model.pitches)
    return sorted((round(n.start * 20), round(n.end * 20), n.pitch) for n in notes)


def test_a_point_becomes_one_window_at_the_models_threshold(vrae, model_file, model, tmp_path):
    ran = vrae("decode", model_file, "--z", "0.3,1.2", "-o", tmp_path / "out.mid")
    assert ran.status == 0
    assert ran.out.endswith("1.0 s\n")
    assert notes_in(tmp_path / "out.mid") == expected(model, [0.3, 1.2], 20)


def test_more_steps_let_the_decoder_run_on(vrae, model_file, model, tmp_path):
    vrae("decode", model_file, "--z", "0.3,1.2", "--steps", 90, "-o", tmp_path / "out.mid")
    assert notes_in(tmp_path / "out.mid") == expected(model, [0.3, 1.2], 90)


@pytest.mark.parametrize("text", ["-0.3,1.2", " -0.3 , 1.2", "-0.3 1.2", "-.3,12e-1"])
def test_z_may_be_negative_and_written_in_many_ways(vrae, model_file, model, tmp_path, text):
    assert vrae("decode", model_file, "--z", text, "-o", tmp_path / "out.mid").status == 0
    assert notes_in(tmp_path / "out.mid") == expected(model, [-0.3, 1.2], 20)


def test_temperature_and_seed_draw_another_piece(vrae, model_file, model, tmp_path):
    vrae("decode", model_file, "--z", "0,0", "-o", tmp_path / "out.mid", "--temperature", 0.9, "--seed", 3)
    assert notes_in(tmp_path / "out.mid") == expected(model, [0, 0], 20, temperature=0.9, seed=3)


def test_a_threshold_nothing_reaches_gives_silence_and_says_so(vrae, model_file, tmp_path):
    ran = vrae("decode", model_file, "--z", "0,0", "--threshold", 1, "-o", tmp_path / "out.mid")
    assert ran.status == 0
    assert "the piece is silent" in ran.err


def test_a_wav_file_lasts_as_long_as_its_notes_and_their_echo(vrae, model_file, tmp_path):
    ran = vrae("decode", model_file, "--z", "0,0", "--steps", 40, "-o", tmp_path / "out.wav")
    if "FluidSynth" in ran.err:
        pytest.skip("no FluidSynth here")
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert 0.5 <= file.getnframes() / file.getframerate() <= 3.5
        assert any(file.readframes(file.getnframes()))


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_sound_is_also_written_as_flac_and_ogg(vrae, model_file, tmp_path, suffix):
    ran = vrae("decode", model_file, "--z", "0,0", "--steps", 40, "-o", tmp_path / f"out.{suffix}")
    if "FluidSynth" in ran.err:
        pytest.skip("no FluidSynth here")
    sound, rate = soundfile.read(tmp_path / f"out.{suffix}")
    assert 0.5 <= len(sound) / rate <= 3.5
    assert np.abs(sound).max() > 0.01


def test_the_tempo_moves_the_beats_and_leaves_the_notes_where_they_are(vrae, model_file, model, tmp_path):
    vrae("decode", model_file, "--z", "0.3,1.2", "--tempo", 97, "-o", tmp_path / "out.mid")
    assert notes_in(tmp_path / "out.mid") == expected(model, [0.3, 1.2], 20)
    assert read_song(tmp_path / "out.mid").beats_per_minute == pytest.approx(97, abs=1e-3)


def test_a_loop_ends_where_its_last_step_ends_however_silent_that_is(vrae, model_file, tmp_path):
    vrae("decode", model_file, "--z", "0,0", "--threshold", 1, "-o", tmp_path / "silent.mid")
    vrae("decode", model_file, "--z", "0.3,1.2", "--steps", 50, "-o", tmp_path / "out.mid")
    ticks = [
        [sum(m.time for m in track) for track in mido.MidiFile(tmp_path / f).tracks] for f in ("silent.mid", "out.mid")
    ]
    assert ticks == [[20 * 60] * 2, [50 * 60] * 2]


@pytest.mark.parametrize(("steps", "kind"), [(20, "point"), (90, "medley")])
def test_a_midi_file_says_what_it_was_made_from(vrae, model_file, model, tmp_path, steps, kind):
    settings = ("--threshold", 0.3, "--temperature", 0.5, "--seed", 7)
    vrae("decode", model_file, "--z", "0.3,1.2", "--steps", steps, "-o", tmp_path / "out.mid", *settings)
    recipe = read_recipe(tmp_path / "out.mid")
    assert (recipe.model, recipe.model_name, recipe.kind, recipe.steps) == (model.digest, "tiny", kind, steps)
    assert (recipe.threshold, recipe.temperature, recipe.seed, recipe.tempo) == (0.3, 0.5, 7, 150)
    np.testing.assert_array_equal(recipe.points, np.float32([[0.3, 1.2]]))


def test_without_a_synthesizer_wav_is_refused_in_plain_words(vrae, model_file, tmp_path, monkeypatch):
    def none(*_):
        raise SoundError("there is no FluidSynth library")

    monkeypatch.setattr("vrae_core.audio.synthesizer.Synthesizer", none)
    ran = vrae("decode", model_file, "--z", "0,0", "-o", tmp_path / "out.wav")
    assert (ran.status, ran.err) == (1, "vrae: there is no FluidSynth library\n")


@pytest.mark.parametrize(
    ("z", "reason"),
    [
        ("1", "--z gives 1 numbers, but the model has 2 latent dimensions"),
        ("1,2,3", "--z gives 3 numbers"),
        ("one,two", "--z must be numbers with commas between them"),
        ("", "--z must be numbers"),
        ("1,nan", "must hold numbers between -1e+06 and 1e+06"),
        ("1,1e99", "must hold numbers between"),
    ],
)
def test_a_z_that_is_none_is_told_in_one_sentence(vrae, model_file, tmp_path, z, reason):
    ran = vrae("decode", model_file, "--z", z, "-o", tmp_path / "out.mid")
    assert ran.status == 1
    assert reason in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [("--steps", 0), ("--steps", "many"), ("--threshold", 1.5), ("--temperature", -1), ("--temperature", "nan")],
)
def test_settings_out_of_range_are_usage_errors(vrae, model_file, tmp_path, words):
    ran = vrae("decode", model_file, "--z", "0,0", "-o", tmp_path / "out.mid", *words)
    assert ran.status == 2
    assert f"argument {words[0]}:" in ran.err


def test_only_midi_and_sound_are_written(vrae, model_file, tmp_path):
    ran = vrae("decode", model_file, "--z", "0,0", "-o", tmp_path / "out.mp3")
    assert (ran.status, ran.err) == (1, f"vrae: {tmp_path / 'out.mp3'} must end in .mid, .midi, .wav, .flac or .ogg\n")


def test_a_piece_replaces_the_one_before(vrae, model_file, model, tmp_path):
    for z in ("0,0", "2,-2"):
        assert vrae("decode", model_file, "--z", z, "-o", tmp_path / "out.mid").status == 0
    assert notes_in(tmp_path / "out.mid") == expected(model, [2, -2], 20)


def test_a_band_is_written_with_a_track_a_part_drums_on_channel_10_and_its_tempo(vrae, band_model_file, tmp_path):
    words = ("--z", "0.3,1.2", "--threshold", 0.3, "--tempo", 90)
    ran = vrae("decode", band_model_file, *words, "-o", tmp_path / "out.mid")
    assert (ran.status, ran.err) == (0, "")
    song = read_song(tmp_path / "out.mid")
    assert {track.name for track in song.tracks} == {"Melody", "Chords", "Bass", "Drums"}
    assert {track.channel for track in song.tracks if track.is_drums} == {9}
    assert song.beats_per_minute == pytest.approx(90)
    assert ran.out.endswith(f"{4 * 60 / 90:.1f} s\n")
    assert read_recipe(tmp_path / "out.mid").tempo == 90


def test_a_band_without_a_tempo_is_played_at_120(vrae, band_model_file, tmp_path):
    ran = vrae("decode", band_model_file, "--z", "0.3,1.2", "-o", tmp_path / "out.mid")
    assert ran.out.endswith("2.0 s\n")
    assert read_recipe(tmp_path / "out.mid").tempo is None


def decoded(vrae, model_file, tmp_path, *words):
    """Tempo and meter of a point's piece."""
    ran = vrae("decode", model_file, *words, "--z", "0.3,1.2", "--threshold", 0.3, "-o", tmp_path / "out.mid")
    assert ran.status == 0, ran.err
    song = read_song(tmp_path / "out.mid")
    return round(song.beats_per_minute), song.meters[0][1:]


@pytest.mark.parametrize(
    ("about", "heard"),
    [
        ({"tempo": "97.0", "meter": "3/4"}, (97, (3, 4))),
        ({"tempo": "nan", "meter": "0/4"}, (120, (4, 4))),
        ({"tempo": "1e9", "meter": "3/5"}, (120, (4, 4))),
        ({"tempo": "quick", "meter": "13/8"}, (120, (13, 8))),
    ],
)
def test_a_band_is_played_as_most_of_the_songs_that_it_learnt_if_its_file_makes_sense(
    vrae, band_model, tmp_path, about, heard
):
    replace(band_model, about=about).save(tmp_path / "band.safetensors")
    assert decoded(vrae, tmp_path / "band.safetensors", tmp_path) == heard


def test_a_point_is_played_as_the_nearest_song_that_is_named(vrae, band_model_file, tmp_path, band_songs):
    write_song(tmp_path / "Fast.mid", replace(band_songs[1], meters=(Meter(0.0, 3, 4),)))
    assert decoded(vrae, band_model_file, tmp_path, tmp_path / "Fast.mid") == (150, (3, 4))
    heard, own = (
        {track.program for track in song.tracks if not track.is_drums}
        for song in (read_song(tmp_path / "out.mid"), band_songs[1])
    )
    assert heard
    assert heard <= own
    assert decoded(vrae, band_model_file, tmp_path, tmp_path / "Fast.mid", "--tempo", 80) == (80, (3, 4))
