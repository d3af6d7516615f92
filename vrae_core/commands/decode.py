"""`vrae decode`: one point of latent space to music."""

from __future__ import annotations

import argparse

from vrae_core.commands.arguments import add_model, add_piece, describe, whole
from vrae_core.commands.inputs import all_windows, as_played_near, latent_point, numbers_of, open_model, read_songs
from vrae_core.commands.outputs import PIECE_SUFFIXES, check_writable, write_piece
from vrae_core.commands.running import run_with_bar
from vrae_core.errors import VraeError
from vrae_core.music.piece_recipe import LONGEST_PIECE
from vrae_core.music.pieces import medleying

_TEXT = """\
Without --steps the point is decoded to one window, the length that the model was trained on.
With more steps the decoder runs on: the paper's medley.  A MIDI file says what it was
made from: drop it on the window of VRAE Explorer, and the point is there again.

example:
  vrae decode 2d --z "0.3,-1.2" -o point.mid
  vrae decode 2d --z "0.3,-1.2" --steps 1000 -o medley.wav
  vrae decode bars-2d.safetensors my-songs/*.mid --z "0.3,-1.2" -o point.mid
  vrae decode 2d --z "0.3,-1.2" --temperature 0.8 --seed 3 -o variation.mid"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "decode", "make music from a point of latent space", _TEXT, run)
    add_model(parser)
    parser.add_argument(
        "midi",
        metavar="MIDI",
        nargs="*",
        default=[],
        help="songs, the nearest of which says how fast a model that counts beats plays, in which meter and with "
        "which instruments (default: as fast as most of those that it learnt, with those of a preset)",
    )
    parser.add_argument("--z", required=True, metavar="Z", help='the point: one number a dimension, as "0.3,-1.2"')
    parser.add_argument(
        "--steps", type=whole(1, LONGEST_PIECE), metavar="N", help="length in the model's steps (default: one window)"
    )
    add_piece(parser)


def run(args: argparse.Namespace) -> int:
    check_writable(args.output, PIECE_SUFFIXES)
    model = open_model(args.model)
    z = numbers_of(args.z)
    if z is None:
        raise VraeError(f'--z must be numbers with commas between them, as "0.3,-1.2", not "{args.z}"')
    point = latent_point(z, model, "--z")
    near = None
    if args.midi and model.config.steps_per_beat:
        near = as_played_near(model, all_windows(read_songs(args.midi), model, to_the_end=True), point)
    job = medleying(model, point, args.steps or model.config.window)
    write_piece(run_with_bar(job, "decoding"), model, args, point, near)
    return 0
