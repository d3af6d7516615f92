"""`vrae recognise`."""

import json

import numpy as np
import pytest

from vrae_core.midi.export import Track, write_midi
from vrae_core.piano_roll import Note


def random_notes(seed, seconds=30):
    chosen = np.random.default_rng(seed).integers(0, 6, int(seconds * 4))
    return [Note(t / 4, t / 4 + 0.2, 40 + 2 * int(pitch)) for t, pitch in enumerate(chosen)]


def write(path, notes):
    write_midi(path, [Track(path.stem, 0, notes)])
    return path


@pytest.fixture
def known(tmp_path):
    return [write(tmp_path / f"{name}.mid", random_notes(seed)) for seed, name in enumerate(("One", "Two"))]


@pytest.fixture
def snippet(tmp_path):
    """Seconds 10 to 15 of Two, after a second of silence."""
    notes = [n._replace(start=n.start - 9, end=n.end - 9) for n in random_notes(1) if 10 <= n.start < 15]
    return write(tmp_path / "snippet.mid", notes)


def test_an_excerpt_is_told_with_its_place_and_the_runners_up(vrae, model_file, known, snippet):
    ran = vrae("recognise", model_file, snippet, "--songs", *known)
    first, second = ran.out.splitlines()

    assert ran.status == 0
    assert first.startswith("snippet: most like Two, 0:10–0:15 (distance 0.")
    assert second.startswith("    then One, ")


def test_json_lists_every_song_the_nearest_first(vrae, model_file, known, snippet):
    ran = vrae("recognise", model_file, snippet, known[0], "--songs", *known, "--json")
    found = json.loads(ran.out)

    assert list(found) == ["snippet", "One"]
    assert [match["song"] for match in found["snippet"]] == ["Two", "One"]
    assert found["snippet"][0]["start"] == 10.0
    assert found["One"][0] == {"song": "One", "start": 0.0, "end": pytest.approx(30, abs=0.2), "distance": 0.0}


def test_without_songs_the_bundled_ones_are_known(vrae, model_file, known, snippet, monkeypatch):
    monkeypatch.setattr("vrae_core.commands.inputs.bundled_songs", lambda: known[:1])
    assert "most like One" in vrae("recognise", model_file, snippet).out


def test_an_excerpt_shorter_than_a_window_comes_with_a_warning(vrae, model_file, known, tmp_path):
    short = write(tmp_path / "short.mid", random_notes(1)[:2])
    ran = vrae("recognise", model_file, short, "--songs", *known)
    assert ran.status == 0
    assert ran.err == "vrae: short is shorter than a window of 1 s, so its match may well be wrong\n"


def test_an_excerpt_of_unknown_pitches_is_told_and_the_others_go_on(vrae, model_file, known, snippet, unknown_song):
    ran = vrae("recognise", model_file, unknown_song, snippet, "--songs", *known)
    assert ran.status == 0
    assert ran.err == "vrae: Unknown uses none of the 12 pitches that the model knows\n"
    assert ran.out.startswith("snippet: most like Two")

    alone = vrae("recognise", model_file, unknown_song, "--songs", *known)
    assert (alone.status, alone.out, alone.err.count("\n")) == (1, "", 1)


def test_measuring_prints_a_table_or_json(vrae, model_file, known):
    ran = vrae("recognise", model_file, "--measure", "--songs", *known)
    rows = json.loads(vrae("recognise", model_file, "--measure", "--songs", *known, "--json").out)

    assert ran.status == 0
    assert ran.out.split()[:6] == ["method", "window", "window_flipped", "window_dropped", "excerpt", "place"]
    assert len(ran.out.splitlines()) == 1 + len(rows) == 5
    assert rows[0]["method"] == "posterior"
    assert rows[0]["excerpt"] == 1.0


@pytest.mark.parametrize("words", [(), ("some.mid", "--measure")])
def test_it_wants_either_excerpts_or_to_measure(vrae, model_file, words):
    ran = vrae("recognise", model_file, *words)
    assert (ran.status, ran.err) == (1, "vrae: give either excerpts to recognise, or --measure\n")


def test_files_may_stand_on_both_sides_of_an_option(vrae, model_file, known, snippet, monkeypatch):
    monkeypatch.setattr("vrae_core.commands.inputs.bundled_songs", lambda: known)
    ran = vrae("recognise", model_file, snippet, "--json", known[0])
    assert list(json.loads(ran.out)) == ["snippet", "One"]


def test_a_band_is_recognised_in_seconds_of_its_own_tempo(vrae, band_model_file, band_files):
    ran = vrae("recognise", band_model_file, band_files[1], "--songs", *band_files, "--json")
    first = json.loads(ran.out)["Fast"][0]
    assert (first["song"], first["start"], round(first["distance"], 6)) == ("Fast", 0, 0)
    assert first["end"] == pytest.approx(32 * 60 / 150, abs=0.11)
