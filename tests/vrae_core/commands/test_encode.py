"""`vrae encode`."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from tests.bands import played
from vrae_core.corpus.cutting import build_corpus
from vrae_core.latent.table import read_table
from vrae_core.midi.export import Track, write_midi, write_song
from vrae_core.midi.song import read_song


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_window_gets_a_row_with_its_posterior(vrae, model_file, model, songs, tmp_path):
    ran = vrae("encode", model_file, *songs, "-o", tmp_path / "z.csv")
    rows = rows_of(tmp_path / "z.csv")
    read = [read_song(song) for song in songs]
    corpus = build_corpus(read, 20, 10, cap=None, equal_share=False, pitches=model.pitches, to_the_end=True)
    posterior = model.encode(corpus.windows())

    assert ran.status == 0
    assert list(rows[0]) == ["song", "window", "start_s", "mu_0", "mu_1", "sigma_0", "sigma_1"]
    assert [row["song"] for row in rows] == [corpus.names[i] for i in corpus.song_of]
    assert [int(row["window"]) for row in rows if row["song"] == "High"] == list(range(59))
    assert [float(row["start_s"]) for row in rows[:3]] == [0, 0.5, 1]
    assert [float(row["start_s"]) for row in rows[-2:]] == [28.5, 28.9], "the last ends with its song, at 29.9 s"
    np.testing.assert_array_equal(np.float32([[row["mu_0"], row["mu_1"]] for row in rows]), posterior.mu)
    np.testing.assert_array_equal(np.float32([[row["sigma_0"], row["sigma_1"]] for row in rows]), posterior.sigma)


def test_what_is_written_can_colour_a_map(vrae, model, songs, tmp_path):
    close = replace(model, config=replace(model.config, hop=1))
    close.save(tmp_path / "close.safetensors")
    vrae("encode", tmp_path / "close.safetensors", *songs, "-o", tmp_path / "z.csv")
    args = "map", tmp_path / "close.safetensors", *songs, "--table", tmp_path / "z.csv", "--colour-by", "mu_1"
    assert vrae(*args, "-o", tmp_path / "map.svg").status == 0
    corpus = build_corpus([read_song(s) for s in songs], 20, 10, cap=None, equal_share=False, pitches=model.pitches)
    found = read_table(tmp_path / "z.csv").column("mu_1", corpus).numbers
    np.testing.assert_allclose(found, model.encode(corpus.windows()).mu[:, 1], rtol=1e-5)


def test_files_may_stand_on_both_sides_of_an_option(vrae, model_file, songs, tmp_path):
    assert vrae("encode", model_file, songs[0], "-o", tmp_path / "z.csv", songs[1]).status == 0
    assert {row["song"] for row in rows_of(tmp_path / "z.csv")} == {"Low", "High"}


def test_songs_of_one_name_are_told_apart(vrae, model_file, songs, tmp_path):
    vrae("encode", model_file, songs[0], songs[0], songs[0], "-o", tmp_path / "z.csv")
    assert list(dict.fromkeys(row["song"] for row in rows_of(tmp_path / "z.csv"))) == ["Low", "Low (2)", "Low (3)"]
    third = tmp_path / "other" / "low (2).mid"
    third.parent.mkdir()
    third.write_bytes(songs[0].read_bytes())
    vrae("encode", model_file, songs[0], songs[0], third, "-o", tmp_path / "z.csv")
    assert list(dict.fromkeys(row["song"] for row in rows_of(tmp_path / "z.csv"))) == ["Low", "Low (3)", "low (2)"]


def test_without_songs_the_bundled_ones_are_encoded(vrae, model_file, songs, tmp_path, monkeypatch):
    monkeypatch.setattr("vrae_core.commands.inputs.bundled_songs", lambda: songs[1:])
    vrae("encode", model_file, "-o", tmp_path / "z.csv")
    assert {row["song"] for row in rows_of(tmp_path / "z.csv")} == {"High"}


def test_bad_files_are_told_and_the_others_go_on(vrae, model_file, songs, bad_files, tmp_path):
    ran = vrae("encode", model_file, *bad_files.values(), songs[0], "-o", tmp_path / "z.csv")
    assert ran.status == 0
    assert [line.split()[1] for line in ran.err.splitlines()] == [str(path) for path in bad_files.values()]
    assert {row["song"] for row in rows_of(tmp_path / "z.csv")} == {"Low"}


def test_it_fails_if_no_file_is_any_good(vrae, model_file, bad_files, tmp_path):
    ran = vrae("encode", model_file, *bad_files.values(), "-o", tmp_path / "z.csv")
    assert ran.status == 1
    assert ran.err.splitlines()[-1] == "vrae: none of the 4 files can be used"
    assert not (tmp_path / "z.csv").exists()


def test_one_bad_file_alone_is_told_once(vrae, model_file, bad_files, tmp_path):
    ran = vrae("encode", model_file, bad_files["junk"], "-o", tmp_path / "z.csv")
    assert ran.status == 1
    assert ran.err.count("\n") == 1
    assert "junk.mid" in ran.err


def test_a_song_of_unknown_pitches_is_told_and_the_others_go_on(vrae, model_file, songs, unknown_song, tmp_path):
    ran = vrae("encode", model_file, unknown_song, songs[0], "-o", tmp_path / "z.csv")
    assert ran.status == 0
    assert "Unknown uses none of the" in ran.err
    alone = vrae("encode", model_file, unknown_song, "-o", tmp_path / "z.csv")
    assert (alone.status, alone.err.count("\n")) == (1, 1)


def test_a_song_that_loses_many_notes_is_told(vrae, model_file, songs, tmp_path, two_songs):

    half = [note._replace(pitch=100) if i % 2 else note for i, note in enumerate(two_songs[0].notes)]
    write_midi(songs[0], [Track("Low", 0, half)])
    ran = vrae("encode", model_file, songs[0], "-o", tmp_path / "z.csv")
    assert ran.status == 0
    assert ran.err == "vrae: Low loses 50% of its notes, on pitches that the model does not know\n"


@pytest.mark.parametrize(("name", "reason"), [("z.txt", "must end in .csv"), ("no/z.csv", "folder does not exist")])
def test_an_output_that_cannot_be_is_told_before_the_work(vrae, model_file, songs, tmp_path, name, reason):
    ran = vrae("encode", model_file, *songs, "-o", tmp_path / name)
    assert ran.status == 1
    assert reason in ran.err


def test_of_a_song_that_keeps_to_no_beats_of_its_file_it_is_said(vrae, band_model_file, tmp_path):
    write_song(tmp_path / "Played.mid", played()[1])
    ran = vrae("encode", band_model_file, tmp_path / "Played.mid", "-o", tmp_path / "out.csv")
    assert ran.status == 0, ran.err
    assert "Played does not keep to the beats of its file" in ran.err
