"""`vrae bench window`: what opening many songs and switching models cost, in a window of its own process."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from vrae_core.bundled import bundled_models, bundled_songs
from vrae_core.commands.arguments import add_json, add_songs, describe
from vrae_core.commands.bench_map import told_by
from vrae_core.commands.inputs import midi_paths
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.errors import MidiFileError
from vrae_core.progress import Progress

_TEXT = """\
A window with empty settings opens the songs with a bundled model, then the other bundled models, and each of them
again, when the posterior of many windows is kept from before.

  dots        windows on the map
  first, all  seconds until the first dots are shown, and until all are
  CPU         seconds of processor time, of all threads, until all are shown
  waits       the longest that the window's own thread worked without a break, in ms: what a hand would notice
  MB          of memory, most so far
  held        whether anything of the model before is still held on to

example:
  vrae bench window
  vrae bench window folder-of-songs --json"""
_MODULE = "explorer.application.measure"


def add(benchmarks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(benchmarks, "window", "opening many songs, and switching models", _TEXT, _run)
    add_songs(parser)
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    paths = midi_paths(args.midi) if args.midi else bundled_songs()
    for path in paths:
        if not path.exists():
            raise MidiFileError(path, "does not exist")
    rows = run_with_bar(_measured(paths), "starting the window")
    if args.json:
        print_json(rows)
        return 0
    print(f"{'':20}     dots   first     all     CPU   waits     MB   held")
    for row in rows:
        times = f"{row['first']:6.2f}  {row['all']:6.2f}  {row['cpu']:6.2f}  {row['waits']:6.0f}"
        print(f"{row['what']:20}  {row['dots']:7,}  {times}  {row['mb']:5.0f}   {'yes' if row['held'] else 'no'}")
    return 0


def _measured(songs: Sequence[Path]) -> Generator[Progress, None, list[dict[str, Any]]]:
    """The benchmark as a job: what the window's process tells; it ends with the job."""
    rows: list[dict[str, Any]] = []
    models = list(bundled_models().values())
    total = 2 * len(models)
    yield Progress(0, total, "opening songs")
    with tempfile.TemporaryDirectory() as folder:
        listed = [str(_listed(paths, Path(folder, name))) for name, paths in (("songs", songs), ("models", models))]
        nobodys = {f"XDG_{name}_HOME": folder for name in ("CACHE", "CONFIG", "DATA", "STATE")}
        as_started = nobodys | {"OPENBLAS_NUM_THREADS": "1"}  # see explorer/__main__.py
        with closing(told_by(_MODULE, listed, **as_started)) as records:
            for record in records:
                rows.append(record)
                yield Progress(len(rows), total, "switching models")
    return rows


def _listed(paths: Sequence[Path], file: Path) -> Path:
    """A file that names these, one a line."""
    file.write_text("\n".join(str(path.absolute()) for path in paths), "utf-8")
    return file
