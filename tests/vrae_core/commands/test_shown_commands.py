"""Every command line that the README, the documents and each --help show does what it shows, on tiny inputs."""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shlex
import shutil
from collections.abc import Generator, Iterator
from dataclasses import asdict, replace
from glob import glob
from pathlib import Path

import pytest
from distributed import LocalCluster

from tests.bands import scale_song
from tests.vrae_core.conftest import random_model, tiny
from vrae_core.__main__ import _parser, main
from vrae_core.columns import BAND_COLUMNS
from vrae_core.commands import bench_train
from vrae_core.midi.export import Track, write_midi
from vrae_core.model.recipes import RECIPES, ModelConfig
from vrae_core.progress import Progress
from vrae_core.reproduction import between, critic, interpolation, medleys, warm_start
from vrae_core.reproduction.settings import SETTINGS

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHORTER = {  # what is said again, in small: the last word counts
    "bench core": "--rounds 1 --only read",
    "bench play": "--presses 5",
    "bench map": "--dots 400",
    "bench train": "--seconds 1",
    "reproduce figure-1": "--minutes 0.01",
    "reproduce figure-2": "--minutes 0.01",
    "reproduce settings": "--minutes 0.01",
}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in dict.fromkeys(action.choices.values()):
                yield from parsers(one)


def shown() -> list[str]:
    """The command lines, without the remarks beside them."""
    texts = [path.read_text("utf-8") for path in DOCUMENTS]
    texts += [f"{each.description}\n{each.epilog}" for each in parsers(_parser())]
    lines = [line.strip() for text in texts for line in text.splitlines() if re.match(r"\s*vrae [a-z]", line)]
    return list(dict.fromkeys(re.sub(r"\s+(#|\| jq|> ).*", "", line) for line in lines if "…" not in line))


