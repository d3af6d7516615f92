"""`vrae curve`: how a training went, as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from vrae_core import checkpoint as checkpoints
from vrae_core.commands.arguments import add_output, describe
from vrae_core.commands.outputs import check_writable, count
from vrae_core.curve_picture import save_curve_picture

_TEXT = """\
The lower bound, the reconstruction and the KL after every epoch, in nats per window per time step, with
KL weight 1. `vrae train` keeps them in the checkpoint beside its model.

example:
  vrae train my-songs/*.mid -o my-songs.safetensors
  vrae curve my-songs.checkpoint -o curve.svg"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "curve", "draw how a training went", _TEXT, run)
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="what `vrae train` wrote beside its model")
    add_output(parser, "PICTURE", "the picture to write: a .png or a .svg file")
    parser.add_argument("--title", metavar="TEXT", help="above the curves (default: the checkpoint's name)")


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, (".png", ".svg"))
    history = checkpoints.load_history(args.checkpoint)
    rows = [(epoch, *figures) for epoch, figures in enumerate(history, 1)]
    save_curve_picture(args.output, rows, "epochs", args.title or Path(args.checkpoint).stem)
    print(f"{args.output}: {count(len(rows), 'epoch')}")
    return 0
