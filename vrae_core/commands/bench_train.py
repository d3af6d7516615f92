"""`vrae bench train`: how fast this machine trains, reads files and gathers windows; docs/scale.md counts on it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np

from vrae_core.benchmarks.flops import flops_of_update
from vrae_core.bundled import bundled_songs
from vrae_core.commands.arguments import add_json, describe, number
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.corpus.cutting import build_corpus
from vrae_core.corpus.packed import PackedRolls
from vrae_core.corpus.packing import packed, writing_rolls
from vrae_core.corpus.reading import processes, reading
from vrae_core.corpus.windows import Windows
from vrae_core.errors import VraeError
from vrae_core.midi.song import Song, read_song
from vrae_core.model.recipes import RECIPES, Recipe
from vrae_core.piano_roll import PIANO_PITCHES, STEPS_PER_SECOND
from vrae_core.progress import Progress, finish
from vrae_core.training.distributed import Group

_TEXT = """\
Everything is measured in turns within one run, round after round, on the bundled songs, and the median is given: on a
machine that is busy with other things trust the ratios, which stand beside each figure, more than the figures, and
where there is one the rate per second of processor time.

  update     windows trained on a second, with one thread, with two, and on a graphics card where there is one; the
             share of what large float32 products reach on the processor in the same round (one that multiplies
             bfloat16 may do better than that)
  processes  the same by `vrae train`, alone and as two processes of torchrun with one thread each
  gather     windows a second fetched in minibatches of 64, hop 1, from memory and from a packed file
  open       songs a second that opening a packed file takes to look through its index
  read       MIDI files a second, by one process and by two

example:
  vrae bench train
  vrae bench train --recipe paper-20d --seconds 20 --json"""
# the dashes, or torchrun takes --run for an option of its own
_TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "--")
_ROUNDS = 3
_SIDE = 1024  # of the matrices that are multiplied for comparison
_BATCH = 64
_SONGS_OPENED = 20_000
_COPIES = 25  # of each bundled song's file that is read


class BenchRow(NamedTuple):
    """One line of the table."""

    what: str
    setting: str
    per_second: float
    unit: str
    ratio: float  # to the first line of the same kind
    per_cpu_second: float | None = None  # of processor time, which other programs disturb least
    gflops: float | None = None
    share_of_sgemm: float | None = None


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(benchmarks, "train", "how fast it trains, reads and gathers", _TEXT, _run)
    parser.add_argument("--recipe", choices=RECIPES, default="fast-20d", help="what is trained (default: fast-20d)")
    parser.add_argument(
        "--seconds", type=number(1, 600), default=6.0, metavar="S", help="for each figure and round (default: 6)"
    )
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    figures = run_with_bar(_measured(args.recipe, args.seconds), "measuring")
    if args.json:
        print_json([figure._asdict() for figure in figures])
        return 0
    for figure in figures:
        busy = f"  {figure.per_cpu_second:10,.1f} a CPU second" if figure.per_cpu_second else ""
        gflops = f"{figure.gflops:8.1f} GFLOP/s" if figure.gflops else ""
        share = f" ({figure.share_of_sgemm:.2f} of sgemm)" if figure.share_of_sgemm else ""
        speed = f"{figure.per_second:10,.1f} {figure.unit:7} a second  × {figure.ratio:5.2f}"
        print(f"{figure.what:9}  {figure.setting:13} {speed}{busy}{gflops}{share}")
    return 0


def _measured(name: str, seconds: float) -> Generator[Progress, None, list[BenchRow]]:
    recipe = RECIPES[name]
    songs = [read_song(path) for path in bundled_songs()]
    figures: list[BenchRow] = []
    with tempfile.TemporaryDirectory(prefix="vrae") as folder:
        for number, part in enumerate((_updates(recipe, songs, seconds), _processes(name, folder, seconds))):
            yield Progress(number, 5, "training")
            figures += yield from part
        yield Progress(3, 5, "gathering")
        figures += _gathering(songs, Path(folder), seconds)
        figures.append(_opening(Path(folder), seconds))
        yield Progress(4, 5, "reading")
        figures += _reading(seconds)
    return figures


def _updates(recipe: Recipe, songs: Sequence[Song], seconds: float) -> Generator[Progress, None, list[BenchRow]]:
    import torch  # noqa: PLC0415 - slow to load

    from vrae_core.training.train import train  # noqa: PLC0415

    corpus = build_corpus(
        songs, recipe.model.window, recipe.model.hop, cap=None, equal_share=False, grid=recipe.model.grid
    )
    batch = min(recipe.training.batch, len(corpus))
    flops = flops_of_update(recipe, len(corpus.pitches), batch)
    devices = [("1 thread", "cpu", 1), ("2 threads", "cpu", 2)]
    devices += [("graphics card", "cuda", 1)] if torch.cuda.is_available() else []
    runs = {
        setting: train(corpus, recipe, epochs=10**6, threads=threads, group=Group(device))
        for setting, device, threads in devices
    }
    rates: dict[str, list[float]] = {setting: [] for setting in runs}
    busy: dict[str, list[float]] = {setting: [] for setting in runs}
    peaks: dict[str, list[float]] = {setting: [] for setting in runs}
    before = torch.get_num_threads()
    try:
        for round_number in range(_ROUNDS):
            for setting, _, threads in devices:
                yield Progress(round_number, 5 * _ROUNDS, f"training, {setting}")
                torch.set_num_threads(threads)
                first = next(runs[setting])
                last, begun = first, process_time()
                while last.seconds - first.seconds < seconds:
                    last = next(runs[setting])
                rates[setting].append((last.updates - first.updates) / (last.seconds - first.seconds))
                busy[setting].append((last.updates - first.updates) / (process_time() - begun))
                peaks[setting].append(_product_rate(torch))
    finally:
        torch.set_num_threads(before)
        for run in runs.values():
            run.close()
    return [
        BenchRow(
            "update",
            setting,
            median(rates[setting]) * batch,
            "windows",
            _ratio(rates[setting], rates["1 thread"]),
            median(busy[setting]) * batch if setting == "1 thread" else None,
            median(rates[setting]) * flops / 1e9,
            median(rate * flops / peak for rate, peak in zip(rates[setting], peaks[setting], strict=True)),
        )
        for setting in rates
    ]


def _product_rate(torch: Any) -> float:
    """Floating-point operations a second of large products."""
    left, right = torch.rand(_SIDE, _SIDE), torch.rand(_SIDE, _SIDE)
    times = []
    for _ in range(10):
        begun = perf_counter()
        left @ right
        times.append(perf_counter() - begun)
    return 2 * _SIDE**3 / median(times)


def _processes(name: str, folder: str, seconds: float) -> Generator[Progress, None, list[BenchRow]]:
    """`vrae train` itself, alone and by torchrun, in turns."""
    rates: dict[str, list[float]] = {"1 process": [], "2 processes": []}
    for round_number in range(_ROUNDS):
        for setting, launcher in (("1 process", ()), ("2 processes", _TORCHRUN)):
            yield Progress(_ROUNDS + round_number, 5 * _ROUNDS, f"training, {setting}")
            command = _train_command(launcher, f"{folder}/{setting} {round_number}", name, seconds)
            ran = subprocess.run(
                command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
            )
            lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
            if ran.returncode or not lines:
                raise VraeError(f"`vrae train` did not run in {setting}: {ran.stderr[-300:].strip() or 'no figures'}")
            # the first line leaves out what only a beginning costs; where an update takes seconds there is one
            first, last = lines[0] if len(lines) > 1 else {"updates": 0, "seconds": 0.0}, lines[-1]
            rates[setting].append((last["updates"] - first["updates"]) / (last["seconds"] - first["seconds"]))
    batch = RECIPES[name].training.batch
    return [
        BenchRow("processes", setting, median(rate) * batch, "windows", _ratio(rate, rates["1 process"]))
        for setting, rate in rates.items()
    ]


def _train_command(launcher: Sequence[str], run: str, recipe: str, seconds: float) -> list[str]:
    """`vrae train` on the bundled songs, started by a launcher's words or by nothing."""
    words = ["vrae_core", "train", "--run", run, "--recipe", recipe, "--json"]
    minutes = (seconds + 2) / 60  # the first line comes after a second or so
    return [sys.executable, *(launcher or ("-m",)), *words, "--minutes", f"{minutes:.3f}"]


