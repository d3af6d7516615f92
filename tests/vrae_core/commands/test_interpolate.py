"""`vrae interpolate`."""

from dataclasses import replace

import numpy as np
import pytest

from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.sampling import Grid
from vrae_core.midi.beats import Meter
from vrae_core.midi.export import write_song
from vrae_core.midi.song import read_song
from vrae_core.music.pieces import interpolate, roll_from_probabilities
from vrae_core.piano_roll import notes_from_roll


@pytest.fixture
def piece(model_file, songs, tmp_path, vrae):
    """Interpolate between two ends and read the notes that came out."""

    def make(start, end, *words):
        ran = vrae("interpolate", model_file, *songs, "--from", start, "--to", end, *words, "-o", tmp_path / "out.mid")
        assert ran.status == 0, ran.err
        return steps_of(read_song(tmp_path / "out.mid").notes)

    return make


def steps_of(notes):
    return sorted((round(n.start * 20), round(n.end * 20), n.pitch) for n in notes)


def windows_in_a_row(model, zs):
    """The windows decoded at zs, one after the other, as notes."""
    probabilities = np.concatenate(model.decode(np.float32(zs), steps=model.config.window))
    return steps_of(notes_from_roll(roll_from_probabilities(probabilities, model.threshold), model.pitches))


def test_numbers_to_numbers(piece, model):
    line = interpolate([-1, 0.5], [2, -0.5], 5)
    assert piece("-1,0.5", "2,-0.5", "--points", 5) == windows_in_a_row(model, line)


def test_eight_points_unless_asked_otherwise(piece, model):
    assert piece("0,0", "1,1") == windows_in_a_row(model, interpolate([0, 0], [1, 1], 8))


def test_window_to_window(piece, model, songs):
    corpus = build_corpus([read_song(s) for s in songs], 20, 10, cap=None, equal_share=False, pitches=model.pitches)
    low_3 = np.flatnonzero((corpus.song_of == 0) & (corpus.start_of == 30))
    high_12 = np.flatnonzero((corpus.song_of == 1) & (corpus.start_of == 120))
    z0, z1 = model.encode(corpus.windows(np.r_[low_3, high_12])).mu
    assert piece("Low:3", "high:12", "--points", 4) == windows_in_a_row(model, interpolate(z0, z1, 4))


def test_spherical(piece, model):
    line = interpolate([-2, 0], [0, 3], 6, spherical=True)
    assert piece("-2,0", "0,3", "--points", 6, "--spherical") == windows_in_a_row(model, line)


def test_numbers_need_no_songs(vrae, model_file, tmp_path, monkeypatch):
    monkeypatch.setattr("vrae_core.commands.inputs.bundled_songs", list)
    assert vrae("interpolate", model_file, "--from", "0,0", "--to", "1,1", "-o", tmp_path / "o.mid").status == 0


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("Middle:3", '--from names no song "Middle"; the songs are Low, High'),
        ("Low:900", "Low has windows 0 to 38, no window 900"),
        ("Low:-1", "--from must be SONG:WINDOW"),
        ("Low:", "--from must be SONG:WINDOW"),
        ("Low", "--from must be SONG:WINDOW"),
        ("1,2,3", "--from gives 3 numbers, but the model has 2 latent dimensions"),
    ],
)
def test_an_end_that_is_nowhere_is_told_in_one_sentence(vrae, model_file, songs, tmp_path, start, reason):
    ran = vrae("interpolate", model_file, *songs, "--from", start, "--to", "0,0", "-o", tmp_path / "o.mid")
    assert ran.status == 1
    assert reason in ran.err
    assert ran.err.count("\n") == 1


def test_a_strip_of_its_rolls_may_be_drawn(vrae, model_file, songs, tmp_path):
    words = ("interpolate", model_file, *songs, "--from", "Low:0", "--to", "High:1", "--points", "5")
    ran = vrae(*words, "-o", tmp_path / "x.mid", "--strip", tmp_path / "x.svg")
    picture = (tmp_path / "x.svg").read_text("utf-8")
    assert ran.status == 0
    assert "x.svg: 5 rolls\n" in ran.out
    assert all(f">{text}<" in picture for text in ("From Low:0 to High:1", "0.25", "Low:0", "High:1"))
    assert vrae(*words, "-o", tmp_path / "x.mid", "--strip", tmp_path / "x.pdf").status == 1


