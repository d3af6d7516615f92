"""`vrae curve`: how a training went, as a picture."""

from __future__ import annotations

import argparse

from vrae_core.commands.arguments import add_output, describe
from vrae_core.commands.outputs import check_writable, count
from vrae_core.commands.run_names import find_run, runs_folder
from vrae_core.errors import FileError
from vrae_core.pictures.curves import save_curve_picture
from vrae_core.runs.changes import marks

_TEXT = """\
The lower bound, the reconstruction and the KL over the minutes of a run, in nats per window per time step, with
KL weight 1; upright lines where it was steered, paused, resumed or branched. `vrae train` keeps the run beside its
model; `vrae runs` lists those of the window.

example:
  vrae train my-songs/*.mid -o my-songs.safetensors
  vrae curve my-songs.run -o curve.svg
  vrae curve "first try" -o curve.png"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "curve", "draw how a training went", _TEXT, run)
    parser.add_argument("run_name", metavar="RUN", help="a run's folder, or a part of its name that no other run has")
    add_output(parser, "PICTURE", "the picture to write: a .png or a .svg file")
    parser.add_argument("--title", metavar="TEXT", help="above the curves (default: the run's name)")


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, (".png", ".svg"))
    found = find_run(args.run_name, runs_folder(None))
    rows = found.rows()
    if not rows:
        raise FileError(found.path, "has no figures yet")
    figures = [(row.seconds / 60, row.lower_bound, row.reconstruction, row.kl) for row in rows]
    done = [(mark.seconds / 60, mark.words) for mark in marks(found.changes())]
    save_curve_picture(args.output, figures, "minutes", args.title or found.settings().name, done)
    print(f"{args.output}: {count(len(rows), 'row')}")
    return 0
