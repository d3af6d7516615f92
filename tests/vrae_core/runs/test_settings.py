"""run.json comes back as it was written, and is refused in a sentence if it makes no sense."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vrae_core.columns import Part
from vrae_core.errors import FileError
from vrae_core.midi.quantising import Quantising
from vrae_core.model.recipes import RECIPES
from vrae_core.runs.folder import RunFolder
from vrae_core.runs.settings import RunSettings
from vrae_core.runs.songs import SongToTrain


def settings(recipe: str = "fast-2d") -> RunSettings:
    high = SongToTrain("High", "/music/high.mid", semitones=-3, weight=2.0, quantising=Quantising("1/16", 60))
    high = replace(high, parts=(Part.MELODY, None, Part.DRUMS, Part.ALL), estimate_beats=True)
    songs = (SongToTrain("Low", "/music/low.mid"), high)
    return RunSettings("My songs", recipe, RECIPES[recipe], songs, seed=3, minutes=20.0, notes="a try")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", settings())


@pytest.mark.parametrize("recipe", RECIPES)
def test_settings_come_back_as_they_were_written(tmp_path, recipe):
    run = RunFolder.create(tmp_path, settings(recipe=recipe))
    assert replace(run.settings(), created="") == settings(recipe=recipe)
    assert run.settings().created.startswith("20")


def test_its_file_names_each_song_with_what_is_done_to_it(run):
    low, high = json.loads((run.path / "run.json").read_text())["songs"]
    assert low == {
        "name": "Low",
        "path": "/music/low.mid",
        "transpose": 0,
        "weight": 1.0,
        "quantise": "",
        "quantise_strength": 100,
        "parts": [],
        "estimate_beats": False,
    }
    assert (high["parts"], high["estimate_beats"]) == (["melody", "none", "drums", "all"], True)
    assert (high["transpose"], high["weight"], high["quantise"], high["quantise_strength"]) == (-3, 2.0, "1/16", 60)


def test_a_path_that_is_not_utf_8_comes_back_and_the_file_is_utf_8_all_the_same(tmp_path):
    paths = tuple(os.fsdecode(name) for name in (b"/music/F\xfcr Elise.mid", "/music/Für Elise.mid".encode()))
    songs = tuple(SongToTrain("Elise", path) for path in paths)
    run = RunFolder.create(tmp_path, replace(settings(), songs=songs))
    assert tuple(song.path for song in run.settings().songs) == paths
    text = (run.path / "run.json").read_bytes().decode("utf-8", "strict")
    assert "/music/Für Elise.mid" in text
    assert tuple(song["path"] for song in json.loads(text)["songs"]) == paths


def test_a_run_of_before_songs_could_be_quantised_learns_them_as_they_are(run):
    values = json.loads((run.path / "run.json").read_text())
    for song in values["songs"]:
        del song["quantise"], song["quantise_strength"], song["parts"], song["estimate_beats"]
    (run.path / "run.json").write_text(json.dumps(values))
    assert not any(song.quantising.changes for song in run.settings().songs)


def test_what_another_version_added_is_kept(run):
    values = json.loads((run.path / "run.json").read_text()) | {"mood": "blue"}
    (run.path / "run.json").write_text(json.dumps(values))
    run.rename("Other")
    assert json.loads((run.path / "run.json").read_text())["mood"] == "blue"
    assert run.settings().name == "Other"


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: v.pop("recipe"),
        lambda v: v.update(songs=3),
        lambda v: v["songs"][0].update(quantise="1/7"),
        lambda v: v["songs"][0].update(quantise_strength=101),
        lambda v: v["recipe"]["model"].update(hidden=10**9),
        lambda v: v["recipe"]["model"].update(cell="pickle"),
        lambda v: v["recipe"]["training"].update(learning_rate="1e-3"),
        lambda v: v["recipe"]["training"].update(clip=math.inf),
        lambda v: v["recipe"]["training"].update(clip=10**400),
        lambda v: v["recipe"]["training"].update(batch=True),
        lambda v: v.update(seed=math.inf),
        lambda v: v["recipe"]["training"].update(surprise=1),
        lambda v: v.update(version=2),
    ],
)
def test_damaged_settings_are_refused_in_a_sentence(run, damage):
    values = json.loads((run.path / "run.json").read_text())
    damage(values)
    (run.path / "run.json").write_text(json.dumps(values))
    with pytest.raises(FileError, match=r"run\.json"):
        run.settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", -1),
        ("seed", 0.5),
        ("seed", math.nan),
        ("epochs", -1),
        ("epochs", 0),
        ("minutes", -1),
        ("minutes", math.nan),
        ("minutes", math.inf),
        ("held_out", math.nan),
        ("held_out", -1),
        ("name", None),
        ("recipe.cap", -1),
        ("recipe.min_pitch_share", math.nan),
        ("recipe.model.window", -1),
        ("recipe.model.context", -1),
        ("recipe.training.epochs", -1),
        ("recipe.training.batch", -1),
        ("recipe.training.clip", math.nan),
        ("songs.1.transpose", 10**6),
        ("songs.1.weight", -1),
        ("songs.1.weight", math.nan),
        ("songs.1.quantise_strength", -1),
        ("songs.1.parts", ["tuba"]),
        ("songs.1.parts", [3]),
        ("songs.1.parts", ["melody"] * 5000),
        ("songs.1.estimate_beats", "yes"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_its_name(run, key, value):
    values = json.loads((run.path / "run.json").read_text())
    *within, name = key.split(".")
    place = values
    for part in within:
        place = place[int(part) if part.isdigit() else part]
    place[name] = value
    (run.path / "run.json").write_text(json.dumps(values))
    with pytest.raises(FileError, match=rf"run\.json does not say what is trained: .*\b{name}\b") as problem:
        run.settings()
    assert not set("$`") & set(str(problem.value))


def numbers_in(values: object, *key: str | int) -> Iterator[tuple[str | int, ...]]:
    """Where numbers lie in JSON, and what may be left empty in place of one."""
    inner = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for name, value in inner:
        yield from numbers_in(value, *key, name)
    if values is None or (isinstance(values, int | float) and not isinstance(values, bool)):
        yield key


def written() -> dict[str, Any]:
    """What run.json holds, no number of it left out."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder), settings(recipe="fast-20d"))
        return json.loads((run.path / "run.json").read_text())


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, -math.inf, 1e300, "3", True, []])
@pytest.mark.parametrize("key", list(numbers_in(written())), ids=lambda key: ".".join(map(str, key)))
def test_no_number_of_a_run_is_anything_else(run, key, value):
    if key[-1] == "transpose" and value == -1:
        pytest.skip("a song may be moved down")
    values = place = written()
    for part in key[:-1]:
        place = place[part]
    place[key[-1]] = value
    (run.path / "run.json").write_text(json.dumps(values))
    name = "version" if key == ("version",) else f"number {key[-1] + 1} of betas" if "betas" in key else key[-1]
    with pytest.raises(FileError, match=rf"run\.json .*\b{name}\b"):
        run.settings()
