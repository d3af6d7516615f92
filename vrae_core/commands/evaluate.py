"""`vrae evaluate`: how good a model is."""

from __future__ import annotations

import argparse

from vrae_core.commands.arguments import add_json, add_model, add_songs, describe
from vrae_core.commands.inputs import all_windows, open_model, read_songs
from vrae_core.commands.outputs import print_json
from vrae_core.commands.progress_bar import run_with_bar
from vrae_core.evaluation import evaluate

_TEXT = """\
Bounds are nats per window per time step (higher is better) with KL weight 1, and the decoder runs
freely: it is never shown the music it should make. Compare them with the baselines, which use no
latent variable. frame_f1_shuffled_z decodes each window from another's z: it must be far below
frame_f1, or the model does not listen to z.

example:
  vrae evaluate 20d
  vrae evaluate my-songs.safetensors my-songs/*.mid --json"""

_MEANINGS = {
    "windows": "windows measured",
    "lower_bound": "reconstruction less kl",
    "reconstruction": "log p(x | z), z drawn from the posterior",
    "kl": "what z costs",
    "frame_f1": "cells that agree, decoded from mu, at the model's threshold",
    "threshold": "the model's own, fixed when it was trained",
    "frame_f1_at_half": "the same at a threshold of 0.5",
    "frame_f1_shuffled_z": "the same from another window's mu",
    "active_units": "latent dimensions that carry something",
    "song_accuracy": "windows whose 5 nearest others are mostly of their song",
    "baseline_marginal": "bound of each pitch at its overall rate",
    "baseline_per_song": "bound of each pitch at its song's rate",
    "baseline_per_window": "bound of each pitch at its window's rate",
    "baseline_persistence": "bound of each pitch given the step before",
    "persistence_f1": "cells that agree when the step before is repeated",
}


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = describe(subparsers, "evaluate", "measure how good a model is on songs", _TEXT, run)
    add_model(parser)
    add_songs(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    model = open_model(args.model)
    corpus = all_windows(read_songs(args.midi), model)
    figures = run_with_bar(evaluate(model, corpus), "measuring")._asdict()
    if args.json:
        print_json(figures)
        return 0
    for name, value in figures.items():
        shown = f"{value:10.4f}" if isinstance(value, float) else f"{value:10}"
        print(f"{name:22}{shown}   {_MEANINGS.get(name, '')}".rstrip())
    return 0
