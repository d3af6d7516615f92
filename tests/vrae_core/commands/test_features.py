"""`vrae features`."""

import json


def test_song_and_key_are_probed(vrae, model_file, songs):
    ran = vrae("features", model_file, *songs)
    head, song, *_ = ran.out.splitlines()

    assert ran.status == 0
    assert head.split() == ["label", "classes", "windows", "held", "out", "most", "frequent", "mu", "pca", "raw"]
    assert song.split()[:3] == ["song", "2", "96"]


def test_json_has_the_figures_by_their_names_and_the_labels_of_a_table(vrae, model_file, songs, tmp_path):
    (tmp_path / "labels.csv").write_text("song,composer\nLow,Anna\nHigh,Bea\n")
    ran = vrae("features", model_file, *songs, "--labels", tmp_path / "labels.csv", "--json")
    rows = {row["label"]: row for row in json.loads(ran.out)}

    assert ran.status == 0
    assert set(rows) == {"song", "key", "composer"}
    assert rows["composer"] == rows["song"] | {"label": "composer"}
    assert rows["song"]["most_frequent"] == 58 / 96
    assert 0.9 < rows["song"]["raw"] <= 1


def test_a_table_that_names_none_of_the_songs_is_told(vrae, model_file, songs, tmp_path):
    (tmp_path / "labels.csv").write_text("song,composer\nMiddle,Anna\n")
    ran = vrae("features", model_file, *songs, "--labels", tmp_path / "labels.csv")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "vrae: labels.csv says nothing of the songs, which are Low, High.\n"
