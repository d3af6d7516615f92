"""`vrae bench core`: the program's main work against what people would use otherwise, and how it grows."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vrae_core.benchmarks import growth, rows
from vrae_core.benchmarks.growth import Growth
from vrae_core.benchmarks.in_turns import Compared
from vrae_core.bundled import bundled_songs
from vrae_core.commands.arguments import add_json, add_songs, describe, whole
from vrae_core.commands.inputs import midi_paths
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.midi.song import read_song
from vrae_core.progress import Progress
from vrae_core.safe_files import write_atomically

_TEXT = """\
Each work is done our way and the other way in turns, by one thread, and timed in seconds of processor time: medians,
and the median of how many times as long the other takes. Then three sizes of some works, and the power p that fits
seconds ∝ size^p. It needs symusic and scikit-learn: pip install 'vrae-explorer[bench]'.

  update   of three recipes: a plain loop of torch.nn's layers and Adam; its products by large float32 ones
  encode   every window, hop 1, of the bundled songs: nn.GRU over windows cut out
  decode   1, 64 and 512 z, 50 steps: GRUCell in inference mode
  read     MIDI files, the bundled ones or those named, to rolls: pretty_midi, symusic
  draw     a t-SNE map of 1,500 points of 20 dimensions: scikit-learn
  growth   reading, cutting, encoding and learning

example:
  vrae bench core
  vrae bench core --only read --rounds 9 songs/*.mid"""
_BY_HAND = "\n## "  # where a page goes on that was written by people
_KINDS = ("update", "encode", "decode", "read", "draw", "growth")


class _Figures(NamedTuple):
    compared: list[Compared]
    grown: list[Growth]


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(benchmarks, "core", "how fast it is at what others do too", _TEXT, _run)
    add_songs(parser)
    parser.add_argument("--rounds", type=whole(1), default=5, metavar="N", help="turns each (default: 5)")
    parser.add_argument("--only", choices=_KINDS, nargs="+", default=_KINDS, help="some of it (default: all)")
    parser.add_argument("--markdown", metavar="FILE", help="write a page with the table and the machine as well")
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    paths = [str(path) for path in (midi_paths(args.midi) if args.midi else bundled_songs())]
    figures = run_with_bar(_measured(paths, args.only, args.rounds), "measuring")
    if args.markdown:
        page = Path(args.markdown)
        write_atomically(page, (_page(figures) + _by_hand(page)).encode())
    if args.json:
        print_json(
            {"compared": [row._asdict() for row in figures.compared], "growth": [g._asdict() for g in figures.grown]}
        )
        return 0
    for row in figures.compared:
        print(f"{row.what:30}  {row.ours * 1000:10,.1f} ms  × {row.ratio:5.2f}  {row.against}")
    for each in figures.grown:
        print(f"{each.what:30}  p = {each.power:4.2f}  {_in_turn(each)}")
    return 0


def _measured(paths: Sequence[str], kinds: Sequence[str], rounds: int) -> Generator[Progress, None, _Figures]:
    found: list[Compared] = []
    songs = [read_song(path) for path in bundled_songs()]
    if "read" in kinds:  # first, for it says what is not installed
        found += yield from rows.read(paths, rounds)
    if "draw" in kinds:
        found += yield from rows.draw(rounds)
    if "update" in kinds:
        for recipe in ("fast-20d", "bars-40d", "paper-2d"):
            found += yield from rows.update(recipe, songs, rounds)
    if "encode" in kinds:
        found += yield from rows.encode(songs, rounds)
    if "decode" in kinds:
        found += yield from rows.decode(rounds)
    grown = (yield from growth.growth(paths, songs)) if "growth" in kinds else []
    return _Figures(found, grown)


def _page(figures: _Figures) -> str:
    lines = [
        "# How fast it is, against what people would use otherwise",
        "",
        f"Written by `make bench MIDI=FOLDER` (`vrae bench core --help`) on {_machine()}.",
        "Seconds of processor time, one thread, medians of turns; the ratio is the other's time over ours, and is to",
        "be trusted more than the times.",
        "",
        "| work | ours, ms | against | its ms | ratio |",
        "|---|---|---|---|---|",
        *(
            f"| {row.what} | {row.ours * 1000:,.1f} | {row.against} | {row.theirs * 1000:,.1f} | {row.ratio:.2f} |"
            for row in figures.compared
        ),
        "",
        "Time grows with size as size^p:",
        "",
        "| work | p | sizes and seconds |",
        "|---|---|---|",
        *(f"| {each.what} | {each.power:.2f} | {_in_turn(each)} |" for each in figures.grown),
        "",
    ]
    return "\n".join(lines)


def _by_hand(page: Path) -> str:
    """What people have written at the end of the page, which stays."""
    text = page.read_text("utf-8") if page.exists() else ""
    return text[text.index(_BY_HAND) :] if _BY_HAND in text else ""


def _in_turn(each: Growth) -> str:
    return ", ".join(f"{size:,}: {seconds:.3g} s" for size, seconds in zip(each.sizes, each.seconds, strict=True))


def _machine() -> str:
    """The processor and what the libraries find in it."""
    name = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") if os.path.exists("/proc/cpuinfo") else open(os.devnull) as told:
        name = next((line.split(":", 1)[1].strip() for line in told if line.startswith("model name")), name)
    load = f", load {os.getloadavg()[0]:.0f}" if hasattr(os, "getloadavg") else ""
    import torch  # noqa: PLC0415 - slow to load

    able = torch.backends.cpu.get_cpu_capability()
    return f"{name} ({os.cpu_count()} cores, {able}{load}), NumPy {np.__version__}, PyTorch {torch.__version__}"
