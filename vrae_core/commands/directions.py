"""`vrae directions`: which way to move z for more of an attribute, and what that does to the music."""

from __future__ import annotations

import argparse
from typing import Any

from vrae_core.commands.arguments import add_json, add_model, add_songs, describe
from vrae_core.commands.inputs import all_windows, open_model, read_songs
from vrae_core.commands.outputs import print_json
from vrae_core.commands.running import run_with_bar
from vrae_core.latent.map import encode_corpus
from vrae_core.tasks.directions import STEPS, Direction, learn_directions

_TEXT = """\
A direction is learnt from the songs' windows for density, register, polyphony, onsets a second and
major against minor. A step is a standard deviation of mu along it. R2 says how much of the attribute a
linear regression tells from mu: of stretches of these songs that were held out, and of whole songs.
The rest is measured: the mean of the attribute over 64 windows decoded at z moved by so many steps.
--json gives the step itself too, a number for each latent dimension.

example:
  vrae directions 20d
  vrae directions my.safetensors my-songs/ --json"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "directions", "find what moves the music's density, register or mode", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    model = open_model(args.model)
    corpus = all_windows(read_songs(args.midi), model)
    mu = run_with_bar(encode_corpus(model, corpus), "encoding").mu
    directions = run_with_bar(learn_directions(model, corpus, mu), "learning")
    if args.json:
        print_json([_plain(direction) for direction in directions])
        return 0
    print(f"{'attribute':10}  {'in':16}     R2  new song  {''.join(f'{step:+8d}' for step in STEPS)}")
    for row in directions:
        measured = "".join(f"{figure:8.2f}" for figure in row.effect)
        print(f"{row.attribute.name:10}  {row.attribute.unit:16}  {row.r2:5.2f}  {row.r2_new_song:8.2f}  {measured}")
    return 0


def _plain(direction: Direction) -> dict[str, Any]:
    return {
        "attribute": direction.attribute.name.lower(),
        "unit": direction.attribute.unit,
        "r2": direction.r2,
        "r2_new_song": direction.r2_new_song,
        "slope": direction.slope,
        "effect": dict(zip(map(str, STEPS), direction.effect, strict=True)),
        "step": direction.step.tolist(),
    }