def _gathering(songs: Sequence[Song], folder: Path, seconds: float) -> list[BenchRow]:
    path = folder / "bench.vrae-rolls"
    finish(writing_rolls(path, (packed(song.name, song.roll) for song in songs)))
    corpora: dict[str, Windows] = {
        "in memory": build_corpus(songs, 50, 1, cap=None, equal_share=False),
        "packed": PackedRolls(path).cut(50, 1, cap=None, equal_share=False),
    }
    source = np.random.default_rng(0)

    def gather(corpus: Windows) -> int:
        return len(corpus.windows(source.integers(0, len(corpus), _BATCH)))

    rates: dict[str, list[float]] = {setting: [] for setting in corpora}
    for _ in range(_ROUNDS):
        for setting, corpus in corpora.items():
            rates[setting].append(_rate(partial(gather, corpus), seconds / 3, process_time))
    return [
        BenchRow("gather", setting, median(rate), "windows", _ratio(rate, rates["in memory"]), median(rate))
        for setting, rate in rates.items()
    ]


def _opening(folder: Path, seconds: float) -> BenchRow:
    path = folder / "many.vrae-rolls"
    second = np.ones((STEPS_PER_SECOND, len(PIANO_PITCHES)), bool)
    finish(writing_rolls(path, (packed(f"song {i}", second) for i in range(_SONGS_OPENED))))
    rate = _rate(lambda: len(PackedRolls(path).names), seconds / 3, process_time)
    return BenchRow("open", f"{_SONGS_OPENED:,} songs", rate, "songs", 1.0, rate)


def _reading(seconds: float) -> list[BenchRow]:
    files = [str(path) for path in bundled_songs()] * _COPIES
    rates: dict[str, list[float]] = {"1 process": [], "2 processes": []}
    with processes(1) as one, processes(2) as two:
        readers = {"1 process": one, "2 processes": two}
        for pool in readers.values():
            _read_all(files, pool)  # starts the processes
        for _ in range(_ROUNDS):
            for setting, pool in readers.items():
                rates[setting].append(_rate(partial(_read_all, files, pool), seconds / 3))
    return [
        BenchRow("read", setting, median(rate), "files", _ratio(rate, rates["1 process"]))
        for setting, rate in rates.items()
    ]


def _read_all(files: Sequence[str], readers: Any) -> int:
    return sum(1 for _ in reading(files, readers))


def _rate(work: Callable[[], int], seconds: float, clock: Callable[[], float] = perf_counter) -> float:
    """How many things a second ``work`` does; it returns how many it did."""
    begun, done = clock(), 0
    while (taken := clock() - begun) < seconds or not done:
        done += work()
    return done / taken


def _ratio(rates: Sequence[float], others: Sequence[float]) -> float:
    """The median over the rounds of how many times as fast it was."""
    return median(mine / other for mine, other in zip(rates, others, strict=True))