def write_songs(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        song = scale_song(name, 40 + 5 * number, 15.0)
        write_midi(folder / f"{name}.mid", [Track(name, 0, song.notes)])


def no_processes(*_: object) -> Generator[Progress, None, list[bench_train.BenchRow]]:
    yield from ()
    return []


def measure_little(patch: pytest.MonkeyPatch) -> None:
    """Let benchmarks and experiments do each thing they do, but not as often."""
    for name in ("_ROUNDS", "_COPIES"):
        patch.setattr(bench_train, name, 1)
    patch.setattr(bench_train, "_SONGS_OPENED", 100)
    patch.setattr(bench_train, "_processes", no_processes)  # test_bench_train.py starts them
    for module, name, few in (
        (between, "MIDDLES", 20), (critic, "UPDATES", 20), (interpolation, "PAIRS", 5), (interpolation, "LISTENED", 2),
        (medleys, "STEPS", 200), (medleys, "PER_GROUP", 3),
        (warm_start, "LEARNING_RATES", (1e-2,)),
    ):  # fmt: skip
        patch.setattr(module, name, few)
    for name, few in (("seeds", 2), ("marks", (0, 1, 3)), ("labels", (2,))):
        patch.setitem(warm_start.warm_start.__kwdefaults__, name, few)
    for name, setting in list(SETTINGS.items()):
        if name in ("paper-20d", "fast-20d"):
            patch.setitem(SETTINGS, name, setting._replace(recipe=tiny(setting.recipe), hop=10))
        else:
            patch.delitem(SETTINGS, name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with whatever the lines name, and the tiny things that stand for what is bundled."""
    place = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("XDG_DATA_HOME", str(place / "data"))
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        for name, recipe in RECIPES.items():
            patch.setitem(RECIPES, name, tiny(recipe))
        bundled = ("Korobeiniki", "My Bonnie")
        write_songs(place / "songs", "one", *bundled)
        for folder in ("my-songs", "played-in", "new", "folder-of-songs"):
            write_songs(place / folder, "First song", "Other song")
        write_songs(place, "mine", "yours", "excerpt", "snippet", "noisy", "played-badly", "somebody-elses")
        shutil.copytree(place / "my-songs", place / "lmd_full")
        pitches = tuple(range(36, 90))
        for latent in (2, 20):
            config = ModelConfig(window=20, hop=10, latent=latent, hidden=8, encoder_hidden=6, cell="gru")
            random_model(config, pitches).save(place / f"{latent}d.safetensors")
        config = replace(RECIPES["bars-40d"].model, window=20, hop=10)
        random_model(config, tuple(column for column in BAND_COLUMNS if column % 128 in pitches)).save(
            place / "base.safetensors"
        )
        for number in (1, 2):
            (place / "reproduction" / f"figure-{number}").mkdir(parents=True)
            shutil.copy(place / "2d.safetensors", place / "reproduction" / f"figure-{number}" / "model.safetensors")
        for name in ("mine", "bars-2d", "my", "old", "new", "jsb", "nottingham", "my-songs"):
            shutil.copy(
                place / ("2d.safetensors" if name in ("mine", "bars-2d") else "20d.safetensors"),
                place / f"{name}.safetensors",
            )
        pieces = {
            split: [[[48 + (t + n) % 12] for t in range(40)] for n in range(3)] for split in ("train", "valid", "test")
        }
        for name in ("JSB_Chorales", "Nottingham"):
            (place / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(pieces).encode()))
        (place / "mine.csv").write_text("song,mood\nKorobeiniki,wild\nMy Bonnie,calm\n")
        (place / "composers.csv").write_text("song,composer\nFirst song,A\nOther song,B\n")
        files = {name: place / f"{name}.safetensors" for name in ("2d", "20d", "base")}
        patch.setattr("vrae_core.commands.inputs.bundled_models", lambda: files)
        for module in ("bench", "bench_window"):
            patch.setattr(f"vrae_core.commands.{module}.bundled_models", lambda: files)
        patch.setattr("vrae_core.runs.learning.bundled_models", lambda: files)
        patch.setattr("vrae_core.commands.asked_run.USUAL_MINUTES", 0.01)
        for module in ("inputs", "bench_core", "bench_train", "bench_window"):
            patch.setattr(
                f"vrae_core.commands.{module}.bundled_songs", lambda: [place / "songs" / f"{n}.mid" for n in bundled]
            )
        measure_little(patch)
        assert main(["pack", "my-songs", "-o", "lakh.vrae-rolls", "--jobs", "1"]) == 0
        begun = [["--name", name] for name in ("evening", "morning", "first try", "paper-2d")]
        begun += [["--run", f"{name}.run"] for name in ("mine", "my-songs")]
        begun += [["--run", f"{name}.run", "--recipe", name] for name in ("paper-2d", "paper-20d")]
        for words in begun:
            assert main(["train", *glob("my-songs/*.mid"), *words, "--minutes", "0.01"]) == 0
        for snapshots in place.rglob("snapshots"):
            shutil.copy(next(snapshots.iterdir()), snapshots / "000001200.safetensors")
        shutil.copytree(place / "data" / "vrae-explorer" / "runs", place / "my-models")
        for name, recipe in (("mine", "fast-2d"), ("gentler", "bars-40d")):
            settings = json.dumps({"recipe": asdict(RECIPES[recipe])})
            (place / f"{name}.json").write_text(settings)
        yield place


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a Dask scheduler, with a worker in a thread; test_reading.py reads with processes."""
    how = {"protocol": "tcp", "dashboard_address": ":0", "worker_dashboard_address": ":0"}
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **how) as made:
        yield made.scheduler_address


@pytest.mark.parametrize("line", shown())
def test_a_command_line_that_is_shown_can_be_run(world, tmp_path, monkeypatch, capfd, request, line):
    place = tmp_path / "place"
    shutil.copytree(world, place)
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_DATA_HOME", str(place / "data"))
    line = line.replace("/shared/", "")
    if "--dask" in line:
        line = line.replace("tcp://scheduler:8786", request.getfixturevalue("cluster"))
    words = [word for text in shlex.split(line)[1:] for word in sorted(glob(text)) or [text]]
    words += SHORTER.get(" ".join(words[:2]), "").split() if "--run" not in words else []  # a run is shown as it is
    for option in {"--minutes", "--train"} & set(words):
        words[words.index(option) + 1] = "0.01"
    if words[0] == "train" and "-o" in words and "--resume" not in words:
        shutil.rmtree(Path(words[words.index("-o") + 1]).with_suffix(".run"), ignore_errors=True)
    status = main(words)
    right = {"doctor": (0, 3), "search": (0, 1)}.get(words[0], (0,))  # 3: it found something; 1: it found nothing
    assert status in right, capfd.readouterr().err
    if "-o" in words:
        assert Path(words[words.index("-o") + 1]).exists()
    if words[0] == "reproduce":
        assert list(place.rglob("figures.json"))