def tonal_programs(song):
    return {track.program for track in song.tracks if track.program is not None and not track.is_drums}


def test_between_songs_of_two_tempos_the_piece_goes_from_the_one_to_the_other(
    vrae, band_model_file, band_files, band_songs, tmp_path
):
    words = ("--from", "Slow:0", "--to", "Fast:3", "--points", 3, "--threshold", 0.3)
    ran = vrae("interpolate", band_model_file, *band_files, *words, "-o", tmp_path / "out.mid")
    assert ran.status == 0, ran.err
    song = read_song(tmp_path / "out.mid")
    tempos = [(tempo.beat, round(tempo.beats_per_minute)) for tempo in song.tempo_map.tempos]
    assert tempos == [(0, 90), (4, 120), (8, 150)]
    assert song.drums
    assert tonal_programs(song)
    assert tonal_programs(song) <= tonal_programs(band_songs[0]), "the first song's band"


def test_a_strip_of_a_band_has_its_drums_too(vrae, band_model_file, band_files, tmp_path):
    words = ("--from", "Slow:0", "--to", "Fast:3", "--strip", tmp_path / "strip.svg")
    ran = vrae("interpolate", band_model_file, *band_files, *words, "-o", tmp_path / "out.mid")
    assert ran.status == 0, ran.err
    assert "4 beats" in (tmp_path / "strip.svg").read_text()


def test_a_model_of_parts_goes_through_mixtures_unless_the_straight_line_is_asked_for(
    vrae, band_model_file, band_files, tmp_path
):
    words = ("interpolate", band_model_file, *band_files, "--from", "Slow:0", "--to", "Fast:3", "--threshold", 0.3)
    for name, option in (("mixed", ()), ("straight", ("--straight",))):
        ran = vrae(*words, *option, "-o", tmp_path / f"{name}.mid")
        assert ran.status == 0, ran.err
    mixed, straight = (read_song(tmp_path / f"{name}.mid") for name in ("mixed", "straight"))
    assert mixed.notes != straight.notes
    assert mixed.tempo_map == straight.tempo_map


@pytest.fixture
def in_three(tmp_path, band_songs):
    """The same two songs, Slow in 3/4 and Fast in 6/8."""
    paths = []
    for song, meter in zip(band_songs, ((3, 4), (6, 8)), strict=True):
        paths.append(tmp_path / f"{song.name}.mid")
        write_song(paths[-1], replace(song, meters=(Meter(0.0, *meter),)))
    return paths


def meters_of(path):
    return [(meter.numerator, meter.denominator) for meter in read_song(path).meters]


@pytest.mark.parametrize(("start", "meter"), [("Slow:0", (3, 4)), ("Fast:1", (6, 8))])
def test_the_piece_has_the_meter_of_the_song_that_it_begins_in(vrae, band_model_file, in_three, tmp_path, start, meter):
    words = ("--from", start, "--to", "Slow:1", "--points", 3, "--threshold", 0.3, "-o", tmp_path / "out.mid")
    assert vrae("interpolate", band_model_file, *in_three, *words).status == 0
    assert meters_of(tmp_path / "out.mid") == [meter]


def test_between_points_it_is_played_as_the_songs_nearest_to_them_if_songs_are_named(
    vrae, band_model, band_model_file, in_three, tmp_path
):
    songs = [read_song(path) for path in in_three]
    corpus = build_corpus(songs, 16, 16, cap=None, equal_share=False, pitches=band_model.pitches, grid=Grid(4, True))
    mu = band_model.encode(corpus.windows()).mu
    ends = [mu[np.flatnonzero(corpus.song_of == song)[0]] for song in (1, 0)]
    words = [",".join(f"{number:.6f}" for number in z) for z in ends]
    ran = vrae(
        "interpolate", band_model_file, *in_three, f"--from={words[0]}", f"--to={words[1]}", "--points", 2,
        "--threshold", 0.3, "-o", tmp_path / "out.mid",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    assert [round(tempo.beats_per_minute) for tempo in read_song(tmp_path / "out.mid").tempo_map.tempos] == [150, 90]
    assert meters_of(tmp_path / "out.mid") == [(6, 8)]
