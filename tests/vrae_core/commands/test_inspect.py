"""`vrae inspect`."""

import json

from vrae_core.midi.export import Track, write_midi
from vrae_core.piano_roll import Note


def test_it_lists_what_is_in_each_file(vrae, songs):
    ran = vrae("inspect", *songs)

    assert ran.status == 0
    assert ran.err == ""
    lines = [line.split() for line in ran.out.splitlines()[1:]]
    assert [line[:4] for line in lines[::2]] == [["40", "0", "0:19.9", "13"], ["60", "0", "0:29.9", "19"]]
    assert [" ".join(line) for line in lines[1::2]] == [
        "1 Acoustic Grand Piano 40 notes by register Low", "1 Acoustic Grand Piano 60 notes by register High",
    ]  # fmt: skip


def test_windows_are_counted_by_the_recipe_that_is_named(vrae, songs):
    reports = json.loads(vrae("inspect", "--json", *songs, "--recipe", "fast-2d").out)
    assert [(report["steps"], report["windows"]) for report in reports] == [(398, 7), (598, 11)]


def test_a_path_that_may_not_be_looked_at_costs_no_other_file(vrae, songs, tmp_path):
    ran = vrae("inspect", "--json", songs[0], tmp_path / f"{'x' * 300}.mid")
    assert [report["ok"] for report in json.loads(ran.out)] == [True, False]


def test_json_is_a_list_with_an_object_a_file(vrae, songs, bad_files):
    ran = vrae("inspect", "--json", songs[0], bad_files["junk"])
    good, bad = json.loads(ran.out)

    assert ran.status == 0
    assert list(good) == list(bad) == [
        "file", "ok", "notes", "hits", "seconds", "steps", "windows", "tracks", "warnings", "error",
    ]  # fmt: skip
    piano = {"name": "Low", "channel": 1, "program": 0, "instrument": "Acoustic Grand Piano", "is_drums": False}
    assert good.pop("tracks") == [piano | {"notes": 40, "part": "by register"}]
    assert good == {
        "file": str(songs[0]), "ok": True, "notes": 40, "hits": 0, "seconds": 19.9, "steps": 597, "windows": 13,
        "warnings": [], "error": None,
    }  # fmt: skip
    assert (bad["ok"], bad["notes"], bad["windows"]) == (False, 0, 0)
    assert bad["error"].startswith(f"{bad_files['junk']} ")


def test_tracks_are_listed_with_channel_instrument_and_notes_drums_too(vrae, tmp_path):
    notes = [Note(i / 2, i / 2 + 0.4, 60) for i in range(12)]
    tracks = [Track("Lead\x1b[2J", 0, notes), Track("", 33, notes[:1]), Track("Kit", 0, notes, is_drums=True)]
    write_midi(tmp_path / "band.mid", tracks)
    ran = vrae("inspect", tmp_path / "band.mid")
    assert [" ".join(line.split()) for line in ran.out.splitlines()[2:]] == [
        "1 Acoustic Grand Piano 12 notes melody Lead [2J",
        "2 Electric Bass (finger) 1 note bass",
        "10 Drums 12 hits drums Kit",
    ]
    (report,) = json.loads(vrae("inspect", "--json", tmp_path / "band.mid").out)
    assert [(track["channel"], track["is_drums"], track["notes"]) for track in report["tracks"]] == [
        (1, False, 12), (2, False, 1), (10, True, 12),
    ]  # fmt: skip


def test_a_song_of_drums_only_gives_windows_to_a_model_that_plays_drums(vrae, tmp_path):
    hits = [Note(i / 2, i / 2 + 0.1, 36 + 2 * (i % 2)) for i in range(12)]
    write_midi(tmp_path / "beat.mid", [Track("Kit", 0, hits, is_drums=True)])
    (report,) = json.loads(vrae("inspect", "--json", tmp_path / "beat.mid").out)
    assert (report["ok"], report["notes"], report["hits"], report["windows"]) == (True, 0, 12, 4)
    (report,) = json.loads(vrae("inspect", "--json", tmp_path / "beat.mid", "--recipe", "fast-2d").out)
    assert (report["windows"], report["warnings"]) == (0, ["holds only drums, which this model does not play"])


def test_each_bad_file_is_told_in_one_sentence_and_the_others_go_on(vrae, songs, bad_files):
    ran = vrae("inspect", *bad_files.values(), songs[1])

    assert ran.status == 0
    assert "High.mid" in ran.out
    told = ran.err.splitlines()
    assert len(told) == len(bad_files)
    assert all(line.startswith(f"vrae: {path} ") for line, path in zip(told, bad_files.values(), strict=True))


def test_it_fails_only_if_no_file_is_any_good(vrae, bad_files):
    assert vrae("inspect", *bad_files.values()).status == 1


def test_a_song_shorter_than_a_window_gives_one_as_it_does_to_a_training(vrae, tmp_path):
    write_midi(tmp_path / "short.mid", [Track("Short", 0, [Note(0, 0.5, 60)])])
    (report,) = json.loads(vrae("inspect", "--json", tmp_path / "short.mid").out)
    assert report["windows"] == 1


def test_a_folder_stands_for_the_midi_files_in_it(vrae, songs, tmp_path):
    (tmp_path / "notes.txt").write_text("not music")
    reports = json.loads(vrae("inspect", "--json", tmp_path).out)
    assert [report["file"] for report in reports] == [str(song) for song in sorted(songs)]


def test_whatever_midi_files_are_called_they_are_found_anywhere_in_a_folder(vrae, songs, tmp_path):
    album = tmp_path / "album"
    (album / "deep").mkdir(parents=True)
    named = [album / "a.RMI", album / "b.Kar", album / "c.midi", album / "deep" / "d.mid"]
    for path in (*named, album / "._a.mid", album / ".hidden.mid", album / "a.mid.txt"):
        path.write_bytes(songs[0].read_bytes())
    reports = json.loads(vrae("inspect", "--json", album).out)
    assert [report["file"] for report in reports] == list(map(str, named))


def test_a_folder_without_midi_files_is_told_and_the_others_go_on(vrae, songs, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = vrae("inspect", tmp_path / "empty")
    assert (ran.status, ran.err) == (1, f"vrae: {tmp_path / 'empty'} is a folder without MIDI files\n")
    ran = vrae("inspect", "--json", tmp_path / "empty", songs[0])
    assert (ran.status, ran.err) == (0, f"vrae: {tmp_path / 'empty'} is a folder without MIDI files\n")
    assert len(json.loads(ran.out)) == 1


def test_control_characters_in_a_name_never_reach_the_terminal(vrae, songs):
    evil = songs[0].rename(songs[0].with_name("a\x1b[2Jb.mid"))
    bad = songs[0].with_name("c\x1b[2Jd.mid")
    ran = vrae("inspect", evil, bad)
    assert "\x1b" not in ran.out + ran.err
