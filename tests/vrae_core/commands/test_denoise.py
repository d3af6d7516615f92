"""`vrae denoise`."""

import json

import numpy as np
import pretty_midi
import pytest

from vrae_core.midi.beats import Meter
from vrae_core.midi.export import Track, stepped, write_midi
from vrae_core.midi.song import read_song
from vrae_core.piano_roll import Note
from vrae_core.progress import finish
from vrae_core.tasks.denoising import denoise_song


def test_a_song_is_cleaned_and_written_on_whole_steps(vrae, model_file, model, songs, tmp_path):
    ran = vrae("denoise", model_file, songs[0], "-o", tmp_path / "out.mid")
    expected = finish(denoise_song(model, read_song(songs[0])))

    assert ran.status == 0
    assert ran.out.startswith(f"{tmp_path / 'out.mid'}: {len(expected.notes)} notes; ")
    np.testing.assert_array_equal(read_song(tmp_path / "out.mid").roll, expected.roll)


def test_the_song_keeps_its_meter_its_tempos_velocities_instruments_and_drums(vrae, model_file, songs, tmp_path):
    song = read_song(songs[0])
    tempo_map = stepped([(0.0, 90.0), (5.0, 60.0)])
    loud = [note._replace(velocity=40 if note.start < 5 else 110) for note in song.notes]
    tracks = [Track("Lead", 0, loud[::2]), Track("Bass", 33, loud[1::2])]
    tracks.append(Track("Kit", 0, [Note(i / 2, i / 2 + 0.05, 36) for i in range(24)], is_drums=True))
    write_midi(tmp_path / "band.mid", tracks, tempo_map, meters=[Meter(0, 3, 4), Meter(6, 6, 8)])
    assert vrae("denoise", model_file, tmp_path / "band.mid", "-o", tmp_path / "out.mid").status == 0

    cleaned = read_song(tmp_path / "out.mid")
    assert cleaned.meters == (Meter(0, 3, 4), Meter(6, 6, 8))
    assert [round(t.beats_per_minute) for t in cleaned.tempo_map.tempos] == [90, 60]
    assert [t.beat for t in cleaned.tempo_map.tempos] == pytest.approx([0, 7.5])
    assert [(part.name, part.program, part.is_drum, len(part.notes)) for part in parts_of(tmp_path / "out.mid")] == [
        ("Lead", 0, False, len(loud[::2])), ("Bass", 33, False, len(loud[1::2])), ("Kit", 0, True, 24),
    ]  # fmt: skip
    assert [note.velocity for note in cleaned.notes] == [note.velocity for note in loud]


def parts_of(path):
    return pretty_midi.PrettyMIDI(str(path)).instruments


def test_a_model_that_does_not_know_the_song_leaves_it_alone(vrae, model_file, songs, tmp_path):
    ran = vrae("denoise", model_file, songs[0], "-o", tmp_path / "out.mid")
    assert ran.out.endswith("0 cells silenced, 0 filled in\n")
    np.testing.assert_array_equal(read_song(tmp_path / "out.mid").roll, read_song(songs[0]).roll)


def test_noise_prints_the_figures(vrae, model_file, songs):
    ran = vrae("denoise", model_file, *songs, "--noise", 0.05)
    assert ran.status == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == ["noisy_f1", "median_f1", "decoded_f1", "cleaned_f1"]


def test_the_figures_as_json_name_the_noise_and_are_the_same_for_a_seed(vrae, model_file, songs):
    words = ("denoise", model_file, *songs, "--noise", 0.2, "--kind", "drop", "--seed", 4, "--json")
    first, second = (vrae(*words).out for _ in range(2))
    figures = json.loads(first)

    assert first == second
    assert (figures["songs"], figures["noise"], figures["kind"]) == (2, 0.2, "drop")
    assert 0.5 < figures["noisy_f1"] < 1


def test_the_spoilt_song_is_what_is_cleaned_when_both_are_asked_for(vrae, model_file, songs, tmp_path):
    ran = vrae("denoise", model_file, songs[0], "--noise", 0.1, "--json", "-o", tmp_path / "out.mid")
    true, written = read_song(songs[0]).roll, read_song(tmp_path / "out.mid").roll
    steps = min(len(true), len(written))

    assert ran.status == 0
    assert json.loads(ran.out)["noisy_f1"] < 1
    assert (true[:steps] ^ written[:steps]).any()


def test_it_wants_something_to_do(vrae, model_file, songs):
    ran = vrae("denoise", model_file, songs[0])
    assert ran.status == 1
    assert ran.err == "vrae: give -o to write a cleaned song, or --noise to measure how well cleaning works\n"


def test_one_song_at_a_time_is_written(vrae, model_file, songs, tmp_path):
    ran = vrae("denoise", model_file, *songs, "-o", tmp_path / "out.mid")
    assert (ran.status, ran.err) == (1, "vrae: -o takes one song, not 2\n")
    assert not (tmp_path / "out.mid").exists()


def test_a_song_of_unknown_pitches_is_told(vrae, model_file, unknown_song, tmp_path):
    ran = vrae("denoise", model_file, unknown_song, "-o", tmp_path / "out.mid")
    assert ran.status == 1
    assert ran.err == "vrae: Unknown uses none of the 12 pitches that the model knows\n"


@pytest.mark.parametrize("words", [("--noise", 2), ("--kind", "hum")])
def test_settings_out_of_range_are_usage_errors(vrae, model_file, songs, words):
    assert vrae("denoise", model_file, *songs, *words).status == 2


def test_only_mid_is_written(vrae, model_file, songs, tmp_path):
    ran = vrae("denoise", model_file, songs[0], "-o", tmp_path / "out.wav")
    assert (ran.status, ran.err) == (1, f"vrae: {tmp_path / 'out.wav'} must end in .mid or .midi\n")


def test_a_model_of_parts_cleans_nothing_and_says_so(vrae, band_model_file, band_files, tmp_path):
    ran = vrae("denoise", band_model_file, band_files[0], "-o", tmp_path / "out.mid")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "vrae: only models of 20 Hz that hear all instruments together can clean songs\n"
