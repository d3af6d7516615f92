"""`vrae search`."""

import csv
import json

import pytest

from vrae_core.commands.search import parse_phrase
from vrae_core.errors import VraeError
from vrae_core.tasks.query import PhraseNote

CLIMB = "E2:0 F#2:10 G#2:20 A#2:30"  # as Low begins, at 40, and again every 3 s


def test_a_phrase_is_told_with_its_place_and_how_much_of_it_is_there(vrae, model_file, songs):
    ran = vrae("search", model_file, *songs, "--phrase", CLIMB, "--top", "2")
    assert ran.status == 0
    assert ran.out.splitlines() == ["1.000  Low, 0:00.0  (4 of 4 notes)", "1.000  Low, 0:03.0  (4 of 4 notes)"]


def test_in_another_key_it_is_found_by_transposing(vrae, model_file, songs):
    ran = vrae("search", model_file, songs[1], "--phrase", CLIMB, "--transpose", "--top", "1")
    assert ran.out == "1.000  High, 0:00.0  (4 of 4 notes, +30 semitones)\n"


def test_json_and_csv_tell_the_same(vrae, model_file, songs):
    words = ("search", model_file, *songs, "--phrase", CLIMB, "--top", "3")
    as_json = json.loads(vrae(*words, "--json").out)
    as_csv = list(csv.DictReader(vrae(*words, "--csv").out.splitlines()))
    assert [{key: str(value) for key, value in row.items()} for row in as_json] == as_csv
    assert as_json[1]["song"] == "Low"
    assert as_json[1]["at_s"] == 3.0


@pytest.mark.parametrize("space", ["sound", "z"])
def test_a_window_of_a_song_that_repeats_is_like_its_repetitions(vrae, model_file, songs, space):
    ran = vrae("search", model_file, *songs, "--like", f"{songs[0]}@3", "--in", space, "--top", "3", "--json")
    found = json.loads(ran.out)
    assert {row["song"] for row in found} == {"Low"}
    assert all(row["at_s"] % 3 == 0 and row["at_s"] != 3 for row in found)


def test_a_whole_file_is_found_window_by_window(vrae, model_file, songs):
    ran = vrae("search", model_file, songs[1], "--like", songs[1], "--top", "1")
    assert ran.out == "1.000  High, 0:00.0  (2 of 2 notes, like 0:00.0 of the file)\n"


def test_songs_are_found_by_name(vrae, model_file, songs):
    ran = vrae("search", model_file, *songs, "--name", "hi")
    assert ran.out.startswith("High: ")
    nothing = vrae("search", model_file, *songs, "--name", "waltz")
    assert (nothing.status, nothing.out, nothing.err) == (1, "", "vrae: nothing was found\n")


def test_notes_are_written_by_name_or_number():
    assert parse_phrase("C4:0, c#4:2 Bb3:4 60:6") == [
        PhraseNote(0, 60),
        PhraseNote(2, 61),
        PhraseNote(4, 58),
        PhraseNote(6, 60),
    ]


@pytest.mark.parametrize("text", ["", "C4", "H4:0", "C4:x", "C4:-1", "C4:0 \x1b[31m", "٣:0", "C4:99999999", "9999:0"])
def test_what_is_no_note_is_named(text):
    with pytest.raises(VraeError, match=r"^a note is written as PITCH:STEP") as told:
        parse_phrase(text)
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--phrase", "C9:0"), "stays on the piano"),
        (("--phrase", "C4:0 C4:5000"), "within 1200 steps"),
        (("--like", "missing.mid"), "missing.mid does not exist"),
        (("--like", "missing.mid@3"), "missing.mid does not exist"),
    ],
)
def test_what_cannot_be_looked_for_is_said_in_a_sentence(vrae, model_file, songs, words, told):
    ran = vrae("search", model_file, *songs, *words)
    assert (ran.status, ran.out) == (1, "")
    assert told in ran.err


def test_a_place_beyond_the_end_of_a_file_holds_no_note(vrae, model_file, songs):
    ran = vrae("search", model_file, *songs, "--like", f"{songs[0]}@9999999")
    assert (ran.status, ran.err) == (1, "vrae: there is no note to look for\n")


@pytest.mark.parametrize("words", [(), ("--name", "x", "--phrase", "C4:0"), ("--name", "x", "--json", "--csv")])
def test_one_thing_is_looked_for_and_told_in_one_way(vrae, model_file, words):
    assert vrae("search", model_file, *words).status == 2


def test_a_passage_of_a_band_is_found_whoever_plays_it(vrae, band_model_file, band_files):
    ran = vrae("search", band_model_file, *band_files, "--like", f"{band_files[1]}@1.6", "--json")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)[0]["song"] == "Fast"  # another bar of it


def test_all_of_a_band_is_looked_for(vrae, band_model_file, band_files):
    first = json.loads(vrae("search", band_model_file, *band_files, "--like", band_files[0], "--json").out)[0]
    assert (first["song"], first["score"]) == ("Slow", 1)
