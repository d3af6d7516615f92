"""`vrae bench map`: how long the window's map takes for a frame, measured in a window of its own process."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

from vrae_core.commands.arguments import add_json, describe, whole
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.errors import VraeError
from vrae_core.progress import Progress

_TEXT = """\
A window with synthetic dots is panned, zoomed, hovered over and panned while its dots move, a frame every 1/60 s:
milliseconds from the beginning of a frame to its end, and how much of them the window's own thread worked (a
machine that is busy with other things makes frames longer, but not that). The last column says how many times as
long PyQtGraph's ScatterPlotItem takes for such a frame, taken in turns with the others, up to 100,000 dots.
Without a screen the window is drawn all the same, in memory.

example:
  vrae bench map
  vrae bench map --dots 4000 1000000 --json"""
_USUAL = [4_000, 20_000, 100_000, 1_000_000]
_KINDS = 4  # figures for each number of dots
_MOST_TOLD = 300  # characters of what went wrong
_MODULE = "explorer.panels.map.view.measure"


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(benchmarks, "map", "how long the map takes for a frame", _TEXT, _run)
    parser.add_argument(
        "--dots", type=whole(1), nargs="+", default=_USUAL, metavar="N", help="how many (default: 4000 to 1000000)"
    )
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    platform, rows = run_with_bar(_measured(args.dots), "starting the window")
    if args.json:
        print_json({"platform": platform, "rows": rows})
        return 0
    print(f"ms a frame  {f'on {platform}':18}  median     p95     max   own p95   scatter plot")
    for row in rows:
        times = f"{row['median']:6.1f}  {row['p95']:6.1f}  {row['max']:6.1f}   {row['own_p95']:7.1f}"
        ratio = "" if row["scatter_ratio"] is None else f"{row['scatter_ratio']:10.1f} ×"
        print(f"{row['dots']:>10,}  {row['what']:18}  {times}   {ratio}".rstrip())
    return 0


def _measured(dots: Sequence[int]) -> Generator[Progress, None, tuple[str, list[dict[str, Any]]]]:
    """The benchmark as a job: what the window's process tells, line by line; it ends with the job."""
    platform, rows = "", []
    yield Progress(0, 1, "starting the window")
    with closing(told_by(_MODULE, [str(count) for count in dots])) as records:
        for record in records:
            platform = record.get("platform", platform)
            rows += [record] if "what" in record else []
            yield Progress(len(rows), len(dots) * _KINDS, f"measuring {_next(dots, len(rows))}")
    return platform, rows


def told_by(module: str, arguments: Sequence[str], **variables: str) -> Generator[dict[str, Any], None, None]:
    """Lines of JSON from a module of the window that runs as a process, which ends when this is closed.

    variables: of its environment.  Raises: VraeError, with what it complained of, if it fails.
    """
    if importlib.util.find_spec("explorer") is None:
        raise VraeError("the window is not installed, so there is none to measure")
    surroundings = os.environ | variables
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", module, *arguments]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, stderr=complaints, text=True) as process,
    ):
        try:
            yield from map(json.loads, process.stdout or ())
        finally:
            if sys.exc_info()[0] is not None:
                process.terminate()
        if process.wait():
            complaints.seek(0)
            last = (complaints.read().strip().splitlines() or ["it ended without a word"])[-1]
            raise VraeError(f"the window that was to be measured did not go on: {last[:_MOST_TOLD]}")


def _next(dots: Sequence[int], done: int) -> str:
    return f"{dots[min(done // _KINDS, len(dots) - 1)]:,} dots"
